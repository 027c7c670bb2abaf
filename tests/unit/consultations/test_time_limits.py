"""Time limits count working time of the centre, and alarm once each, in working hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import Conflict
from services.common.time.opening_hours import ExceptionalDay, Season, Timetable
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.centre_hours import (
    MOST_EDITIONS,
    CentreClosure,
    CentreHours,
    HoursEdition,
)
from services.consultations.domain.time_limits import (
    MOST_PAUSES,
    ON_TIME,
    Alarm,
    LimitAction,
    Limited,
    LimitStatus,
    TimeLimit,
    clock_of,
    due_alarm,
    next_alarm,
    scheduled,
    sent,
)

DAMASCUS = "Asia/Damascus"
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")
NAME = {"ar": "رمضان"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Damascus; the 26th is a Thursday."""
    return datetime(2026, 11, 1, tzinfo=ZoneInfo(DAMASCUS)) + timedelta(
        days=day - 1, hours=hour, minutes=minute
    )


def week(opens: str = "09:00", closes: str = "16:00") -> WeeklyHours:
    return WeeklyHours.parse({day: [[opens, closes]] for day in DAYS})


def hours(*later: tuple[datetime, Timetable]) -> CentreHours:
    first = HoursEdition(1, at(1, 0), DAMASCUS, Timetable(week()))
    found = CentreHours("raqqa", (first,))
    for version, (since, timetable) in enumerate(later, start=2):
        found = found.with_edition(HoursEdition(version, since, DAMASCUS, timetable))
    return found


def closed(starts_at: datetime, ends_at: datetime) -> CentreClosure:
    return CentreClosure("closure", "raqqa", starts_at, ends_at, 1)


RAMADAN = Timetable(
    week(), (Season(NAME, date(2026, 11, 29), date(2026, 12, 28), week("10:00", "14:00")),)
)
HOLIDAY = Timetable.of(week(), (), [ExceptionalDay(date(2026, 11, 29), NAME, ())])
THURSDAY_15 = at(26, 15)


def limit(**values: object) -> TimeLimit:
    """Four hours of working time from Thursday, 15:00; the warning an hour before."""
    wanted: dict[str, object] = {
        "id": "limit",
        "case_id": "case",
        "centre_id": "raqqa",
        "what": Limited.RESOLUTION,
        "amount": timedelta(hours=4),
        "warn_before": timedelta(hours=1),
        "started_at": THURSDAY_15,
        **values,
    }
    return TimeLimit(**wanted)  # type: ignore[arg-type]


def moments(
    one: TimeLimit, opening: CentreHours, closures: Sequence[CentreClosure] = ()
) -> tuple[datetime | None, datetime | None]:
    found = scheduled(one, clock_of(one, opening, closures))
    return found.warn_at, found.due_at


class TestTheCaseCO2:
    """glpi#22678: an early alert at midnight; zammad#4432: mails in the night and at weekends."""

    @pytest.mark.parametrize(
        ("opening", "closures", "warn", "due"),
        [
            (hours(), (), at(29, 11), at(29, 12)),
            (hours((at(28, 10), RAMADAN)), (), at(29, 12), at(29, 13)),
            (hours(), (closed(at(29, 0), at(30, 0)),), at(30, 11), at(30, 12)),
            (hours((at(28, 10), HOLIDAY)), (), at(30, 11), at(30, 12)),
        ],
        ids=["as usual", "Ramadan from Sunday", "Sunday closed on Saturday", "Sunday a holiday"],
    )
    def test_both_moments_fall_into_working_hours(
        self,
        opening: CentreHours,
        closures: tuple[CentreClosure, ...],
        warn: datetime,
        due: datetime,
    ) -> None:
        assert moments(limit(), opening, closures) == (warn, due)

    def test_what_was_sent_is_not_sent_again_where_the_end_moves(self) -> None:
        warned = sent(limit(), Alarm.WARNING, at(29, 11))
        opening = hours()
        later = [closed(at(29, 11, 30), at(30, 0))]
        clock = clock_of(warned, opening, later)
        moved = scheduled(warned, clock)
        assert (moved.warn_at, moved.due_at) == (at(29, 11), at(30, 9, 30))
        assert due_alarm(moved, clock, at(30, 9, 15)) is None
        assert due_alarm(moved, clock, at(30, 9, 30)) is Alarm.ALERT
        alerted = sent(moved, Alarm.ALERT, at(30, 9, 30))
        assert next_alarm(alerted, clock, at(30, 9, 30)) is None
        again = scheduled(replace(alerted, due_at=None), clock_of(alerted, opening, []))
        assert next_alarm(again, clock, at(30, 10)) is None


def test_other_hours_hold_from_the_moment_they_are_entered() -> None:
    """On Sunday at 11:00 the manager says that the centre opens at 11:00: two hours have passed."""
    short = Timetable(week("11:00", "16:00"))
    assert moments(limit(), hours((at(29, 11), short)))[1] == at(29, 12)
    assert moments(limit(), hours((at(28, 11), short)))[1] == at(29, 14)


def test_a_lifted_closure_stays_closed_until_then() -> None:
    closure = closed(at(29, 9), at(29, 16)).lifted(at(29, 11), 2)
    assert moments(limit(), hours(), [closure])[1] == at(29, 14)
    assert moments(limit(), hours(), [closed(at(29, 9), at(29, 16)).lifted(at(28, 9), 2)])[1] == at(
        29, 12
    )


def test_editions_that_arrive_in_another_order_give_the_same_hours() -> None:
    two = HoursEdition(2, at(10, 9), DAMASCUS, Timetable(week("10:00", "14:00")))
    three = HoursEdition(3, at(20, 9), DAMASCUS, RAMADAN)
    there = hours().with_edition(two).with_edition(three)
    assert hours().with_edition(three).with_edition(two) == there
    assert there.with_edition(two) is there
    assert there.version == 3


def test_a_centre_of_which_nothing_is_known_is_closed() -> None:
    unknown = CentreHours("raqqa", ())
    assert unknown.version == 0
    assert moments(limit(), unknown) == (None, None)


def test_of_many_editions_the_newest_are_kept() -> None:
    found = hours()
    for version in range(2, MOST_EDITIONS + 5):
        since = at(1, 0) + timedelta(hours=version)
        found = found.with_edition(HoursEdition(version, since, DAMASCUS, Timetable(week())))
    assert len(found.editions) == MOST_EDITIONS
    assert found.version == MOST_EDITIONS + 4
    assert found.open_periods(at(29, 0), at(30, 0))[0].starts_at == at(29, 9)


class TestPauses:
    def test_waiting_for_the_organisation_does_not_count(self) -> None:
        waiting = limit().after(LimitAction.PAUSE, at(26, 15, 30))
        assert moments(waiting, hours()) == (None, None)
        again = waiting.after(LimitAction.RESUME, at(30, 10))
        assert moments(again, hours()) == (at(30, 12, 30), at(30, 13, 30))

    def test_a_second_pause_or_resumption_changes_nothing(self) -> None:
        waiting = limit().after(LimitAction.PAUSE, at(26, 15, 30))
        assert waiting.after(LimitAction.PAUSE, at(29, 9)) is waiting
        assert limit().after(LimitAction.RESUME, at(29, 9)) == limit()

    def test_what_took_how_long_leaves_pauses_out(self) -> None:
        met = (
            limit()
            .after(LimitAction.PAUSE, at(26, 15, 30))
            .after(LimitAction.RESUME, at(30, 10))
            .after(LimitAction.PAUSE, at(30, 11))
            .after(LimitAction.MEET, at(30, 15))
        )
        done = scheduled(met, clock_of(met, hours(), ()))
        assert (done.took, done.kept, done.due_at) == (timedelta(hours=1, minutes=30), True, None)
        assert done.after(LimitAction.DROP, at(30, 16)) is done

    def test_pauses_have_a_limit(self) -> None:
        one = limit()
        for _ in range(MOST_PAUSES):
            one = one.after(LimitAction.PAUSE, at(29, 9)).after(LimitAction.RESUME, at(29, 9))
        with pytest.raises(Conflict, match=r"consultations\.paused_too_often"):
            one.after(LimitAction.PAUSE, at(29, 10))


class TestAlarms:
    def test_an_alarm_that_came_late_waits_for_the_morning(self) -> None:
        clock = clock_of(limit(), hours(), ())
        one = scheduled(limit(), clock)
        assert one.due_at is not None
        assert due_alarm(one, clock, at(29, 11)) is Alarm.WARNING
        assert due_alarm(one, clock, at(29, 12)) is Alarm.ALERT
        night = at(29, 22)
        assert due_alarm(one, clock, night) is None
        assert next_alarm(one, clock, night) == at(30, 9)
        assert due_alarm(one, clock, at(30, 9)) is Alarm.ALERT

    def test_one_at_closing_time_is_on_time(self) -> None:
        clock = clock_of(limit(), hours(), ())
        one = scheduled(limit(started_at=at(29, 12)), clock)
        assert one.due_at == at(29, 16)
        assert due_alarm(one, clock, at(29, 16) + ON_TIME) is Alarm.ALERT
        assert due_alarm(one, clock, at(29, 16) + 2 * ON_TIME) is None

    def test_a_limit_that_is_over_is_not_warned_of(self) -> None:
        clock = clock_of(limit(), hours(), ())
        one = sent(scheduled(limit(), clock), Alarm.ALERT, at(29, 12))
        assert one.warned_at is None
        assert next_alarm(one, clock, at(29, 13)) is None

    def test_a_warning_before_the_beginning_is_none(self) -> None:
        whole = limit(warn_before=timedelta(hours=4))
        assert moments(whole, hours()) == (None, at(29, 12))

    def test_a_centre_that_never_opens_alarms_nobody(self) -> None:
        never = Timetable(WeeklyHours({}))
        opening = CentreHours("raqqa", (HoursEdition(1, at(1, 0), DAMASCUS, never),))
        clock = clock_of(limit(), opening, ())
        one = scheduled(limit(), clock)
        assert (one.due_at, next_alarm(one, clock, at(29, 9))) == (None, None)

    @pytest.mark.parametrize("action", [LimitAction.MEET, LimitAction.DROP, LimitAction.PAUSE])
    def test_what_does_not_run_alarms_nobody(self, action: LimitAction) -> None:
        still = limit().after(action, at(26, 15, 30))
        clock = clock_of(still, hours(), ())
        assert next_alarm(scheduled(still, clock), clock, at(29, 12)) is None
        assert still.live == (still.status is LimitStatus.PAUSED)


@settings(max_examples=150)
@given(
    start=st.integers(0, 14 * 24 * 60),
    amount=st.integers(1, 60 * 60),
    before=st.integers(1, 60 * 60),
    pauses=st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 3000)), max_size=4),
    closures=st.lists(st.tuples(st.integers(0, 20000), st.integers(1, 3000)), max_size=3),
)
def test_whatever_stands_in_between_both_lie_in_working_hours_and_the_amount_is_right(
    start: int,
    amount: int,
    before: int,
    pauses: list[tuple[int, int]],
    closures: list[tuple[int, int]],
) -> None:
    begin = at(1, 0) + timedelta(minutes=start)
    one = limit(
        started_at=begin,
        amount=timedelta(minutes=amount),
        warn_before=timedelta(minutes=before),
    )
    moment = begin
    for gap, length in pauses:
        one = one.after(LimitAction.PAUSE, moment := moment + timedelta(minutes=gap))
        one = one.after(LimitAction.RESUME, moment := moment + timedelta(minutes=length))
    shut = [
        closed(at(1, 0) + timedelta(minutes=first), at(1, 0) + timedelta(minutes=first + length))
        for first, length in closures
    ]
    opening = hours((at(16, 12), RAMADAN))
    clock = clock_of(one, opening, shut)
    found = scheduled(one, clock)
    assert found.due_at is not None
    assert clock.between(begin, found.due_at) == one.amount
    moment_before = timedelta(seconds=1)
    assert clock.periods(found.due_at - moment_before, found.due_at)
    if before < amount:
        assert found.warn_at is not None
        assert clock.between(found.warn_at, found.due_at) == one.warn_before
        assert clock.periods(found.warn_at, found.warn_at + moment_before)
    else:
        assert found.warn_at is None
