"""Absences of advisers on the wire.

================= ========================== ==============
method            request                    result
================= ========================== ==============
list_absences     ListAbsences               AbsenceList
get_absence       ById                       Absence
enter_absence     EnterAbsence (with key)    Absence
change_absence    ChangeAbsence              Absence
withdraw_absence  ActOnAbsence               Absence
================= ========================== ==============

The adviser and the managers; why an adviser is away is not stored.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, Instant, Page, StrictSchema, integer


class AbsenceStatus(Choice):
    choices = ("entered", "withdrawn")


class AbsencePeriod(StrictSchema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class AbsenceDetails(AbsencePeriod):
    adviser_id = Id(required=True)


class EnterAbsence(AbsenceDetails):
    pass


class ActOnAbsence(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ChangeAbsence(AbsencePeriod, ActOnAbsence):
    pass


class Absence(Schema):
    id = Id(required=True)
    adviser_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    status = AbsenceStatus(required=True)
    entered_by = Id(required=True)
    entered_at = Instant(required=True)
    version = fields.Integer(required=True)


class AbsenceList(Schema):
    items = fields.List(fields.Nested(Absence), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AbsenceFilters(StrictSchema):
    adviser_id = Id(load_default=None, allow_none=True)
    status = AbsenceStatus(load_default=None, allow_none=True)


class ListAbsences(AbsenceFilters, Page):
    pass
