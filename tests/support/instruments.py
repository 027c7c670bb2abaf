"""Instruments in the situations that tests need."""

from __future__ import annotations

from typing import Any

from services.consultations.domain.instruments import (
    Band,
    Instrument,
    InstrumentDomain,
    Item,
)
from services.consultations.schemas import instruments as schemas


def named(words: str) -> dict[str, str]:
    """A name in both languages."""
    return {"ar": words, "en": words}


def an_item(id: str, **changes: Any) -> Item:
    """An item that a training in finance and a technical consultation help."""
    said: dict[str, Any] = {
        "statement": named(f"What {id} is about"),
        "anchors": tuple(named(f"{id} at {level}") for level in range(1, 5)),
        "evidence": named(f"What shows {id}"),
        "topics": ("financial-management",),
        "case_kinds": ("technical",),
    }
    return Item(id=id, **said | changes)


def some_bands(*least: float) -> tuple[Band, ...]:
    """Bands that begin there: ``band-1`` and so on."""
    starts = least or (1, 1.75, 2.5, 3.25)
    return tuple(Band(f"band-{n}", named(f"Band {n}"), each) for n, each in enumerate(starts, 1))


def an_instrument(**changes: Any) -> Instrument:
    """Two domains of two items each, as a draft."""
    said: dict[str, Any] = {
        "id": "capacity-1",
        "family": "capacity",
        "edition": 1,
        "name": named("Capacity"),
        "purpose": named("A conversation"),
        "sources": (),
        "bands": some_bands(),
        "domains": (
            InstrumentDomain("finance", named("Finance"), (an_item("budget"), an_item("cash"))),
            InstrumentDomain(
                "people",
                named("People"),
                (
                    an_item("roles", topics=("human-resources",), case_kinds=("planning",)),
                    an_item("pay", topics=("human-resources",), may_not_apply=True),
                ),
            ),
        ),
    }
    return Instrument(**said | changes)


def an_instrument_request(**values: Any) -> dict[str, Any]:
    """What a manager sends to add that edition."""
    shown = schemas.instrument(an_instrument())
    left_out = ("id", "edition", "status", "version")
    return {name: each for name, each in shown.items() if name not in left_out} | values
