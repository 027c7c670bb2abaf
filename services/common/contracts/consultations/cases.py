"""Cases on the wire.

============== ========================== ===========
method         request                    result
============== ========================== ===========
list_cases     ListCases                  CaseList
get_case       ById                       Case
case_history   ListHistory                HistoryList
submit_case    SubmitCase (with key)      Case
============== ========================== ===========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.limits import LONGEST_DESCRIPTION, LONGEST_TITLE
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    Page,
    StrictSchema,
    Truth,
    name_text,
    text,
)
from services.common.contracts.forms import AnswersGiven

CASE_STATUSES = (
    "submitted",
    "triaged",
    "assigned",
    "planned",
    "in_progress",
    "awaiting_organisation",
    "resolved",
    "closed",
    "reopened",
    "declined",
    "withdrawn",
)


class CaseStatus(Choice):
    choices = CASE_STATUSES


class CaseOriginKind(Choice):
    choices = ("assessment", "recommendation", "training")


class CaseOrigin(StrictSchema):
    """What led to a case: an assessment, a recommendation, or the cohort of a training."""

    kind = CaseOriginKind(required=True)
    id = Id(required=True)


class SubmitCase(StrictSchema):
    kind_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    title = name_text(LONGEST_TITLE, required=True)
    description = text(LONGEST_DESCRIPTION, lines=True, required=True)
    language = LanguageCode(
        load_default="ar", metadata={"description": "In which the organisation wants support."}
    )
    speciality = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "One of those of the kind."},
    )
    woman_adviser = Truth(
        load_default=False, metadata={"description": "Whether a woman is asked for."}
    )
    requester_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Who asks, where staff write it down: a member's account."},
    )
    origin = fields.Nested(CaseOrigin, load_default=None, allow_none=True)
    form = fields.Nested(
        AnswersGiven,
        load_default=None,
        allow_none=True,
        metadata={"description": "Answers to the form of the kind."},
    )


class Case(Schema):
    id = Id(required=True)
    number = fields.String(required=True, metadata={"example": "7Q4K-9XPD"})
    kind_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    status = CaseStatus(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    language = LanguageCode(required=True)
    speciality = Id(required=True, allow_none=True)
    woman_adviser = fields.Boolean(required=True)
    origin = fields.Nested(CaseOrigin, required=True, allow_none=True)
    edition = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the kind's form."}
    )
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    question = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the organisation was asked for last."},
    )
    outcome = fields.String(required=True, allow_none=True)
    requester_id = Id(required=True, allow_none=True)
    opened_by = Id(required=True)
    adviser_id = Id(required=True, allow_none=True)
    adviser_ids = fields.List(Id(), required=True)
    people = fields.List(
        Id(), required=True, metadata={"description": "Who is on the case, on both sides."}
    )
    confidential = fields.Boolean(
        required=True, metadata={"description": "Whether only these people know of it."}
    )
    submitted_at = Instant(required=True)
    assigned_at = Instant(required=True, allow_none=True)
    asked_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Since when it waits for the organisation."},
    )
    resolved_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class CaseList(Schema):
    items = fields.List(fields.Nested(Case), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class CaseFilters(StrictSchema):
    kind_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    organisation_id = Id(load_default=None, allow_none=True)
    adviser_id = Id(load_default=None, allow_none=True)
    status = CaseStatus(load_default=None, allow_none=True)


class ListCases(CaseFilters, Page):
    pass
