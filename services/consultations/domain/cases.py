"""Cases: what an organisation asks for, who works on it, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.consultations.case_errors import REOPENING_OVER
from services.consultations.domain.case_access import Grant
from services.consultations.domain.case_states import TRANSITIONS, CaseAction, CaseStatus

CLOSES_AFTER = timedelta(days=7)
"""A resolved case closes by itself, unless it is reopened before."""

REOPENS_WITHIN = timedelta(days=30)
"""Counted from the moment at which it was resolved."""


class OriginKind(StrEnum):
    """From which a request was pre-filled."""

    ASSESSMENT = "assessment"
    RECOMMENDATION = "recommendation"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Origin:
    """What led to a case.

    Attributes:
        id: of the assessment, the recommendation, or the cohort.
    """

    kind: OriginKind
    id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a case; its people alone read it."""

    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What people wrote: the part of a case that a reader of the database is not to read.

    Attributes:
        answers: to the form of the kind; question → answer.
        question: what the organisation was asked for last.
        outcome: what came of it, once it is resolved.
        contact: whom to call.
    """

    title: str
    description: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    question: str | None = None
    outcome: str | None = None
    contact: Contact = Contact()


@dataclass(frozen=True, slots=True)
class Case:
    """One request for support.

    Attributes:
        number: by which people call it.
        requester_id: the person who asked for the organisation; ``None`` where staff wrote it down
            for an organisation without an account.
        opened_by: the person who sent it.
        edition: of the kind's form.
        people: ids of all who are on it: advisers, the requester, and members that the
            organisation has added.
        adviser_id: who is responsible for it.
        adviser_ids: the advisers among its people, also those who only help.
        sealed: whether only they know of it.
        grants: who else reads it for a while, by break-glass.
        woman_adviser: whether the organisation asks for a woman.
        speciality: which of the kind's specialities it is about.
        resolved_at: when the support was done last.
        asked_at: since when it waits for the organisation.
    """

    kind: ClassVar[str] = "case"

    id: str
    number: str
    kind_id: str
    organisation_id: str
    centre_id: str
    content: CaseContent
    opened_by: str
    submitted_at: datetime
    requester_id: str | None = None
    form_id: str | None = None
    edition: int | None = None
    language: str = "ar"
    speciality: str | None = None
    woman_adviser: bool = False
    origin: Origin | None = None
    people: frozenset[str] = frozenset()
    adviser_id: str | None = None
    adviser_ids: frozenset[str] = frozenset()
    sealed: bool = False
    grants: tuple[Grant, ...] = ()
    status: CaseStatus = CaseStatus.SUBMITTED
    assigned_at: datetime | None = None
    asked_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1

    def after(self, action: CaseAction, **changes: Any) -> Case:
        """The case after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.case_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def reopened(self, now: datetime) -> Case:
        """The case once more in work.

        Raises:
            errors.Conflict: ``consultations.case_not_allowed_now``,
                ``consultations.reopening_over``.
        """
        after = self.after(CaseAction.REOPEN, closed_at=None)
        if self.resolved_at is None or now > self.resolved_at + REOPENS_WITHIN:
            raise REOPENING_OVER(days=REOPENS_WITHIN.days)
        return after

    @property
    def closes_at(self) -> datetime | None:
        """When it closes by itself; ``None`` where it does not."""
        if self.status is not CaseStatus.RESOLVED or self.resolved_at is None:
            return None
        return self.resolved_at + CLOSES_AFTER

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form: no text, since a history is read for long."""
        return {
            "status": self.status.value,
            "kind_id": self.kind_id,
            "speciality": self.speciality,
            "centre_id": self.centre_id,
            "language": self.language,
            "woman_adviser": self.woman_adviser,
            "adviser_id": self.adviser_id,
            "people": sorted(self.people),
            "sealed": self.sealed,
        }
