"""What an operator does: ``python -m gateway person export|disable|erase ID``, and ``republish``.

Each command about a person writes JSON to standard output. Exit codes: 0 done, 1 refused (the
sentence is on standard error), 2 wrong usage, 78 a wrong setting.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from gateway import settings as gateway_settings
from gateway.app import build
from gateway.identity.app import build as build_identity
from gateway.identity.operations import accounts, personal_data
from gateway.identity.operations.people import republish_people
from gateway.web.parts import Gateway
from services.common import config, errors, logs
from services.common.app import with_indexes
from services.common.context import SYSTEM, Call
from services.common.runtime import WRONG_SETTING

_CALL = Call(caller=SYSTEM)
USAGE = "usage: python -m gateway person export|disable|erase ID\n"


def republish(settings: config.Settings) -> int:
    """Send the details of all people again; returns of how many."""
    identity = with_indexes(build_identity(settings))
    try:
        return republish_people(identity)
    finally:
        identity.close()


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands and return its exit code."""
    match list(arguments):
        case [action, person_id] if action in _ACTIONS:
            pass
        case _:
            sys.stderr.write(USAGE)
            return 2
    try:
        settings = gateway_settings.load()
    except config.WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETTING
    logs.configure(settings.common, "gateway.person")
    gateway = build(settings)
    try:
        done = _ACTIONS[action](gateway, person_id)
    except errors.MasahaError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    finally:
        gateway.close()
    sys.stdout.write(orjson.dumps(done, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def export(gateway: Gateway, person_id: str) -> dict[str, Any]:
    """All that is held about a person, over all branches."""
    return personal_data.export_person(
        gateway.identity, _CALL, person_id, gateway.branches, gateway.rpc.call
    )


def disable(gateway: Gateway, person_id: str) -> dict[str, Any]:
    """Stop a person's sign-in and messages."""
    version = accounts.get_person(gateway.identity, _CALL, person_id).version
    person = accounts.set_active(gateway.identity, _CALL, person_id, version, active=False)
    return {"id": person.id, "status": person.status, "version": person.version}


def erase(gateway: Gateway, person_id: str) -> dict[str, Any]:
    """Erase a person everywhere; the branches follow by the event."""
    erased = personal_data.erase_person(gateway.identity, _CALL, person_id, None)
    return {
        "id": erased.person.id,
        "status": erased.person.status,
        "version": erased.person.version,
        "without_representative": list(erased.without_representative),
    }


_ACTIONS: Mapping[str, Callable[[Gateway, str], dict[str, Any]]] = {
    "export": export,
    "disable": disable,
    "erase": erase,
}
