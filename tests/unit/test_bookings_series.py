"""Recurrence rules and wall clocks, without a database."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from services.bookings.domain.hours import Period
from services.bookings.domain.series import (
    MOST_OCCURRENCES,
    instant_of,
    on_the_wall,
    repeated,
    shifted,
)
from services.bookings.operations.recurrence import starts_of
from services.common import errors

DAMASCUS, BERLIN = "Asia/Damascus", "Europe/Berlin"
FIRST = datetime(2026, 11, 24, 10)  # noqa: DTZ001 - a Tuesday, by the clock on the wall

RULES = st.builds(
    lambda freq, interval, days, count: ";".join(
        each for each in (freq, interval, days, f"COUNT={count}") if each
    ),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"]),
    st.sampled_from(["", "INTERVAL=2", "INTERVAL=3"]),
    st.sampled_from(["", "BYDAY=TU", "BYDAY=MO,TU,TH", "BYMONTHDAY=24", "BYMONTH=11,12"]),
    st.integers(1, 8),
)


@settings(deadline=None)
@given(RULES)
def test_it_is_what_the_library_says_or_too_long(rule: str) -> None:
    expected = list(rrulestr(rule, dtstart=FIRST))
    try:
        found = starts_of(rule, FIRST, DAMASCUS)
    except errors.Invalid as refusal:
        assert refusal.code in {"bookings.series_too_long", "bookings.series_start_off_rule"}
        far = FIRST + timedelta(days=731)
        assert expected[-1] > far or expected[0] != FIRST
    else:
        assert found == expected


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.from_regex(r"FREQ=[A-Z]+(;[A-Z]+=[-+0-9A-Z,]{1,12}){0,4}"))
def test_whatever_is_sent_is_expanded_or_refused_soon(rule: str) -> None:
    begun = time.monotonic()
    with suppress(errors.Invalid):
        assert 1 <= len(starts_of(rule, FIRST, DAMASCUS)) <= MOST_OCCURRENCES
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20261208", 3),  # the whole day
        ("20261208T100000", 3),
        ("20261208T095959", 2),
        ("20261208T070000Z", 3),  # ten in Damascus
        ("20261208T065959Z", 2),
    ],
)
def test_an_end_is_a_day_or_a_moment_there_or_in_utc(until: str, count: int) -> None:
    assert len(starts_of(f"RRULE:FREQ=WEEKLY;UNTIL={until}", FIRST, DAMASCUS)) == count


def test_a_rule_reads_as_people_write_it() -> None:
    assert starts_of("rrule:freq=weekly;count=2;", FIRST, DAMASCUS) == [
        FIRST,
        FIRST + timedelta(days=7),
    ]


@pytest.mark.parametrize(
    "part",
    [
        "BYMONTHDAY=32",
        "BYMONTHDAY=0",
        "BYMONTHDAY=-32",
        "BYMONTHDAY=24,32",
        "BYMONTHDAY=24,",
        "BYMONTH=13",
        "BYMONTH=0",
        "BYMONTH=-1",
        "BYYEARDAY=367",
        "BYWEEKNO=54",
        "BYSETPOS=0",
        "BYSETPOS=367",
        "BYDAY=0TU",
        "BYDAY=54TU",
        "BYDAY=TUE",
    ],
)
@pytest.mark.parametrize("end", ["COUNT=3", "UNTIL=20270301"])
def test_a_day_that_no_calendar_has_makes_the_rule_invalid(part: str, end: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        starts_of(f"FREQ=YEARLY;{part};{end}", FIRST, DAMASCUS)
    assert refusal.value.code == "bookings.series_rule_invalid"


@pytest.mark.parametrize(
    "part", ["BYMONTHDAY=24", "BYMONTHDAY=-7", "BYMONTHDAY=+24", "BYDAY=4TU", "BYDAY=-1TU,TU"]
)
def test_days_count_from_the_end_of_the_month_too(part: str) -> None:
    assert starts_of(f"FREQ=MONTHLY;{part};COUNT=2", FIRST, DAMASCUS)[0] == FIRST


@settings(deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    st.sampled_from([DAMASCUS, BERLIN, "America/New_York", "Asia/Kathmandu", "UTC"]),
)
def test_wall_and_instant_are_each_others_inverse_where_the_wall_shows_it(
    wall: datetime, zone: str
) -> None:
    back = on_the_wall(instant_of(wall, zone), zone)
    gap = wall.replace(tzinfo=ZoneInfo(zone))
    skipped = gap.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall
    assert skipped or back == wall


def test_an_hour_that_is_skipped_is_taken_as_before_the_change() -> None:
    # 28 March 2027, 02:30 is not on any clock in Berlin.
    assert instant_of(datetime(2027, 3, 28, 2, 30), BERLIN) == datetime(  # noqa: DTZ001
        2027, 3, 28, 1, 30, tzinfo=UTC
    )


def test_an_occurrence_keeps_its_hours_across_a_change_of_the_clock() -> None:
    first = Period(datetime(2027, 3, 21, 9, tzinfo=UTC), datetime(2027, 3, 21, 11, tzinfo=UTC))
    starts = [on_the_wall(first.starts_at, BERLIN) + timedelta(days=7 * n) for n in range(2)]
    assert repeated(first, starts, BERLIN)[1] == Period(
        datetime(2027, 3, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 10, tzinfo=UTC)
    )
    assert shifted(first, BERLIN, timedelta(days=7), timedelta(hours=1)) == Period(
        datetime(2027, 3, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 9, tzinfo=UTC)
    )
