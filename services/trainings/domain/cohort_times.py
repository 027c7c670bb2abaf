"""When a cohort and its sessions may be."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.common.contracts.trainings.errors import (
    CLOSES_BEFORE_OPENING,
    END_BEFORE_START,
    IN_THE_PAST,
    OFF_RASTER,
    TOO_FAR_AHEAD,
    TOO_LONG,
)
from services.common.contracts.trainings.limits import LONGEST_SESSION_HOURS, MOST_DAYS_AHEAD
from services.common.errors import FieldError
from services.common.time.slots import SLOT_MINUTES, on_raster
from services.trainings.domain.cohorts import Cohort, CohortSession


def check_session_time(session: CohortSession, now: datetime, pointer: str = "") -> None:
    """Check the time of one session.

    Args:
        pointer: of the session in the request.

    Raises:
        errors.Invalid: ``trainings.off_raster``, ``trainings.end_before_start``,
            ``trainings.too_long``, naming the field.
        errors.Conflict: ``trainings.in_the_past``, ``trainings.too_far_ahead``.
    """
    for name, instant in (("starts_at", session.starts_at), ("ends_at", session.ends_at)):
        if not on_raster(instant):
            fault = FieldError(f"{pointer}/{name}", OFF_RASTER.code)
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[fault])
    if session.ends_at <= session.starts_at:
        raise END_BEFORE_START(errors=[FieldError(f"{pointer}/ends_at", END_BEFORE_START.code)])
    if session.ends_at - session.starts_at > timedelta(hours=LONGEST_SESSION_HOURS):
        fault = FieldError(f"{pointer}/ends_at", TOO_LONG.code)
        raise TOO_LONG(hours=LONGEST_SESSION_HOURS, errors=[fault])
    if session.starts_at <= now:
        raise IN_THE_PAST(errors=[FieldError(f"{pointer}/starts_at", IN_THE_PAST.code)])
    check_near(session.starts_at, now, f"{pointer}/starts_at")


def check_near(instant: datetime, now: datetime, pointer: str) -> None:
    """Whether a cohort may plan for an instant.

    Raises:
        errors.Conflict: ``trainings.too_far_ahead``, naming the field.
    """
    if instant > now + timedelta(days=MOST_DAYS_AHEAD):
        fault = FieldError(pointer, TOO_FAR_AHEAD.code)
        raise TOO_FAR_AHEAD(days=MOST_DAYS_AHEAD, errors=[fault])


def check_application_times(cohort: Cohort, now: datetime) -> None:
    """Check when applications open and close, and when reserved seats are released.

    Raises:
        errors.Invalid: ``trainings.closes_before_opening``.
        errors.Conflict: ``trainings.too_far_ahead``, naming the field.
    """
    opens, closes = cohort.applications_open_at, cohort.applications_close_at
    released = None if cohort.floors is None else cohort.floors.released_at
    for pointer, instant in (
        ("/applications_open_at", opens),
        ("/applications_close_at", closes),
        ("/floors/released_at", released),
    ):
        if instant is not None:
            check_near(instant, now, pointer)
    starts = cohort.starts_at
    fault = FieldError("/applications_close_at", CLOSES_BEFORE_OPENING.code)
    if opens is not None and closes is not None and closes <= opens:
        raise CLOSES_BEFORE_OPENING(errors=[fault])
    if starts is not None and any(each is not None and each > starts for each in (opens, closes)):
        raise CLOSES_BEFORE_OPENING(errors=[fault])
