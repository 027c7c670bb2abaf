"""Organisations and their members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.identity.app import App
from gateway.identity.domain import organisation as rules
from gateway.identity.domain import permissions
from gateway.identity.domain.identity import Person
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.domain.permissions import Action
from gateway.identity.steps.epochs import learn_epochs, raise_epochs
from gateway.identity.steps.memberships import (
    check_representative_left,
    record_organisation_event,
    save_membership,
    visible_organisation,
)
from services.common import errors
from services.common.context import Call
from services.common.contracts.identity.events import (
    MEMBERSHIP_GRANTED,
    MEMBERSHIP_REVOKED,
    ORGANISATION_APPROVED,
    ORGANISATION_REGISTERED,
    ORGANISATION_SUSPENDED,
)
from services.common.contracts.registry import EventType
from services.common.lists import Page, Position, after_time, by_id, by_time, one_more, page_of
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

_EVENTS: Mapping[str, tuple[Action, EventType]] = {
    "approve": (Action.APPROVE_ORGANISATION, ORGANISATION_APPROVED),
    "suspend": (Action.SUSPEND_ORGANISATION, ORGANISATION_SUSPENDED),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with the person it is about."""

    membership: Membership
    person: Person


# -- organisations --------------------------------------------------------------------------------


def register_organisation(app: App, call: Call, name: Mapping[str, str]) -> Organisation:
    """Register an organisation; the caller becomes its representative, and it waits for
    approval.

    Raises:
        errors.KeyReused: if the idempotency key came before with another body.
    """
    caller = call.caller
    permissions.require(Action.REGISTER_ORGANISATION, permissions.relations(caller))

    def work(session: Session) -> Organisation:
        now = app.clock.now()
        organisation = Organisation(app.new_id(), dict(name), rules.PENDING, 1, now, now)
        app.store.add_organisation(session, organisation)
        membership = Membership(organisation.id, caller.id, rules.REPRESENTATIVE, True, 1, now, now)
        # First: who knows the organisation then knows the one member that it surely has.
        save_membership(app, caller, session, MEMBERSHIP_GRANTED, membership)
        record_organisation_event(app, caller, session, ORGANISATION_REGISTERED, organisation)
        return organisation

    return app.keys.once(
        Request.of(call, "register_organisation", {"name": dict(name)}),
        work,
        save=_to_answer,
        load=_from_answer,
    )


def get_organisation(app: App, call: Call, organisation_id: str) -> Organisation:
    """Raises errors.NotFound if there is none, or none that the caller may know of."""
    return visible_organisation(app, call.caller, None, organisation_id, Action.READ_ORGANISATION)


def find_organisations(
    app: App,
    call: Call,
    *,
    status: str | None,
    search: str | None,
    after: Position | None,
    limit: int,
) -> Page[Organisation]:
    """One's own organisations, all of them for staff; of them, those whose name has the words
    of ``search``."""
    permissions.require(Action.LIST_ORGANISATIONS, permissions.relations(call.caller))
    only = None
    if not permissions.sees_all_organisations(call.caller):
        only = list(app.store.memberships_of(call.caller.id))
    found = app.store.organisations(
        only=only,
        status=status,
        search=search,
        after=after_time(after),
        limit=one_more(limit),
    )
    return page_of(found, limit, lambda each: by_time(each.created_at, each.id))


def organisation_names(app: App, ids: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Id → name, of those organisations there are. For staff, who may know of all."""
    found = app.store.organisations(only=ids, status=None, after=None, limit=len(ids) or 1)
    return {each.id: each.name for each in found}


def change_status(
    app: App, call: Call, organisation_id: str, action: str, expected_version: int
) -> Organisation:
    """Approve or suspend. The members' access tokens end with a suspension.

    Raises:
        errors.Stale: if there is another version by now.
        errors.Conflict: ``organisations.not_allowed_now``.
    """
    permission, event_type = _EVENTS[action]

    def work(session: Session) -> tuple[Organisation, Mapping[str, int]]:
        organisation = visible_organisation(app, call.caller, session, organisation_id, permission)
        if organisation.version != expected_version:
            raise errors.Stale()
        changed = organisation.after(action, app.clock.now())
        app.store.save_organisation(session, changed)
        record_organisation_event(app, call.caller, session, event_type, changed)
        losing = app.store.members(organisation_id, session=session)
        ids = [each.person_id for each in losing] if changed.status == rules.SUSPENDED else []
        return changed, raise_epochs(app, call.caller, session, ids)

    organisation, raised = app.database.transact(work)
    learn_epochs(app, raised)
    return organisation


# -- members --------------------------------------------------------------------------------------


def find_members(
    app: App,
    call: Call,
    organisation_id: str,
    *,
    search: str | None,
    after: str | None,
    limit: int,
) -> Page[Member]:
    """A page of the members, by person id; with ``search``, of those
    whose name or address has its words."""
    visible_organisation(app, call.caller, None, organisation_id, Action.READ_MEMBERS)
    # An organisation has some dozens of members: those that are looked for are among all.
    at_most = one_more(limit) if search is None else 0
    found = app.store.members(organisation_id, after=after, limit=at_most)
    people = app.store.people((each.person_id for each in found), search=search)
    members = [Member(each, people[each.person_id]) for each in found if each.person_id in people]
    return page_of(members, limit, lambda each: by_id(each.person))


def get_member(app: App, call: Call, organisation_id: str, person_id: str) -> Member:
    """Raises errors.NotFound if the person does not belong to the organisation."""
    visible_organisation(app, call.caller, None, organisation_id, Action.READ_MEMBERS)
    membership = app.store.membership(organisation_id, person_id)
    person = app.store.person(person_id)
    if membership is None or not membership.active or person is None:
        raise errors.NotFound()
    return Member(membership, person)


def remove_member(
    app: App, call: Call, organisation_id: str, person_id: str, expected_version: int
) -> None:
    """Let a person no longer belong to the organisation; anybody may leave, at any time.

    Raises:
        errors.NotFound: if they do not belong to it.
        errors.Stale: if there is another version by now.
        errors.Conflict: ``organisations.last_representative``;
            ``organisations.not_allowed_now`` for an organisation that is not approved.
    """

    def work(session: Session) -> Mapping[str, int]:
        leaves = person_id == call.caller.id
        action = Action.LEAVE_ORGANISATION if leaves else Action.REMOVE_MEMBER
        organisation = visible_organisation(app, call.caller, session, organisation_id, action)
        if not leaves:
            organisation.check_members_may_change()
        membership = _active_membership(app, session, organisation_id, person_id, expected_version)
        check_representative_left(app, session, organisation_id, person_id)
        revoked = membership.revoked(app.clock.now())
        save_membership(app, call.caller, session, MEMBERSHIP_REVOKED, revoked)
        return raise_epochs(app, call.caller, session, [person_id])

    learn_epochs(app, app.database.transact(work))


def change_role(
    app: App,
    call: Call,
    organisation_id: str,
    person_id: str,
    role: str,
    expected_version: int,
) -> Member:
    """Give a member another role in the organisation.

    Raises:
        errors.NotFound, errors.Stale, errors.Conflict: as :func:`remove_member`.
    """

    def work(session: Session) -> tuple[Membership, Mapping[str, int]]:
        organisation = visible_organisation(
            app, call.caller, session, organisation_id, Action.CHANGE_MEMBER
        )
        organisation.check_members_may_change()
        membership = _active_membership(app, session, organisation_id, person_id, expected_version)
        if membership.role == role:
            return membership, {}
        if role != rules.REPRESENTATIVE:
            check_representative_left(app, session, organisation_id, person_id)
        changed = membership.granted(role, app.clock.now())
        save_membership(app, call.caller, session, MEMBERSHIP_GRANTED, changed)
        return changed, raise_epochs(app, call.caller, session, [person_id])

    membership, raised = app.database.transact(work)
    learn_epochs(app, raised)
    return _with_person(app, membership)


# -- inside ---------------------------------------------------------------------------------------


def _active_membership(
    app: App, session: Session, organisation_id: str, person_id: str, expected_version: int
) -> Membership:
    membership = app.store.membership(organisation_id, person_id, session)
    if membership is None or not membership.active:
        raise errors.NotFound()
    if membership.version != expected_version:
        raise errors.Stale()
    return membership


def _with_person(app: App, membership: Membership) -> Member:
    person = app.store.person(membership.person_id)
    if person is None:
        raise errors.NotFound()
    return Member(membership, person)


def _to_answer(organisation: Organisation) -> dict[str, object]:
    return {
        "id": organisation.id,
        "name": dict(organisation.name),
        "status": organisation.status,
        "version": organisation.version,
        "created_at": organisation.created_at,
        "updated_at": organisation.updated_at,
    }


def _from_answer(answer: dict[str, object]) -> Organisation:
    return Organisation(**answer)  # type: ignore[arg-type]
