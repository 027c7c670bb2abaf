"""Opening hours on the wire, of a centre or of a space.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
set_hours             SetHours                       outside_hours.ChangedCentre
set_space_hours       SetSpaceHours                  outside_hours.ChangedSpace
===================== ============================== ===========================================
"""

from __future__ import annotations

from services.common.contracts.fields import Id, Truth, Zone, integer
from services.common.contracts.hours import SeasonsAndExceptions, WeeklyHours


class _Dates(SeasonsAndExceptions):
    """As there, for the hours of a centre or a space."""

    dry_run = Truth(
        load_default=False,
        metadata={"description": "Say which bookings would lie outside, and change nothing."},
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
