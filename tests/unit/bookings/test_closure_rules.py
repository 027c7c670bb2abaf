"""Closures without a database: their wire form, their limits, and what became of a booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.claims import Claim
from services.bookings.domain.closures import Closure, Kind, check_period, check_size
from services.bookings.domain.day_sheet import day_of
from services.bookings.domain.new_booking import make_booking
from services.bookings.schemas import closures as schemas
from services.common import errors
from services.common.contracts.bookings.closures import ClosurePlan, Decision
from services.common.time.period import Period
from services.common.time.slots import SLOT, slots_of, start_of_slot
from tests.support.bookings import NOW, period, space, tomorrow

PLAN = {
    "starts_at": "2026-12-01T06:00:00Z",
    "ends_at": "2026-12-01T09:00:00Z",
    "kind": "maintenance",
}


def closure(**values: Any) -> Closure:
    return Closure(
        **{
            "id": "c",
            "centre_id": "raqqa",
            "space_ids": ("raqqa-meeting",),
            "leaves": ("raqqa-meeting",),
            "kind": Kind.MAINTENANCE,
            "reason": None,
            "period": period(9, 17),
            "time_zone": "Asia/Damascus",
            "closed_by": "desk",
            "created_at": NOW,
            "updated_at": NOW,
            **values,
        }
    )


def booking(**values: Any) -> Booking:
    made = make_booking(
        id="b",
        space=space(),
        organisation_id="amal",
        booked_by="omar",
        period=period(10, 11),
        time_zone="Asia/Damascus",
        title="T",
        purpose="meeting",
        people=None,
        now=NOW,
    )
    return replace(made, **values)


class TestOutcome:
    def test_it_waits_while_it_holds_closed_time(self) -> None:
        assert closure().outcome(booking()) == "waiting"
        assert closure(lifted_at=NOW).outcome(booking()) == "kept"

    def test_it_has_moved_when_it_is_elsewhere_or_later(self) -> None:
        elsewhere = Claim.on(space("raqqa-training"), period(10, 11))
        later = Claim.on(space(), period(17, 18))
        for claim in (elsewhere, later):
            assert closure().outcome(booking(claim=claim)) == "moved"

    @pytest.mark.parametrize("status", [Status.CANCELLED, Status.REJECTED, Status.NO_SHOW])
    def test_it_has_ended_as_its_status_says(self, status: Status) -> None:
        assert closure().outcome(booking(status=status)) == status.value

    def test_a_buffer_that_reaches_into_closed_time_is_in_the_way(self) -> None:
        room = space(buffer_after=timedelta(minutes=10))
        before = booking(claim=Claim.on(room, period(8, 9)))
        assert closure().takes_from(before)
        assert not closure().takes_from(booking(claim=Claim.on(space(), period(8, 9))))


class TestLimits:
    @given(st.integers(1, 90 * 96))
    def test_up_to_90_days_are_fine(self, slots: int) -> None:
        check_period(Period(tomorrow(9), tomorrow(9) + SLOT * slots), NOW)

    @pytest.mark.parametrize(
        ("leaves", "days", "affected", "fine"),
        [(11, 90, 500, True), (12, 90, 0, False), (1, 1, 501, False), (100, 10, 0, True)],
    )
    def test_size(self, leaves: int, days: int, affected: int, fine: bool) -> None:
        whole = Period(NOW, NOW + timedelta(days=days))
        if fine:
            check_size(leaves, whole, affected)
        else:
            with pytest.raises(errors.Conflict, match="closure_too_large"):
                check_size(leaves, whole, affected)

    @given(st.integers(0, 10_000))
    def test_a_slot_knows_when_it_begins(self, number: int) -> None:
        begins = NOW + SLOT * number
        (slot,) = slots_of(("a@b",), Period(begins, begins + SLOT))
        assert start_of_slot(slot) == begins


class TestWire:
    @pytest.mark.parametrize("reason", [None, "Painters", {"ar": "دهان"}, {"ar": "د", "en": "P"}])
    def test_a_reason_is_plain_or_in_each_language(self, reason: object) -> None:
        command = schemas.plan_closure({**PLAN, "centre_id": "raqqa", "reason": reason})
        assert command.reason == reason
        assert schemas.closure(closure(reason=command.reason))["reason"] == reason

    def test_one_text_of_it_is_told_where_there_is_room_for_one(self) -> None:
        both = closure(reason={"ar": "دهان", "en": "Paint"})
        assert (both.text(), both.texts()) == ("دهان", {"ar": "دهان", "en": "Paint"})
        assert (closure(reason="Paint").text(), closure(reason="Paint").texts()) == ("Paint", None)

    def test_a_space_named_twice_is_closed_once(self) -> None:
        command = schemas.plan_closure({**PLAN, "centre_id": "raqqa", "space_ids": ["a", "b", "a"]})
        assert command.space_ids == ("a", "b")

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("space_ids", []),
            ("space_ids", ["a/b"]),
            ("space_ids", [f"s{n}" for n in range(101)]),
            ("kind", "party"),
            ("reason", ""),
            ("reason", "  "),
            ("reason", "x" * 501),
            ("reason", "bell\x07"),
            ("reason", {"en": "Only"}),
            ("reason", {"ar": " "}),
            ("reason", {"ar": "ا", "english": "x"}),
            ("reason", ["x"]),
            ("starts_at", "2026-12-01T06:00:00"),
            ("ends_at", None),
            ("affected", []),
        ],
    )
    def test_bad_input_is_refused(self, member: str, value: object) -> None:
        assert member in ClosurePlan().validate({**PLAN, member: value})

    @pytest.mark.parametrize(
        ("decision", "member"),
        [
            ({}, "action"),
            ({"action": "burn"}, "action"),
            ({"action": "move", "booking_ids": []}, "booking_ids"),
            ({"action": "move", "booking_ids": [f"b{n}" for n in range(26)]}, "booking_ids"),
            ({"action": "move", "space_id": "hall"}, "space_id"),
            ({"action": "move", "booking_ids": ["a", "b"], "space_id": "hall"}, "space_id"),
            (
                {"action": "cancel", "booking_ids": ["a"], "starts_at": "2026-12-01T06:00:00Z"},
                "starts_at",
            ),
        ],
    )
    def test_a_decision_says_what_it_means(self, decision: dict[str, Any], member: str) -> None:
        assert member in Decision().validate(decision)


@given(
    st.dates(date(2000, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"]),
)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    today, next_day = day_of(day, zone), day_of(day + timedelta(days=1), zone)
    assert today.ends_at == next_day.starts_at
    assert timedelta(hours=22) < today.ends_at - today.starts_at < timedelta(hours=26)
