"""Working time counts while the centre is open: weeks, seasons, closures, changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.time.opening_hours import OpeningHours, Season, Timetable
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.common.time.working_time import NeverOpen, WorkingTime

ZONE = "Asia/Damascus"
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")
HOUR = timedelta(hours=1)


def week(opens: str = "09:00", closes: str = "16:00") -> WeeklyHours:
    return WeeklyHours.parse({day: [[opens, closes]] for day in DAYS})


def local(text: str, zone: str = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def working(*seasons: Season, closures: tuple[Period, ...] = (), zone: str = ZONE) -> WorkingTime:
    hours = OpeningHours(zone, (Timetable.of(week(), seasons),))
    return WorkingTime(hours.open_periods, closures)


# 26 November 2026 is a Thursday; Friday and Saturday are the weekend.
THURSDAY = local("2026-11-26T15:00")
RAMADAN = Season({"ar": "رمضان"}, date(2026, 11, 29), date(2026, 12, 5), week("10:00", "14:00"))
SUNDAY = Period(local("2026-11-29T00:00"), local("2026-11-30T00:00"))


@pytest.mark.parametrize(
    ("time", "warned", "due"),
    [
        (working(), "2026-11-29T11:00", "2026-11-29T12:00"),
        (working(RAMADAN), "2026-11-29T12:00", "2026-11-29T13:00"),
        (working(closures=(SUNDAY,)), "2026-11-30T11:00", "2026-11-30T12:00"),
    ],
    ids=["a weekend", "Ramadan", "a closure"],
)
def test_a_limit_of_four_hours_falls_into_working_hours(
    time: WorkingTime, warned: str, due: str
) -> None:
    assert time.add(THURSDAY, 4 * HOUR) == local(due)
    assert time.subtract(local(due), HOUR) == local(warned)
    assert time.add(THURSDAY, 3 * HOUR) == local(warned)


def test_what_ends_with_the_day_is_due_that_day() -> None:
    assert working().add(local("2026-11-24T15:00"), HOUR) == local("2026-11-24T16:00")


def test_no_time_at_all_from_a_closed_moment_is_the_next_opening() -> None:
    assert working().add(local("2026-11-27T03:00"), timedelta()) == local("2026-11-29T09:00")
    inside = local("2026-11-24T10:30")
    assert working().add(inside, timedelta()) == inside


def test_a_pause_counts_nothing_while_it_is_closed() -> None:
    friday, saturday = local("2026-11-27T08:00"), local("2026-11-28T20:00")
    assert working().between(friday, saturday) == timedelta()
    assert working().between(THURSDAY, local("2026-11-29T10:00")) == 2 * HOUR
    assert working().between(saturday, friday) == timedelta()


def test_the_day_on_which_the_clock_changes_has_its_own_length() -> None:
    # Syria last changed its clock in 2022: on Friday, 25 March, an hour was skipped at midnight.
    hours = OpeningHours(ZONE, (Timetable.of(WeeklyHours.parse({"friday": [["00:00", "04:00"]]})),))
    time = WorkingTime(hours.open_periods)
    assert time.between(local("2022-03-24T12:00"), local("2022-03-25T12:00")) == 3 * HOUR
    assert time.between(local("2023-03-23T12:00"), local("2023-03-24T12:00")) == 4 * HOUR


def test_a_place_that_never_opens_has_no_working_time() -> None:
    never = WorkingTime(OpeningHours(ZONE, (Timetable.of(WeeklyHours({})),)).open_periods)
    with pytest.raises(NeverOpen):
        never.add(THURSDAY, HOUR)
    with pytest.raises(NeverOpen):
        never.subtract(THURSDAY, HOUR)


MINUTES = st.integers(0, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))
AMOUNTS = st.integers(1, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(offset=MINUTES, amount=AMOUNTS, closed=st.lists(st.tuples(MINUTES, AMOUNTS), max_size=4))
def test_adding_and_counting_agree(
    offset: timedelta, amount: timedelta, closed: list[tuple[timedelta, timedelta]]
) -> None:
    closures = tuple(Period(THURSDAY + a, THURSDAY + a + b) for a, b in closed)
    time = working(closures=closures)
    start = THURSDAY + offset
    end = time.add(start, amount)
    assert time.between(start, end) == amount
    assert time.between(start, end - timedelta(minutes=1)) < amount
    back = time.subtract(end, amount)
    assert time.between(back, end) == amount
    assert back >= start
