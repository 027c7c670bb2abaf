"""Stable codes of what the records of participants refuse."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

PARTICIPANT_GONE = ErrorCode(
    "trainings.participant_gone",
    Conflict,
    "The record was erased, or merged into another one, and does not change any more.",
)
SAME_RECORD = ErrorCode("trainings.same_record", Invalid, "Both ids are those of one record.")
KNOWN_AS_DIFFERENT = ErrorCode(
    "trainings.known_as_different",
    Conflict,
    "A person has looked at the two records and found that they are of two people.",
)
ACCOUNT_STAYS = ErrorCode(
    "trainings.account_stays",
    Conflict,
    "The record with an account is the one that stays; the merge goes the other way.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
