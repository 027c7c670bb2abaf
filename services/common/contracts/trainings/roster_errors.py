"""Stable codes of what a roster, an application or a cohort refuses."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, NotFound

COHORT_NOT_ALLOWED_NOW = ErrorCode(
    "trainings.cohort_not_allowed_now",
    Conflict,
    "A cohort that is `state` cannot do that.",
    params=("state",),
)
APPLICATION_NOT_ALLOWED_NOW = ErrorCode(
    "trainings.application_not_allowed_now",
    Conflict,
    "An application that is `state` cannot do that.",
    params=("state",),
)
ALREADY_ON_ROSTER = ErrorCode(
    "trainings.already_on_roster",
    Conflict,
    "The person has a seat, an offer or a place in the queue of this cohort, or trains it.",
)
NOT_ON_ROSTER = ErrorCode(
    "trainings.not_on_roster", NotFound, "The cohort has no such seat, offer or waiting entry."
)
NEVER_LEFT = ErrorCode(
    "trainings.never_left", Conflict, "The person has not left this cohort before."
)
NO_OFFER = ErrorCode("trainings.no_offer", Conflict, "No seat is offered.")
OFFER_OVER = ErrorCode(
    "trainings.offer_over", Conflict, "The seat was offered until a moment that has passed."
)
NO_SEAT = ErrorCode(
    "trainings.no_seat", Conflict, "All `capacity` seats are taken.", params=("capacity",)
)
COHORT_STARTED = ErrorCode(
    "trainings.cohort_started",
    Conflict,
    "The first session has begun; a trainer may still admit a person by hand.",
)
COHORT_CANCELLED = ErrorCode("trainings.cohort_cancelled", Conflict, "The cohort is cancelled.")
REASON_MISSING = ErrorCode(
    "trainings.reason_missing", Invalid, "A person is admitted by hand with a reason."
)
FLOORS_TOO_LARGE = ErrorCode(
    "trainings.floors_too_large",
    Invalid,
    "The floors reserve `seats` seats together, and there are `capacity`.",
    params=("seats", "capacity"),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
