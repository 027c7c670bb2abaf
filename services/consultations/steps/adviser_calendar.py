"""The calendar of an adviser, inside the transaction of what takes time in it or gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations.adviser_errors import UNKNOWN_ADVISER
from services.common.contracts.consultations.calendar_errors import TIME_NOT_OFFERED
from services.common.contracts.consultations.calendar_limits import MOST_ALTERNATIVES
from services.common.errors import Conflict, FieldError
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.adviser_times import REACH, Buffers, Diary, nearest
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.consulting_hours import Hour, granted, hour_of
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.engagements import Meeting, engagement_of

LOOKED_AT = timedelta(days=7)
"""So far before and after a time that cannot be had others are looked for."""


def turn_of_adviser(adviser_id: str) -> str:
    """The turn of transactions that change an adviser's calendar."""
    return f"adviser {adviser_id}"


def follow_adviser_later(app: App, session: Session, adviser_id: str) -> None:
    """Have the tasks about an adviser's cases and meetings follow, as soon as the worker comes to
    it: there may be more than one transaction holds."""
    app.deadlines.set(session, DeadlineKind.ADVISER, adviser_id, app.clock.now())


def adviser_to_meet(app: App, session: Session, adviser_id: str) -> Adviser:
    """An adviser whose time is taken, locked until the transaction ends.

    Raises:
        errors.Invalid: ``consultations.unknown_adviser``.
    """
    adviser = app.advisers.lock(adviser_id, session)
    if adviser is None or not adviser.active:
        raise UNKNOWN_ADVISER(errors=[FieldError("/adviser_id", UNKNOWN_ADVISER.code)])
    return adviser


def diary_of(
    app: App,
    adviser: Adviser,
    within: Period,
    session: Session | None = None,
    *,
    without: Sequence[str] = (),
) -> Diary:
    """All that decides when an adviser can be met in a period.

    Args:
        without: ids of meetings that are to take another time.
    """
    around = Period(within.starts_at - REACH, within.ends_at + REACH)
    absences = app.absences.of_adviser(adviser.id, around, session)
    engagements = app.engagements.of_adviser(adviser.id, around, session)
    return adviser.diary(
        tuple(each.period for each in absences),
        tuple(taken for each in engagements if each.id not in without for taken in each.taken),
    )


def check_offered(
    app: App,
    session: Session,
    adviser: Adviser,
    period: Period,
    buffers: Buffers,
    *,
    spans_breaks: bool = False,
    without: Sequence[str] = (),
    hours: Sequence[Hour] | None = None,
) -> None:
    """Whether the adviser can be met then. Why not is not said: the same code stands for all.

    Args:
        without: ids of meetings that are to take another time.
        hours: those in which it must lie; ``None`` for any time.

    Raises:
        errors.Conflict: ``consultations.time_not_offered``, with the nearest times that can be had.
    """
    around = Period(period.starts_at - LOOKED_AT, period.ends_at + LOOKED_AT)
    diary = diary_of(app, adviser, around, session, without=without)
    in_hours = hours is None or hour_of(hours, period) is not None
    if in_hours and diary.offers(period, buffers, spans_breaks=spans_breaks):
        return
    begin = max(around.starts_at, app.clock.now())
    if begin >= around.ends_at:
        raise time_not_offered([])
    slots = diary.slots(
        Period(begin, around.ends_at),
        period.ends_at - period.starts_at,
        buffers,
        spans_breaks=spans_breaks,
    )
    offered = (each for each in slots if hours is None or hour_of(hours, each) is not None)
    raise time_not_offered(nearest(offered, period.starts_at, MOST_ALTERNATIVES))


def time_not_offered(alternatives: Sequence[Period]) -> Conflict:
    """The refusal of a time, with times that can be had."""
    shown: list[dict[str, Any]] = [
        {"starts_at": to_wire(each.starts_at), "ends_at": to_wire(each.ends_at)}
        for each in alternatives
    ]
    refusal = TIME_NOT_OFFERED(extra={"alternatives": shown})
    assert isinstance(refusal, Conflict)
    return refusal


def put_engagement(app: App, session: Session, meeting: Meeting) -> None:
    """Have the calendar hold what a meeting takes now, or nothing where it takes none any more.

    Raises:
        errors.Conflict: ``consultations.time_not_offered``.
    """
    engagement = engagement_of(meeting)
    if engagement is None:
        app.engagements.remove(session, meeting.id)
    else:
        app.engagements.put(session, engagement)


def hours_at_centre(
    app: App, adviser_id: str, centre_id: str, within: Period, session: Session | None = None
) -> dict[str, list[Hour]]:
    """Consulting hours that have rooms: the id of their month → the hours."""
    # A month is in the centre's time, so the days around belong to it too.
    first, last = within.starts_at - REACH, within.ends_at + REACH
    months = {
        (first + timedelta(days=n)).date().replace(day=1) for n in range((last - first).days + 1)
    }
    found = app.consulting_hours.of_months(adviser_id, centre_id, months, session)
    return {each.id: granted(each, app.rooms.of(each.id, session)) for each in found}
