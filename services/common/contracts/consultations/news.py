"""News of cases on the wire.

========= ======== =========
method    request  result
========= ======== =========
get_news  ById     CaseNews
========= ======== =========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, Instant

CASE_NEWS = (
    "submit",
    "triaged",
    "assigned",
    "adviser_joined",
    "declined",
    "withdrawn",
    "plan",
    "start",
    "started",
    "awaiting",
    "resumed",
    "resolved",
    "closed",
    "reopened",
    "changed",
    "contact_changed",
    "erase_contact",
    "seal",
    "unseal",
    "break_glass",
    "refer",
    "referral_accept",
    "referral_decline",
    "referral_return",
    "referral_withdraw",
    "referred_to_you",
    "rate",
    "first_answer_warning",
    "first_answer_alert",
    "resolution_warning",
    "resolution_alert",
    "note_added",
    "note_commented",
    "file_added",
    "file_removed",
    "appointment_agreed",
    "appointment_moved",
    "appointment_handed_over",
    "appointment_room_answered",
    "appointment_reminded",
    "appointment_done",
    "appointment_missed",
    "appointment_cancelled",
    "visit_requested",
    "visit_accepted",
    "visit_declined",
    "visit_moved",
    "visit_handed_over",
    "visit_reminded",
    "visit_done",
    "visit_reported",
    "visit_report_returned",
    "visit_approved",
    "visit_called_off",
    "plan_made",
    "plan_revised",
    "plan_signed",
    "plan_agreed",
    "plan_closed",
    "milestone_blocked",
    "milestone_reported",
    "milestone_reached",
    "milestone_returned",
    "milestone_reopened",
    "milestone_due_soon",
    "milestone_overdue",
)
"""What a piece of news may be about."""


class CaseNewsWord(Choice):
    choices = CASE_NEWS


class CaseNews(Schema):
    """What a message about a consultation is about, for its recipient."""

    id = Id(required=True)
    case_id = Id(required=True)
    case_number = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "7Q4K-9XPD", "description": "Null with a referral."},
    )
    case_title = fields.String(required=True, allow_none=True)
    referral_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "What a person sees to whom the case is referred."},
    )
    what = CaseNewsWord(required=True, metadata={"description": "The fact.", "example": "resolved"})
    by = Id(required=True, metadata={"description": "Who did it; `system`: time did."})
    at = Instant(required=True)
