"""Fields that every contract shares, with their limits.

Strict: a number is no string, unknown members are refused. Instants on the wire are RFC 3339 and
leave in UTC with ``Z``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.common import clock

ID = validate.Regexp(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", error="not an identifier")


class StrictSchema(Schema):
    """Refuses members it does not know."""

    class Meta:
        unknown = RAISE


class EventData(Schema):
    """The data of an event: tolerant of members that a newer publisher has added."""

    class Meta:
        unknown = "include"


class Id(fields.String):
    """An identifier: 1 to 64 characters of letters, digits, ``-`` and ``_``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=ID, **kwargs)


class Instant(fields.Field[datetime]):
    """An instant, RFC 3339 with an offset; kept to the millisecond, in UTC.

    From 1970 to 2999, so that whoever counts some days back or on stays within the calendar.
    """

    _YEARS = range(1970, 3000)
    _LONGEST = 40
    _NOT_AN_INSTANT = "Not an RFC 3339 instant with an offset, such as 2026-11-24T09:00:00Z."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > self._LONGEST:
            raise ValidationError(self._NOT_AN_INSTANT)
        try:
            instant = clock.from_wire(value)
        except ValueError as error:
            raise ValidationError(self._NOT_AN_INSTANT) from error
        if instant.year not in self._YEARS:
            raise ValidationError(self._NOT_AN_INSTANT)
        return instant

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else clock.to_wire(value)


class Truth(fields.Boolean):
    """JSON's ``true`` or ``false``; 1, 0 and texts are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not true or false.")
        return value


class Whole(fields.Integer):
    """A whole number in any of JSON's ways to write one: 10 and 10.0 are the same number (JSON
    Schema, validation, 6.1.1); a text, ``true`` and 10.5 are none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        whole: int = super()._validated(value)
        return whole


class Zone(fields.String):
    """A zone of the IANA database, such as ``Asia/Damascus``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValidationError("Not a zone of the IANA database.") from error
        return name


class LocalisedText(fields.Dict):
    """A name or short text in each language: ``{"ar": …, "en": …}``; Arabic is required."""

    def __init__(self, *, limit: int = 200, **kwargs: Any) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Regexp(r"\A[a-z]{2,3}\Z")),
            values=fields.String(validate=validate.Length(min=1, max=limit)),
            validate=_has_arabic,
            **kwargs,
        )


def _has_arabic(value: dict[str, str]) -> None:
    if "ar" not in value:
        raise ValidationError("Needs at least a text in Arabic (ar).")


def text(limit: int, *, minimum: int = 1, **kwargs: Any) -> fields.String:
    """A text of ``minimum`` to ``limit`` characters that holds more than blanks and no controls."""
    return fields.String(
        validate=[validate.Length(min=minimum, max=limit), _printable(minimum)], **kwargs
    )


def _printable(minimum: int) -> Any:
    def check(value: str) -> None:
        if minimum and not value.strip():
            raise ValidationError("Must not be blank.")
        if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise ValidationError("Must not hold control characters.")

    return check


def integer(minimum: int, maximum: int, **kwargs: Any) -> Whole:
    """A whole number between the two, both included; a text or a fraction is refused."""
    return Whole(validate=[validate.Range(min=minimum, max=maximum)], **kwargs)


class Page(StrictSchema):
    """What every list accepts: how many, and after which position (as a list gave it back)."""

    limit = integer(1, 200, load_default=20)
    after = fields.List(fields.Raw(), load_default=None, allow_none=True)
