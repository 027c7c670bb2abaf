"""Advisers on the wire: profiles, and the times at which they can be met.

================ ========================== ==============
method           request                    result
================ ========================== ==============
list_advisers    ListAdvisers               AdviserList
get_adviser      ById                       Adviser
add_adviser      AddAdviser (with key)      Adviser
change_adviser   ChangeAdviser              Adviser
list_slots       ListSlots                  SlotList
================ ========================== ==============

Staff and advisers see profiles; a manager adds and changes them, an adviser changes the own hours
and languages. Times are shown to staff, to the adviser, and to the people of a case of theirs.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.consultations.calendar_limits import (
    LONGEST_BUFFER_MINUTES,
    LONGEST_MEETING_HOURS,
    LONGEST_TRAVEL_MINUTES,
    MOST_CENTRES,
    MOST_LANGUAGES,
    MOST_SPECIALITIES,
    RASTER_MINUTES,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    Whole,
    Zone,
    integer,
)
from services.common.contracts.hours import WeeklyHours

_LANGUAGE = validate.Regexp(r"\A[a-z]{2,3}\Z", error="language")


class AdviserSex(Choice):
    choices = ("female", "male")


class MeetingMode(Choice):
    """Where a meeting takes place."""

    choices = ("at_centre", "on_site", "remote")


class Minutes(Whole):
    """Minutes on the raster of the calendar."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Range(min=least, max=most), _on_raster], **kwargs)


def _on_raster(value: int) -> None:
    if value % RASTER_MINUTES:
        raise ValidationError("minutes_raster")


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


class _Ids(fields.List[Any]):
    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(
            Id(),
            validate=[validate.Length(min=least, max=most), _each_once],
            **kwargs,
        )


class _Languages(fields.List[Any]):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            fields.String(validate=_LANGUAGE),
            validate=[validate.Length(min=1, max=MOST_LANGUAGES), _each_once],
            **kwargs,
        )


class AdviserDetails(StrictSchema):
    """As a manager describes an adviser."""

    person_id = Id(required=True, metadata={"description": "The person's account."})
    centre_ids = _Ids(1, MOST_CENTRES, required=True)
    specialities = _Ids(1, MOST_SPECIALITIES, required=True)
    languages = _Languages(required=True)
    sex = AdviserSex(load_default=None, allow_none=True)
    time_zone = Zone(load_default="Asia/Damascus")
    working_hours = WeeklyHours(
        required=True, metadata={"description": "By the wall clock of `time_zone`."}
    )
    breaks = WeeklyHours(load_default=dict, metadata={"description": "Within the working hours."})
    buffer_minutes = Minutes(
        0,
        LONGEST_BUFFER_MINUTES,
        load_default=0,
        metadata={"description": "Taken after each appointment; it may cross breaks and closing."},
    )


class AddAdviser(AdviserDetails):
    pass


class AdviserChanges(StrictSchema):
    """What is left out stays. An adviser may change languages, zone, hours, breaks and buffer."""

    centre_ids = _Ids(1, MOST_CENTRES)
    specialities = _Ids(1, MOST_SPECIALITIES)
    languages = _Languages()
    sex = AdviserSex(allow_none=True)
    time_zone = Zone()
    working_hours = WeeklyHours()
    breaks = WeeklyHours()
    buffer_minutes = Minutes(0, LONGEST_BUFFER_MINUTES)
    active = Truth(metadata={"description": "Whether cases are assigned and times offered."})


class ChangeAdviser(AdviserChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Adviser(Schema):
    id = Id(required=True, metadata={"description": "Of the person."})
    name = LocalisedText(
        required=True, allow_none=True, metadata={"description": "As far as it is known."}
    )
    centre_ids = fields.List(Id(), required=True)
    specialities = fields.List(Id(), required=True)
    languages = fields.List(fields.String(), required=True)
    sex = AdviserSex(required=True, allow_none=True)
    time_zone = fields.String(required=True)
    working_hours = WeeklyHours(required=True)
    breaks = WeeklyHours(required=True)
    buffer_minutes = fields.Integer(required=True)
    active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class AdviserList(Schema):
    items = fields.List(fields.Nested(Adviser), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AdviserFilters(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    speciality = Id(load_default=None, allow_none=True)
    active = Truth(load_default=None, allow_none=True)


class ListAdvisers(AdviserFilters, Page):
    pass


class SlotFilters(StrictSchema):
    """Which times are looked for."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    minutes = Minutes(
        RASTER_MINUTES,
        LONGEST_MEETING_HOURS * 60,
        load_default=60,
        metadata={"description": "How long the meeting is."},
    )
    mode = MeetingMode(load_default="remote")
    case_id = Id(load_default=None, allow_none=True)
    visit = Truth(
        load_default=False, metadata={"description": "Times of visits, with the way there."}
    )
    travel_minutes = Minutes(
        0,
        LONGEST_TRAVEL_MINUTES,
        load_default=0,
        metadata={"description": "One way, of a visit or an appointment on site."},
    )


class ListSlots(SlotFilters, Page):
    adviser_id = Id(required=True)


class Slot(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class SlotList(Schema):
    items = fields.List(fields.Nested(Slot), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the adviser."})
