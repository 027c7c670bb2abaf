"""Kinds of consultations on the wire.

=========== ======== =================
method      request  result
=========== ======== =================
list_kinds  Page     KindList
get_kind    ById     KindWithForm
=========== ======== =================
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, LocalisedText
from services.common.contracts.forms import FormEdition


class Speciality(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)


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


class KindWithForm(ConsultationKind):
    form = fields.Nested(
        FormEdition, required=True, metadata={"description": "Filled in with a request."}
    )


class KindList(Schema):
    items = fields.List(fields.Nested(ConsultationKind), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
