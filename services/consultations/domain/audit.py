"""Whether what is stored of cases keeps every rule.

Each is recomputed, and nothing is taken from what a change decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.common.time.working_time import WorkingTime
from services.consultations.domain.action_plans import ActionPlan, PlanEdition, hash_of
from services.consultations.domain.cases import Case
from services.consultations.domain.engagements import Engagement
from services.consultations.domain.tasks import Task
from services.consultations.domain.time_limits import (
    TRANSITIONS,
    Limited,
    TimeLimit,
    action_on,
    due_alarm,
    scheduled,
)

GONE = "consultations.case.gone"


class Rule(StrEnum):
    """The rules of cases."""

    KEY = "key"
    """What is encrypted of a case can be read with its key."""
    HISTORY = "history"
    """Each version of a case has one entry."""
    OPEN_LOG = "open_log"
    """The open log follows a case, and ends where it is sealed."""
    SEALED_TASK = "sealed_task"
    """A task is sealed as its case is."""
    LIMITS = "limits"
    """A case has its limits, in the state that its own says."""
    LIMIT_MOMENTS = "limit_moments"
    """The moments of a limit follow from hours, closures and pauses."""
    ALARM = "alarm"
    """What is due has been sent."""
    CALENDAR = "calendar"
    """A meeting takes its adviser's time, and nothing else does."""
    PLAN_HASH = "plan_hash"
    """The hash of an edition is that of its content, and what was signed is that hash."""
    CHAIN = "chain"
    """A log is as it was written."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that is broken.

    Attributes:
        of: kind and id of what breaks it.
        expected, found: as the rule has them.
    """

    rule: Rule
    of: str
    expected: object
    found: object


@dataclass(frozen=True, slots=True)
class LastEvent:
    """The last event of a case in the open log."""

    type: str
    version: int


def audit_case(
    case: Case, recorded: tuple[int, int] | None, last: LastEvent | None, tasks: Iterable[Task]
) -> Iterator[Difference]:
    """The rules that a case breaks by itself.

    Args:
        recorded: number of entries of its history, and the highest version of them.
        last: nothing where the open log does not have it.
        tasks: that are open and belong to it.
    """
    of = f"case/{case.id}"
    expected = (case.version, case.version)
    if recorded != expected:
        yield Difference(Rule.HISTORY, of, expected, recorded)
    if case.sealed and last is not None and last.type != GONE:
        yield Difference(Rule.OPEN_LOG, of, GONE, last.type)
    if not case.sealed and (last is None or last.type == GONE or last.version != case.version):
        found = None if last is None else (last.type, last.version)
        yield Difference(Rule.OPEN_LOG, of, case.version, found)
    for each in tasks:
        if each.sealed is not case.sealed:
            yield Difference(Rule.SEALED_TASK, f"task/{each.id}", case.sealed, each.sealed)


def audit_limits(case: Case, limits: Iterable[TimeLimit]) -> Iterator[Difference]:
    """The limits of a case that are missing, or in another state than the case says."""
    known = list(limits)
    for what in Limited:
        if not any(each.what is what for each in known):
            yield Difference(Rule.LIMITS, f"case/{case.id}", what.value, None)
    for each in known:
        action = action_on(each.what, case.status) if each.live else None
        status = None if action is None else TRANSITIONS.get((each.status, action))
        if status is not None:
            yield Difference(Rule.LIMITS, f"time_limit/{each.id}", status.value, each.status.value)


def audit_moments(
    limit: TimeLimit, clock: WorkingTime, now: datetime, delay: timedelta
) -> Iterator[Difference]:
    """Whether the moments of a limit are right, and what is due has been sent.

    Args:
        delay: so late a timer may be.
    """
    of = f"time_limit/{limit.id}"
    right = scheduled(limit, clock)
    expected = (right.warn_at, right.due_at, right.took)
    found = (limit.warn_at, limit.due_at, limit.took)
    if expected != found:
        yield Difference(Rule.LIMIT_MOMENTS, of, expected, found)
    alarm = due_alarm(right, clock, now - delay)
    # Outside of working hours what is overdue waits.
    if alarm is not None and due_alarm(right, clock, now) is not None:
        yield Difference(Rule.ALARM, of, alarm.value, None)


def audit_calendar(
    expected: Mapping[str, Engagement], found: Mapping[str, Engagement]
) -> Iterator[Difference]:
    """The times that are not taken as the meetings say.

    Args:
        expected: by the meetings that are to come.
        found: as they are stored, by the id of the meeting.
    """
    for id in sorted({*expected, *found}):
        if expected.get(id) != found.get(id):
            yield Difference(Rule.CALENDAR, f"meeting/{id}", expected.get(id), found.get(id))


def audit_plan(plan: ActionPlan, editions: Iterable[PlanEdition]) -> Iterator[Difference]:
    """The editions of a plan whose hash or signatures are of another content."""
    for edition in editions:
        of = f"action_plan/{plan.id}/{edition.number}"
        right = hash_of(plan.id, edition.number, edition.content)
        if edition.content_hash != right:
            yield Difference(Rule.PLAN_HASH, of, right, edition.content_hash)
        for each in edition.signatures:
            if each.content_hash != edition.content_hash:
                yield Difference(Rule.PLAN_HASH, of, edition.content_hash, each.content_hash)
