"""Needs studies on the wire. A seed file (``deploy/seed/needs_studies.json``) holds a list of
``SeededNeedsStudy`` under ``studies``.

================== ============================= ================
method             request                       result
================== ============================= ================
list_needs_studies ListNeedsStudies              NeedsStudyList
get_needs_study    ById                          NeedsStudy
create_needs_study CreateNeedsStudy (with key)   NeedsStudy
change_needs_study ChangeNeedsStudy              NeedsStudy
================== ============================= ================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.common.contracts.consultations.campaign_limits import (
    LONGEST_REASON,
    LONGEST_TITLE,
    MOST_NEEDS,
)
from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import (
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    text,
)
from services.common.contracts.forms import FormDefinition, FormEdition, QuestionId

#: Two needs, as a request or a seed file says them.
EXAMPLE: dict[str, Any] = {
    "title": {"ar": "احتياجات المنظمات", "en": "What organisations need"},
    "form": {
        "title": {"ar": "ما الذي تحتاجه منظمتكم؟", "en": "What does your organisation need?"},
        "questions": [
            {
                "id": "centre",
                "kind": "choice",
                "required": True,
                "label": {"ar": "ما المركز الأقرب؟", "en": "Which centre is nearest?"},
                "choices": [{"id": "raqqa", "label": {"ar": "الرقة", "en": "Raqqa"}}],
            },
            {
                "id": "finance",
                "kind": "scale",
                "not_applicable": True,
                "label": {"ar": "الإدارة المالية", "en": "Financial management"},
            },
        ],
    },
    "needs": [{"question_id": "finance", "topic_id": "financial-management"}],
    "centre_question": "centre",
}


class StudyNeed(StrictSchema):
    """A question whose scale says how much of something is needed."""

    question_id = QuestionId(required=True)
    topic_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The topic of trainings that answers the need."},
    )
    case_kind = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The kind of consultation that answers it."},
    )


def _needs(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(StudyNeed), validate=validate.Length(min=1, max=MOST_NEEDS), **kwargs
    )


_CENTRE = {"description": "A question with one choice, whose choices are ids of centres."}
_KIND = {"description": "A question with one choice, whose choices are kinds of organisations."}


class CreateNeedsStudy(StrictSchema):
    """A study: a form, and which of its questions are ranked and grouped by."""

    title = LocalisedText(limit=LONGEST_TITLE, required=True)
    form = fields.Nested(FormDefinition, required=True)
    needs = _needs(required=True)
    centre_question = QuestionId(load_default=None, allow_none=True, metadata=_CENTRE)
    kind_question = QuestionId(load_default=None, allow_none=True, metadata=_KIND)


class SeededNeedsStudy(CreateNeedsStudy):
    id = Id(required=True)


class NeedsStudyChanges(StrictSchema):
    """What is left out stays as it is. Questions that were answered stay in their edition; the
    next campaign asks the new ones. A question whose meaning changes gets another id."""

    title = LocalisedText(limit=LONGEST_TITLE)
    form = fields.Nested(FormDefinition)
    needs = _needs()
    centre_question = QuestionId(allow_none=True, metadata=_CENTRE)
    kind_question = QuestionId(allow_none=True, metadata=_KIND)
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeNeedsStudy(NeedsStudyChanges, Versioned):
    pass


class ListNeedsStudies(Page):
    pass


class NeedsStudySummary(Schema):
    id = Id(required=True)
    title = LocalisedText(required=True)
    version = fields.Integer(required=True)


class NeedsStudy(NeedsStudySummary):
    form = fields.Nested(
        FormEdition, required=True, metadata={"description": "In its newest edition."}
    )
    needs = fields.List(fields.Nested(StudyNeed), required=True)
    centre_question = fields.String(required=True, allow_none=True)
    kind_question = fields.String(required=True, allow_none=True)


class NeedsStudyList(Schema):
    items = fields.List(fields.Nested(NeedsStudySummary), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
