"""Milestones of agreed plans: how far each has come.

What a milestone is, the agreed edition of its plan says; what became of it is here, and needs no
signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from services.common.contracts.consultations.action_plans_errors import MILESTONE_REACHED
from services.common.errors import FieldError
from services.common.time.wall_clock import instant_of
from services.consultations.domain.action_plans import ActionPlan, PlanContent, PlannedMilestone
from services.consultations.domain.milestone_states import (
    OPEN,
    TRANSITIONS,
    MilestoneAction,
    MilestoneStatus,
)

REMINDED_BEFORE = timedelta(days=7)
"""So long before the end of its due date people are reminded of a milestone."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone that both sides have agreed on.

    Attributes:
        planned: what the agreed edition says of it.
        edition: the agreed edition that says so.
        evidence: what the organisation shows for it; with ``REPORTED`` and ``REACHED``.
        blocker: what keeps it from going on; with ``BLOCKED``.
        overdue_on: the due date that has passed without it; ``None`` if none has.
        reminded_on: a due date; those who see to it were reminded that it is near.
    """

    kind: ClassVar[str] = "milestone"

    id: str
    plan_id: str
    case_id: str
    organisation_id: str
    centre_id: str
    edition: int
    planned: PlannedMilestone
    status: MilestoneStatus = MilestoneStatus.PLANNED
    evidence: str | None = None
    blocker: str | None = None
    reached_at: datetime | None = None
    overdue_on: date | None = None
    reminded_on: date | None = None
    version: int = 1

    @property
    def overdue(self) -> bool:
        """Whether its due date has passed, and it is neither reported nor given up."""
        return self.status in OPEN and self.overdue_on == self.planned.due_on

    def acted(
        self,
        action: MilestoneAction,
        now: datetime,
        *,
        evidence: str | None = None,
        blocker: str | None = None,
    ) -> Milestone:
        """The milestone after an action of a person.

        Args:
            evidence: with ``REPORT``.
            blocker: with ``BLOCK``.

        Raises:
            errors.Conflict: ``consultations.milestone_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        shows = status in {MilestoneStatus.REPORTED, MilestoneStatus.REACHED}
        return replace(
            self,
            status=status,
            evidence=(evidence or self.evidence) if shows else None,
            blocker=blocker if status is MilestoneStatus.BLOCKED else None,
            reached_at=now if status is MilestoneStatus.REACHED else None,
            version=self.version + 1,
        )

    def overdue_since(self, due_on: date) -> Milestone:
        """The milestone, marked as overdue; itself where this date is marked, is not its own any
        more, or does not matter."""
        if self.status not in OPEN or self.planned.due_on != due_on or self.overdue:
            return self
        return replace(self, overdue_on=due_on, version=self.version + 1)

    @property
    def waits_for_reminder(self) -> bool:
        """Whether those who see to it are still to be reminded of its due date."""
        return self.status in OPEN and not self.overdue and self.reminded_on != self.planned.due_on

    def reminded(self) -> Milestone:
        """The milestone when those who see to it have been reminded of its due date; itself where
        there is nothing to remind of."""
        if not self.waits_for_reminder:
            return self
        return replace(self, reminded_on=self.planned.due_on, version=self.version + 1)

    def replanned(self, planned: PlannedMilestone, edition: int) -> Milestone:
        """The milestone as a newer agreed edition has it."""
        status = self.status
        if status is MilestoneStatus.DROPPED:
            status = TRANSITIONS.after(status, MilestoneAction.REPLAN)
        after = replace(self, planned=planned, status=status, edition=edition)
        return self if replace(after, edition=self.edition) == self else _next(after)

    def dropped(self) -> Milestone:
        """The milestone that a newer agreed edition leaves out; itself where it is over."""
        status = TRANSITIONS.get((self.status, MilestoneAction.DROP))
        if status is None:
            return self
        return _next(replace(self, status=status, blocker=None, evidence=None))

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form: no texts."""
        return {
            "status": self.status.value,
            "due_on": self.planned.due_on.isoformat(),
            "edition": self.edition,
            "overdue": self.overdue,
        }


def _next(milestone: Milestone) -> Milestone:
    return replace(milestone, version=milestone.version + 1)


def after_agreement(
    plan: ActionPlan, known: Mapping[str, Milestone]
) -> list[tuple[Milestone | None, Milestone]]:
    """What an agreed edition makes of the milestones of its plan: each with what it was before;
    those that stay as they are are left out.

    Args:
        known: the milestones of the plan, by id.
    """
    wanted = {each.id: each for each in plan.current.content.milestones}
    changes: list[tuple[Milestone | None, Milestone]] = []
    for planned in wanted.values():
        before = known.get(planned.id)
        if before is None:
            after = Milestone(
                id=planned.id,
                plan_id=plan.id,
                case_id=plan.case_id,
                organisation_id=plan.organisation_id,
                centre_id=plan.centre_id,
                edition=plan.current.number,
                planned=planned,
            )
        else:
            after = before.replanned(planned, plan.current.number)
        if after is not before:
            changes.append((before, after))
    for before in known.values():
        if before.id not in wanted and (after := before.dropped()) is not before:
            changes.append((before, after))
    return changes


def check_reached(content: PlanContent, known: Iterable[Milestone]) -> None:
    """Check that an edition words no milestone anew that is reached.

    Raises:
        errors.Conflict: ``consultations.milestone_reached``, naming the first one.
    """
    reached = {each.id: each for each in known if each.status is MilestoneStatus.REACHED}
    for number, planned in enumerate(content.milestones):
        if planned.id in reached and planned != reached[planned.id].planned:
            pointer = f"/milestones/{number}"
            raise MILESTONE_REACHED(errors=[FieldError(pointer, MILESTONE_REACHED.code)])


def overdue_at(due_on: date, zone: str) -> datetime:
    """The instant at which a due date has passed: the end of that day in the centre's zone."""
    return instant_of(datetime.combine(due_on + timedelta(days=1), time()), zone)


def reminder_at(due_on: date, zone: str) -> datetime:
    """The instant from which on those who see to a milestone are reminded of its due date."""
    return overdue_at(due_on, zone) - REMINDED_BEFORE
