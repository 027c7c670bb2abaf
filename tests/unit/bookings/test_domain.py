"""Rules of bookings that have a space of inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bookings.domain.availability import free_periods, nearest
from services.bookings.domain.booking import facts
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, TRANSITIONS, Action, Status
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Need
from services.bookings.domain.new_booking import make_booking
from services.bookings.domain.rules import MOST_VERSIONS_FOR_STAFF
from services.common import errors
from services.common.contracts.bookings.equipment import MOST_KINDS, MOST_UNITS
from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.bookings.rpc import LONGEST_TITLE
from services.common.history.changes import Change
from services.common.history.store import change_document
from services.common.time.period import Period
from services.common.time.slots import SLOT, on_raster
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
        assert claim.period.contains(wanted)
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


class TestStates:
    def booking(self, status: Status) -> object:
        from dataclasses import replace

        made = make_booking(
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
            assert raqqa().opening_hours().contains(free)
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
        bookable = raqqa().opening_hours().contains(wanted) and not any(
            wanted.overlaps(each) for each in taken
        )
        assert bookable == any(each.contains(wanted) for each in free)

    @given(st.lists(periods(), max_size=8), periods())
    def test_the_nearest_come_first_and_fit(self, free: list[Period], wanted: Period) -> None:
        found = list(nearest(free, wanted))
        distances = [abs(each.starts_at - wanted.starts_at) for each in found]
        assert distances == sorted(distances)
        assert all(any(each_free.contains(each) for each_free in free) for each in found)


def test_the_longest_history_fits_in_its_document() -> None:
    """Sixteen megabytes at most (MongoDB manual, "MongoDB Limits and Thresholds")."""
    letter = "🏛"  # Four bytes, which is the most.
    booking = make_booking(
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
