"""Recurrence rules, without a database."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.bookings.domain.series import MOST_OCCURRENCES
from services.bookings.steps.recurrence import same_calendar, starts_of
from services.common import errors

DAMASCUS, BERLIN = "Asia/Damascus", "Europe/Berlin"
DAWN = time_of_day(6)
FIRST = datetime(2026, 11, 24, 10)  # noqa: DTZ001 - a Tuesday, in local time

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
