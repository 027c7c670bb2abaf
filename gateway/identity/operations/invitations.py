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

from gateway.identity.app import App
from gateway.identity.domain import invitation as states
from gateway.identity.domain import permissions
from gateway.identity.domain.identity import normalised_email
from gateway.identity.domain.invitation import Invitation
from gateway.identity.domain.permissions import Action
from gateway.identity.operations.organisations import organisation_names
from gateway.identity.steps.memberships import (
    begin_membership,
    belongs,
    visible_organisation,
)
from services.common import errors
from services.common.clock import to_wire
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import (
    INVITATION_ACCEPTED,
    INVITATION_DECLINED,
    INVITATION_ISSUED,
    INVITATION_WITHDRAWN,
)
from services.common.contracts.registry import EventType
from services.common.lists import Page, by_id, one_more, page_of
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

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


# -- for those who invite -------------------------------------------------------------------------


def invite_member(app: App, call: Call, organisation_id: str, email: str, role: str) -> Invited:
    """Invite an address into an organisation.

    Raises:
        errors.Conflict: ``organisations.already_member``, ``organisations.already_invited``;
            ``organisations.not_allowed_now`` for an organisation that is not approved.
        errors.TooManyRequests: if the organisation has invited enough for a day.
        errors.KeyReused: if the idempotency key came before with another body.
    """
    caller, address = call.caller, normalised_email(email)
    # Before the key is looked at: who may no longer invite is given no earlier answer either.
    _check_may_invite(app, caller, None, organisation_id)

    def work(session: Session) -> Invitation:
        _check_may_invite(app, caller, session, organisation_id)
        person = app.store.person_by_email(address, session)
        person_id = None if person is None else person.id
        if person_id and belongs(app, session, organisation_id, person_id):
            raise codes.ALREADY_MEMBER()
        now = app.clock.now()
        before = app.invitations.open_one(session, organisation_id, address)
        if before is not None:
            if before.status_at(now) == states.OPEN:
                raise codes.ALREADY_INVITED()
            app.invitations.save(session, before.after("expire", now), before.version)
        _check_limits(app, session, organisation_id, address, now)
        invitation = Invitation(
            id=app.new_id(),
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
        app.invitations.add(session, invitation)
        _record_invitation_event(app, caller, session, INVITATION_ISSUED, invitation, person_id)
        return invitation

    body = {"organisation_id": organisation_id, "email": email, "role": role}
    invitation = app.keys.once(
        Request.of(call, f"invite_member/{organisation_id}", body),
        work,
        save=asdict,
        load=_from_answer,
    )
    return _now(app, invitation)


def find_invitations(
    app: App,
    call: Call,
    organisation_id: str,
    *,
    open_only: bool,
    after: str | None,
    limit: int,
) -> Page[Invited]:
    """A page of an organisation's invitations."""
    visible_organisation(app, call.caller, None, organisation_id, Action.READ_INVITATIONS)
    found = app.invitations.of_organisation(
        organisation_id,
        open_at=app.clock.now() if open_only else None,
        after=after,
        limit=one_more(limit),
    )
    page = page_of(found, limit, by_id)
    return Page([_now(app, each) for each in page.items], page.next)


def get_invitation(app: App, call: Call, organisation_id: str, invitation_id: str) -> Invited:
    """Raises errors.NotFound if the organisation has no such invitation."""
    visible_organisation(app, call.caller, None, organisation_id, Action.READ_INVITATIONS)
    found = app.invitations.get(invitation_id)
    if found.organisation_id != organisation_id:
        raise errors.NotFound()
    return _now(app, found)


def withdraw_invitation(
    app: App, call: Call, organisation_id: str, invitation_id: str, expected_version: int
) -> Invited:
    """Take an open invitation back.

    Raises:
        errors.NotFound, errors.Stale.
        errors.Conflict: ``organisations.invitation_not_open``.
    """

    def work(session: Session) -> Invitation:
        action = Action.WITHDRAW_INVITATION
        visible_organisation(app, call.caller, session, organisation_id, action)
        found = app.invitations.get(invitation_id, session)
        if found.organisation_id != organisation_id:
            raise errors.NotFound()
        person = app.store.person_by_email(found.email, session)
        person_id = None if person is None else person.id
        return _change(app, call.caller, session, found, "withdraw", expected_version, person_id)

    return _now(app, app.database.transact(work))


# -- for the person who is invited ----------------------------------------------------------------


def find_my_invitations(app: App, call: Call, *, after: str | None, limit: int) -> Page[Invited]:
    """A page of the open invitations of the caller."""
    email = _address_of(app, call.caller, None)
    found = app.invitations.of_address(
        email, open_at=app.clock.now(), after=after, limit=one_more(limit)
    )
    page = page_of(found, limit, by_id)
    names = organisation_names(app, {each.organisation_id for each in page.items})
    items = [_now(app, each, names.get(each.organisation_id)) for each in page.items]
    return Page(items, page.next)


def get_my_invitation(app: App, call: Call, invitation_id: str) -> Invited:
    """Raises errors.NotFound if it is not the caller's."""
    found = _mine(app, call.caller, None, invitation_id)
    names = organisation_names(app, {found.organisation_id})
    return _now(app, found, names.get(found.organisation_id))


def answer_invitation(
    app: App, call: Call, invitation_id: str, action: str, expected_version: int
) -> Invited:
    """Accept or decline; with the acceptance the membership begins.

    Raises:
        errors.NotFound: if it is not the caller's.
        errors.Stale: if there is another version by now.
        errors.Conflict: ``organisations.invitation_not_open``; to accept,
            ``organisations.already_member`` and ``organisations.not_allowed_now`` too.
    """

    def work(session: Session) -> Invitation:
        found = _mine(app, call.caller, session, invitation_id)
        changed = _change(
            app, call.caller, session, found, action, expected_version, call.caller.id
        )
        if action == "accept":
            begin_membership(app, call.caller, session, found.organisation_id, found.role)
        return changed

    changed = app.database.transact(work)
    names = organisation_names(app, {changed.organisation_id})
    return _now(app, changed, names.get(changed.organisation_id))


# -- inside ---------------------------------------------------------------------------------------


def _check_may_invite(
    app: App, caller: Caller, session: Session | None, organisation_id: str
) -> None:
    action = Action.INVITE_MEMBER
    organisation = visible_organisation(app, caller, session, organisation_id, action)
    organisation.check_members_may_change()


def _check_limits(
    app: App, session: Session, organisation_id: str, address: str, now: datetime
) -> None:
    since = now - states.COUNTED
    for email, most in (
        (address, states.MOST_TO_ADDRESS),
        (None, states.MOST_OF_ORGANISATION),
    ):
        issued = app.invitations.issued_since(session, organisation_id, since, email=email)
        if len(issued) >= most:
            free_at = issued[-most] + states.COUNTED
            raise errors.TooManyRequests(
                extra={"retry_after": math.ceil((free_at - now).total_seconds())}
            )


def _address_of(app: App, caller: Caller, session: Session | None) -> str:
    permissions.require(Action.ANSWER_INVITATION, permissions.relations(caller))
    person = app.store.person(caller.id, session)
    if person is None:
        raise errors.Unauthenticated()
    return person.email


def _mine(app: App, caller: Caller, session: Session | None, invitation_id: str) -> Invitation:
    email = _address_of(app, caller, session)
    found = app.invitations.get(invitation_id, session)
    if found.email != email:
        raise errors.NotFound()
    return found


def _change(
    app: App,
    caller: Caller,
    session: Session,
    found: Invitation,
    action: str,
    expected_version: int,
    person_id: str | None,
) -> Invitation:
    if found.version != expected_version:
        raise errors.Stale()
    changed = found.after(action, app.clock.now())
    app.invitations.save(session, changed, found.version)
    _record_invitation_event(app, caller, session, _EVENTS[action], changed, person_id)
    return changed


def _now(
    app: App, invitation: Invitation, organisation_name: Mapping[str, str] | None = None
) -> Invited:
    return Invited(invitation, invitation.status_at(app.clock.now()), organisation_name)


def _record_invitation_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    invitation: Invitation,
    person_id: str | None,
) -> None:
    app.outbox.record(
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
