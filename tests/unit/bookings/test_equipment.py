"""Equipment: which units are free throughout a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import (
    Equipment,
    Loan,
    choose_units,
    common,
    lendable,
    repack,
)
from services.common import errors
from services.common.contracts.bookings.rpc import BookingChanges
from services.common.time.period import Period
from services.common.time.slots import SLOT
from tests.support.bookings import space

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WITHIN = Period(EPOCH, EPOCH + SLOT * 24)
PROJECTORS = Equipment("projector", "raqqa", {"ar": "جهاز عرض", "en": "Projector"}, 3)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.integers(0, 22))
    return Period(EPOCH + SLOT * start, EPOCH + SLOT * draw(st.integers(start + 1, 24)))


taken_units = st.lists(st.tuples(st.sampled_from(PROJECTORS.units), periods()), max_size=10)


@given(taken_units, periods(), st.integers(1, 4))
def test_a_time_is_lendable_exactly_when_units_are_free_throughout(
    taken: list[tuple[str, Period]], wanted: Period, quantity: int
) -> None:
    occupied = [unit for unit, period in taken if period.overlaps(wanted)]
    found = lendable(PROJECTORS, quantity, taken, WITHIN)
    fits = any(period.contains(wanted) for period in found)
    try:
        units = choose_units(PROJECTORS, quantity, occupied)
    except errors.Conflict as refusal:
        assert refusal.params["free"] == 3 - len(set(occupied))
        assert not fits
    else:
        assert fits
        assert len(set(units)) == quantity
        assert not set(units) & set(occupied)


def longest(found: list[Period]) -> list[Period]:
    """Those that lie in no other, once each, by their start."""
    return sorted(
        {p for p in found if not any(q.contains(p) and q != p for q in found)},
        key=lambda p: p.starts_at,
    )


@given(st.lists(periods(), max_size=5), st.lists(periods(), max_size=5), periods())
def test_common_time_holds_what_both_hold(
    first: list[Period], second: list[Period], wanted: Period
) -> None:
    both = any(p.contains(wanted) for p in first) and any(p.contains(wanted) for p in second)
    found = common(longest(first), longest(second))
    assert any(p.contains(wanted) for p in found) == both
    assert found == longest(found)


@st.composite
def loans(draw: st.DrawFn) -> list[Loan]:
    """As bookings come: each gets the lowest units that are free then, some are called off."""
    found: list[Loan] = []
    for number, wanted in enumerate(draw(st.lists(periods(), max_size=12))):
        occupied = [u for loan in found if loan.period.overlaps(wanted) for u in loan.units]
        free = [unit for unit in PROJECTORS.units if unit not in occupied]
        quantity = draw(st.integers(1, 2))
        if len(free) >= quantity:
            found.append(Loan(str(number), wanted, tuple(free[:quantity])))
    return [loan for loan in found if draw(st.booleans())]


@given(loans(), st.integers(0, 3), st.integers(-1, 24))
def test_fewer_units_do_exactly_when_never_more_are_lent(
    lent: list[Loan], quantity: int, slots: int
) -> None:
    now = EPOCH + SLOT * slots
    units = PROJECTORS.units[:quantity]
    packing = repack(lent, units, now)
    at_once = max(
        (
            sum(len(b.units) for b in lent if b.period.contains(Period(start, start + SLOT)))
            for start in (each.period.starts_at for each in lent)
        ),
        default=0,
    )
    begun = [loan for loan in lent if loan.period.starts_at <= now]
    stuck = any(not set(loan.units) <= set(units) for loan in begun)
    assert bool(packing.in_the_way) == (at_once > quantity or stuck)
    assert len(set(packing.in_the_way)) == len(packing.in_the_way)
    if packing.in_the_way:
        return
    assert not packing.moves.keys() & {loan.booking_id for loan in begun}
    after = [
        Loan(each.booking_id, each.period, packing.moves.get(each.booking_id, each.units))
        for each in lent
    ]
    for number, (loan, before) in enumerate(zip(after, lent, strict=True)):
        assert set(loan.units) <= set(units)
        assert len(set(loan.units)) == len(before.units)
        for other in after[:number]:
            assert not (loan.period.overlaps(other.period) and set(loan.units) & set(other.units))


@given(loans())
def test_who_has_a_unit_that_stays_keeps_it(lent: list[Loan]) -> None:
    assert repack(lent, PROJECTORS.units, EPOCH - SLOT).moves == {}


def test_no_more_than_there_are() -> None:
    with pytest.raises(errors.Conflict, match="equipment_taken"):
        choose_units(PROJECTORS, 4, [])


def test_units_that_are_held_already_are_kept() -> None:
    assert choose_units(PROJECTORS, 2, [], held=["projector#3"]) == ("projector#3", "projector#1")


@pytest.mark.parametrize(
    "wanted",
    [
        [{"equipment_id": "laptop", "quantity": 0}],
        [{"equipment_id": "laptop", "quantity": 51}],
        [{"equipment_id": "laptop", "quantity": True}],
        [{"equipment_id": "laptop"}],
        [{"equipment_id": "laptop", "quantity": 1, "colour": "red"}],
        [{"equipment_id": "laptop", "quantity": 1}, {"equipment_id": "laptop", "quantity": 2}],
        [{"equipment_id": f"kind-{number}", "quantity": 11} for number in range(5)],
        [{"equipment_id": f"kind-{number}", "quantity": 1} for number in range(6)],
        [None],
        "laptop",
        None,
    ],
)
def test_a_request_names_each_kind_once_and_not_too_many(wanted: object) -> None:
    with pytest.raises(ValidationError):
        BookingChanges().load({"equipment": wanted})


def test_a_claim_that_ends_early_ends_for_the_units_too() -> None:
    hour = Period(EPOCH, EPOCH + SLOT * 4)
    claim = Claim.on(space("room"), hour, ("projector#1",))
    assert len(claim.slots) == 8
    kept = claim.until(EPOCH + SLOT)
    assert kept is not None
    assert kept.units == ("projector#1",)
    assert kept.slots == (claim.slots[0], claim.slots[4])
