"""Recurrence rules and wall clocks, without a database."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.bookings.domain.hours import Period
from services.bookings.domain.series import MOST_OCCURRENCES
from services.bookings.domain.wall_clock import instant_of, on_the_wall, repeated, shifted
from services.bookings.operations.recurrence import same_calendar, starts_of
from services.common import errors

DAMASCUS, BERLIN = "Asia/Damascus", "Europe/Berlin"
DAWN = time_of_day(6)
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
    expected = list(rrulestr(f"{rule};WKST=SU", dtstart=FIRST))
    try:
        found = starts_of(rule, FIRST, DAMASCUS)
    except errors.Invalid as refusal:
        assert refusal.code in {"bookings.series_too_long", "bookings.series_start_off_rule"}
        far = FIRST + timedelta(days=731)
        assert expected[-1] > far or expected[0] != FIRST
    else:
        assert found == expected


# What hangs on the year: its weekdays, its length, the weeks that it shares with its neighbours.
OF_THE_YEAR = ["BYWEEKNO=1,52,53", "BYYEARDAY=-1,1,366", "BYMONTH=2;BYMONTHDAY=-1", "BYDAY=53MO"]


@settings(deadline=None)
@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)), st.sampled_from(OF_THE_YEAR))
def test_it_is_what_the_library_says_in_every_year(day: date, part: str) -> None:
    until = f"UNTIL={day + timedelta(days=700):%Y%m%dT%H%M%S}"
    rule = f"FREQ=YEARLY;{part};{until};WKST=SU"
    first = next(iter(rrulestr(rule, dtstart=datetime.combine(day, DAWN))), None)
    assume(first is not None and first.year <= 2999)
    assert starts_of(rule, first, DAMASCUS) == list(rrulestr(rule, dtstart=first))


def test_a_rule_that_nothing_satisfies_is_looked_for_in_some_years_only() -> None:
    for year in range(2026, 2090):
        assert 9999 - same_calendar(year) < 40


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


def test_weeks_are_the_centres_unless_the_rule_says_otherwise() -> None:
    sunday, monday = FIRST - timedelta(days=2), FIRST - timedelta(days=1)
    two_weeks = timedelta(days=14)
    rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=4"
    assert starts_of(rule, sunday, DAMASCUS) == [
        sunday,
        monday,
        sunday + two_weeks,
        monday + two_weeks,
    ]
    assert starts_of(f"{rule};WKST=MO", sunday, DAMASCUS)[:2] == [
        sunday,
        monday + timedelta(days=7),
    ]


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


QUARTER = timedelta(minutes=15)
FIRST_UTC = datetime(2026, 11, 24, 7, tzinfo=UTC)
# The clock is set back there, and on Lord Howe Island by half an hour.
SET_BACK = {
    "Europe/Berlin": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2027, 4, 3, 15, tzinfo=UTC),
}
# And forward.
SET_FORWARD = {
    "Europe/Berlin": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "America/New_York": datetime(2027, 3, 14, 7, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
}


@st.composite
def around_changes_of_the_clock(draw: st.DrawFn) -> tuple[str, Period]:
    zone, change = draw(
        st.sampled_from([*SET_BACK.items(), *SET_FORWARD.items(), (DAMASCUS, FIRST_UTC)])
    )
    start = change + draw(st.integers(-24, 24)) * QUARTER
    return zone, Period(start, start + draw(st.integers(1, 48)) * QUARTER)


SHIFTS = st.integers(-7 * 96, 7 * 96).map(lambda number: number * QUARTER)


@given(around_changes_of_the_clock())
def test_what_is_not_moved_stays_whatever_the_clock_shows(where: tuple[str, Period]) -> None:
    zone, period = where
    assert shifted(period, zone, timedelta(0), None) == period
    assert shifted(period, zone, timedelta(0), period.ends_at - period.starts_at) == period


@given(around_changes_of_the_clock(), st.integers(1, 48).map(lambda number: number * QUARTER))
def test_a_length_is_the_time_that_passes(where: tuple[str, Period], length: timedelta) -> None:
    zone, period = where
    assert shifted(period, zone, timedelta(0), length) == Period(
        period.starts_at, period.starts_at + length
    )


@given(around_changes_of_the_clock(), SHIFTS)
def test_what_is_moved_shows_the_hour_that_was_asked_for_and_has_a_length(
    where: tuple[str, Period], by: timedelta
) -> None:
    zone, period = where
    moved = shifted(period, zone, by, None)
    assert moved.ends_at > moved.starts_at
    asked_for = on_the_wall(period.starts_at, zone) + by
    shown = on_the_wall(moved.starts_at, zone)
    skipped = on_the_wall(instant_of(asked_for, zone), zone) != asked_for
    assert skipped or by == timedelta(0) or shown == asked_for


@given(around_changes_of_the_clock(), st.integers(1, 20))
def test_the_first_occurrence_is_the_one_that_was_asked_for(
    where: tuple[str, Period], days: int
) -> None:
    zone, first = where
    begins = on_the_wall(first.starts_at, zone)
    found = repeated(first, [begins + timedelta(days=n) for n in range(days)], zone)
    assert found[0] == first
    assert all(each.ends_at > each.starts_at for each in found)


def test_the_second_half_past_two_is_that_one() -> None:
    """On 25 October 2026 the clock in Berlin shows 02:30 twice."""
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert on_the_wall(second, BERLIN) == on_the_wall(second - timedelta(hours=1), BERLIN)
    booked = Period(second, second + timedelta(hours=1))
    assert shifted(booked, BERLIN, timedelta(0), None) == booked
    wall = on_the_wall(second, BERLIN)
    first, next_day = repeated(booked, [wall, wall + timedelta(days=1)], BERLIN)
    assert first == booked
    assert next_day == Period(second + timedelta(days=1), second + timedelta(days=1, hours=1))


def test_half_an_hour_in_which_the_clock_is_set_back_is_half_an_hour_elsewhere() -> None:
    """From the first 02:45 until the second 02:15 no other day's clock shows anything."""
    begins = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    booked = Period(begins, begins + timedelta(minutes=30))
    assert shifted(booked, BERLIN, timedelta(days=1), None) == Period(
        datetime(2026, 10, 26, 1, 45, tzinfo=UTC), datetime(2026, 10, 26, 2, 15, tzinfo=UTC)
    )
