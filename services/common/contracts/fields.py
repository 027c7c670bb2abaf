"""Fields that every contract shares, with their limits.

Strict: a number is no string, unknown members are refused. Instants on the wire are RFC 3339 and
leave in UTC with ``Z``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.common import clock

ID = validate.Regexp(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", error="not an identifier")

# Without what separates addresses, quotes, comments or sets off a part of one (RFC 5322,
# "specials"), without letters beyond ASCII, which few mail servers take (RFC 6531), and without an
# encoded word (RFC 2047), which some reading programs decode anywhere.
EMAIL_ADDRESS = re.compile(r"\A(?!.*=\?.*\?=)[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[A-Za-z0-9.\-]{1,189}\Z")


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
    """A zone of the IANA database by its name there, such as ``Asia/Damascus``."""

    # Files that lie beside the database's: this machine's own zone, and no zone at all.
    _NO_NAMES = frozenset({"localtime", "Factory", "posixrules"})
    # Other countings of the same zones; available_timezones leaves them out where it knows them.
    _VARIANTS = ("right/", "posix/")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        if name not in _zones() or name in self._NO_NAMES or name.startswith(self._VARIANTS):
            raise ValidationError("Not a zone of the IANA database.")
        return name


@cache
def _zones() -> frozenset[str]:
    """Read once: the names are gathered from the files of a whole folder."""
    return frozenset(available_timezones())


class Printable(validate.Validator):
    """A text that people can read: something in it is seen, and nothing in it is a control.

    Args:
        lines: whether it may have several lines and tabs, as a reason may and a name may not.
        blank: whether it may show nothing at all.
    """

    # Spaces, and what is there to direct, join or hide other characters.
    _UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc"})
    # Letters, marks and symbols by their category, of which nothing is seen; the last of them only
    # choose between forms of what is before them (Unicode, "Variation_Selector").
    _FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
        map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
    )
    # Beside the category Cc: the two separators of Unicode, the embeddings and overrides of
    # direction, by which a name turns the text around it, and halves of pairs. Isolates turn
    # nothing else, and come along when people copy from our messages.
    _NEVER = "\\x7f-\\x9f\\u2028-\\u202e\\ud800-\\udfff"
    _CONTROLS = re.compile(f"[\\x00-\\x1f{_NEVER}]")
    _CONTROLS_BUT_LINES = re.compile(f"[\\x00-\\x08\\x0b-\\x1f{_NEVER}]")

    def __init__(self, *, lines: bool = False, blank: bool = False) -> None:
        self.lines = lines
        self.blank = blank

    def __call__(self, value: str) -> str:
        if not self.blank and not any(map(self._is_seen, value)):
            raise ValidationError("Must not be blank.")
        controls = self._CONTROLS_BUT_LINES if self.lines else self._CONTROLS
        if controls.search(value):
            raise ValidationError("Must not hold control characters.")
        return value

    def _is_seen(self, character: str) -> bool:
        unseen = unicodedata.category(character) in self._UNSEEN
        return not unseen and character not in self._FILLERS


class LocalisedFact(fields.Dict):
    """A name or short text in each language, as it was once taken: ``{"ar": …, "en": …}``.

    For events: what was taken under earlier rules is still told, so only lengths are checked.
    """

    def __init__(
        self, *, limit: int = 200, checks: Sequence[validate.Validator] = (), **kwargs: Any
    ) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Regexp(r"\A[a-z]{2,3}\Z")),
            values=fields.String(validate=[validate.Length(min=1, max=limit), *checks]),
            validate=_has_arabic,
            **kwargs,
        )


class LocalisedText(LocalisedFact):
    """A name or short text in each language: ``{"ar": …, "en": …}``; Arabic is required.

    Each is as :func:`text` would have it.
    """

    def __init__(self, *, limit: int = 200, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(limit=limit, checks=[Printable(lines=lines)], **kwargs)


def _has_arabic(value: dict[str, str]) -> None:
    if "ar" not in value:
        raise ValidationError("Needs at least a text in Arabic (ar).")


def text(limit: int, *, minimum: int = 1, lines: bool = False, **kwargs: Any) -> fields.String:
    """A text of ``minimum`` to ``limit`` characters that shows something and holds no controls.

    Args:
        lines: whether it may have several lines, as a reason may and a name may not.
    """
    printable = Printable(lines=lines, blank=minimum == 0)
    return fields.String(validate=[validate.Length(min=minimum, max=limit), printable], **kwargs)


def integer(minimum: int, maximum: int, **kwargs: Any) -> Whole:
    """A whole number between the two, both included; a text or a fraction is refused."""
    return Whole(validate=[validate.Range(min=minimum, max=maximum)], **kwargs)


class Page(StrictSchema):
    """What every list accepts: how many, and after which position (as a list gave it back)."""

    limit = integer(1, 200, load_default=20)
    after = fields.List(fields.Raw(), load_default=None, allow_none=True)
