"""What is held about people: exported on demand, erased when the identity says so.

Each branch has two functions in ``operations/personal_data.py``: ``export`` gives all that it holds
about a person, and ``erase`` takes it away, in one transaction, any number of times. Here is what
calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from services.common import clock, errors
from services.common.authorisation import check_signed_in
from services.common.context import Caller
from services.common.contracts.identity.events import ERASURE_DETAILS, PERSON_ERASED
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Database, Session

#: What a branch subscribes to, so that erasures reach it.
ERASURE_EVENTS = (PERSON_ERASED.name,)
ERASURE_STATES = (ERASURE_DETAILS.name,)


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person whose data is deleted, except the id.

    Attributes:
        email: the address, to find what is held under no id; None where it is gone already, such
            as in a replay of the log.
    """

    person_id: str
    version: int
    email: str | None = None


def erasures(events: Iterable[CloudEvent]) -> list[Erasure]:
    """The erasures in these messages."""
    found = []
    for event in events:
        if event.type == PERSON_ERASED.name:
            found.append(Erasure(event.subject, event.aggregate_version))
        elif event.type == ERASURE_DETAILS.name:
            email = event.data["details"]["email"]
            found.append(Erasure(event.subject, event.aggregate_version, email))
    return found


def erase_all(
    database: Database,
    events: Iterable[CloudEvent],
    erase: Callable[[Session, Erasure], None],
) -> None:
    """Erase the people in these messages, each in a transaction of its own."""
    for each in erasures(events):
        database.transact(partial(_erase, erase, each))


def _erase(erase: Callable[[Session, Erasure], None], erasure: Erasure, session: Session) -> None:
    erase(session, erasure)


def in_wire_form(found: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Any]:
    """What a branch holds, by kind, as it is sent: ``services.common.contracts.personal_data``."""
    return {"data": {kind: [_plain(row) for row in rows] for kind, rows in found.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.to_wire(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def check_may_export(caller: Caller, person_id: str) -> None:
    """Everybody may have what is held about them; managers, and an operator, about anybody.

    Raises:
        errors.Unauthenticated, errors.Forbidden
    """
    check_signed_in(caller)
    own = caller.kind == "person" and caller.id == person_id
    if not own and not caller.is_manager() and caller.kind != "system":
        raise errors.Forbidden()
