"""Trips, absences, consulting hours: what makes one, and what is left of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.absences import Absence, AbsenceAction, check_absence
from services.consultations.domain.adviser_times import Buffers
from services.consultations.domain.advisers import check_breaks
from services.consultations.domain.consulting_hours import check_hours
from services.consultations.domain.trips import Trip, TripStatus, check_trip
from services.consultations.domain.visit_states import VisitAction, VisitStatus
from services.consultations.domain.visits import Side, Visit, VisitContent

ZONE = "Asia/Damascus"
MIDNIGHT = datetime(2027, 3, 1, 21, tzinfo=UTC)  # 2 March in Damascus
DAY = date(2027, 3, 2)


def minutes(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=each) for each in values)


def visit(name: str, hour: float, **values: Any) -> Visit:
    start = MIDNIGHT + timedelta(hours=hour)
    return Visit(
        **{
            "id": name,
            "case_id": f"case-{name}",
            "centre_id": "raqqa",
            "adviser_id": "rim",
            "period": Period(start, start + timedelta(hours=1)),
            "way": Buffers(*minutes(30, 30)),
            "own_way": Buffers(*minutes(30, 30)),
            "content": VisitContent("حي المشلب"),
            "asked_by": Side.CENTRE,
            "requested_by": "rim",
            "requested_at": MIDNIGHT,
            "changed_at": MIDNIGHT,
            "status": VisitStatus.ACCEPTED,
            **values,
        }
    )


def trip(*ids: str, ways: tuple[timedelta, ...]) -> Trip:
    return Trip("t", "rim", "raqqa", DAY, ids, ways, "rim", MIDNIGHT)


def check(*visits: Visit, ways: tuple[timedelta, ...], sealed: tuple[str, ...] = ()) -> date:
    return check_trip(visits, ways, ZONE, sealed=frozenset(sealed))


def test_visits_of_a_day_are_a_trip_on_the_day_of_the_adviser() -> None:
    assert check(visit("a", 9), visit("b", 11), ways=minutes(30, 20, 30)) == DAY


@pytest.mark.parametrize(
    ("visits", "ways", "sealed", "pointer"),
    [
        ([visit("a", 9), visit("b", 10)], (30, 15, 30), (), "/visit_ids/1"),
        ([visit("a", 11), visit("b", 9)], (30, 15, 30), (), "/visit_ids/1"),
        ([visit("a", 9), visit("b", 33)], (30, 15, 30), (), "/visit_ids/1"),
        ([visit("a", 9), visit("b", 11, adviser_id="sami")], (0, 0, 0), (), "/visit_ids/1"),
        ([visit("a", 9), visit("b", 11)], (0, 0, 0), ("case-b",), "/visit_ids/1"),
        ([visit("a", 9, trip_id="u"), visit("b", 11)], (0, 0, 0), (), "/visit_ids/0"),
        ([visit("a", 9, status=VisitStatus.REQUESTED)], (0, 0), (), "/visit_ids/0"),
        ([visit("a", 9), visit("b", 11)], (30, 15), (), "/ways_minutes"),
    ],
)
def test_what_is_no_trip_is_refused(
    visits: list[Visit], ways: tuple[int, ...], sealed: tuple[str, ...], pointer: str
) -> None:
    with pytest.raises(errors.Invalid, match=r"consultations\.not_a_trip") as refused:
        check(*visits, ways=minutes(*ways), sealed=sealed)
    assert [each.pointer for each in refused.value.errors] == [pointer]


def test_each_way_is_taken_once() -> None:
    taken = trip("a", "b", "c", ways=minutes(30, 20, 15, 40)).buffers()
    assert taken == {
        "a": Buffers(*minutes(30, 0)),
        "b": Buffers(*minutes(20, 0)),
        "c": Buffers(*minutes(15, 40)),
    }


@pytest.mark.parametrize(
    ("gone", "left", "ways"),
    [
        ("a", ("b", "c"), (20, 15, 40)),
        ("b", ("a", "c"), (30, 35, 40)),
        ("c", ("a", "b"), (30, 20, 15)),
    ],
)
def test_a_visit_that_leaves_a_trip_leaves_its_ways(
    gone: str, left: tuple[str, ...], ways: tuple[int, ...]
) -> None:
    after = trip("a", "b", "c", ways=minutes(30, 20, 15, 40)).without(gone)
    assert (after.visit_ids, after.ways, after.version) == (left, minutes(*ways), 2)


def test_a_trip_without_visits_is_dissolved() -> None:
    assert trip("a", ways=minutes(30, 30)).without("a").status is TripStatus.DISSOLVED


def test_an_absence_is_withdrawn_once() -> None:
    absence = Absence("x", "rim", Period(MIDNIGHT, MIDNIGHT + timedelta(1)), "rim", MIDNIGHT)
    gone = absence.after(AbsenceAction.WITHDRAW)
    with pytest.raises(errors.Conflict, match="absence_not_allowed_now"):
        gone.after(AbsenceAction.WITHDRAW)


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (timedelta(0), "consultations.end_before_start"),
        (timedelta(minutes=7), "consultations.off_raster"),
        (timedelta(days=366, minutes=5), "consultations.absence_too_long"),
    ],
)
def test_what_is_no_absence_is_refused(length: timedelta, code: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        check_absence(Period(MIDNIGHT, MIDNIGHT + length))
    assert refused.value.code == code


def test_a_break_outside_the_hours_of_its_day_is_refused() -> None:
    hours = WeeklyHours.parse({"sunday": [["09:00", "16:00"]]})
    check_breaks(hours, WeeklyHours.parse({"sunday": [["12:00", "12:30"]]}))
    stray = WeeklyHours.parse({"sunday": [["15:30", "16:30"]], "monday": [["12:00", "12:30"]]})
    with pytest.raises(errors.Invalid, match="break_outside_hours") as refused:
        check_breaks(hours, stray)
    assert [each.pointer for each in refused.value.errors] == ["/breaks/sunday", "/breaks/monday"]


def hours(day: int, begins: float, length: float = 2) -> Period:
    start = datetime(2027, 2, 28, 21, tzinfo=UTC) + timedelta(days=day - 1, hours=begins)
    return Period(start, start + timedelta(hours=length))


MARCH = date(2027, 3, 1)


def test_hours_of_a_month_are_in_the_month_of_the_centre() -> None:
    check_hours(MARCH, [hours(1, 0), hours(1, 2), hours(31, 21.75)], ZONE)
    check_hours(MARCH, [], ZONE)


@pytest.mark.parametrize(
    ("wanted", "n"),
    [
        ([hours(0, 23)], 0),
        ([hours(31, 23)], 0),
        ([hours(32, 9)], 0),
        ([hours(2, 9.1)], 0),
        ([hours(2, 9), hours(2, 10)], 1),
        ([hours(3, 9), hours(2, 9)], 1),
        ([hours(2, 9, 0)], 0),
    ],
)
def test_what_are_no_hours_of_the_month_is_refused(wanted: list[Period], n: int) -> None:
    with pytest.raises(errors.Invalid, match="not_of_month") as refused:
        check_hours(MARCH, wanted, ZONE)
    assert [each.pointer for each in refused.value.errors] == [f"/hours/{n}"]


def test_a_visit_that_is_moved_awaits_the_other_side() -> None:
    moved = visit("a", 9).after(VisitAction.MOVE, asked_by=Side.ORGANISATION)
    assert moved.status is VisitStatus.REQUESTED
    assert moved.answers is Side.CENTRE
