"""Kinds of consultations on the wire.

============ ===================== ================
method       request               result
============ ===================== ================
list_kinds   ListKinds             KindList
get_kind     ById                  KindWithForm
add_kind     AddKind (with key)    KindWithForm
change_kind  ChangeKind            KindWithForm
kind_history ListHistory           HistoryList
============ ===================== ================

Managers add, change and retire kinds. Cases and advisers keep what they name, also where a kind
offers it no more; time limits that run stay as they are; what was answered stays in its edition of
the form. Whether the cases of a kind are confidential is said once, when it is added.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.consultations.limits import LONGEST_REASON
from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import (
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    text,
)
from services.common.contracts.forms import FormDefinition, FormEdition

MOST_SPECIALITIES_OF_KIND = 30
MOST_TOPICS = 20
SHORTEST_LIMIT = 15
LARGEST_KIND = 512 * 1024
"""Bytes of a request: a form with every question that it may have."""
LONGEST_LIMIT = 60 * 24 * 60
"""Sixty days of working time without an end."""


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _once_each(value: list[dict[str, Any]]) -> None:
    _each_once([each["id"] for each in value])


_CONFIDENTIAL = {"description": "Whether only the people of a case know of it, from its start."}
_SPANS_BREAKS = {"description": "Whether a visit may go on over a break."}
_RETIRED = {"description": "Whether no new case can be opened; the cases that there are go on."}


EXAMPLE: dict[str, Any] = {
    "name": {"ar": "دعم الاتصال", "en": "Support with communication"},
    "specialities": [
        {"id": "media", "name": {"ar": "الإعلام", "en": "Media"}, "topics": []},
    ],
    "limits": {"first_answer_minutes": 840, "resolution_minutes": 8400, "warning_minutes": 60},
    "form": {
        "title": {"ar": "طلب دعم الاتصال", "en": "Request for support with communication"},
        "questions": [
            {
                "id": "audience",
                "kind": "paragraph",
                "label": {
                    "ar": "إلى من تتوجّه المنظمة؟",
                    "en": "Whom does the organisation address?",
                },
            }
        ],
    },
}


class Speciality(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    topics = fields.List(
        Id(),
        load_default=list,
        validate=[validate.Length(max=MOST_TOPICS), _each_once],
        metadata={"description": "Of trainings that teach the same."},
    )


class ConsultationLimits(Schema):
    """In minutes of the centre's working time."""

    first_answer_minutes = fields.Integer(required=True)
    resolution_minutes = fields.Integer(required=True)
    warning_minutes = fields.Integer(
        required=True, metadata={"description": "How long before each limit its warning comes."}
    )


class ConsultationKind(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    specialities = fields.List(fields.Nested(Speciality), required=True)
    limits = fields.Nested(ConsultationLimits, required=True)
    confidential = fields.Boolean(required=True, metadata=_CONFIDENTIAL)
    spans_breaks = fields.Boolean(required=True, metadata=_SPANS_BREAKS)
    retired = fields.Boolean(required=True, metadata=_RETIRED)
    version = fields.Integer(required=True)


class SpecialityDetails(StrictSchema, Speciality):
    pass


class LimitDetails(StrictSchema):
    """In minutes of the centre's working time."""

    first_answer_minutes = integer(SHORTEST_LIMIT, LONGEST_LIMIT, required=True)
    resolution_minutes = integer(SHORTEST_LIMIT, LONGEST_LIMIT, required=True)
    warning_minutes = integer(0, LONGEST_LIMIT, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _warns_before(self, data: dict[str, Any], **_: Any) -> None:
        shortest = min(data["first_answer_minutes"], data["resolution_minutes"])
        if data["warning_minutes"] >= shortest:
            raise ValidationError("warning_before_limit", "warning_minutes")


def _specialities(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(SpecialityDetails),
        validate=[validate.Length(min=1, max=MOST_SPECIALITIES_OF_KIND), _once_each],
        **kwargs,
    )


class AddKind(StrictSchema):
    """A kind of consultation with its form. An adviser of the kind has one of its specialities."""

    name = LocalisedText(required=True)
    specialities = _specialities(required=True)
    limits = fields.Nested(LimitDetails, required=True)
    confidential = Truth(load_default=False, metadata=_CONFIDENTIAL)
    spans_breaks = Truth(load_default=False, metadata=_SPANS_BREAKS)
    form = fields.Nested(FormDefinition, required=True)


class KindChanges(StrictSchema):
    """What is left out stays as it is. Another form begins the next edition: a request that was
    begun with an older one is taken with that."""

    name = LocalisedText()
    specialities = _specialities()
    limits = fields.Nested(LimitDetails)
    spans_breaks = Truth(metadata=_SPANS_BREAKS)
    retired = Truth(metadata=_RETIRED)
    form = fields.Nested(FormDefinition)
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeKind(Versioned, KindChanges):
    pass


class ListKinds(Page):
    retired = Truth(
        load_default=False,
        metadata={"description": "Those for which no new case can be opened, in place of others."},
    )


class KindWithForm(ConsultationKind):
    form = fields.Nested(
        FormEdition, required=True, metadata={"description": "Filled in with a request."}
    )


class KindList(Schema):
    items = fields.List(fields.Nested(ConsultationKind), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
