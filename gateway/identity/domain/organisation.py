"""Organisations and who belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.common.contracts.identity.errors import ORGANISATION_STATE
from services.common.transitions import Transitions

PENDING, APPROVED, SUSPENDED = "pending", "approved", "suspended"
STATUSES = (PENDING, APPROVED, SUSPENDED)

TRANSITIONS = Transitions(
    {
        (PENDING, "approve"): APPROVED,
        (PENDING, "suspend"): SUSPENDED,
        (APPROVED, "suspend"): SUSPENDED,
        (SUSPENDED, "approve"): APPROVED,
    },
    refusal=ORGANISATION_STATE,
    first=PENDING,
)

MEMBER, REPRESENTATIVE = "member", "representative"
MEMBER_ROLES = (MEMBER, REPRESENTATIVE)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A civil-society organisation.

    Attributes:
        name: language → name.
        status: one of ``STATUSES``; only an approved one's members may act for it.
        version: rises with every change of name or status.
    """

    id: str
    name: Mapping[str, str]
    status: str
    version: int
    created_at: datetime
    updated_at: datetime

    def after(self, action: str, at: datetime) -> Organisation:
        """The organisation after an action of ``TRANSITIONS``, one version on.

        Raises:
            errors.Conflict: ``organisations.not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, updated_at=at)

    def check_members_may_change(self) -> None:
        """Only who has been approved lets people in and out: anybody may register an organisation,
        and until it is approved, it must not serve to find out who has an account here.

        Raises:
            errors.Conflict: ``organisations.not_allowed_now``, if it is not approved.
        """
        if self.status != APPROVED:
            raise ORGANISATION_STATE(state=self.status)

    def event(self) -> dict[str, Any]:
        """The data of an event about this organisation."""
        return {
            "organisation_id": self.id,
            "version": self.version,
            "name": dict(self.name),
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Membership:
    """One person in one organisation. A revoked one is kept, so that its version goes on rising."""

    organisation_id: str
    person_id: str
    role: str
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def id(self) -> str:
        return membership_id(self.organisation_id, self.person_id)

    def granted(self, role: str, at: datetime) -> Membership:
        """The membership in force again, or in another role, one version on."""
        return replace(self, role=role, active=True, version=self.version + 1, updated_at=at)

    def revoked(self, at: datetime) -> Membership:
        """The membership no longer in force, one version on."""
        return replace(self, active=False, version=self.version + 1, updated_at=at)

    def event(self) -> dict[str, Any]:
        """The data of an event about this membership."""
        return {
            "organisation_id": self.organisation_id,
            "person_id": self.person_id,
            "version": self.version,
            "role": self.role,
        }


def membership_id(organisation_id: str, person_id: str) -> str:
    """The id of a membership; also the subject of its events."""
    return f"{organisation_id}.{person_id}"


def leaves_no_representative(memberships: list[Membership], leaving: str) -> bool:
    """Whether nobody would represent the organisation once ``leaving`` (a person id) has gone."""
    return not any(
        each.active and each.role == REPRESENTATIVE and each.person_id != leaving
        for each in memberships
    )
