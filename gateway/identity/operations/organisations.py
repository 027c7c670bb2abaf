"""Organisations and their members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.identity import permissions
from gateway.identity.domain import organisation as rules
from gateway.identity.domain.identity import Person
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.operations.revoking import Revoking
from gateway.identity.permissions import Action
from gateway.identity.store import Store
from services.common import errors
from services.common.clock import Clock
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import (
    MEMBERSHIP_GRANTED,
    MEMBERSHIP_REVOKED,
    ORGANISATION_APPROVED,
    ORGANISATION_REGISTERED,
    ORGANISATION_SUSPENDED,
)
from services.common.contracts.registry import EventType
from services.common.events.outbox import Outbox
from services.common.ids import NewId
from services.common.lists import Page, Position, after_time, by_id, by_time, one_more, page_of
from services.common.storage.idempotency import IdempotencyKeys, Request
from services.common.storage.mongo import Database, Session

_EVENTS: Mapping[str, tuple[Action, EventType]] = {
    "approve": (Action.APPROVE_ORGANISATION, ORGANISATION_APPROVED),
    "suspend": (Action.SUSPEND_ORGANISATION, ORGANISATION_SUSPENDED),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with the person it is about."""

    membership: Membership
    person: Person


class Organisations:
    """Use cases of organisations and memberships; each asks the table of permissions first."""

    def __init__(
        self,
        database: Database,
        store: Store,
        outbox: Outbox,
        revoking: Revoking,
        keys: IdempotencyKeys,
        *,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._revoking = revoking
        self._keys = keys
        self._clock = clock
        self._new_id = new_id

    # -- organisations --------------------------------------------------------------------------

    def register(self, call: Call, name: Mapping[str, str]) -> Organisation:
        """Register an organisation; the caller becomes its representative, and it waits for
        approval.

        Raises:
            errors.KeyReused: if the idempotency key came before with another body.
        """
        caller = call.caller
        permissions.require(Action.REGISTER_ORGANISATION, permissions.relations(caller))

        def work(session: Session) -> Organisation:
            now = self._clock.now()
            organisation = Organisation(self._new_id(), dict(name), rules.PENDING, 1, now, now)
            self._store.add_organisation(session, organisation)
            membership = Membership(
                organisation.id, caller.id, rules.REPRESENTATIVE, True, 1, now, now
            )
            # First: who knows the organisation then knows the one member that it surely has.
            self._save(session, MEMBERSHIP_GRANTED, membership, caller)
            self._record_event(session, ORGANISATION_REGISTERED, organisation, caller)
            return organisation

        return self._keys.once(
            Request.of(call, "register_organisation", {"name": dict(name)}),
            work,
            save=_to_answer,
            load=_from_answer,
        )

    def organisation(self, caller: Caller, organisation_id: str) -> Organisation:
        """Raises errors.NotFound if there is none, or none that the caller may know of."""
        return self.visible(caller, organisation_id, Action.READ_ORGANISATION)

    def organisations(
        self,
        caller: Caller,
        *,
        status: str | None,
        search: str | None,
        after: Position | None,
        limit: int,
    ) -> Page[Organisation]:
        """One's own organisations, all of them for staff; of them, those whose name has the words
        of ``search``."""
        permissions.require(Action.LIST_ORGANISATIONS, permissions.relations(caller))
        only = None
        if not permissions.sees_all_organisations(caller):
            only = list(self._store.memberships_of(caller.id))
        found = self._store.organisations(
            only=only,
            status=status,
            search=search,
            after=after_time(after),
            limit=one_more(limit),
        )
        return page_of(found, limit, lambda each: by_time(each.created_at, each.id))

    def names(self, ids: Collection[str]) -> dict[str, Mapping[str, str]]:
        """Id → name, of those organisations there are. For staff, who may know of all."""
        found = self._store.organisations(only=ids, status=None, after=None, limit=len(ids) or 1)
        return {each.id: each.name for each in found}

    def change_status(
        self, caller: Caller, organisation_id: str, action: str, expected_version: int
    ) -> Organisation:
        """Approve or suspend. The members' access tokens end with a suspension.

        Raises:
            errors.Stale: if there is another version by now.
            errors.Conflict: ``organisations.not_allowed_now``.
        """
        permission, event_type = _EVENTS[action]

        def work(session: Session) -> tuple[Organisation, Mapping[str, int]]:
            organisation = self.visible(caller, organisation_id, permission, session)
            if organisation.version != expected_version:
                raise errors.Stale()
            changed = organisation.after(action, self._clock.now())
            self._store.save_organisation(session, changed)
            self._record_event(session, event_type, changed, caller)
            losing = self._store.members(organisation_id, session=session)
            ids = [each.person_id for each in losing] if changed.status == rules.SUSPENDED else []
            return changed, self._revoking.raise_epochs(session, ids, caller=caller)

        organisation, raised = self._database.transact(work)
        self._revoking.learn(raised)
        return organisation

    # -- members --------------------------------------------------------------------------------

    def members(
        self,
        caller: Caller,
        organisation_id: str,
        *,
        search: str | None,
        after: str | None,
        limit: int,
    ) -> Page[Member]:
        """A page of the members, by person id; with ``search``, of those
        whose name or address has its words."""
        self.visible(caller, organisation_id, Action.READ_MEMBERS)
        # An organisation has some dozens of members: those that are looked for are among all.
        at_most = one_more(limit) if search is None else 0
        found = self._store.members(organisation_id, after=after, limit=at_most)
        people = self._store.people((each.person_id for each in found), search=search)
        members = [
            Member(each, people[each.person_id]) for each in found if each.person_id in people
        ]
        return page_of(members, limit, lambda each: by_id(each.person))

    def member(self, caller: Caller, organisation_id: str, person_id: str) -> Member:
        """Raises errors.NotFound if the person does not belong to the organisation."""
        self.visible(caller, organisation_id, Action.READ_MEMBERS)
        membership = self._store.membership(organisation_id, person_id)
        person = self._store.person(person_id)
        if membership is None or not membership.active or person is None:
            raise errors.NotFound()
        return Member(membership, person)

    def begin_membership(
        self, session: Session, organisation_id: str, caller: Caller, role: str
    ) -> None:
        """Let the caller, who accepts an invitation, belong to the organisation.

        Raises:
            errors.Conflict: ``organisations.already_member``; ``organisations.not_allowed_now``
                for an organisation that is not approved.
        """
        organisation = self._store.organisation(organisation_id, session)
        if organisation is None:
            raise errors.NotFound()
        self.check_members_may_change(organisation)
        now = self._clock.now()
        known = self._store.membership(organisation_id, caller.id, session)
        if known is not None and known.active:
            raise codes.ALREADY_MEMBER()
        membership = (
            known.granted(role, now)
            if known is not None
            else Membership(organisation_id, caller.id, role, True, 1, now, now)
        )
        self._save(session, MEMBERSHIP_GRANTED, membership, caller)

    def belongs(self, organisation_id: str, person_id: str, session: Session) -> bool:
        """Whether a person belongs to the organisation."""
        membership = self._store.membership(organisation_id, person_id, session)
        return membership is not None and membership.active

    def remove_member(
        self, caller: Caller, organisation_id: str, person_id: str, expected_version: int
    ) -> None:
        """Let a person no longer belong to the organisation; anybody may leave, at any time.

        Raises:
            errors.NotFound: if they do not belong to it.
            errors.Stale: if there is another version by now.
            errors.Conflict: ``organisations.last_representative``;
                ``organisations.not_allowed_now`` for an organisation that is not approved.
        """

        def work(session: Session) -> Mapping[str, int]:
            if person_id == caller.id:
                self.visible(caller, organisation_id, Action.LEAVE_ORGANISATION, session)
            else:
                organisation = self.visible(caller, organisation_id, Action.REMOVE_MEMBER, session)
                self.check_members_may_change(organisation)
            membership = self._active(organisation_id, person_id, expected_version, session)
            self._check_representative_left(organisation_id, person_id, session)
            self._save(session, MEMBERSHIP_REVOKED, membership.revoked(self._clock.now()), caller)
            return self._revoking.raise_epochs(session, [person_id], caller=caller)

        self._revoking.learn(self._database.transact(work))

    def change_role(
        self,
        caller: Caller,
        organisation_id: str,
        person_id: str,
        role: str,
        expected_version: int,
    ) -> Member:
        """Give a member another role in the organisation.

        Raises:
            errors.NotFound, errors.Stale, errors.Conflict: as :meth:`remove_member`.
        """

        def work(session: Session) -> tuple[Membership, Mapping[str, int]]:
            organisation = self.visible(caller, organisation_id, Action.CHANGE_MEMBER, session)
            self.check_members_may_change(organisation)
            membership = self._active(organisation_id, person_id, expected_version, session)
            if membership.role == role:
                return membership, {}
            if role != rules.REPRESENTATIVE:
                self._check_representative_left(organisation_id, person_id, session)
            changed = membership.granted(role, self._clock.now())
            self._save(session, MEMBERSHIP_GRANTED, changed, caller)
            return changed, self._revoking.raise_epochs(session, [person_id], caller=caller)

        membership, raised = self._database.transact(work)
        self._revoking.learn(raised)
        return self._with_person(membership)

    # -- inside ---------------------------------------------------------------------------------

    def _active(
        self, organisation_id: str, person_id: str, expected_version: int, session: Session
    ) -> Membership:
        membership = self._store.membership(organisation_id, person_id, session)
        if membership is None or not membership.active:
            raise errors.NotFound()
        if membership.version != expected_version:
            raise errors.Stale()
        return membership

    def _check_representative_left(
        self, organisation_id: str, without: str, session: Session
    ) -> None:
        all_members = self._store.members(organisation_id, session=session)
        if rules.leaves_no_representative(all_members, without):
            raise codes.LAST_REPRESENTATIVE()

    def _with_person(self, membership: Membership) -> Member:
        person = self._store.person(membership.person_id)
        if person is None:
            raise errors.NotFound()
        return Member(membership, person)

    def visible(
        self,
        caller: Caller,
        organisation_id: str,
        action: Action,
        session: Session | None = None,
    ) -> Organisation:
        """The organisation, if the caller may do this with it.

        Raises:
            errors.NotFound: if there is none, or none that the caller may know of.
            errors.Forbidden: if the caller may know of it, but may not do this.
        """
        membership = self._store.membership(organisation_id, caller.id, session)
        role = membership.role if membership is not None and membership.active else None
        permissions.require(action, permissions.relations(caller, role))
        organisation = self._store.organisation(organisation_id, session)
        if organisation is None:
            raise errors.NotFound()
        return organisation

    def check_members_may_change(self, organisation: Organisation) -> None:
        """Raises errors.Conflict: ``organisations.not_allowed_now``, if it is not approved."""
        organisation.check_members_may_change()

    def _record_event(
        self, session: Session, event_type: EventType, organisation: Organisation, caller: Caller
    ) -> None:
        self._outbox.record(
            session,
            event_type,
            subject=organisation.id,
            version=organisation.version,
            data=organisation.event(),
            caller=caller,
        )

    def _save(
        self, session: Session, event_type: EventType, membership: Membership, caller: Caller
    ) -> None:
        self._store.save_membership(session, membership)
        self._outbox.record(
            session,
            event_type,
            subject=membership.id,
            version=membership.version,
            data=membership.event(),
            caller=caller,
        )


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
