"""Time limits of a case: a first answer, and a resolution, in working time of its centre.

A limit counts the opening hours of the centre less closures and holidays, and stands still while
the case waits for the organisation. Its moments are computed anew when hours or closures change.
A first answer is what the centre does with the case, or an open note of one of its advisers.
Each limit has one warning and one alert at most, whatever is recomputed or started again; both are
sent within working hours. A limit that is met, or whose alert was sent, warns no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.common.contracts.consultations.time_limit_errors import PAUSED_TOO_OFTEN
from services.common.time.period import Period
from services.common.time.working_time import NeverOpen, WorkingTime
from services.common.transitions import Transitions
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.centre_hours import CentreClosure, CentreHours, working_time

MOST_PAUSES = 200
#: An alarm that is so late at most is on time, also where the centre has closed meanwhile.
ON_TIME = timedelta(minutes=5)

_NOTHING = timedelta()


class Limited(StrEnum):
    """What has to happen within a time."""

    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"


class LimitStatus(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    DROPPED = "dropped"
    """The case has ended otherwise: it needs no answer any more."""


class LimitAction(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    MEET = "meet"
    DROP = "drop"


TRANSITIONS = Transitions(
    {
        (LimitStatus.RUNNING, LimitAction.PAUSE): LimitStatus.PAUSED,
        (LimitStatus.PAUSED, LimitAction.RESUME): LimitStatus.RUNNING,
        (LimitStatus.RUNNING, LimitAction.MEET): LimitStatus.MET,
        (LimitStatus.PAUSED, LimitAction.MEET): LimitStatus.MET,
        (LimitStatus.RUNNING, LimitAction.DROP): LimitStatus.DROPPED,
        (LimitStatus.PAUSED, LimitAction.DROP): LimitStatus.DROPPED,
    },
    first=LimitStatus.RUNNING,
)


#: The centre has said something to the organisation, if only that it declines.
_ANSWERED = frozenset(
    {
        CaseStatus.PLANNED,
        CaseStatus.IN_PROGRESS,
        CaseStatus.AWAITING_ORGANISATION,
        CaseStatus.RESOLVED,
        CaseStatus.CLOSED,
        CaseStatus.DECLINED,
    }
)


def action_on(what: Limited, status: CaseStatus) -> LimitAction | None:
    """What the state of a case means for a limit that may still be met."""
    if status is CaseStatus.WITHDRAWN:
        return LimitAction.DROP
    if what is Limited.FIRST_ANSWER:
        return LimitAction.MEET if status in _ANSWERED else None
    if status in (CaseStatus.RESOLVED, CaseStatus.CLOSED):
        return LimitAction.MEET
    if status is CaseStatus.DECLINED:
        return LimitAction.DROP
    waits = status is CaseStatus.AWAITING_ORGANISATION
    return LimitAction.PAUSE if waits else LimitAction.RESUME


class Alarm(StrEnum):
    """What is sent about a limit, each once at most."""

    WARNING = "warning"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a limit stands still; without an end while it does."""

    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One limit of a case.

    Attributes:
        round: 1, and one more for each time that the case was reopened.
        amount: how much working time there is.
        warn_before: the warning comes so much working time before the end; nothing for none.
        started_at: from when on it counts.
        due_at, warn_at: computed by :func:`scheduled`; ``None`` while it does not run, and where
            the centre is not open for so long.
        warned_at, alerted_at: when the warning and the alert were sent.
        ended_at: when it was met or dropped.
        took: working time until then, pauses left out.
    """

    id: str
    case_id: str
    centre_id: str
    what: Limited
    amount: timedelta
    warn_before: timedelta
    started_at: datetime
    round: int = 1
    status: LimitStatus = LimitStatus.RUNNING
    pauses: tuple[Pause, ...] = ()
    due_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    alerted_at: datetime | None = None
    ended_at: datetime | None = None
    took: timedelta | None = None
    version: int = 1

    @property
    def live(self) -> bool:
        """Whether it may still be met."""
        return self.status in (LimitStatus.RUNNING, LimitStatus.PAUSED)

    @property
    def kept(self) -> bool | None:
        """Whether it was met within its time; ``None`` where that is not known yet."""
        if self.status is LimitStatus.MET and self.took is not None:
            return self.took <= self.amount
        return None

    def after(self, action: LimitAction, now: datetime) -> TimeLimit:
        """The limit after an action; itself where the action changes nothing, such as a second
        pause.

        Raises:
            errors.Conflict: ``consultations.paused_too_often``.
        """
        status = TRANSITIONS.get((self.status, action))
        if status is None:
            return self
        pauses = self.pauses
        if action is LimitAction.PAUSE:
            if len(pauses) >= MOST_PAUSES:
                raise PAUSED_TOO_OFTEN(most=MOST_PAUSES)
            pauses = (*pauses, Pause(now))
        elif pauses and pauses[-1].ends_at is None:
            pauses = (*pauses[:-1], replace(pauses[-1], ends_at=now))
        ended_at = now if status in TRANSITIONS.ends else None
        return replace(
            self, status=status, pauses=pauses, ended_at=ended_at, version=self.version + 1
        )


def clock_of(
    limit: TimeLimit, hours: CentreHours, closures: Iterable[CentreClosure]
) -> WorkingTime:
    """The time that counts for a limit: working time of the centre less its own pauses."""
    pauses = [
        Period(each.starts_at, each.ends_at)
        for each in limit.pauses
        if each.ends_at is not None and each.starts_at < each.ends_at
    ]
    return working_time(hours, closures, pauses)


def scheduled(limit: TimeLimit, clock: WorkingTime) -> TimeLimit:
    """The limit with its moments as they follow from hours, closures and pauses of now; itself
    where they are the same.

    Args:
        clock: of :func:`clock_of`.
    """
    due_at = warn_at = None
    took = limit.took
    if limit.status is LimitStatus.RUNNING:
        due_at = _due(limit, clock)
        if due_at is not None and _NOTHING < limit.warn_before < limit.amount:
            warn_at = clock.subtract(due_at, limit.warn_before)
    elif limit.status is LimitStatus.MET and took is None and limit.ended_at is not None:
        took = clock.between(limit.started_at, limit.ended_at)
    if (due_at, warn_at, took) == (limit.due_at, limit.warn_at, limit.took):
        return limit
    return replace(limit, due_at=due_at, warn_at=warn_at, took=took)


def _due(limit: TimeLimit, clock: WorkingTime) -> datetime | None:
    try:
        return clock.add(limit.started_at, limit.amount)
    except NeverOpen:
        return None


def next_alarm(limit: TimeLimit, clock: WorkingTime, now: datetime) -> datetime | None:
    """When something is sent about a scheduled limit next; ``None`` where nothing more is.

    What is overdue waits for working hours, so that nobody is alarmed in the night.
    """
    planned = _planned(limit, now)
    if planned is None:
        return None
    _, at = planned
    if at > now or _may_send(at, clock, now):
        return at
    try:
        return clock.add(now, _NOTHING)
    except NeverOpen:
        return None


def due_alarm(limit: TimeLimit, clock: WorkingTime, now: datetime) -> Alarm | None:
    """What is to be sent about a scheduled limit now."""
    planned = _planned(limit, now)
    if planned is None:
        return None
    alarm, at = planned
    return alarm if at <= now and _may_send(at, clock, now) else None


def sent(limit: TimeLimit, alarm: Alarm, now: datetime) -> TimeLimit:
    """The limit whose alarm is sent."""
    if alarm is Alarm.WARNING:
        return replace(limit, warned_at=now, version=limit.version + 1)
    return replace(limit, alerted_at=now, version=limit.version + 1)


def _planned(limit: TimeLimit, now: datetime) -> tuple[Alarm, datetime] | None:
    """The next alarm and its nominal moment. A warning whose limit has ended is left out."""
    if limit.due_at is None or limit.alerted_at is not None:
        return None
    if limit.warn_at is not None and limit.warned_at is None and limit.due_at > now:
        return Alarm.WARNING, limit.warn_at
    return Alarm.ALERT, limit.due_at


def _may_send(at: datetime, clock: WorkingTime, now: datetime) -> bool:
    return now - at <= ON_TIME or bool(clock.periods(now, now + timedelta(seconds=1)))
