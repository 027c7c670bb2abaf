"""Stable codes of action plans and their milestones."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

PLAN_EXISTS = ErrorCode(
    "consultations.plan_exists",
    Conflict,
    "The case has an action plan; `plan_id` names it.",
    extra=("plan_id",),
)
PLAN_FROZEN = ErrorCode(
    "consultations.plan_frozen",
    Conflict,
    "The action plan is closed, or its case has ended: it does not change any more.",
)
PLAN_CHANGED = ErrorCode(
    "consultations.plan_changed",
    Conflict,
    "A signature is for the newest edition of the plan, which is `edition`, and for its hash.",
    params=("edition",),
)
SAME_SIGNER = ErrorCode(
    "consultations.same_signer",
    Conflict,
    "One person does not sign for both sides.",
)
EDITIONS_USED_UP = ErrorCode(
    "consultations.editions_used_up",
    Conflict,
    "It has at most `most` editions.",
    params=("most",),
)
UNKNOWN_MILESTONE = ErrorCode(
    "consultations.unknown_milestone", Invalid, "The plan has no such milestone."
)
UNKNOWN_ASSESSMENT = ErrorCode(
    "consultations.unknown_assessment",
    Invalid,
    "The organisation has no such assessment.",
)
UNFIT_DUE_DATE = ErrorCode(
    "consultations.unfit_due_date",
    Invalid,
    "A milestone is due between today and `years` years from now.",
    params=("years",),
)
UNFIT_OWNER = ErrorCode(
    "consultations.unfit_owner",
    Invalid,
    "There is no such person who may read the plan.",
)
MILESTONE_REACHED = ErrorCode(
    "consultations.milestone_reached",
    Conflict,
    "A milestone that is reached is left as it is, or left out.",
)
MILESTONE_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.milestone_not_allowed_now",
    Conflict,
    "A milestone that is `state` cannot become `to`.",
    params=("state", "to"),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
