"""The day sheet on the wire: a centre's day on one page, for its front desk.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
day_sheet             GetDaySheet                    DaySheet
day_sheets            GetDaySheets                   DaySheetList
===================== ============================== ===========================================

The branch knows organisations and people by their ids; the gateway adds the names when it serves
the sheet.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from services.common.contracts.bookings.closures import ClosureKind, Reason
from services.common.contracts.bookings.equipment import Need
from services.common.contracts.bookings.rpc import (
    BookingStatus,
    OfOrganisation,
    OwnUse,
    Purpose,
)
from services.common.contracts.fields import Id, Instant, LocalisedText, StrictSchema
from services.common.contracts.hours import Day


def _local(**kwargs: Any) -> fields.String:
    return fields.String(
        required=True,
        metadata={
            "description": "By the centre's own clock, without an offset.",
            "examples": ["2026-11-24T10:00"],
        },
        **kwargs,
    )


class GetDaySheet(StrictSchema):
    centre_id = Id(required=True)
    date = Day(required=True)


class GetDaySheets(StrictSchema):
    centre_id = Id(required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)


class LocalPeriod(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_start = _local()
    local_end = _local()


class DaySheetBooking(LocalPeriod):
    booking_id = Id(required=True)
    status = BookingStatus(required=True)
    organisation_id = OfOrganisation(required=True)
    title = fields.String(required=True)
    purpose = Purpose(required=True)
    people = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(
        fields.Nested(Need), required=True, metadata={"description": "To be put into the space."}
    )
    booked_by = Id(required=True)
    own_use = fields.Nested(OwnUse, allow_none=True, required=True)
    version = fields.Integer(required=True)


class DaySheetClosure(LocalPeriod):
    closure_id = Id(required=True)
    kind = ClosureKind(required=True)
    reason = Reason(required=True, allow_none=True)


class DaySheetSpace(Schema):
    space_id = Id(required=True)
    name = LocalisedText(required=True)
    capacity = fields.Integer(required=True)
    open = fields.List(fields.Nested(LocalPeriod), required=True)
    closures = fields.List(fields.Nested(DaySheetClosure), required=True)
    bookings = fields.List(
        fields.Nested(DaySheetBooking),
        required=True,
        metadata={"description": "By start. What was cancelled, rejected or expired is left out."},
    )


class DaySheet(Schema):
    centre_id = Id(required=True)
    name = LocalisedText(required=True)
    time_zone = fields.String(required=True)
    date = Day(required=True)
    occasion = LocalisedText(
        required=True,
        allow_none=True,
        metadata={"description": "Name of the exception or season that decides the hours."},
    )
    open = fields.List(fields.Nested(LocalPeriod), required=True)
    spaces = fields.List(fields.Nested(DaySheetSpace), required=True)


class DaySheetList(Schema):
    items = fields.List(fields.Nested(DaySheet), required=True)
