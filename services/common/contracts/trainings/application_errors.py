"""Stable codes of what an application is refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_ORGANISATION = ErrorCode(
    "trainings.unknown_organisation",
    Invalid,
    "No such organisation is known. One that was registered a moment ago soon is.",
)
ORGANISATION_NOT_APPROVED = ErrorCode(
    "trainings.organisation_not_approved",
    Conflict,
    "The organisation cannot nominate: it waits for approval, or is suspended.",
)
NOT_A_MEMBER = ErrorCode(
    "trainings.not_a_member", Invalid, "The person does not belong to the organisation."
)
PERSON_TWICE = ErrorCode("trainings.person_twice", Invalid, "A nomination names each person once.")
APPLICATIONS_NOT_OPEN = ErrorCode(
    "trainings.applications_not_open",
    Conflict,
    "Applications open at `opens_at`; without it, nobody has said when.",
    extra=("opens_at",),
)
APPLICATIONS_CLOSED = ErrorCode(
    "trainings.applications_closed",
    Conflict,
    "Applications have closed, at `closed_at` where that was planned.",
    extra=("closed_at",),
)
TOO_MANY_APPLICATIONS = ErrorCode(
    "trainings.too_many_applications",
    Conflict,
    "A cohort takes at most `most` applications, whatever became of them.",
    params=("most",),
)
COHORT_OVER = ErrorCode("trainings.cohort_over", Conflict, "The last session has ended.")
NOT_ELIGIBLE = ErrorCode(
    "trainings.not_eligible",
    Conflict,
    "The person fails the rules in `failed_rules`; each is named.",
    extra=("failed_rules",),
)
ALREADY_APPLIED = ErrorCode(
    "trainings.already_applied",
    Conflict,
    "There is an application of this person for the cohort: `application_id`, which is `state`. "
    "Both are given to those who may see it.",
    extra=("application_id", "state"),
)
NO_CANDIDATES = ErrorCode(
    "trainings.no_candidates", Conflict, "Nobody is on the shortlist who has no offer yet."
)
MODE_FIXED = ErrorCode(
    "trainings.mode_fixed",
    Conflict,
    "People have applied; how they get a seat stays as it was announced.",
)
UNKNOWN_APPLICATION = ErrorCode(
    "trainings.unknown_application", Invalid, "The cohort has no such application."
)
ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
