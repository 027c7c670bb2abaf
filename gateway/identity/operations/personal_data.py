"""What the gateway holds about a person, and erasing it everywhere.

An erasure keeps the id, and nothing else: "booked by" then names a former member.
It is refused to the last manager only. An organisation may lose its last representative by it,
since nobody is kept against their will; managers can name another, and see in the answer which
organisations it concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.identity.app import App
from gateway.identity.auth import passwords
from gateway.identity.domain import permissions
from gateway.identity.domain.identity import Person
from gateway.identity.domain.organisation import leaves_no_representative
from gateway.identity.domain.permissions import Action
from gateway.identity.steps.epochs import end_sign_ins, learn_epochs
from gateway.identity.steps.memberships import save_membership
from gateway.identity.steps.person_events import record_erasure
from services.common import clock, errors
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import MEMBERSHIP_REVOKED
from services.common.errors import FieldError
from services.common.storage.mongo import Session


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure has done.

    Attributes:
        without_representative: ids of the organisations that nobody represents any more.
    """

    person: Person
    without_representative: tuple[str, ...]


Ask = Callable[[str, str, Mapping[str, Any], Call], Any]


def export_person(
    app: App, call: Call, person_id: str, branches: Sequence[str], ask: Ask
) -> dict[str, Any]:
    """All that is held about a person, over all branches.

    Args:
        ask: calls a method of a branch.

    Raises:
        errors.NotFound: if there is none.
        errors.Unavailable: if a branch is away; a part of the answer would be no answer.
    """
    person, own = _own(app, call.caller, person_id)
    request = {"person_id": person_id, "email": person.email}
    parts = {each: ask(each, "export_person", request, call)["data"] for each in branches}
    return {
        "person_id": person_id,
        "exported_at": clock.to_wire(app.clock.now()),
        "parts": {"gateway": own, **parts},
    }


def _own(app: App, caller: Caller, person_id: str) -> tuple[Person, dict[str, Any]]:
    _require(Action.EXPORT_ME, Action.EXPORT_PEOPLE, caller, person_id)
    person = app.store.person(person_id)
    if person is None or person.erased:
        raise errors.NotFound()
    return person, {
        "person": [
            {
                "id": person.id,
                "name": dict(person.name),
                "email": person.email,
                "language": person.language,
                "roles": sorted(person.roles),
                "centres": sorted(person.centres),
                "status": person.status,
                "created_at": clock.to_wire(person.created_at),
                "updated_at": clock.to_wire(person.updated_at),
            }
        ],
        "memberships": [
            {
                "organisation_id": each.organisation_id,
                "role": each.role,
                "active": each.active,
                "created_at": clock.to_wire(each.created_at),
                "updated_at": clock.to_wire(each.updated_at),
            }
            for each in app.store.all_memberships_of(person_id)
        ],
        "invitations": [
            {
                "id": each.id,
                "organisation_id": each.organisation_id,
                "role": each.role,
                "status": each.status,
                "created_at": clock.to_wire(each.created_at),
            }
            for each in app.invitations.all_of_address(person.email)
        ],
        "sign_ins": [
            {
                "started_at": clock.to_wire(each["started_at"]),
                "expires_at": clock.to_wire(each["expires_at"]),
            }
            for each in app.families.of_person(person_id)
        ],
    }


def erase_me(app: App, call: Call, expected_version: int, password: str) -> Erased:
    """Erase oneself, with the password once more.

    Raises:
        errors.Invalid: ``auth.password_wrong``.
        errors.Stale, errors.Conflict: as :func:`erase_person`.
    """
    permissions.require(Action.ERASE_ME, permissions.relations(call.caller))
    person = app.store.person(call.caller.id)
    if person is None or person.erased:
        raise errors.Unauthenticated()
    if not passwords.matches(person.password_hash, password):
        raise codes.PASSWORD_WRONG(errors=[FieldError("/password", codes.PASSWORD_WRONG.code)])
    return _erase(app, call.caller, call.caller.id, expected_version)


def erase_person(app: App, call: Call, person_id: str, expected_version: int | None) -> Erased:
    """Erase a person.

    Args:
        expected_version: None for an operator, who has seen none.

    Raises:
        errors.NotFound: if there is none.
        errors.Stale: if there is another version by now.
        errors.Conflict: ``people.last_manager``.
    """
    permissions.require(Action.ERASE_PEOPLE, permissions.relations(call.caller))
    return _erase(app, call.caller, person_id, expected_version)


def _erase(app: App, caller: Caller, person_id: str, expected_version: int | None) -> Erased:
    def work(session: Session) -> tuple[Erased, Mapping[str, int]]:
        person = app.store.person(person_id, session)
        if person is None:
            raise errors.NotFound()
        if person.erased:
            return Erased(person, ()), {}
        if expected_version is not None and person.version != expected_version:
            raise errors.Stale()
        if person.is_manager() and not app.store.other_managers(session, person.id):
            raise codes.LAST_MANAGER()
        now = app.clock.now()
        erased = person.erased_at(now)
        app.store.save_person(session, erased)
        orphaned = _revoke_memberships(app, caller, session, person_id)
        app.invitations.erase_address(session, person.email)
        app.keys.forget(session, caller_id=person_id, email=person.email)
        raised = end_sign_ins(app, caller, session, person_id)
        record_erasure(app, caller, session, erased, person.email)
        return Erased(erased, orphaned), raised

    erased, raised = app.database.transact(work)
    learn_epochs(app, raised)
    return erased


def _revoke_memberships(
    app: App, caller: Caller, session: Session, person_id: str
) -> tuple[str, ...]:
    """End all memberships; returns the organisations that nobody represents any more."""
    orphaned = []
    for membership in app.store.all_memberships_of(person_id, session):
        if not membership.active:
            continue
        members = app.store.members(membership.organisation_id, session=session)
        if membership.role == "representative" and leaves_no_representative(members, person_id):
            orphaned.append(membership.organisation_id)
        revoked = membership.revoked(app.clock.now())
        save_membership(app, caller, session, MEMBERSHIP_REVOKED, revoked)
    return tuple(orphaned)


def _require(own: Action, others: Action, caller: Caller, person_id: str) -> None:
    is_own = caller.kind == "person" and caller.id == person_id
    permissions.require(own if is_own else others, permissions.relations(caller))
