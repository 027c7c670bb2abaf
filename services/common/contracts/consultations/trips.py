"""Trips on the wire: the visits of one adviser on one day.

============== ======================= ==========
method         request                 result
============== ======================= ==========
list_trips     ListTrips               TripList
get_trip       ById                    Trip
plan_trip      PlanTrip (with key)     Trip
change_trip    ChangeTrip              Trip
dissolve_trip  ActOnTrip               Trip
============== ======================= ==========

The adviser and staff of the centre; visits of sealed cases join no trip.
"""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.consultations.advisers import Minutes
from services.common.contracts.consultations.calendar_limits import (
    LONGEST_TRAVEL_MINUTES,
    MOST_VISITS_OF_TRIP,
)
from services.common.contracts.fields import Choice, Id, Instant, Page, StrictSchema, integer
from services.common.contracts.hours import Day


class TripStatus(Choice):
    choices = ("planned", "dissolved")


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


class TripDetails(StrictSchema):
    visit_ids = fields.List(
        Id(),
        required=True,
        validate=[validate.Length(min=1, max=MOST_VISITS_OF_TRIP), _each_once],
        metadata={"description": "In the order of their times."},
    )
    ways_minutes = fields.List(
        Minutes(0, LONGEST_TRAVEL_MINUTES),
        required=True,
        validate=validate.Length(min=2, max=MOST_VISITS_OF_TRIP + 1),
        metadata={
            "description": "To the first visit, from each to the next, and back from the last."
        },
    )


class PlanTrip(TripDetails):
    pass


class ActOnTrip(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ChangeTrip(TripDetails, ActOnTrip):
    pass


class Trip(Schema):
    id = Id(required=True)
    adviser_id = Id(required=True)
    centre_id = Id(required=True)
    day = Day(required=True)
    visit_ids = fields.List(Id(), required=True)
    ways_minutes = fields.List(fields.Integer(), required=True)
    status = TripStatus(required=True)
    planned_by = Id(required=True)
    planned_at = Instant(required=True)
    version = fields.Integer(required=True)


class TripList(Schema):
    items = fields.List(fields.Nested(Trip), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class TripFilters(StrictSchema):
    adviser_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    status = TripStatus(load_default=None, allow_none=True)


class ListTrips(TripFilters, Page):
    pass
