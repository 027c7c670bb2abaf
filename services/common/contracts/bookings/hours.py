"""Opening hours on the wire, of a centre or of a space.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
set_hours             SetHours                       outside_hours.ChangedCentre
set_space_hours       SetSpaceHours                  outside_hours.ChangedSpace
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import fields, validate

from services.common.contracts.fields import Id, StrictSchema, Truth, Zone, integer
from services.common.contracts.hours import (
    MOST_EXCEPTIONS,
    MOST_SEASONS,
    ExceptionalDay,
    Season,
    WeeklyHours,
)


class _Dates(StrictSchema):
    """What is left out stays as it is; an empty list takes all away."""

    dry_run = Truth(
        load_default=False,
        metadata={"description": "Say which bookings would lie outside, and change nothing."},
    )

    seasons = fields.List(fields.Nested(Season), validate=validate.Length(max=MOST_SEASONS))
    exceptions = fields.List(
        fields.Nested(ExceptionalDay), validate=validate.Length(max=MOST_EXCEPTIONS)
    )


class HoursChange(_Dates):
    weekly_hours = WeeklyHours(required=True)
    time_zone = Zone(metadata={"description": "Another IANA zone for the centre."})


class SetHours(HoursChange):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SpaceHoursChange(_Dates):
    weekly_hours = WeeklyHours(
        required=True,
        allow_none=True,
        metadata={"description": "Null: the space has no hours of its own, the centre's decide."},
    )


class SetSpaceHours(SpaceHoursChange):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
