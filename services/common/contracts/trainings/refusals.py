"""Refusals that several methods of trainings have in common, for the endpoints that name them."""

from __future__ import annotations

from services.common.contracts.trainings import errors, roster_errors

#: Of a session as it is written, and of the sessions of a cohort together.
OF_SESSION = (
    errors.OFF_RASTER,
    errors.END_BEFORE_START,
    errors.TOO_LONG,
    errors.IN_THE_PAST,
    errors.SESSIONS_OVERLAP,
    errors.TOO_MANY_SESSIONS,
)

#: Of a change of a cohort, or of its sessions.
OF_COHORT_CHANGE = (
    roster_errors.COHORT_NOT_ALLOWED_NOW,
    roster_errors.FLOORS_TOO_LARGE,
    roster_errors.COHORT_STARTED,
    errors.CLOSES_BEFORE_OPENING,
)
