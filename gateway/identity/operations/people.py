"""People: reading and changing oneself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.operations.person_events import put_person_state, record_person_event
from gateway.identity.store import Store
from services.common import errors
from services.common.clock import Clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.identity.events import PERSON_CHANGED
from services.common.events.outbox import Outbox
from services.common.storage.mongo import Database, Session

_AT_ONCE = 500


class People:
    """Use cases of people."""

    def __init__(self, database: Database, store: Store, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._clock = clock

    def person(self, person_id: str) -> Person:
        """Raises errors.Unauthenticated when the person of a valid token is no longer there."""
        person = self._store.person(person_id)
        if person is None:
            raise errors.Unauthenticated()
        return person

    def names(self, ids: Iterable[str]) -> dict[str, Mapping[str, str]]:
        """Id → name, of those people there are or were; the name of who is erased is empty."""
        return {person.id: person.name for person in self._store.people(ids).values()}

    def memberships(self, person_id: str) -> dict[str, str]:
        """Organisation id → role, for organisations of every status."""
        return self._store.memberships_of(person_id)

    def service_account(self, account_id: str) -> ServiceAccount:
        """Raises errors.Unauthenticated when the account of a valid token is no longer there."""
        account = self._store.service_account(account_id)
        if account is None:
            raise errors.Unauthenticated()
        return account

    def change(
        self,
        caller: Caller,
        expected_version: int,
        *,
        name: Mapping[str, str] | None,
        language: str | None,
    ) -> Person:
        """Change one's own name or language.

        Raises:
            errors.Stale: if there is another version by now.
        """

        def work(session: Session) -> Person:
            person = self._store.person(caller.id, session)
            if person is None:
                raise errors.Unauthenticated()
            if person.version != expected_version:
                raise errors.Stale()
            if name in (None, person.name) and language in (None, person.language):
                return person
            changed = person.changed(at=self._clock.now(), name=name, language=language)
            self._store.save_person(session, changed)
            record_person_event(self._outbox, session, PERSON_CHANGED, changed, caller)
            return changed

        return self._database.transact(work)

    def republish(self) -> int:
        """Send the details of all people again, for a subscriber that is new or was restored.

        Returns:
            Of how many.
        """
        sent, last = 0, None
        while page := self._store.people_page(
            role=None, active=None, after=last, limit=_AT_ONCE, erased=True
        ):
            for person in page:
                self._database.transact(partial(self._put_state, person.id))
            sent, last = sent + len(page), page[-1].id
        return sent

    def _put_state(self, person_id: str, session: Session) -> None:
        person = self._store.person(person_id, session)
        if person is not None:
            put_person_state(self._outbox, session, person, SYSTEM)
