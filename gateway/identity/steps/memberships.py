"""Organisations and memberships: who may do what with one, and what is recorded of it."""

from __future__ import annotations

from gateway.identity.app import App
from gateway.identity.domain import organisation as rules
from gateway.identity.domain import permissions
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.domain.permissions import Action
from services.common import errors
from services.common.context import Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import MEMBERSHIP_GRANTED
from services.common.contracts.registry import EventType
from services.common.storage.mongo import Session


def visible_organisation(
    app: App,
    caller: Caller,
    session: Session | None,
    organisation_id: str,
    action: Action,
) -> Organisation:
    """The organisation, if the caller may do this with it.

    Raises:
        errors.NotFound: if there is none, or none that the caller may know of.
        errors.Forbidden: if the caller may know of it, but may not do this.
    """
    membership = app.store.membership(organisation_id, caller.id, session)
    role = membership.role if membership is not None and membership.active else None
    permissions.require(action, permissions.relations(caller, role))
    organisation = app.store.organisation(organisation_id, session)
    if organisation is None:
        raise errors.NotFound()
    return organisation


def belongs(app: App, session: Session, organisation_id: str, person_id: str) -> bool:
    """Whether a person belongs to the organisation."""
    membership = app.store.membership(organisation_id, person_id, session)
    return membership is not None and membership.active


def begin_membership(
    app: App, caller: Caller, session: Session, organisation_id: str, role: str
) -> None:
    """Let the caller, who accepts an invitation, belong to the organisation.

    Raises:
        errors.Conflict: ``organisations.already_member``; ``organisations.not_allowed_now``
            for an organisation that is not approved.
    """
    organisation = app.store.organisation(organisation_id, session)
    if organisation is None:
        raise errors.NotFound()
    organisation.check_members_may_change()
    now = app.clock.now()
    known = app.store.membership(organisation_id, caller.id, session)
    if known is not None and known.active:
        raise codes.ALREADY_MEMBER()
    membership = (
        known.granted(role, now)
        if known is not None
        else Membership(organisation_id, caller.id, role, True, 1, now, now)
    )
    save_membership(app, caller, session, MEMBERSHIP_GRANTED, membership)


def check_representative_left(
    app: App, session: Session, organisation_id: str, without: str
) -> None:
    """Raises errors.Conflict: ``organisations.last_representative``, if nobody represents the
    organisation without this person."""
    members = app.store.members(organisation_id, session=session)
    if rules.leaves_no_representative(members, without):
        raise codes.LAST_REPRESENTATIVE()


def save_membership(
    app: App, caller: Caller, session: Session, event_type: EventType, membership: Membership
) -> None:
    """Save a membership with its event."""
    app.store.save_membership(session, membership)
    app.outbox.record(
        session,
        event_type,
        subject=membership.id,
        version=membership.version,
        data=membership.event(),
        caller=caller,
    )


def record_organisation_event(
    app: App, caller: Caller, session: Session, event_type: EventType, organisation: Organisation
) -> None:
    """Record what happened to an organisation."""
    app.outbox.record(
        session,
        event_type,
        subject=organisation.id,
        version=organisation.version,
        data=organisation.event(),
        caller=caller,
    )
