"""How long a booking waits, and what is left of its claim when nobody came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.bookings.domain import timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.claims import Claim
from services.bookings.domain.new_booking import make_booking
from services.common.contracts.bookings.approval import RejectBooking, SetSpaceApproval
from services.common.contracts.bookings.check_in import CheckIn
from services.common.time.period import Period
from services.common.time.slots import SLOT
from tests.support.bookings import NOW, space

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
quarters = st.integers(0, 4 * 24 * 14)
seconds = st.integers(0, 86_400 * 14)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = EPOCH + SLOT * draw(quarters)
    return Period(start, start + SLOT * draw(st.integers(1, 48)))


def booking(status: Status) -> Booking:
    made = make_booking(
        id="b",
        space=space(),
        organisation_id="amal",
        booked_by="omar",
        period=Period(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=1)),
        time_zone="Asia/Damascus",
        title="T",
        purpose="meeting",
        people=None,
        now=NOW,
        hold_until=NOW + timedelta(hours=1),
    )
    return replace(made, status=status)


class TestApproval:
    @given(seconds, seconds)
    def test_a_request_never_waits_beyond_its_start_or_too_long(self, now: int, ahead: int) -> None:
        asked = EPOCH + timedelta(seconds=now)
        starts_at = asked + timedelta(seconds=ahead + 1)
        due = timing.approval_due(asked, starts_at)
        assert asked < due <= starts_at
        assert due <= asked + timing.APPROVAL_WITHIN

    @given(seconds)
    def test_the_earlier_the_meeting_the_sooner_the_decision(self, ahead: int) -> None:
        soon = NOW + timing.APPROVAL_BEFORE_START + timedelta(seconds=ahead + 1)
        later = soon + timedelta(hours=1)
        assert timing.approval_due(NOW, soon) <= timing.approval_due(NOW, later)


class TestDue:
    @pytest.mark.parametrize("status", Status)
    def test_every_status_that_takes_time_waits_for_something(self, status: Status) -> None:
        waits = status in {Status.HELD, Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN}
        assert (booking(status).due_at is not None) is waits

    def test_what_it_waits_for(self) -> None:
        when = booking(Status.HELD).period
        assert booking(Status.HELD).due_at == NOW + timedelta(hours=1)
        assert booking(Status.CONFIRMED).due_at == when.starts_at + timing.NO_SHOW_GRACE
        assert booking(Status.CHECKED_IN).due_at == when.ends_at


class TestWhatIsLeft:
    @given(periods(), quarters)
    def test_a_cut_claim_is_the_part_before(self, booked: Period, quarter: int) -> None:
        whole = Claim.on(space(), booked)
        instant = EPOCH + SLOT * quarter
        left = whole.until(instant)
        if left is None:
            assert instant <= booked.starts_at
            return
        assert set(left.slots) <= set(whole.slots)
        assert left.slots, "an empty claim would collide with every other empty one"
        assert left.period == Period(booked.starts_at, min(instant, booked.ends_at))
        assert len(left.slots) == (left.period.ends_at - left.period.starts_at) / SLOT


class TestLate:
    @given(seconds)
    def test_late_is_less_than_a_day_before(self, ahead: int) -> None:
        before = timedelta(seconds=ahead)
        assert timing.is_late(NOW, NOW + before) is (before < timing.LATE_CANCELLATION)


class TestContract:
    @pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", 123456, "", " 12345"])
    def test_a_code_is_six_digits(self, code: object) -> None:
        CheckIn().load({"id": "b", "expected_version": 1, "code": "042137"})
        with pytest.raises(ValidationError):
            CheckIn().load({"id": "b", "expected_version": 1, "code": code})

    @pytest.mark.parametrize("reason", [None, "", "   ", "x" * 501, 5, "\u0007"])
    def test_a_rejection_says_why(self, reason: object) -> None:
        RejectBooking().load({"id": "b", "expected_version": 1, "reason": "Full"})
        with pytest.raises(ValidationError):
            RejectBooking().load({"id": "b", "expected_version": 1, "reason": reason})

    @pytest.mark.parametrize("value", [None, "yes", 1, 0])
    def test_needs_approval_is_true_or_false(self, value: object) -> None:
        with pytest.raises(ValidationError):
            SetSpaceApproval().load({"id": "s", "expected_version": 1, "needs_approval": value})
