"""Consulting hours on the wire: a month of one adviser at one centre, with rooms.

======================= =========================== ===================
method                  request                     result
======================= =========================== ===================
list_consulting_hours   ListConsultingHours         ConsultingHoursList
get_consulting_hours    ById                        ConsultingHours
set_up_consulting_hours SetUpHours (with key)       ConsultingHours
change_consulting_hours ChangeHours                 ConsultingHours
======================= =========================== ===================

The adviser and staff of the centre.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.consultations.appointments import (
    MeetingRoomStatus,
    MeetingSpace,
    MeetingTime,
)
from services.common.contracts.consultations.calendar_limits import MOST_CONSULTING_HOURS
from services.common.contracts.fields import Id, Instant, Page, StrictSchema, integer

_MONTH = validate.Regexp(r"\A20[0-9]{2}-(0[1-9]|1[0-2])\Z", error="month")


class MonthHours(StrictSchema):
    hours = fields.List(
        fields.Nested(MeetingTime),
        required=True,
        validate=validate.Length(max=MOST_CONSULTING_HOURS),
        metadata={"description": "In order, on the quarter of an hour; none gives the month up."},
    )


class MonthOfHours(MonthHours):
    adviser_id = Id(required=True)
    centre_id = Id(required=True)
    month = fields.String(
        required=True, validate=_MONTH, metadata={"description": "Such as 2027-03."}
    )


class SetUpHours(MonthOfHours):
    pass


class ChangeHours(MonthHours):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ConsultingHour(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    status = MeetingRoomStatus(required=True)
    space = fields.Nested(MeetingSpace, required=True, allow_none=True)


class ConsultingHours(Schema):
    id = Id(required=True)
    adviser_id = Id(required=True)
    centre_id = Id(required=True)
    month = fields.String(required=True)
    hours = fields.List(fields.Nested(ConsultingHour), required=True)
    asked_at = Instant(required=True)
    version = fields.Integer(required=True)


class ConsultingHoursList(Schema):
    items = fields.List(fields.Nested(ConsultingHours), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class HoursFilters(StrictSchema):
    adviser_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)


class ListConsultingHours(HoursFilters, Page):
    pass
