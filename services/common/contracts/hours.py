"""Opening hours on the wire, of every branch: a week, seasons, exceptions; and days."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import (
    Choice,
    LocalisedText,
    StrictSchema,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_NAME = 100
MOST_SEASONS = 24
MOST_EXCEPTIONS = 200
MOST_INTERVALS = 4
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class LocalTime(fields.String):
    """``HH:MM`` on a 15-minute raster; ``24:00`` is the end of the day."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            validate=validate.Regexp(
                r"\A(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)\Z",
                error="time",
            ),
            **kwargs,  # type: ignore[arg-type]
        )


class Weekday(Choice):
    choices = WEEKDAYS


class Intervals(fields.List[Any]):
    """Intervals ``[opens, closes]`` of one day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            fields.List(LocalTime(), validate=validate.Length(equal=2)),
            validate=validate.Length(max=MOST_INTERVALS),
            **kwargs,
        )


class WeeklyHours(fields.Dict):
    """Weekday → intervals ``[opens, closes]`` in the centre's own time; a missing day is closed."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            keys=fields.String(validate=validate.OneOf(WEEKDAYS)),
            values=Intervals(),
            **kwargs,  # type: ignore[arg-type]
        )


class Day(fields.Field[date]):
    """A date ``YYYY-MM-DD`` of the years 2000 to 2200, in the centre's own time."""

    _NOT_A_DATE = "date"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        # fromisoformat also reads weeks and ordinals, which nobody here would write.
        if not isinstance(value, str) or len(value) != len("2026-11-24") or not value.isascii():
            raise ValidationError(self._NOT_A_DATE)
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(self._NOT_A_DATE) from error
        if day.isoformat() != value or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValidationError(self._NOT_A_DATE)
        return day

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.isoformat()


class Season(StrictSchema):
    """A part of the year with a week of its own, such as Ramadan."""

    name = LocalisedText(required=True, limit=LONGEST_NAME)
    starts_on = Day(required=True, metadata={"description": "The first day."})
    ends_on = Day(required=True, metadata={"description": "The last day; it is in the season."})
    weekly_hours = WeeklyHours(required=True)


class ExceptionalDay(StrictSchema):
    """A date that is unlike the others: open at these hours, or closed where there are none."""

    date = Day(required=True)
    name = LocalisedText(required=True, limit=LONGEST_NAME)
    hours = Intervals(required=True, metadata={"description": "Empty on a day that is closed."})


class SeasonsAndExceptions(StrictSchema):
    """In a request for other hours: what is left out stays; an empty list takes all away."""

    seasons = fields.List(fields.Nested(Season), validate=validate.Length(max=MOST_SEASONS))
    exceptions = fields.List(
        fields.Nested(ExceptionalDay), validate=validate.Length(max=MOST_EXCEPTIONS)
    )


class Hours(Schema):
    """All hours of a space of its own."""

    weekly_hours = WeeklyHours(required=True)
    seasons = fields.List(fields.Nested(Season), required=True)
    exceptions = fields.List(fields.Nested(ExceptionalDay), required=True)
