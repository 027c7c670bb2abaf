"""Local times, around every kind of change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.time.period import Period
from services.common.time.wall_clock import instant_of, repeat_period, shift_period, to_local_time

DAMASCUS, BERLIN = "Asia/Damascus", "Europe/Berlin"


@settings(deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    st.sampled_from([DAMASCUS, BERLIN, "America/New_York", "Asia/Kathmandu", "UTC"]),
)
def test_wall_and_instant_are_each_others_inverse_where_the_wall_shows_it(
    wall: datetime, zone: str
) -> None:
    back = to_local_time(instant_of(wall, zone), zone)
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
    starts = [to_local_time(first.starts_at, BERLIN) + timedelta(days=7 * n) for n in range(2)]
    assert repeat_period(first, starts, BERLIN)[1] == Period(
        datetime(2027, 3, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 10, tzinfo=UTC)
    )
    assert shift_period(first, BERLIN, timedelta(days=7), timedelta(hours=1)) == Period(
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
    assert shift_period(period, zone, timedelta(0), None) == period
    assert shift_period(period, zone, timedelta(0), period.ends_at - period.starts_at) == period


@given(around_changes_of_the_clock(), st.integers(1, 48).map(lambda number: number * QUARTER))
def test_a_length_is_the_time_that_passes(where: tuple[str, Period], length: timedelta) -> None:
    zone, period = where
    assert shift_period(period, zone, timedelta(0), length) == Period(
        period.starts_at, period.starts_at + length
    )


@given(around_changes_of_the_clock(), SHIFTS)
def test_what_is_moved_shows_the_hour_that_was_asked_for_and_has_a_length(
    where: tuple[str, Period], by: timedelta
) -> None:
    zone, period = where
    moved = shift_period(period, zone, by, None)
    assert moved.ends_at > moved.starts_at
    asked_for = to_local_time(period.starts_at, zone) + by
    shown = to_local_time(moved.starts_at, zone)
    skipped = to_local_time(instant_of(asked_for, zone), zone) != asked_for
    assert skipped or by == timedelta(0) or shown == asked_for


@given(around_changes_of_the_clock(), st.integers(1, 20))
def test_the_first_occurrence_is_the_one_that_was_asked_for(
    where: tuple[str, Period], days: int
) -> None:
    zone, first = where
    begins = to_local_time(first.starts_at, zone)
    found = repeat_period(first, [begins + timedelta(days=n) for n in range(days)], zone)
    assert found[0] == first
    assert all(each.ends_at > each.starts_at for each in found)


def test_the_second_half_past_two_is_that_one() -> None:
    """On 25 October 2026 the clock in Berlin shows 02:30 twice."""
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert to_local_time(second, BERLIN) == to_local_time(second - timedelta(hours=1), BERLIN)
    booked = Period(second, second + timedelta(hours=1))
    assert shift_period(booked, BERLIN, timedelta(0), None) == booked
    wall = to_local_time(second, BERLIN)
    first, next_day = repeat_period(booked, [wall, wall + timedelta(days=1)], BERLIN)
    assert first == booked
    assert next_day == Period(second + timedelta(days=1), second + timedelta(days=1, hours=1))


def test_half_an_hour_in_which_the_clock_is_set_back_is_half_an_hour_elsewhere() -> None:
    """From the first 02:45 until the second 02:15 no other day's clock shows anything."""
    begins = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    booked = Period(begins, begins + timedelta(minutes=30))
    assert shift_period(booked, BERLIN, timedelta(days=1), None) == Period(
        datetime(2026, 10, 26, 1, 45, tzinfo=UTC), datetime(2026, 10, 26, 2, 15, tzinfo=UTC)
    )
