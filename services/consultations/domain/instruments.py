"""Instruments: what an organisation is assessed with, as data in editions.

An instrument has domains, a domain has items, and an item has one anchor for each level of the
scale: what an organisation at that level looks like. An edition that an assessment has used is
frozen; another wording is another edition, which says which of its items stand for which of the
edition before. The item is the unit of comparison: what is not mapped is not compared.

The scale of four levels without a middle, agreed in a conversation rather than counted, follows
the facilitated self-assessments of the field; each instrument names its sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from services.common.contracts.consultations.instruments_limits import HIGHEST, LOWEST
from services.consultations.domain.instrument_states import (
    TRANSITIONS,
    InstrumentAction,
    InstrumentStatus,
)

Name = Mapping[str, str]

LEVELS = range(LOWEST, HIGHEST + 1)


@dataclass(frozen=True, slots=True)
class Item:
    """What is scored.

    Attributes:
        id: unique within the edition.
        statement: what is looked at.
        anchors: what each level looks like, the lowest level first.
        evidence: what shows the level to a person from outside.
        may_not_apply: whether the item may be left out for an organisation that it does not fit.
        topics: ids of the topics of trainings that help where the score is low.
        case_kinds: ids of the kinds of consultation that help where the score is low.
    """

    id: str
    statement: Name
    anchors: tuple[Name, ...]
    evidence: Name
    may_not_apply: bool = False
    topics: tuple[str, ...] = ()
    case_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstrumentDomain:
    """A field of capacity: a few items whose mean is the score of the domain."""

    id: str
    name: Name
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A range of mean scores: from ``least``, which belongs to it, up to the next band's, which
    does not. The last one ends with the highest level, which belongs to it."""

    id: str
    name: Name
    least: float


@dataclass(frozen=True, slots=True)
class Source:
    """What shaped an instrument: a title to look for, and what was taken from it."""

    title: str
    note: Name


@dataclass(frozen=True, slots=True)
class ItemLink:
    """An item stands for one of the edition before: their scores may be compared."""

    item_id: str
    earlier_item_id: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One edition of an instrument.

    Attributes:
        family: shared by all editions.
        edition: counts from 1.
        earlier_id: the edition before; ``None`` for the first.
        links: which items stand for which of the edition before.
    """

    kind: ClassVar[str] = "instrument"

    id: str
    family: str
    edition: int
    name: Name
    purpose: Name
    sources: tuple[Source, ...]
    bands: tuple[Band, ...]
    domains: tuple[InstrumentDomain, ...]
    earlier_id: str | None = None
    links: tuple[ItemLink, ...] = ()
    status: InstrumentStatus = InstrumentStatus.DRAFT
    created_at: datetime | None = None
    version: int = 1

    @property
    def items(self) -> dict[str, Item]:
        """The items of all domains by id, in their order."""
        return {item.id: item for domain in self.domains for item in domain.items}

    @property
    def published(self) -> bool:
        """Whether people other than managers know of it."""
        return self.status is not InstrumentStatus.DRAFT

    def band_of(self, mean: Fraction) -> Band:
        """The band that a mean score falls into; the mean is exact, never rounded before."""
        fits = [each for each in self.bands if mean >= hundredths(each.least)]
        return fits[-1]

    def changed(self, changes: Mapping[str, Any]) -> Instrument:
        """The edition with these changes; the edition itself where nothing differs.

        Raises:
            errors.Conflict: ``consultations.instrument_not_allowed_now`` once an assessment has
                used it.
        """
        TRANSITIONS.after(self.status, InstrumentAction.CHANGE)
        after = replace(self, **changes)
        return self if after == self else replace(after, version=self.version + 1)

    def moved(self, action: InstrumentAction) -> Instrument:
        """The edition after an action.

        Raises:
            errors.Conflict: ``consultations.instrument_not_allowed_now``, if the table says no.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "family": self.family,
            "edition": self.edition,
            "name": dict(self.name),
            "status": self.status.value,
            "domains": [each.id for each in self.domains],
            "items": list(self.items),
            "bands": [each.id for each in self.bands],
            "earlier_id": self.earlier_id,
        }


def hundredths(number: float) -> Fraction:
    """A number of two decimals as it is meant: 1.75 is seven quarters."""
    return Fraction(round(number * 100), 100)


def find_faults(instrument: Instrument) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What a schema cannot see: where, and the code of the fault."""
    yield from _faults_of_ids(instrument)
    yield from _faults_of_bands(instrument.bands)


def _faults_of_ids(instrument: Instrument) -> Iterator[tuple[tuple[str | int, ...], str]]:
    domains: set[str] = set()
    items: set[str] = set()
    for number, domain in enumerate(instrument.domains):
        if domain.id in domains:
            yield ("domains", number, "id"), "each_once"
        domains.add(domain.id)
        for place, item in enumerate(domain.items):
            if item.id in items:
                yield ("domains", number, "items", place, "id"), "each_once"
            items.add(item.id)


def _faults_of_bands(bands: tuple[Band, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if hundredths(bands[0].least) != LOWEST:
        yield ("bands", 0, "least"), "first_band"
    ids: set[str] = set()
    for number, band in enumerate(bands):
        if band.id in ids:
            yield ("bands", number, "id"), "each_once"
        ids.add(band.id)
        if number and hundredths(band.least) <= hundredths(bands[number - 1].least):
            yield ("bands", number, "least"), "rising"


def find_faults_of_kinds(
    instrument: Instrument, known: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Which kinds of consultation are named that there are not.

    Args:
        known: ids of all kinds.
    """
    for number, domain in enumerate(instrument.domains):
        for place, item in enumerate(domain.items):
            for index, kind_id in enumerate(item.case_kinds):
                if kind_id not in known:
                    yield ("domains", number, "items", place, "case_kinds", index), "unknown"


def find_faults_of_links(
    instrument: Instrument, earlier: Instrument | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with the links to the edition before: each end exists, and is used once."""
    now, before = set(instrument.items), set(earlier.items if earlier else ())
    for number, link in enumerate(instrument.links):
        if link.item_id not in now:
            yield ("links", number, "item_id"), "unknown"
        if link.earlier_item_id not in before:
            yield ("links", number, "earlier_item_id"), "unknown"
        rest = instrument.links[:number]
        if any(each.item_id == link.item_id for each in rest):
            yield ("links", number, "item_id"), "each_once"
        if any(each.earlier_item_id == link.earlier_item_id for each in rest):
            yield ("links", number, "earlier_item_id"), "each_once"
