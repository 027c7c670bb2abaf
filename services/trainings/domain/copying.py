"""Copying a cohort: the same course once more, some days later, at the same hours of the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.common.contracts.trainings.errors import NO_SESSIONS
from services.common.time.period import Period
from services.common.time.wall_clock import instant_of, to_local_time
from services.trainings.domain.catalogue import Course
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort, CohortSession, Floors


def copy_cohort(
    original: Cohort,
    course: Course,
    centres: tuple[Centre, Centre],
    starts_on: date,
    *,
    id: str,
    session_ids: Sequence[str],
    by: str,
    now: datetime,
) -> Cohort:
    """A draft like another cohort, whose first session is on another day.

    Every time moves by as many days and keeps its hour of the clock, also across a change of the
    clock, and in the zone of another centre. A copy has no people, no trainers, no reviewers and
    no room; at another centre no session names a space.

    Args:
        course: as it is now: hours and the rule for the certificate are those of today.
        centres: of the original, and of the copy.
        starts_on: the date of the first session, in the zone of the copy.
        id, session_ids: of the copy, and of its sessions.
        by: who copies it.

    Raises:
        errors.Conflict: ``trainings.no_sessions``, of an original that has none.
    """
    wanted = original.wanted
    if wanted.starts_at is None:
        raise NO_SESSIONS()
    here, there = centres
    days = starts_on - to_local_time(wanted.starts_at, here.time_zone).date()

    def moved(instant: datetime) -> datetime:
        return instant_of(to_local_time(instant, here.time_zone) + days, there.time_zone)

    def moved_if_any(instant: datetime | None) -> datetime | None:
        return None if instant is None else moved(instant)

    same_centre = here.id == there.id
    sessions = tuple(
        CohortSession(
            id=session_id,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            title=each.title,
            elsewhere=each.elsewhere,
            space_id=each.space_id if same_centre else None,
            features=each.features,
            room_asked_at=now if each.elsewhere is None else None,
        )
        for each, session_id in zip(wanted.sessions, session_ids, strict=True)
        for period in [_moved_period(each.period, moved)]
    )
    return replace(
        original,
        id=id,
        centre_id=there.id,
        hours=course.hours,
        earning=course.earning,
        floors=_moved_floors(original.floors, moved),
        applications_open_at=moved_if_any(original.applications_open_at),
        applications_close_at=moved_if_any(original.applications_close_at),
        sessions=tuple(sorted(sessions, key=lambda each: (each.starts_at, each.id))),
        status=CohortStatus.DRAFT,
        cancellation_reason=None,
        roster=None,
        roster_version=0,
        reviewers=(),
        created_by=by,
        created_at=now,
        version=1,
    )


def _moved_period(period: Period, moved: Callable[[datetime], datetime]) -> Period:
    starts_at, ends_at = moved(period.starts_at), moved(period.ends_at)
    if ends_at <= starts_at:
        # A change of the clock has left nothing between these hours.
        ends_at = starts_at + (period.ends_at - period.starts_at)
    return Period(starts_at, ends_at)


def _moved_floors(floors: Floors | None, moved: Callable[[datetime], datetime]) -> Floors | None:
    if floors is None or floors.released_at is None:
        return floors
    return replace(floors, released_at=moved(floors.released_at))
