"""Inviting people into an organisation, and answering.

Nobody belongs to an organisation without having accepted. An address of nobody is invited like any
other: no answer shows whether a person signs in with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from gateway.identity import permissions
from gateway.identity.domain import invitation as states
from gateway.identity.domain.identity import normalised_email
from gateway.identity.domain.invitation import Invitation
from gateway.identity.operations.organisations import Organisations
from gateway.identity.permissions import Action
from gateway.identity.store import Store
from gateway.identity.store.invitations import InvitationStore
from services.common import errors
from services.common.clock import Clock, to_wire
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import (
    INVITATION_ACCEPTED,
    INVITATION_DECLINED,
    INVITATION_ISSUED,
    INVITATION_WITHDRAWN,
)
from services.common.contracts.registry import EventType
from services.common.events.outbox import Outbox
from services.common.ids import NewId
from services.common.lists import Page, by_id, one_more, page_of
from services.common.storage.idempotency import IdempotencyKeys, Request
from services.common.storage.mongo import Database, Session

_EVENTS: Mapping[str, EventType] = {
    "accept": INVITATION_ACCEPTED,
    "decline": INVITATION_DECLINED,
    "withdraw": INVITATION_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as it stands now, with the organisation's name for the person it is for."""

    invitation: Invitation
    status: str
    organisation_name: Mapping[str, str] | None = None


class Invitations:
    """Use cases of invitations; each asks the table of permissions first."""

    def __init__(
        self,
        database: Database,
        store: Store,
        organisations: Organisations,
        outbox: Outbox,
        keys: IdempotencyKeys,
        *,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._store = store
        self._invitations = InvitationStore(database)
        self._organisations = organisations
        self._outbox = outbox
        self._keys = keys
        self._clock = clock
        self._new_id = new_id

    # -- for those who invite -------------------------------------------------------------------

    def invite(self, call: Call, organisation_id: str, email: str, role: str) -> Invited:
        """Invite an address into an organisation.

        Raises:
            errors.Conflict: ``organisations.already_member``, ``organisations.already_invited``;
                ``organisations.not_allowed_now`` for an organisation that is not approved.
            errors.TooManyRequests: if the organisation has invited enough for a day.
            errors.KeyReused: if the idempotency key came before with another body.
        """
        caller, address = call.caller, normalised_email(email)
        # Before the key is looked at: who may no longer invite is given no earlier answer either.
        self._check_may(caller, organisation_id, Action.INVITE_MEMBER)

        def work(session: Session) -> Invitation:
            self._check_may(caller, organisation_id, Action.INVITE_MEMBER, session)
            person = self._store.person_by_email(address, session)
            person_id = None if person is None else person.id
            if person_id and self._organisations.belongs(organisation_id, person_id, session):
                raise codes.ALREADY_MEMBER()
            now = self._clock.now()
            before = self._invitations.open_one(session, organisation_id, address)
            if before is not None:
                if before.status_at(now) == states.OPEN:
                    raise codes.ALREADY_INVITED()
                self._invitations.save(session, before.after("expire", now), before.version)
            self._check_limits(session, organisation_id, address, now)
            invitation = Invitation(
                id=self._new_id(),
                organisation_id=organisation_id,
                email=address,
                role=role,
                status=states.OPEN,
                invited_by=caller.id,
                version=1,
                created_at=now,
                updated_at=now,
                expires_at=now + states.LIFETIME,
            )
            self._invitations.add(session, invitation)
            self._record_event(session, INVITATION_ISSUED, invitation, person_id, caller)
            return invitation

        body = {"organisation_id": organisation_id, "email": email, "role": role}
        invitation = self._keys.once(
            Request.of(call, f"invite_member/{organisation_id}", body),
            work,
            save=asdict,
            load=_from_answer,
        )
        return self._now(invitation)

    def of_organisation(
        self,
        caller: Caller,
        organisation_id: str,
        *,
        open_only: bool,
        after: str | None,
        limit: int,
    ) -> Page[Invited]:
        """A page of an organisation's invitations."""
        self._organisations.visible(caller, organisation_id, Action.READ_INVITATIONS)
        found = self._invitations.of_organisation(
            organisation_id,
            open_at=self._clock.now() if open_only else None,
            after=after,
            limit=one_more(limit),
        )
        page = page_of(found, limit, by_id)
        return Page([self._now(each) for each in page.items], page.next)

    def get(self, caller: Caller, organisation_id: str, invitation_id: str) -> Invited:
        """Raises errors.NotFound if the organisation has no such invitation."""
        self._organisations.visible(caller, organisation_id, Action.READ_INVITATIONS)
        found = self._invitations.get(invitation_id)
        if found.organisation_id != organisation_id:
            raise errors.NotFound()
        return self._now(found)

    def withdraw(
        self, caller: Caller, organisation_id: str, invitation_id: str, expected_version: int
    ) -> Invited:
        """Take an open invitation back.

        Raises:
            errors.NotFound, errors.Stale.
            errors.Conflict: ``organisations.invitation_not_open``.
        """

        def work(session: Session) -> Invitation:
            self._organisations.visible(
                caller, organisation_id, Action.WITHDRAW_INVITATION, session
            )
            found = self._invitations.get(invitation_id, session)
            if found.organisation_id != organisation_id:
                raise errors.NotFound()
            person = self._store.person_by_email(found.email, session)
            person_id = None if person is None else person.id
            return self._change(session, found, "withdraw", expected_version, person_id, caller)

        return self._now(self._database.transact(work))

    # -- for the person who is invited ----------------------------------------------------------

    def mine(self, caller: Caller, *, after: str | None, limit: int) -> Page[Invited]:
        """A page of the open invitations of the caller."""
        email = self._address_of(caller)
        found = self._invitations.of_address(
            email, open_at=self._clock.now(), after=after, limit=one_more(limit)
        )
        page = page_of(found, limit, by_id)
        names = self._organisations.names({each.organisation_id for each in page.items})
        items = [self._now(each, names.get(each.organisation_id)) for each in page.items]
        return Page(items, page.next)

    def my_invitation(self, caller: Caller, invitation_id: str) -> Invited:
        """Raises errors.NotFound if it is not the caller's."""
        found = self._mine(caller, invitation_id)
        names = self._organisations.names({found.organisation_id})
        return self._now(found, names.get(found.organisation_id))

    def answer(
        self, caller: Caller, invitation_id: str, action: str, expected_version: int
    ) -> Invited:
        """Accept or decline; with the acceptance the membership begins.

        Raises:
            errors.NotFound: if it is not the caller's.
            errors.Stale: if there is another version by now.
            errors.Conflict: ``organisations.invitation_not_open``; to accept,
                ``organisations.already_member`` and ``organisations.not_allowed_now`` too.
        """

        def work(session: Session) -> Invitation:
            found = self._mine(caller, invitation_id, session)
            changed = self._change(session, found, action, expected_version, caller.id, caller)
            if action == "accept":
                self._organisations.begin_membership(
                    session, found.organisation_id, caller, found.role
                )
            return changed

        changed = self._database.transact(work)
        names = self._organisations.names({changed.organisation_id})
        return self._now(changed, names.get(changed.organisation_id))

    # -- inside ---------------------------------------------------------------------------------

    def _check_may(
        self,
        caller: Caller,
        organisation_id: str,
        action: Action,
        session: Session | None = None,
    ) -> None:
        organisation = self._organisations.visible(caller, organisation_id, action, session)
        self._organisations.check_members_may_change(organisation)

    def _check_limits(
        self, session: Session, organisation_id: str, address: str, now: datetime
    ) -> None:
        since = now - states.COUNTED
        for email, most in (
            (address, states.MOST_TO_ADDRESS),
            (None, states.MOST_OF_ORGANISATION),
        ):
            issued = self._invitations.issued_since(session, organisation_id, since, email=email)
            if len(issued) >= most:
                free_at = issued[-most] + states.COUNTED
                raise errors.TooManyRequests(
                    extra={"retry_after": math.ceil((free_at - now).total_seconds())}
                )

    def _address_of(self, caller: Caller, session: Session | None = None) -> str:
        permissions.require(Action.ANSWER_INVITATION, permissions.relations(caller))
        person = self._store.person(caller.id, session)
        if person is None:
            raise errors.Unauthenticated()
        return person.email

    def _mine(
        self, caller: Caller, invitation_id: str, session: Session | None = None
    ) -> Invitation:
        email = self._address_of(caller, session)
        found = self._invitations.get(invitation_id, session)
        if found.email != email:
            raise errors.NotFound()
        return found

    def _change(
        self,
        session: Session,
        found: Invitation,
        action: str,
        expected_version: int,
        person_id: str | None,
        caller: Caller,
    ) -> Invitation:
        if found.version != expected_version:
            raise errors.Stale()
        changed = found.after(action, self._clock.now())
        self._invitations.save(session, changed, found.version)
        self._record_event(session, _EVENTS[action], changed, person_id, caller)
        return changed

    def _now(
        self, invitation: Invitation, organisation_name: Mapping[str, str] | None = None
    ) -> Invited:
        return Invited(invitation, invitation.status_at(self._clock.now()), organisation_name)

    def _record_event(
        self,
        session: Session,
        event_type: EventType,
        invitation: Invitation,
        person_id: str | None,
        caller: Caller,
    ) -> None:
        self._outbox.record(
            session,
            event_type,
            subject=invitation.id,
            version=invitation.version,
            data={
                "invitation_id": invitation.id,
                "organisation_id": invitation.organisation_id,
                "person_id": person_id,
                "role": invitation.role,
                "invited_by": invitation.invited_by,
                "changed_by": caller.id,
                "expires_at": to_wire(invitation.expires_at),
                "version": invitation.version,
            },
            caller=caller,
        )


def _from_answer(answer: dict[str, Any]) -> Invitation:
    return Invitation(**answer)
