"""The accounts of people and of other systems: staff roles, access, passwords.

Each of these that takes a right away raises the epoch of who loses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.identity.app import App
from gateway.identity.auth import passwords
from gateway.identity.domain import permissions
from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.domain.permissions import Action
from gateway.identity.operations.sessions import Grant, start_family
from gateway.identity.steps.epochs import end_sign_ins, learn_epochs, raise_epochs
from gateway.identity.steps.person_events import record_person_event
from services.common import errors
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import PERSON_CHANGED
from services.common.errors import FieldError
from services.common.lists import Page, by_id, one_more, page_of
from services.common.storage.mongo import Session

# -- people ---------------------------------------------------------------------------------------


def find_people(
    app: App,
    call: Call,
    *,
    role: str | None,
    active: bool | None,
    search: str | None,
    after: str | None,
    limit: int,
) -> Page[Person]:
    """A page of people, by id."""
    permissions.require(Action.READ_PEOPLE, permissions.relations(call.caller))
    found = app.store.people_page(
        role=role, active=active, search=search, after=after, limit=one_more(limit)
    )
    return page_of(found, limit, by_id)


def get_person(app: App, call: Call, person_id: str) -> Person:
    """Raises errors.NotFound if there is none."""
    permissions.require(Action.READ_PEOPLE, permissions.relations(call.caller))
    person = app.store.person(person_id)
    if person is None or person.erased:
        raise errors.NotFound()
    return person


def change_roles(
    app: App,
    call: Call,
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
        return person.with_roles(wanted, at, app.clock.now())

    return _change(app, call.caller, person_id, expected_version, change)


def set_active(
    app: App, call: Call, person_id: str, expected_version: int, *, active: bool
) -> Person:
    """Enable a person, or disable them: they are signed out everywhere and cannot sign in.

    Raises:
        errors.NotFound, errors.Stale, errors.Conflict: ``people.last_manager``.
    """

    def change(person: Person) -> Person:
        if active == person.active:
            return person
        return person.with_access(active, app.clock.now())

    return _change(app, call.caller, person_id, expected_version, change)


def _change(
    app: App,
    caller: Caller,
    person_id: str,
    expected_version: int,
    change: Callable[[Person], Person],
) -> Person:
    permissions.require(Action.CHANGE_PEOPLE, permissions.relations(caller))

    def work(session: Session) -> tuple[Person, Mapping[str, int]]:
        person = app.store.person(person_id, session)
        if person is None or person.erased:
            raise errors.NotFound()
        if person.version != expected_version:
            raise errors.Stale()
        changed = change(person)
        if changed is person:
            return person, {}
        if person.is_manager() and not changed.is_manager():
            _check_another_manager(app, session, person)
        _save(app, caller, session, changed)
        return changed, _take_rights(app, caller, session, person, changed)

    person, raised = app.database.transact(work)
    learn_epochs(app, raised)
    return person


def _check_another_manager(app: App, session: Session, person: Person) -> None:
    if not app.store.other_managers(session, person.id):
        raise codes.LAST_MANAGER()


def _take_rights(
    app: App, caller: Caller, session: Session, before: Person, after: Person
) -> Mapping[str, int]:
    if before.active and not after.active:
        return end_sign_ins(app, caller, session, after.id)
    if before.roles <= after.roles and before.centres <= after.centres:
        return {}
    return raise_epochs(app, caller, session, [after.id])


def change_password(app: App, call: Call, current: str, new: str) -> Grant:
    """Choose another password: every sign-in of the person ends, and a new one begins here.

    Raises:
        errors.Invalid: ``auth.password_wrong``, if ``current`` is not the present one.
    """
    permissions.require(Action.CHANGE_ME, permissions.relations(call.caller))
    known = app.store.person(call.caller.id)
    if known is None:
        raise errors.Unauthenticated()
    fault = FieldError("/current_password", codes.PASSWORD_WRONG.code)
    if not passwords.matches(known.password_hash, current):
        raise codes.PASSWORD_WRONG(errors=[fault])
    password_hash = passwords.hashed(new)

    def work(session: Session) -> tuple[Person, Mapping[str, int]]:
        person = app.store.person(call.caller.id, session)
        if person is None:
            raise errors.Unauthenticated()
        if person.password_hash != known.password_hash:
            raise codes.PASSWORD_WRONG(errors=[fault])
        changed = person.with_password(password_hash, app.clock.now())
        _save(app, call.caller, session, changed)
        return changed, end_sign_ins(app, call.caller, session, person.id)

    person, raised = app.database.transact(work)
    learn_epochs(app, raised)
    return start_family(app, person)


def _save(app: App, caller: Caller, session: Session, person: Person) -> None:
    app.store.save_person(session, person)
    record_person_event(app, caller, session, PERSON_CHANGED, person)


# -- other systems --------------------------------------------------------------------------------


def find_service_accounts(
    app: App, call: Call, *, after: str | None, limit: int
) -> Page[ServiceAccount]:
    """A page of service accounts, by id."""
    permissions.require(Action.READ_SERVICE_ACCOUNTS, permissions.relations(call.caller))
    found = app.store.service_accounts(after=after, limit=one_more(limit))
    return page_of(found, limit, by_id)


def get_service_account(app: App, call: Call, account_id: str) -> ServiceAccount:
    """Raises errors.NotFound if there is none."""
    permissions.require(Action.READ_SERVICE_ACCOUNTS, permissions.relations(call.caller))
    account = app.store.service_account(account_id)
    if account is None:
        raise errors.NotFound()
    return account


def delete_service_account(app: App, call: Call, account_id: str) -> None:
    """Delete a service account: it cannot sign in, and its tokens end.

    Raises:
        errors.NotFound: if there is none.
    """
    permissions.require(Action.DELETE_SERVICE_ACCOUNT, permissions.relations(call.caller))

    def work(session: Session) -> Mapping[str, int]:
        if not app.store.delete_service_account(session, account_id):
            raise errors.NotFound()
        return raise_epochs(app, call.caller, session, [account_id])

    learn_epochs(app, app.database.transact(work))
