"""Series of bookings on the wire.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
create_series         CreateSeries (with key)        Series
preview_series        CreateSeries                   Series, with nothing written
get_series            rpc.ById                       Series
list_series           ListSeries                     SeriesList
change_series         ChangeSeries                   Series
preview_series_change ChangeSeries                   Series, with nothing written
cancel_series         CancelSeries                   Series
preview_series_cancel CancelSeries                   Series, with nothing written
retry_series          RetrySeries                    Series
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.bookings.alternatives import Alternative
from services.common.contracts.bookings.equipment import Need, needs
from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.bookings.rpc import (
    LONGEST_TITLE,
    MOST_PEOPLE,
    BookingDetails,
    BookingStatus,
    Purpose,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    Truth,
    integer,
    name_text,
    text,
)
from services.common.contracts.hours import Weekday

SCOPES = ("this", "following", "all")
ON_CONFLICT = ("refuse", "skip")
DIFFERENCES = ("time", "space_id", "title", "purpose", "people")
SERIES_STATUSES = ("active", "cancelled")
# A list of a hundred starts.
LONGEST_RULE = 1_700
_A_WEEK = 7 * 24 * 60


class SeriesScope(Choice):
    choices = SCOPES


class OnConflict(Choice):
    choices = ON_CONFLICT


class SeriesDifference(Choice):
    choices = DIFFERENCES


class SeriesStatus(Choice):
    choices = SERIES_STATUSES


def _on_conflict() -> fields.String:
    return OnConflict(
        load_default="refuse",
        metadata={
            "description": "What one occurrence that cannot be had means: `refuse` everything, or "
            "`skip` it and keep it among `rejected`."
        },
    )


def _scope() -> fields.String:
    return SeriesScope(
        required=True,
        metadata={
            "description": "`this` occurrence, this and the `following`, or `all` still to come."
        },
    )


def _booking_id() -> Id:
    return Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The occurrence that `this` and `following` speak of."},
    )


def _dry_run() -> Truth:
    return Truth(
        load_default=False,
        metadata={"description": "Say what the series would become, and write nothing."},
    )


class CreateSeries(BookingDetails):
    """The times are those of the first occurrence."""

    organisation_id = Id(required=True)
    # Several lines are readable, and refused as a rule that says more than a rule.
    rrule = text(
        LONGEST_RULE,
        lines=True,
        required=True,
        metadata={
            "description": "RFC 5545 recurrence rule by day, week, month or year, with COUNT or "
            "UNTIL, in the centre's own time; at most 100 occurrences. Or a list of starts by the "
            "centre's clock, `RDATE:20261124T100000,20261203T100000`. Without WKST a week begins "
            "on the centre's first day, Sunday.",
            "example": "FREQ=WEEKLY;BYDAY=TU;COUNT=10",
        },
    )
    equipment = needs(load_default=list)
    on_conflict = _on_conflict()
    dry_run = Truth(
        load_default=False,
        metadata={"description": "Say what would be booked, and write nothing (answer 200)."},
    )


class SeriesChanges(StrictSchema):
    """What is left out stays."""

    scope = _scope()
    booking_id = _booking_id()
    shift_minutes = integer(
        -_A_WEEK,
        _A_WEEK,
        load_default=0,
        metadata={"description": "In local time; a multiple of 15."},
    )
    duration_minutes = integer(15, 12 * 60, load_default=None, allow_none=True)
    space_id = Id()
    title = name_text(LONGEST_TITLE)
    purpose = Purpose()
    people = integer(1, MOST_PEOPLE, allow_none=True)
    on_conflict = _on_conflict()
    include_changed = Truth(
        load_default=False,
        metadata={
            "description": "Whether occurrences that were changed by themselves follow in that, "
            "too; else each keeps what was changed of it."
        },
    )
    dry_run = _dry_run()


class ChangeSeries(SeriesChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SeriesCancellation(StrictSchema):
    scope = _scope()
    booking_id = _booking_id()
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)
    dry_run = _dry_run()


class CancelSeries(SeriesCancellation):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class RetrySeries(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SeriesFilters(StrictSchema):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    status = SeriesStatus(load_default=None, allow_none=True)


class ListSeries(SeriesFilters, Page):
    """The newest first."""


class Occurrence(Schema):
    booking_id = Id(required=True, allow_none=True, metadata={"description": "Null in a dry run."})
    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    status = BookingStatus(required=True)
    differs = fields.List(
        SeriesDifference(),
        required=True,
        metadata={"description": "In what it is unlike the series, having been changed by itself."},
    )


class RejectedOccurrence(Schema):
    """Wanted, and not to be had; `retry` tries again."""

    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    code = fields.String(required=True, metadata={"description": "Why, as a refusal's `code`."})
    params = fields.Dict(keys=fields.String(), required=True)
    booking_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The occurrence that stays where it was, if there is one."},
    )
    alternatives = fields.List(
        fields.Nested(Alternative),
        required=True,
        metadata={"description": "Ways on when it was rejected, as in a refusal."},
    )


class SeriesSummary(Schema):
    """What the occurrences share."""

    id = Id(required=True, allow_none=True, metadata={"description": "Null in a dry run."})
    space_id = Id(required=True)
    centre_id = Id(required=True)
    organisation_id = Id(required=True)
    booked_by = Id(required=True)
    starts_at = Instant(
        required=True, metadata={"description": "Of the first occurrence, as it was planned."}
    )
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    rrule = fields.String(
        required=True,
        metadata={
            "description": "With `starts_at` it gives the planned starts of `occurrences` and of "
            "those `rejected` that have no booking; a change writes it anew."
        },
    )
    week_starts_on = Weekday(
        required=True,
        metadata={"description": "By which the rule counts weeks: its WKST, else the centre's."},
    )
    title = fields.String(required=True)
    purpose = Purpose(required=True)
    people = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(fields.Nested(Need), required=True)
    status = SeriesStatus(required=True)
    follows = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The series that it was split from, if it was."},
    )
    rejected = fields.List(fields.Nested(RejectedOccurrence), required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class Series(SeriesSummary):
    """A series with its occurrences, by start."""

    occurrences = fields.List(fields.Nested(Occurrence), required=True)
    dry_run = fields.Boolean(required=True)


class SeriesList(Schema):
    items = fields.List(fields.Nested(SeriesSummary), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
