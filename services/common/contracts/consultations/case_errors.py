"""Stable codes of what a case refuses."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_KIND = ErrorCode(
    "consultations.unknown_kind", Invalid, "There is no such kind of consultation."
)
UNKNOWN_CENTRE = ErrorCode("consultations.unknown_centre", Invalid, "There is no such centre.")
UNKNOWN_SPECIALITY = ErrorCode(
    "consultations.unknown_speciality", Invalid, "The kind of consultation has no such speciality."
)
UNKNOWN_ORGANISATION = ErrorCode(
    "consultations.unknown_organisation",
    Invalid,
    "No such organisation is known. One that was registered a moment ago soon is.",
)
ORGANISATION_NOT_APPROVED = ErrorCode(
    "consultations.organisation_not_approved",
    Conflict,
    "The organisation cannot ask for support: it waits for approval, or is suspended.",
)
NOT_A_MEMBER = ErrorCode(
    "consultations.not_a_member", Invalid, "The person does not belong to the organisation."
)
KIND_IS_CONFIDENTIAL = ErrorCode(
    "consultations.kind_is_confidential",
    Conflict,
    "Cases of this kind are opened by the organisation itself, or by an adviser.",
)
CASE_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.case_not_allowed_now",
    Conflict,
    "A case that is `state` cannot become `to`.",
    params=("state", "to"),
)
UNKNOWN_ORIGIN = ErrorCode(
    "consultations.unknown_origin",
    Invalid,
    "The organisation has no such assessment, recommendation or offer after a training.",
)
NOBODY_FOR_KIND = ErrorCode(
    "consultations.nobody_for_kind",
    Conflict,
    "No adviser who may look at it knows this kind of consultation.",
)
ADVISER_NOT_AVAILABLE = ErrorCode(
    "consultations.adviser_not_available", Conflict, "The adviser takes no case now."
)
WOMAN_ADVISER_WANTED = ErrorCode(
    "consultations.woman_adviser_wanted", Conflict, "The organisation asks for a woman."
)
OVERRIDE_REASON_MISSING = ErrorCode(
    "consultations.override_reason_missing",
    Invalid,
    "Another adviser than the one suggested first is assigned with a reason.",
)
TOO_MANY_PEOPLE = ErrorCode(
    "consultations.too_many_people",
    Conflict,
    "At most `most` people are on a case.",
    params=("most",),
)
ON_THE_CASE_BY_OFFICE = ErrorCode(
    "consultations.on_the_case_by_office",
    Conflict,
    "The requester and the advisers of a case stay on it.",
)
REOPENING_OVER = ErrorCode(
    "consultations.reopening_over",
    Conflict,
    "A case is reopened within `days` days after its support was done.",
    params=("days",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
