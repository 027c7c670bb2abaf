"""When an adviser can be met: breaks, buffers, absences, changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common import errors
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.adviser_times import (
    Buffers,
    Diary,
    check_shape,
    nearest,
)

DAMASCUS = "Asia/Damascus"
WORKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")
HOUR = timedelta(hours=1)
TEN_AFTER = Buffers(after=timedelta(minutes=10))


def weekly(*intervals: tuple[str, str], days: tuple[str, ...] = WORKDAYS) -> WeeklyHours:
    return WeeklyHours.parse({day: list(intervals) for day in days})


def at(clock: str, day: str = "2027-03-02", zone: str = DAMASCUS) -> datetime:
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def hours_from(clock: str, length: timedelta = HOUR, day: str = "2027-03-02") -> Period:
    return Period(at(clock, day), at(clock, day) + length)


def clocks(slots: list[Period], zone: str = DAMASCUS) -> list[str]:
    return [each.starts_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for each in slots]


DIARY = Diary(
    DAMASCUS,
    weekly(("09:00", "16:00")),
    weekly(("12:00", "12:30")),
    taken=(TEN_AFTER.widen_period(hours_from("10:00")),),
)


@pytest.mark.parametrize(
    ("clock", "offered"),
    [
        ("11:00", False),  # The buffer of the one before.
        ("11:10", False),  # It runs into the break.
        ("12:30", True),
        ("15:00", True),  # Its buffer crosses the closing.
        ("15:05", False),
        ("09:00", False),  # Its own buffer meets the next.
        ("08:45", False),
    ],
)
def test_buffers_cross_breaks_and_closing_and_never_another_meeting(
    clock: str, offered: bool
) -> None:
    assert DIARY.offers(hours_from(clock), TEN_AFTER) is offered


def test_the_last_hour_of_the_day_is_offered() -> None:
    day = Period(at("00:00"), at("00:00") + timedelta(days=1))
    found = clocks(list(DIARY.slots(day, HOUR, TEN_AFTER)))
    assert found == [
        *("12:30", "12:45", "13:00", "13:15", "13:30", "13:45"),
        *("14:00", "14:15", "14:30", "14:45", "15:00"),
    ]


def test_free_time_is_offered_from_its_first_moment_on() -> None:
    day = Period(at("00:00"), at("00:00") + timedelta(days=1))
    found = clocks(list(DIARY.slots(day, timedelta(minutes=30), TEN_AFTER)))
    assert found[:4] == ["09:00", "09:15", "11:10", "11:15"]


@pytest.mark.parametrize(("spans", "offered"), [(False, False), (True, True)])
def test_a_long_visit_goes_on_through_a_break_only_where_its_kind_says_so(
    spans: bool, offered: bool
) -> None:
    visit = hours_from("11:30", 3 * HOUR)
    assert DIARY.offers(visit, Buffers(), spans_breaks=spans) is offered
    # A visit takes the way there and back, which no meeting may share.
    way = Buffers(timedelta(minutes=30), timedelta(minutes=30))
    assert not DIARY.offers(visit, way, spans_breaks=True)


@pytest.mark.parametrize(
    ("day", "first", "last"), [("2027-03-25", "12:00", "15:00"), ("2027-03-29", "11:00", "14:00")]
)
def test_slots_follow_the_wall_clock_of_the_adviser(day: str, first: str, last: str) -> None:
    diary = Diary("Europe/Berlin", weekly(("10:00", "14:00")), WeeklyHours({}))
    whole = Period(at("00:00", day), at("00:00", day) + timedelta(days=1))
    slots = list(diary.slots(whole, HOUR, TEN_AFTER))
    assert (clocks(slots)[0], clocks(slots)[-1]) == (first, last)
    assert all(diary.offers(each, TEN_AFTER) for each in slots)


def test_what_begins_when_an_absence_ends_is_offered() -> None:
    absence = Period(at("08:00"), at("12:30"))
    diary = Diary(DAMASCUS, DIARY.hours, DIARY.breaks, absences=(absence,))
    assert not diary.offers(hours_from("11:00"), Buffers())
    assert diary.offers(hours_from("12:30"), Buffers())


_MINUTES = st.integers(0, 24 * 12 - 1).map(lambda five: timedelta(minutes=5 * five))
_PERIODS = st.builds(
    lambda start, length: Period(at("00:00") + start, at("00:00") + start + length),
    _MINUTES,
    st.integers(1, 48).map(lambda five: timedelta(minutes=5 * five)),
)
_BUFFERS = st.builds(
    lambda before, after: Buffers(timedelta(minutes=5 * before), timedelta(minutes=5 * after)),
    st.integers(0, 6),
    st.integers(0, 6),
)


@settings(max_examples=150, deadline=None)
@given(
    taken=st.lists(_PERIODS, max_size=4),
    absences=st.lists(_PERIODS, max_size=2),
    length=st.integers(1, 40).map(lambda five: timedelta(minutes=5 * five)),
    buffers=_BUFFERS,
    spans=st.booleans(),
)
def test_slots_are_what_can_be_had_and_all_of_it(
    taken: list[Period],
    absences: list[Period],
    length: timedelta,
    buffers: Buffers,
    spans: bool,
) -> None:
    diary = Diary(DAMASCUS, DIARY.hours, DIARY.breaks, tuple(absences), tuple(taken))
    day = Period(at("00:00"), at("00:00") + timedelta(days=1))
    slots = list(diary.slots(day, length, buffers, spans_breaks=spans))
    assert slots == sorted(set(slots), key=lambda each: each.starts_at)
    assert all(diary.offers(each, buffers, spans_breaks=spans) for each in slots)
    quarters = [
        Period(start, start + length)
        for start in (at("00:00") + timedelta(minutes=15 * n) for n in range(96))
    ]
    wanted = [each for each in quarters if diary.offers(each, buffers, spans_breaks=spans)]
    assert set(wanted) <= set(slots)


def test_the_nearest_slots_come_in_order_of_time() -> None:
    slots = [hours_from(clock) for clock in ("09:00", "10:00", "14:00", "15:00")]
    assert clocks(nearest(slots, at("13:00"), 2)) == ["14:00", "15:00"]
    assert clocks(nearest(slots, at("11:00"), 2)) == ["09:00", "10:00"]


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (Period(at("10:00"), at("10:00")), "consultations.end_before_start"),
        (Period(at("10:02"), at("11:00")), "consultations.off_raster"),
        (hours_from("10:00", timedelta(hours=8, minutes=5)), "consultations.too_long"),
        (hours_from("08:00"), "consultations.in_the_past"),
        (hours_from("10:00", day="2028-04-01"), "consultations.too_far_ahead"),
    ],
)
def test_a_time_that_nobody_could_have_is_refused(period: Period, code: str) -> None:
    with pytest.raises(errors.MasahaError) as refused:
        check_shape(period, at("09:00"))
    assert refused.value.code == code
    check_shape(hours_from("10:00"), at("09:00"))
