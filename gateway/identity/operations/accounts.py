"""The accounts of people and of other systems: staff roles, access, passwords.

Each of these that takes a right away raises the epoch of who loses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.identity import permissions
from gateway.identity.auth import passwords
from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.operations.person_events import record_person_event
from gateway.identity.operations.revoking import Revoking
from gateway.identity.operations.sessions import Grant, Sessions
from gateway.identity.permissions import Action
from gateway.identity.store import Store
from services.common import errors
from services.common.clock import Clock
from services.common.context import Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import PERSON_CHANGED
from services.common.errors import FieldError
from services.common.events.outbox import Outbox
from services.common.lists import Page, by_id, one_more, page_of
from services.common.storage.mongo import Database, Session


class Accounts:
    """Use cases of accounts; each asks the table of permissions first."""

    def __init__(
        self,
        database: Database,
        store: Store,
        outbox: Outbox,
        revoking: Revoking,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._revoking = revoking
        self._sessions = sessions
        self._clock = clock

    # -- people ---------------------------------------------------------------------------------

    def people(
        self,
        caller: Caller,
        *,
        role: str | None,
        active: bool | None,
        search: str | None,
        after: str | None,
        limit: int,
    ) -> Page[Person]:
        """A page of people, by id."""
        permissions.require(Action.READ_PEOPLE, permissions.relations(caller))
        found = self._store.people_page(
            role=role, active=active, search=search, after=after, limit=one_more(limit)
        )
        return page_of(found, limit, by_id)

    def person(self, caller: Caller, person_id: str) -> Person:
        """Raises errors.NotFound if there is none."""
        permissions.require(Action.READ_PEOPLE, permissions.relations(caller))
        person = self._store.person(person_id)
        if person is None or person.erased:
            raise errors.NotFound()
        return person

    def change_roles(
        self,
        caller: Caller,
        person_id: str,
        expected_version: int,
        *,
        roles: frozenset[str] | None,
        centres: frozenset[str] | None,
    ) -> Person:
        """Give a person these staff roles, and the centres at which a front-desk role holds.

        Raises:
            errors.NotFound, errors.Stale, errors.Conflict: ``people.last_manager``.
        """

        def change(person: Person) -> Person:
            wanted = person.roles if roles is None else roles
            at = person.centres if centres is None else centres
            if (wanted, at) == (person.roles, person.centres):
                return person
            return person.with_roles(wanted, at, self._clock.now())

        return self._change(caller, person_id, expected_version, change)

    def set_active(
        self, caller: Caller, person_id: str, expected_version: int, *, active: bool
    ) -> Person:
        """Enable a person, or disable them: they are signed out everywhere and cannot sign in.

        Raises:
            errors.NotFound, errors.Stale, errors.Conflict: ``people.last_manager``.
        """

        def change(person: Person) -> Person:
            if active == person.active:
                return person
            return person.with_access(active, self._clock.now())

        return self._change(caller, person_id, expected_version, change)

    def _change(
        self,
        caller: Caller,
        person_id: str,
        expected_version: int,
        change: Callable[[Person], Person],
    ) -> Person:
        permissions.require(Action.CHANGE_PEOPLE, permissions.relations(caller))

        def work(session: Session) -> tuple[Person, Mapping[str, int]]:
            person = self._store.person(person_id, session)
            if person is None or person.erased:
                raise errors.NotFound()
            if person.version != expected_version:
                raise errors.Stale()
            changed = change(person)
            if changed is person:
                return person, {}
            if person.is_manager() and not changed.is_manager():
                self._check_another_manager(person, session)
            self._save(session, changed, caller)
            return changed, self._take_rights(session, person, changed, caller)

        person, raised = self._database.transact(work)
        self._revoking.learn(raised)
        return person

    def _check_another_manager(self, person: Person, session: Session) -> None:
        if not self._store.other_managers(session, person.id):
            raise codes.LAST_MANAGER()

    def _take_rights(
        self, session: Session, before: Person, after: Person, caller: Caller
    ) -> Mapping[str, int]:
        if before.active and not after.active:
            return self._sessions.end_all(session, after.id, caller=caller)
        if before.roles <= after.roles and before.centres <= after.centres:
            return {}
        return self._revoking.raise_epochs(session, [after.id], caller=caller)

    def change_password(self, caller: Caller, current: str, new: str) -> Grant:
        """Choose another password: every sign-in of the person ends, and a new one begins here.

        Raises:
            errors.Invalid: ``auth.password_wrong``, if ``current`` is not the present one.
        """
        permissions.require(Action.CHANGE_ME, permissions.relations(caller))
        known = self._store.person(caller.id)
        if known is None:
            raise errors.Unauthenticated()
        fault = FieldError("/current_password", codes.PASSWORD_WRONG.code)
        if not passwords.matches(known.password_hash, current):
            raise codes.PASSWORD_WRONG(errors=[fault])
        password_hash = passwords.hashed(new)

        def work(session: Session) -> tuple[Person, Mapping[str, int]]:
            person = self._store.person(caller.id, session)
            if person is None:
                raise errors.Unauthenticated()
            if person.password_hash != known.password_hash:
                raise codes.PASSWORD_WRONG(errors=[fault])
            changed = person.with_password(password_hash, self._clock.now())
            self._save(session, changed, caller)
            return changed, self._sessions.end_all(session, person.id, caller=caller)

        person, raised = self._database.transact(work)
        self._revoking.learn(raised)
        return self._sessions.start_family(person)

    def _save(self, session: Session, person: Person, caller: Caller) -> None:
        self._store.save_person(session, person)
        record_person_event(self._outbox, session, PERSON_CHANGED, person, caller)

    # -- other systems --------------------------------------------------------------------------

    def service_accounts(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> Page[ServiceAccount]:
        """A page of service accounts, by id."""
        permissions.require(Action.READ_SERVICE_ACCOUNTS, permissions.relations(caller))
        found = self._store.service_accounts(after=after, limit=one_more(limit))
        return page_of(found, limit, by_id)

    def service_account(self, caller: Caller, account_id: str) -> ServiceAccount:
        """Raises errors.NotFound if there is none."""
        permissions.require(Action.READ_SERVICE_ACCOUNTS, permissions.relations(caller))
        account = self._store.service_account(account_id)
        if account is None:
            raise errors.NotFound()
        return account

    def delete_service_account(self, caller: Caller, account_id: str) -> None:
        """Delete a service account: it cannot sign in, and its tokens end.

        Raises:
            errors.NotFound: if there is none.
        """
        permissions.require(Action.DELETE_SERVICE_ACCOUNT, permissions.relations(caller))

        def work(session: Session) -> Mapping[str, int]:
            if not self._store.delete_service_account(session, account_id):
                raise errors.NotFound()
            return self._revoking.raise_epochs(session, [account_id], caller=caller)

        self._revoking.learn(self._database.transact(work))
