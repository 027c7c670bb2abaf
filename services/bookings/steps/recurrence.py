"""Recurrence rules: RFC 5545 text in, wall-clock starts out.

The library expands; what may be asked for at all is decided here, before it is handed anything, so
that no rule can make it count for ever.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice

from dateutil.rrule import rrulestr

from services.bookings.domain.series import LONGEST_DAYS, MOST_OCCURRENCES
from services.common.contracts.bookings.errors import (
    OFF_RASTER,
    SERIES_RULE_INVALID,
    SERIES_START_OFF_RULE,
    SERIES_TOO_LONG,
    SERIES_WITHOUT_END,
)
from services.common.errors import ErrorCode, FieldError, MasahaError
from services.common.time.slots import SLOT, SLOT_MINUTES
from services.common.time.wall_clock import to_local_time
from services.common.time.weeks import FIRST_DAY_OF_RULES

_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
# Everything that chooses days. What chooses hours (BYHOUR …) would make several occurrences of a
# day; the hour is that of the first occurrence.
_CHOOSES_DAYS = frozenset(
    {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "WKST"}
)
_KNOWN = frozenset({"FREQ", "COUNT", "UNTIL", "INTERVAL"}) | _CHOOSES_DAYS
_LARGEST_INTERVAL = 366
# RFC 5545, section 3.3.10: the numbers of a part count from 1, and where a sign is allowed from the
# end too. The library takes any, and finds nothing.
_LARGEST: Mapping[str, tuple[int, bool]] = {
    "BYMONTH": (12, False),
    "BYMONTHDAY": (31, True),
    "BYYEARDAY": (366, True),
    "BYWEEKNO": (53, True),
    "BYSETPOS": (366, True),
}
_SIGNED = re.compile(r"\A([+-]?)([0-9]{1,3})\Z")
_WEEKDAY = re.compile(r"\A(?:[+-]?([0-9]{1,2}))?(?:MO|TU|WE|TH|FR|SA|SU)\Z")
_LARGEST_WEEK = 53
_DIGITS = re.compile(r"\A[1-9][0-9]{0,5}\Z")
_UNTIL = re.compile(r"\A([0-9]{8})(?:T([0-9]{6})(Z?))?\Z")


def starts_of(rule: str, first: datetime, zone: str) -> list[datetime]:
    """The wall-clock starts of a rule, the first occurrence's included, in order.

    Args:
        rule: such as ``FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10``, with or without ``RRULE:`` before it; or
            a list of starts, ``RDATE:20261124T100000,20261203T100000`` (RFC 5545, 3.8.5.2).
        first: start of the first occurrence, in local time.
        zone: of the centre, for an ``UNTIL`` in UTC.

    Raises:
        errors.Invalid: ``bookings.series_rule_invalid``, ``bookings.series_without_end``,
            ``bookings.series_too_long``, or ``bookings.series_start_off_rule`` where the first
            occurrence itself does not follow the rule.
    """
    if (listed := _listed(rule)) is not None:
        return _starts_listed(listed, first)
    parts = _parts(rule)
    if "COUNT" not in parts and "UNTIL" not in parts:
        raise _refusal(SERIES_WITHOUT_END)
    horizon = first + timedelta(days=LONGEST_DAYS)
    until = _until(parts["UNTIL"], zone) if "UNTIL" in parts else None
    count = _number(parts["COUNT"]) if "COUNT" in parts else None
    if until is not None and until < first:
        raise _refusal(SERIES_RULE_INVALID, "it ends before it begins")
    if until is not None and until > horizon:
        raise _too_long()

    parts = {"WKST": FIRST_DAY_OF_RULES, **parts}
    days = ";".join(f"{k}={v}" for k, v in parts.items() if k not in ("COUNT", "UNTIL"))
    end = min(until or horizon, horizon)
    try:
        found = _expanded(days, first, end, min(count or _OVER, _OVER))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise _refusal(SERIES_RULE_INVALID, str(error)) from error
    if len(found) > MOST_OCCURRENCES or (count is not None and len(found) < count):
        raise _too_long()
    if found[:1] != [first]:
        raise SERIES_START_OFF_RULE(errors=[FieldError("/starts_at", SERIES_START_OFF_RULE.code)])
    return found


def rule_of(starts: Sequence[datetime], like: str, zone: str) -> str:
    """A rule that gives exactly these starts, as :func:`starts_of` reads it.

    Args:
        starts: in local time, in order; at least one.
        like: the rule that they had before. The new one is as much like it as can be: with another
            count, then with other days, and where no rule gives them a list of them.
    """
    for rule in _candidates(starts, like):
        with suppress(MasahaError):
            if starts_of(rule, starts[0], zone) == list(starts):
                return rule
    return f"{_LIST}{','.join(f'{start:%Y%m%dT%H%M%S}' for start in starts)}"


def _candidates(starts: Sequence[datetime], like: str) -> Iterator[str]:
    """Rules that may give the starts, the most like the old one first."""
    yield like
    count = f"COUNT={len(starts)}"
    parts = {} if _listed(like) is not None else dict(_parts(like))
    for name in ("COUNT", "UNTIL"):
        parts.pop(name, None)
    if parts:
        yield _written(parts, count)
        for days in (*range(1, _A_WEEK), *range(-1, -_A_WEEK, -1)):
            yield _written(_moved(parts, days), count)
        yield _written({k: v for k, v in parts.items() if not k.startswith("BY")}, count)
    weekdays = ",".join(dict.fromkeys(_NAMES[start.weekday()] for start in starts))
    yield from (f"FREQ=WEEKLY;INTERVAL={n};BYDAY={weekdays};{count}" for n in range(1, _A_WEEK))
    if len(starts) > 1:
        between = (starts[1].date() - starts[0].date()).days
        yield f"FREQ=DAILY;INTERVAL={max(between, 1)};{count}"


def _written(parts: Mapping[str, str], count: str) -> str:
    return ";".join((*(f"{name}={value}" for name, value in parts.items()), count))


def _moved(parts: Mapping[str, str], days: int) -> dict[str, str]:
    """The parts of a rule that name weekdays or days of the month, each so many days later."""
    moved = dict(parts)
    if "BYDAY" in parts:
        moved["BYDAY"] = ",".join(
            f"{each[:-2]}{_NAMES[(_NAMES.index(each[-2:]) + days) % _A_WEEK]}"
            for each in parts["BYDAY"].split(",")
        )
    if "BYMONTHDAY" in parts:
        moved["BYMONTHDAY"] = ",".join(
            str(int(each) + days) for each in parts["BYMONTHDAY"].split(",")
        )
    return moved


def _listed(rule: str) -> list[str] | None:
    """The starts that a rule lists; ``None`` for one that repeats."""
    text = rule.strip().upper()
    return text.removeprefix(_LIST).split(",") if text.startswith(_LIST) else None


def _starts_listed(listed: Sequence[str], first: datetime) -> list[datetime]:
    if len(listed) > MOST_OCCURRENCES:
        raise _too_long()
    try:
        starts = [datetime.strptime(each, "%Y%m%dT%H%M%S") for each in listed]  # noqa: DTZ007
    except ValueError as error:
        raise _refusal(SERIES_RULE_INVALID, "RDATE lists starts such as 20261124T100000") from error
    if starts != sorted(set(starts)):
        raise _refusal(SERIES_RULE_INVALID, "RDATE lists each start once, in order")
    if starts[-1] - first > timedelta(days=LONGEST_DAYS):
        raise _too_long()
    if starts[0] != first:
        raise SERIES_START_OFF_RULE(errors=[FieldError("/starts_at", SERIES_START_OFF_RULE.code)])
    if any((start - first) % SLOT for start in starts):
        raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[FieldError("/rrule", OFF_RASTER.code)])
    return starts


_LIST = "RDATE:"
_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_A_WEEK = 7
_OVER = MOST_OCCURRENCES + 1
_LAST_YEAR = 9995


def _expanded(days: str, first: datetime, end: datetime, most: int) -> list[datetime]:
    """What the library makes of a rule between two moments.

    It looks for the next occurrence until the year 9999, for any given end: a rule that
    nothing satisfies (30 February, day by day) would keep a process busy for seconds. So it looks
    as near to that year as the calendar is the same as ours, and is soon over.
    """
    later = same_calendar(first.year) - first.year

    def moved(moment: datetime, years: int) -> datetime:
        return moment.replace(year=moment.year + years)

    rule = f"{days};UNTIL={moved(end, later):%Y%m%dT%H%M%S}"
    expanded = rrulestr(rule, dtstart=moved(first, later))
    return [moved(each, -later) for each in islice(expanded, most)]


@cache
def same_calendar(year: int) -> int:
    """The last year that a series that begins in ``year`` does not distinguish from it.

    Weekdays and leap years are the same in it, the year before (for the numbers of weeks) and those
    after it that a series and its last week may reach. Mostly that is so every 28 years, at the
    latest after 400.
    """

    def calendar(of: int) -> list[tuple[int, bool]]:
        years = range(of - 1, of + 5)
        return [(date(each, 1, 1).weekday(), isleap(each)) for each in years]

    ours = calendar(year)
    return next(each for each in range(_LAST_YEAR, year - 1, -1) if calendar(each) == ours)


def _parts(rule: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for each in rule.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = each.partition("=")
        if not equals or not value or name not in _KNOWN or name in parts or not value.isascii():
            raise _refusal(SERIES_RULE_INVALID, f"{each[:40]!r} is no part of a rule")
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise _refusal(SERIES_RULE_INVALID, "it repeats by day, week, month or year")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refusal(SERIES_RULE_INVALID, "COUNT and UNTIL exclude each other")
    if "INTERVAL" in parts and _number(parts["INTERVAL"]) > _LARGEST_INTERVAL:
        raise _refusal(SERIES_RULE_INVALID, "INTERVAL is too large")
    for name in parts.keys() & _LARGEST.keys():
        _check_numbers(name, parts[name])
    _check_weekdays(parts.get("BYDAY", "MO"))
    return parts


def _check_numbers(name: str, value: str) -> None:
    largest, signed = _LARGEST[name]
    for each in value.split(","):
        match = _SIGNED.match(each)
        if not match or (match[1] and not signed) or not 1 <= int(match[2]) <= largest:
            raise _refusal(SERIES_RULE_INVALID, f"{each[:20]!r} is no {name}")


def _check_weekdays(value: str) -> None:
    for each in value.split(","):
        match = _WEEKDAY.match(each)
        if not match or (match[1] and not 1 <= int(match[1]) <= _LARGEST_WEEK):
            raise _refusal(SERIES_RULE_INVALID, f"{each[:20]!r} is no BYDAY")


def _number(text: str) -> int:
    if not _DIGITS.match(text):
        raise _refusal(SERIES_RULE_INVALID, f"{text[:20]!r} is no number of this kind")
    return int(text)


def _until(text: str, zone: str) -> datetime:
    """The last wall-clock moment at which an occurrence may begin; a date means the whole day."""
    match = _UNTIL.match(text)
    if match is None:
        raise _refusal(SERIES_RULE_INVALID, "UNTIL is no date or date-time")
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '235959'}")
        return to_local_time(moment.replace(tzinfo=UTC), zone) if match[3] else moment
    except (ValueError, OverflowError) as error:
        raise _refusal(SERIES_RULE_INVALID, "UNTIL is no date or date-time") from error


def _too_long() -> MasahaError:
    return SERIES_TOO_LONG(
        occurrences=MOST_OCCURRENCES,
        days=LONGEST_DAYS,
        errors=[FieldError("/rrule", SERIES_TOO_LONG.code)],
    )


def _refusal(code: ErrorCode, detail: str = "") -> MasahaError:
    return code(detail, errors=[FieldError("/rrule", code.code)])
