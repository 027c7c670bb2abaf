"""The first people and organisations, from ``people.json``.

What is there already stays as people left it; what is missing is added, with its events.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from gateway.identity.app import App, build
from gateway.identity.auth import passwords
from gateway.identity.domain import organisation as rules
from gateway.identity.domain.identity import Person, ServiceAccount, normalised_email
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.steps.memberships import record_organisation_event, save_membership
from gateway.identity.steps.person_events import record_person_event
from services.common import logs
from services.common.app import with_indexes
from services.common.config import Settings
from services.common.context import SYSTEM
from services.common.contracts.identity.events import (
    MEMBERSHIP_GRANTED,
    ORGANISATION_APPROVED,
    ORGANISATION_REGISTERED,
    PERSON_REGISTERED,
)
from services.common.languages import DEFAULT_LANGUAGE
from services.common.storage.mongo import Session

_log = logs.get(__name__)


def seed(settings: Settings, path: str) -> None:
    """Write the first data found in the folder ``path``; may run any number of times.

    Raises:
        OSError, ValueError: if a file is not there or no JSON.
    """
    data: dict[str, Any] = orjson.loads((Path(path) / "people.json").read_bytes())
    app = with_indexes(build(settings))
    try:
        add_first_data(app, data)
    finally:
        app.close()


def add_first_data(app: App, data: dict[str, Any]) -> int:
    """Add what is missing; returns how many things were."""
    added = 0
    for each in data.get("organisations", ()):
        added += _put_organisation(app, each)
    for each in data.get("people", ()):
        added += _put_person(app, each)
    for each in data.get("service_accounts", ()):
        added += _put_service_account(app, each)
    _log.info("seed.done", added=added)
    return added


def _put_organisation(app: App, given: dict[str, Any]) -> int:
    if app.store.organisation(given["id"]) is not None:
        return 0

    def work(session: Session) -> None:
        now = app.clock.now()
        organisation = Organisation(given["id"], given["name"], rules.PENDING, 1, now, now)
        steps = [(ORGANISATION_REGISTERED, organisation)]
        if given.get("status") == rules.APPROVED:
            organisation = organisation.after("approve", now)
            steps.append((ORGANISATION_APPROVED, organisation))
        app.store.add_organisation(session, organisation)
        for event_type, state in steps:
            record_organisation_event(app, SYSTEM, session, event_type, state)

    app.database.transact(work)
    return 1


def _put_person(app: App, given: dict[str, Any]) -> int:
    if app.store.person(given["id"]) is not None:
        return 0
    password_hash = passwords.hashed(given["password"])

    def work(session: Session) -> None:
        now = app.clock.now()
        person = Person(
            id=given["id"],
            name=given["name"],
            email=normalised_email(given["email"]),
            language=given.get("language", DEFAULT_LANGUAGE),
            roles=frozenset(given.get("roles", ())),
            centres=frozenset(given.get("centres", ())),
            password_hash=password_hash,
            version=1,
            created_at=now,
            updated_at=now,
        )
        app.store.add_person(session, person)
        record_person_event(app, SYSTEM, session, PERSON_REGISTERED, person)
        for each in given.get("memberships", ()):
            membership = Membership(
                each["organisation_id"], person.id, each["role"], True, 1, now, now
            )
            save_membership(app, SYSTEM, session, MEMBERSHIP_GRANTED, membership)

    app.database.transact(work)
    return 1


def _put_service_account(app: App, given: dict[str, Any]) -> int:
    if app.store.service_account(given["id"]) is not None:
        return 0
    account = ServiceAccount(
        id=given["id"],
        name=given["name"],
        language=given.get("language", DEFAULT_LANGUAGE),
        scopes=frozenset(given.get("scopes", ())),
        secret_hash=passwords.hashed(given["password"]),
    )
    app.database.transact(lambda session: app.store.add_service_account(session, account))
    return 1
