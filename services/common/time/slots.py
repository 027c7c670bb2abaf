"""Time on the raster of quarter hours, and the claims that make a double booking impossible.

A resource (a space, a unit of equipment, a trainer) is claimed with one string per slot.
The strings are under a unique index, so that the database itself refuses the second of two claims
that overlap.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.common.time.period import Period

SLOT_MINUTES = 15
SLOT = timedelta(minutes=SLOT_MINUTES)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_raster(instant: datetime, slot: timedelta = SLOT) -> bool:
    """Whether the instant is a whole multiple of a slot since the epoch."""
    return (instant - _EPOCH) % slot == timedelta(0)


def slot_boundary(instant: datetime, slot: timedelta = SLOT) -> datetime:
    """The first start of a slot that is not before the instant."""
    return instant + (_EPOCH - instant) % slot


def next_slot(instant: datetime) -> datetime:
    """The first start of a slot after the instant."""
    return instant - (instant - _EPOCH) % SLOT + SLOT


def on_whole_slots(period: Period) -> Period:
    """The period widened outwards to the raster (a buffer of 10 minutes takes a whole slot)."""
    early = (period.starts_at - _EPOCH) % SLOT
    late = (_EPOCH - period.ends_at) % SLOT
    return Period(period.starts_at - early, period.ends_at + late)


def within_slots(period: Period) -> Period | None:
    """The period narrowed inwards to the raster; ``None`` where no whole slot lies in it."""
    starts_at = period.starts_at + (_EPOCH - period.starts_at) % SLOT
    ends_at = period.ends_at - (period.ends_at - _EPOCH) % SLOT
    return Period(starts_at, ends_at) if starts_at < ends_at else None


def on_slots(length: timedelta) -> timedelta:
    """The length rounded up to whole slots."""
    return length + -length % SLOT


def slots_of(resources: tuple[str, ...], period: Period, slot: timedelta = SLOT) -> tuple[str, ...]:
    """One string per resource and slot of a period on the raster.

    Args:
        resources: what cannot be taken twice at a time: a space or the parts of a hall, units of
            equipment, people.
        period: half-open, so that claims may touch.
        slot: the length of a slot, the same for all claims under one index.
    """
    slots = range((period.starts_at - _EPOCH) // slot, (period.ends_at - _EPOCH) // slot)
    return tuple(f"{resource}@{slot}" for resource in resources for slot in slots)


def start_of_slot(slot: str) -> datetime:
    """When a slot, as :func:`slots_of` writes it, begins."""
    return _EPOCH + SLOT * int(slot.rpartition("@")[2])
