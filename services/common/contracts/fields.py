"""Fields that every contract shares, with their limits.

Strict: a number is no string, unknown members are refused. Instants on the wire are RFC 3339 and
leave in UTC with ``Z``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.common import clock
from services.common.languages import LANGUAGES
from services.common.plain_text import fault_of_name, fault_of_text, tidy_text

ID = validate.Regexp(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", error="identifier")


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


class StateData(EventData):
    """The data of a state; each kind adds ``details``, which are null once they are erased."""

    version = fields.Integer(
        required=True, metadata={"description": "The highest is the one that holds."}
    )


class Id(fields.String):
    """An identifier: 1 to 64 characters of letters, digits, ``-`` and ``_``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=ID, **kwargs)


class Instant(fields.Field[datetime]):
    """An instant, RFC 3339 with an offset; kept to the millisecond, in UTC. A finer one is on no
    raster.

    From 1970 to 2999, so that a calculation of some days back or on stays within the calendar.
    """

    _YEARS: ClassVar[range] = range(1970, 3000)
    _LONGEST = 40
    _NOT_AN_INSTANT = "instant"

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that is taken."""
        return self._YEARS[0], self._YEARS[-1]

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


class DeviceInstant(Instant):
    """An instant by the clock of a device, which may be wrong by years: one that has lost its time
    says 1970, 1980 or what its maker thought of, in its own zone even the year before.

    From 1900 to 9998, and cut to the millisecond, as it is stored: sent again, it is the same.
    Nothing may be calculated from it.
    """

    _YEARS = range(1900, 9999)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        return clock.truncate(super()._deserialize(value, attr, data, **kwargs))


class Choice(fields.String):
    """One of a closed set of words. Each set is a subclass, whose name is the name of the type in
    the description of the HTTP door: requests and answers that hold the same set share it."""

    choices: ClassVar[Sequence[str]] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf(self.choices), **kwargs)


class LanguageCode(Choice):
    choices = tuple(LANGUAGES)


class Truth(fields.Boolean):
    """JSON's ``true`` or ``false``; 1, 0 and texts are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
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
            raise ValidationError("zone")
        return name


@cache
def _zones() -> frozenset[str]:
    """Read once: the names are gathered from the files of a whole folder."""
    return frozenset(available_timezones())


class Printable(validate.Validator):
    """A text that people can read, in the order in which it is written: something in it is seen,
    and nothing in it is a control.

    Args:
        lines: whether it may have several lines and tabs, as a reason may and a name may not.
        blank: whether it may show nothing at all.
    """

    def __init__(self, *, lines: bool = False, blank: bool = False) -> None:
        self.lines = lines
        self.blank = blank

    def __call__(self, value: str) -> str:
        if fault := fault_of_text(value, lines=self.lines, blank=self.blank):
            raise ValidationError(fault)
        return value


class Named(Printable):
    """A name that people can say: it has a letter, or for things a digit. Signs, pictures and
    what is not seen are not enough.

    Args:
        person: whether it is the name of a person.
        printed: whether certificates show it, in the letters that their fonts have.
    """

    def __init__(self, *, person: bool = False, printed: bool = False) -> None:
        super().__init__()
        self.person = person
        self.printed = printed

    def __call__(self, value: str) -> str:
        if fault := fault_of_name(value, person=self.person, printed=self.printed):
            raise ValidationError(fault)
        return value


class Text(fields.String):
    """What a person writes: a name, a title, a reason.

    It is kept as ``services/common/plain_text.py:tidy_text`` makes it, so that equal texts are
    equal. Its length is counted after that.

    Args:
        limit, minimum: in characters; with a minimum of 0 it may show nothing.
        lines: whether it may have several lines, as a reason may and a name may not.
        named: what a name must have, where it is one.
    """

    def __init__(
        self,
        limit: int,
        *,
        minimum: int = 1,
        lines: bool = False,
        named: Named | None = None,
        **kwargs: Any,
    ) -> None:
        self.minimum = minimum
        self.lines = lines
        printable = named or Printable(lines=lines, blank=minimum == 0)
        super().__init__(validate=[validate.Length(min=minimum, max=limit), printable], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        tidy = tidy_text(text, lines=self.lines)
        if self.minimum and not tidy:
            raise ValidationError("blank")
        return tidy


class LocalisedFact(fields.Dict):
    """A name or short text in each language, as it was once taken: ``{"ar": …, "en": …}``.

    For events: a value that earlier rules accepted is still published, so only lengths are checked.
    """

    def __init__(self, *, limit: int = 200, **kwargs: Any) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Regexp(r"\A[a-z]{2,3}\Z", error="language")),
            values=fields.String(validate=validate.Length(min=1, max=limit)),
            validate=_has_arabic,
            **kwargs,
        )


class LocalisedText(fields.Dict):
    """A name or short text in the languages of the platform: ``{"ar": …, "en": …}``; Arabic is
    required. Each is a :class:`Text`; one without several lines is a name or a title.

    Args:
        person: whether it is the name of a person.
        printed: whether certificates show it.
    """

    def __init__(
        self,
        *,
        limit: int = 200,
        lines: bool = False,
        person: bool = False,
        printed: bool = False,
        **kwargs: Any,
    ) -> None:
        self.limit = limit
        self.lines = lines
        self.person = person
        self.printed = printed
        named = None if lines else Named(person=person, printed=printed)
        super().__init__(
            keys=fields.String(validate=validate.OneOf(LANGUAGES, error="language")),
            values=Text(limit, lines=lines, named=named),
            validate=_has_arabic,
            **kwargs,
        )


def _has_arabic(value: dict[str, str]) -> None:
    if "ar" not in value:
        raise ValidationError("arabic")


def text(limit: int, **kwargs: Any) -> Text:
    """A :class:`Text` of at most so many characters that shows something."""
    return Text(limit, **kwargs)


def name_text(limit: int, **kwargs: Any) -> Text:
    """A :class:`Text` that names a thing, an organisation or a role: it has a letter or a digit."""
    return Text(limit, named=Named(), **kwargs)


def person_name(limit: int, **kwargs: Any) -> Text:
    """A :class:`Text` that names a person, whole and in one field: it has a letter."""
    return Text(limit, named=Named(person=True), **kwargs)


def printed_name(limit: int, **kwargs: Any) -> Text:
    """A :func:`person_name` that certificates show, in the letters that their fonts have."""
    return Text(limit, named=Named(person=True, printed=True), **kwargs)


def integer(minimum: int, maximum: int, **kwargs: Any) -> Whole:
    """A whole number between the two, both included; a text or a fraction is refused."""
    return Whole(validate=[validate.Range(min=minimum, max=maximum)], **kwargs)


class Page(StrictSchema):
    """What every list accepts: how many, and after which position (as a list gave it back)."""

    limit = integer(1, 200, load_default=20)
    after = fields.List(fields.Raw(), load_default=None, allow_none=True)
