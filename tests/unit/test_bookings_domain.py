"""Rules of bookings that have a space of inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bookings.domain.availability import free_periods, nearest
from services.bookings.domain.booking import facts
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, TRANSITIONS, Action, Status
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Need
from services.bookings.domain.history import Change
from services.bookings.domain.hours import WEEKDAYS, Period, WeeklyHours
from services.bookings.domain.new_booking import placed
from services.bookings.domain.rules import MOST_VERSIONS_FOR_STAFF
from services.bookings.domain.slots import SLOT, next_slot, on_raster, on_whole_slots
from services.bookings.store.history import change_document
from services.common import errors
from services.common.contracts.bookings.equipment import MOST_KINDS, MOST_UNITS
from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.bookings.rpc import LONGEST_TITLE
from tests.support.bookings import NOW, raqqa, space

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
slots = st.integers(0, 4 * 24 * 14)
buffers = st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(slots)
    return Period(EPOCH + SLOT * start, EPOCH + SLOT * (start + draw(st.integers(1, 48))))


class TestClaims:
    @given(periods(), periods())
    def test_two_claims_meet_exactly_when_the_periods_overlap(self, a: Period, b: Period) -> None:
        room = space()
        shared = set(Claim.on(room, a).slots) & set(Claim.on(room, b).slots)
        assert bool(shared) == a.overlaps(b)

    @given(periods(), buffers, buffers)
    def test_a_claim_holds_the_booking_and_its_buffers(
        self, booked: Period, before: timedelta, after: timedelta
    ) -> None:
        claim = Claim.on(space(buffer_before=before, buffer_after=after), booked)
        wanted = Period(booked.starts_at - before, booked.ends_at + after)
        assert claim.period.holds(wanted)
        assert on_raster(claim.period.starts_at)
        assert on_raster(claim.period.ends_at)
        assert wanted.starts_at - claim.period.starts_at < SLOT
        assert claim.period.ends_at - wanted.ends_at < SLOT
        assert len(claim.slots) == (claim.period.ends_at - claim.period.starts_at) / SLOT

    @given(periods())
    def test_a_hall_claims_what_its_parts_claim(self, booked: Period) -> None:
        hall = space("hall", parts=("a", "b"))
        parts = {*Claim.on(space("a"), booked).slots, *Claim.on(space("b"), booked).slots}
        assert set(Claim.on(hall, booked).slots) == parts

    @given(st.integers(0, 4 * 365 * 86_400))
    def test_the_next_slot_is_on_the_raster_and_after(self, second: int) -> None:
        instant = EPOCH + timedelta(seconds=second)
        assert instant < next_slot(instant) <= instant + SLOT
        assert on_raster(next_slot(instant))
        assert on_whole_slots(Period(next_slot(instant), next_slot(instant) + SLOT)) == Period(
            next_slot(instant), next_slot(instant) + SLOT
        )


class TestStates:
    def booking(self, status: Status) -> object:
        from dataclasses import replace

        made = placed(
            id="b",
            space=space(),
            organisation_id="amal",
            booked_by="omar",
            period=Period(NOW, NOW + SLOT),
            time_zone="Asia/Damascus",
            title="T",
            purpose="meeting",
            people=None,
            now=NOW,
        )
        return replace(made, status=status)

    @pytest.mark.parametrize("status", Status)
    @pytest.mark.parametrize("action", Action)
    def test_what_the_table_does_not_allow_is_refused(self, status: Status, action: Action) -> None:
        booking = self.booking(status)
        if (status, action) in TRANSITIONS:
            assert booking.after(action) is TRANSITIONS[status, action]  # type: ignore[attr-defined]
        else:
            with pytest.raises(errors.Conflict, match="not_allowed_now"):
                booking.after(action)  # type: ignore[attr-defined]

    def test_what_has_ended_cannot_come_back_unless_it_was_not_seen_to_begin(self) -> None:
        ended = set(Status) - HOLDS_ITS_TIME
        assert [
            pair for pair, after in TRANSITIONS.items() if pair[0] in ended and after not in ended
        ] == [(Status.NO_SHOW, Action.CORRECT)]

    def test_every_status_can_be_reached(self) -> None:
        assert set(TRANSITIONS.values()) | {Status.HELD} == set(Status)


minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def weeks(draw: st.DrawFn) -> WeeklyHours:
    days = {}
    for day in WEEKDAYS:
        cuts = sorted(draw(st.sets(minutes, max_size=6)))
        days[day] = tuple((a, b) for a, b in pairwise(cuts))[::2]
    return WeeklyHours({day: intervals for day, intervals in days.items() if intervals})


class TestHours:
    @given(weeks())
    def test_the_wire_form_is_read_back(self, hours: WeeklyHours) -> None:
        assert WeeklyHours.parse(hours.to_wire()) == hours

    @given(weeks(), slots, st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/St_Johns"]))
    def test_an_instant_is_open_exactly_when_the_wall_clock_says_so(
        self, hours: WeeklyHours, slot: int, zone: str
    ) -> None:
        period = Period(EPOCH + SLOT * slot, EPOCH + SLOT * (slot + 1))
        wall = period.starts_at.astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        said = any(a <= minute < b for a, b in hours.days.get(WEEKDAYS[wall.weekday()], ()))
        assert hours.holds(zone, period) == said

    def test_hours_follow_the_clock_when_it_changes(self) -> None:
        # Berlin goes back from 03:00 to 02:00 on 25 October 2026: that Sunday has 25 hours.
        hours = WeeklyHours.parse({"sunday": [["00:00", "24:00"]]})
        (day,) = hours.open_periods(
            "Europe/Berlin",
            datetime(2026, 10, 24, tzinfo=UTC),
            datetime(2026, 10, 27, tzinfo=UTC),
        )
        assert day.ends_at - day.starts_at == timedelta(hours=25)

    def test_damascus_kept_its_summer_time_in_2022_for_good(self) -> None:
        hours = WeeklyHours.parse({"monday": [["09:00", "17:00"]]})
        for year, utc_hour in ((2022, 7), (2023, 6)):
            # The second Monday of January: before the change of October 2022 that was UTC+2.
            monday = datetime(year, 1, 10 if year == 2022 else 9, tzinfo=UTC)
            (day,) = hours.open_periods("Asia/Damascus", monday, monday + timedelta(days=1))
            assert day.starts_at.hour == utc_hour

    @pytest.mark.parametrize(
        "day", [[["09:00", "12:00"], ["11:00", "13:00"]], [["12:00", "09:00"]], [["09:00"] * 2]]
    )
    def test_intervals_that_overlap_or_end_early_are_refused(self, day: list[list[str]]) -> None:
        with pytest.raises(errors.Invalid, match="hours_overlap"):
            WeeklyHours.parse({"monday": day})


class TestFreePeriods:
    within = Period(EPOCH, EPOCH + timedelta(days=16))

    @given(st.lists(periods(), max_size=12), st.integers(1, 8), buffers, buffers)
    def test_free_time_is_open_untaken_and_long_enough(
        self, booked: list[Period], length: int, before: timedelta, after: timedelta
    ) -> None:
        room = space(buffer_before=before, buffer_after=after)
        taken = [Claim.on(room, each).period for each in booked]
        for free in free_periods(raqqa(), room, self.within, taken, SLOT * length):
            assert free.ends_at - free.starts_at >= SLOT * length
            assert raqqa().opening_hours().holds(free)
            assert on_raster(free.starts_at)
            assert on_raster(free.ends_at)
            claim = Claim.on(room, free).period
            assert not any(claim.overlaps(each) for each in taken)

    @given(st.lists(periods(), max_size=8), periods())
    def test_every_bookable_period_lies_in_free_time(
        self, booked: list[Period], wanted: Period
    ) -> None:
        room = space()
        taken = [Claim.on(room, each).period for each in booked]
        free = free_periods(raqqa(), room, self.within, taken, SLOT)
        bookable = raqqa().opening_hours().holds(wanted) and not any(
            wanted.overlaps(each) for each in taken
        )
        assert bookable == any(each.holds(wanted) for each in free)

    @given(st.lists(periods(), max_size=8), periods())
    def test_the_nearest_come_first_and_fit(self, free: list[Period], wanted: Period) -> None:
        found = list(nearest(free, wanted))
        distances = [abs(each.starts_at - wanted.starts_at) for each in found]
        assert distances == sorted(distances)
        assert all(any(each_free.holds(each) for each_free in free) for each in found)


def test_the_longest_history_fits_in_its_document() -> None:
    """Sixteen megabytes at most (MongoDB manual, "MongoDB Limits and Thresholds")."""
    letter = "🏛"  # Four bytes, which is the most.
    booking = placed(
        id="b" * 64,
        space=space("s" * 64),
        organisation_id="o" * 64,
        booked_by="p" * 64,
        period=Period(NOW, NOW + SLOT),
        time_zone="Asia/Damascus",
        title=letter * LONGEST_TITLE,
        purpose="joint_meeting",
        people=1000,
        now=NOW,
        equipment=tuple(Need("e" * 64, MOST_UNITS) for _ in range(MOST_KINDS)),
    )
    every = {name: (value, value) for name, value in facts(booking).items()}
    entry = Change(NOW, "p" * 64, "reschedule", letter * LONGEST_REASON, every, 1)
    entries = MOST_VERSIONS_FOR_STAFF + len(TRANSITIONS)
    history = [change_document(entry)] * entries
    assert len(bson.encode({"history": history})) < 14 * 2**20
