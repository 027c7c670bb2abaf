"""Kinds of consultations on the wire.

============ =========== ================
method       request     result
============ =========== ================
list_kinds   Page        KindList
get_kind     ById        KindWithForm
change_kind  ChangeKind  ConsultationKind
============ =========== ================

Managers change a kind. Cases and advisers keep what they name, also where a kind offers it no more;
time limits that run stay as they are.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import Id, LocalisedText, StrictSchema, Truth, integer
from services.common.contracts.forms import FormEdition

MOST_SPECIALITIES_OF_KIND = 30
MOST_TOPICS = 20
SHORTEST_LIMIT = 15
LONGEST_LIMIT = 60 * 24 * 60
"""Sixty days of working time without an end."""


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _once_each(value: list[dict[str, Any]]) -> None:
    _each_once([each["id"] for each in value])


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
    confidential = fields.Boolean(
        required=True,
        metadata={"description": "Whether only the people of a case know of it, from its start."},
    )
    spans_breaks = fields.Boolean(
        required=True, metadata={"description": "Whether a visit may go on over a break."}
    )
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


class KindChanges(StrictSchema):
    name = LocalisedText()
    specialities = fields.List(
        fields.Nested(SpecialityDetails),
        validate=[validate.Length(min=1, max=MOST_SPECIALITIES_OF_KIND), _once_each],
    )
    limits = fields.Nested(LimitDetails)
    spans_breaks = Truth()


class ChangeKind(Versioned, KindChanges):
    pass


class KindWithForm(ConsultationKind):
    form = fields.Nested(
        FormEdition, required=True, metadata={"description": "Filled in with a request."}
    )


class KindList(Schema):
    items = fields.List(fields.Nested(ConsultationKind), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
