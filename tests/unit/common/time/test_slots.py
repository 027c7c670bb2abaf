"""The raster of quarter hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.common.time.period import Period
from services.common.time.slots import SLOT, next_slot, on_raster, on_whole_slots

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.integers(0, 4 * 365 * 86_400))
def test_the_next_slot_is_on_the_raster_and_after(second: int) -> None:
    instant = EPOCH + timedelta(seconds=second)
    assert instant < next_slot(instant) <= instant + SLOT
    assert on_raster(next_slot(instant))
    assert on_whole_slots(Period(next_slot(instant), next_slot(instant) + SLOT)) == Period(
        next_slot(instant), next_slot(instant) + SLOT
    )
