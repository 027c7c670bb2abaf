"""The first people and organisations, from ``people.json``.

What is there already stays as people left it; what is missing is added, with its events.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from gateway.app import NAME, ensure_indexes
from gateway.identity.auth import passwords
from gateway.identity.domain import organisation as rules
from gateway.identity.domain.identity import Person, ServiceAccount, normalised_email
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.operations.person_events import record_person_event
from gateway.identity.store import Store
from services.common import logs
from services.common.clock import Clock, SystemClock
from services.common.config import Settings
from services.common.context import SYSTEM
from services.common.contracts.identity.events import (
    MEMBERSHIP_GRANTED,
    ORGANISATION_APPROVED,
    ORGANISATION_REGISTERED,
    PERSON_REGISTERED,
)
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.languages import DEFAULT_LANGUAGE
from services.common.storage.mongo import Database, Session, connect

_log = logs.get(__name__)


def seed(settings: Settings, path: str) -> None:
    """Write the first data found in the folder ``path``; may run any number of times.

    Raises:
        OSError, ValueError: if a file is not there or no JSON.
    """
    data: dict[str, Any] = orjson.loads((Path(path) / "people.json").read_bytes())
    clock = SystemClock()
    database = connect(settings, NAME)
    try:
        ensure_indexes(database)
        Seeding(database, Store(database), Outbox(database, clock, new_id), clock).run(data)
    finally:
        database.close()


class Seeding:
    """Puts the seed data in; may run any number of times."""

    def __init__(self, database: Database, store: Store, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._clock = clock

    def run(self, data: dict[str, Any]) -> int:
        """Add what is missing; returns how many things were."""
        added = 0
        for each in data.get("organisations", ()):
            added += self._organisation(each)
        for each in data.get("people", ()):
            added += self._person(each)
        for each in data.get("service_accounts", ()):
            added += self._service_account(each)
        _log.info("seed.done", added=added)
        return added

    def _organisation(self, given: dict[str, Any]) -> int:
        if self._store.organisation(given["id"]) is not None:
            return 0

        def work(session: Session) -> None:
            now = self._clock.now()
            organisation = Organisation(given["id"], given["name"], rules.PENDING, 1, now, now)
            steps = [(ORGANISATION_REGISTERED, organisation)]
            if given.get("status") == rules.APPROVED:
                organisation = organisation.after("approve", now)
                steps.append((ORGANISATION_APPROVED, organisation))
            self._store.add_organisation(session, organisation)
            for event_type, state in steps:
                self._outbox.record(
                    session,
                    event_type,
                    subject=state.id,
                    version=state.version,
                    data=state.event(),
                    caller=SYSTEM,
                )

        self._database.transact(work)
        return 1

    def _person(self, given: dict[str, Any]) -> int:
        if self._store.person(given["id"]) is not None:
            return 0
        password_hash = passwords.hashed(given["password"])

        def work(session: Session) -> None:
            now = self._clock.now()
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
            self._store.add_person(session, person)
            record_person_event(self._outbox, session, PERSON_REGISTERED, person, SYSTEM)
            for each in given.get("memberships", ()):
                membership = Membership(
                    each["organisation_id"], person.id, each["role"], True, 1, now, now
                )
                self._store.save_membership(session, membership)
                self._outbox.record(
                    session,
                    MEMBERSHIP_GRANTED,
                    subject=membership.id,
                    version=1,
                    data=membership.event(),
                    caller=SYSTEM,
                )

        self._database.transact(work)
        return 1

    def _service_account(self, given: dict[str, Any]) -> int:
        if self._store.service_account(given["id"]) is not None:
            return 0
        account = ServiceAccount(
            id=given["id"],
            name=given["name"],
            language=given.get("language", DEFAULT_LANGUAGE),
            scopes=frozenset(given.get("scopes", ())),
            secret_hash=passwords.hashed(given["password"]),
        )
        self._database.transact(lambda session: self._store.add_service_account(session, account))
        return 1
