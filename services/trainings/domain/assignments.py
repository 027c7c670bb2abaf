"""Assignments: which trainer teaches which sessions of a cohort.

A trainer is claimed from the offer on, so that an acceptance never fails, and never at two places
at a time: the claims are under a unique index (:mod:`services.common.storage.claims`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.trainings.assignment_errors import ASSIGNMENT_NOT_ALLOWED_NOW
from services.common.time.period import Period
from services.common.transitions import Transitions
from services.trainings.domain.cohorts import Cohort


class AssignmentStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AssignmentAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


TRANSITIONS = Transitions(
    {
        (AssignmentStatus.OFFERED, AssignmentAction.ACCEPT): AssignmentStatus.ACCEPTED,
        (AssignmentStatus.OFFERED, AssignmentAction.DECLINE): AssignmentStatus.DECLINED,
        (AssignmentStatus.OFFERED, AssignmentAction.WITHDRAW): AssignmentStatus.WITHDRAWN,
        # A trainer who has fallen ill says so.
        (AssignmentStatus.ACCEPTED, AssignmentAction.DECLINE): AssignmentStatus.DECLINED,
        (AssignmentStatus.ACCEPTED, AssignmentAction.WITHDRAW): AssignmentStatus.WITHDRAWN,
    },
    refusal=ASSIGNMENT_NOT_ALLOWED_NOW,
    first=AssignmentStatus.OFFERED,
)

# While an assignment is in one of these, its trainer is claimed.
LIVE = frozenset({AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Assignment:
    """One trainer of one cohort.

    Attributes:
        session_ids: ``None`` for all sessions, also those that are added later.
        times: when the trainer is claimed, by start; none once it has ended.
        answered_at: when the trainer accepted or declined.
        reason: why the trainer declined, or staff withdrew it.
    """

    kind: ClassVar[str] = "assignment"

    id: str
    cohort_id: str
    centre_id: str
    trainer_id: str
    session_ids: tuple[str, ...] | None
    assigned_by: str
    assigned_at: datetime
    times: tuple[Period, ...] = ()
    status: AssignmentStatus = AssignmentStatus.OFFERED
    answered_at: datetime | None = None
    reason: str | None = None
    version: int = 1

    @property
    def live(self) -> bool:
        return self.status in LIVE

    def teaches(self, session_id: str) -> bool:
        """Whether it is for this session."""
        return self.live and (self.session_ids is None or session_id in self.session_ids)

    def after(self, action: AssignmentAction, **changes: Any) -> Assignment:
        """The assignment after an action, one version further. One that ends claims nothing.

        Raises:
            errors.Conflict: ``trainings.assignment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        times = self.times if status in LIVE else ()
        return replace(self, status=status, times=times, version=self.version + 1, **changes)

    def following(self, cohort: Cohort) -> Assignment:
        """The assignment by the sessions that its cohort has now; itself where nothing differs.

        Sessions that the cohort does not have any more leave it. One that was for these alone
        claims nothing; its caller withdraws it.
        """
        kept = self.session_ids
        if kept is not None:
            kept = tuple(each for each in kept if cohort.session(each) is not None)
        times = times_of(cohort, kept)
        if (kept, times) == (self.session_ids, self.times):
            return self
        return replace(self, session_ids=kept, times=times, version=self.version + 1)


def times_of(cohort: Cohort, session_ids: Iterable[str] | None) -> tuple[Period, ...]:
    """When a trainer of these sessions is claimed, by start; ``None`` for all sessions. A session
    whose move awaits its room claims the trainer at both its times.
    """
    wanted = None if session_ids is None else set(session_ids)
    taught = [each for each in cohort.sessions if wanted is None or each.id in wanted]
    times = {time for each in taught for time in (each.period, each.wanted.period)}
    return tuple(sorted(times, key=lambda time: (time.starts_at, time.ends_at)))
