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

from gateway.identity import permissions
from gateway.identity.auth import passwords
from gateway.identity.domain.identity import Person
from gateway.identity.domain.organisation import leaves_no_representative
from gateway.identity.operations.person_events import record_erasure
from gateway.identity.operations.revoking import Revoking
from gateway.identity.operations.sessions import Sessions
from gateway.identity.permissions import Action
from gateway.identity.store import Store
from gateway.identity.store.families import FamilyStore
from gateway.identity.store.invitations import InvitationStore
from services.common import clock, errors
from services.common.clock import Clock
from services.common.context import Call, Caller
from services.common.contracts.identity import errors as codes
from services.common.contracts.identity.events import MEMBERSHIP_REVOKED
from services.common.errors import FieldError
from services.common.events.outbox import Outbox
from services.common.storage.idempotency import IdempotencyKeys
from services.common.storage.mongo import Database, Session


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure has done.

    Attributes:
        without_representative: ids of the organisations that nobody represents any more.
    """

    person: Person
    without_representative: tuple[str, ...]


Ask = Callable[[str, str, Mapping[str, Any], Call], Any]


class PersonalData:
    """Use cases of personal data; each asks the table of permissions first."""

    def __init__(
        self,
        database: Database,
        store: Store,
        outbox: Outbox,
        keys: IdempotencyKeys,
        revoking: Revoking,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._families = FamilyStore(database)
        self._invitations = InvitationStore(database)
        self._outbox = outbox
        self._keys = keys
        self._revoking = revoking
        self._sessions = sessions
        self._clock = clock

    def export(
        self, call: Call, person_id: str, branches: Sequence[str], ask: Ask
    ) -> dict[str, Any]:
        """All that is held about a person, over all branches.

        Args:
            ask: calls a method of a branch.

        Raises:
            errors.NotFound: if there is none.
            errors.Unavailable: if a branch is away; a part of the answer would be no answer.
        """
        person, own = self._own(call.caller, person_id)
        request = {"person_id": person_id, "email": person.email}
        parts = {each: ask(each, "export_person", request, call)["data"] for each in branches}
        return {
            "person_id": person_id,
            "exported_at": clock.to_wire(self._clock.now()),
            "parts": {"gateway": own, **parts},
        }

    def _own(self, caller: Caller, person_id: str) -> tuple[Person, dict[str, Any]]:
        self._require(Action.EXPORT_ME, Action.EXPORT_PEOPLE, caller, person_id)
        person = self._store.person(person_id)
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
                for each in self._store.all_memberships_of(person_id)
            ],
            "invitations": [
                {
                    "id": each.id,
                    "organisation_id": each.organisation_id,
                    "role": each.role,
                    "status": each.status,
                    "created_at": clock.to_wire(each.created_at),
                }
                for each in self._invitations.all_of_address(person.email)
            ],
            "sign_ins": [
                {
                    "started_at": clock.to_wire(each["started_at"]),
                    "expires_at": clock.to_wire(each["expires_at"]),
                }
                for each in self._families.of_person(person_id)
            ],
        }

    def erase_me(self, caller: Caller, expected_version: int, password: str) -> Erased:
        """Erase oneself, with the password once more.

        Raises:
            errors.Invalid: ``auth.password_wrong``.
            errors.Stale, errors.Conflict: as :meth:`erase`.
        """
        permissions.require(Action.ERASE_ME, permissions.relations(caller))
        person = self._store.person(caller.id)
        if person is None or person.erased:
            raise errors.Unauthenticated()
        if not passwords.matches(person.password_hash, password):
            raise codes.PASSWORD_WRONG(errors=[FieldError("/password", codes.PASSWORD_WRONG.code)])
        return self._erase(caller, caller.id, expected_version)

    def erase(self, caller: Caller, person_id: str, expected_version: int | None) -> Erased:
        """Erase a person.

        Args:
            expected_version: None for an operator, who has seen none.

        Raises:
            errors.NotFound: if there is none.
            errors.Stale: if there is another version by now.
            errors.Conflict: ``people.last_manager``.
        """
        permissions.require(Action.ERASE_PEOPLE, permissions.relations(caller))
        return self._erase(caller, person_id, expected_version)

    def _erase(self, caller: Caller, person_id: str, expected_version: int | None) -> Erased:
        def work(session: Session) -> tuple[Erased, Mapping[str, int]]:
            person = self._store.person(person_id, session)
            if person is None:
                raise errors.NotFound()
            if person.erased:
                return Erased(person, ()), {}
            if expected_version is not None and person.version != expected_version:
                raise errors.Stale()
            if person.is_manager() and not self._store.other_managers(session, person.id):
                raise codes.LAST_MANAGER()
            now = self._clock.now()
            erased = person.erased_at(now)
            self._store.save_person(session, erased)
            orphaned = self._revoke_memberships(session, person_id, caller)
            self._invitations.erase_address(session, person.email)
            self._keys.forget(session, caller_id=person_id, email=person.email)
            raised = self._sessions.end_all(session, person_id, caller=caller)
            record_erasure(self._outbox, session, erased, person.email, caller)
            return Erased(erased, orphaned), raised

        erased, raised = self._database.transact(work)
        self._revoking.learn(raised)
        return erased

    def _revoke_memberships(
        self, session: Session, person_id: str, caller: Caller
    ) -> tuple[str, ...]:
        """End all memberships; returns the organisations that nobody represents any more."""
        orphaned = []
        for membership in self._store.all_memberships_of(person_id, session):
            if not membership.active:
                continue
            members = self._store.members(membership.organisation_id, session=session)
            if membership.role == "representative" and leaves_no_representative(members, person_id):
                orphaned.append(membership.organisation_id)
            revoked = membership.revoked(self._clock.now())
            self._store.save_membership(session, revoked)
            self._outbox.record(
                session,
                MEMBERSHIP_REVOKED,
                subject=revoked.id,
                version=revoked.version,
                data=revoked.event(),
                caller=caller,
            )
        return tuple(orphaned)

    def _require(self, own: Action, others: Action, caller: Caller, person_id: str) -> None:
        is_own = caller.kind == "person" and caller.id == person_id
        permissions.require(own if is_own else others, permissions.relations(caller))
