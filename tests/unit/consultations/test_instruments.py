"""Editions of instruments: bands, what makes one sound, and when it is frozen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from services.common.contracts.consultations import instruments as contract
from services.common.errors import Conflict
from services.consultations.domain.instrument_states import InstrumentAction, InstrumentStatus
from services.consultations.domain.instruments import (
    InstrumentDomain,
    ItemLink,
    find_faults,
    find_faults_of_kinds,
    find_faults_of_links,
)
from tests.support.instruments import an_instrument, an_item, named, some_bands


@pytest.mark.parametrize(
    ("mean", "band"),
    [
        (Fraction(1), "band-1"),
        (Fraction(7, 4) - Fraction(1, 1000), "band-1"),
        (Fraction(7, 4), "band-2"),
        (Fraction(5, 2), "band-3"),
        (Fraction(13, 4), "band-4"),
        (Fraction(4), "band-4"),
    ],
)
def test_a_band_holds_its_beginning_and_not_its_end(mean: Fraction, band: str) -> None:
    assert an_instrument().band_of(mean).id == band


def test_a_band_begins_exactly_where_it_says_in_decimals() -> None:
    instrument = an_instrument(bands=some_bands(1, 2.1, 2.8))
    # As binary numbers 21/10 and 28/10 lie a little beside it.
    assert instrument.band_of(Fraction(21, 10)).id == "band-2"
    assert instrument.band_of(Fraction(28, 10)).id == "band-3"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"bands": some_bands(1.5, 2)}, (("bands", 0, "least"), "first_band")),
        ({"bands": some_bands(1, 3, 3)}, (("bands", 2, "least"), "rising")),
        (
            {"bands": (*some_bands(1), replace(some_bands(2)[0], id="band-1"))},
            (("bands", 1, "id"), "each_once"),
        ),
        (
            {"domains": (InstrumentDomain("d", named("D"), (an_item("a"), an_item("a"))),)},
            (("domains", 0, "items", 1, "id"), "each_once"),
        ),
        (
            {"domains": tuple(InstrumentDomain("d", named("D"), (an_item(i),)) for i in "ab")},
            (("domains", 1, "id"), "each_once"),
        ),
    ],
)
def test_an_edition_that_does_not_fit_together_says_where(changes: dict, fault: tuple) -> None:
    assert list(find_faults(an_instrument(**changes))) == [fault]


def test_a_kind_of_consultation_that_there_is_not_is_named() -> None:
    found = list(find_faults_of_kinds(an_instrument(), {"technical"}))
    assert found == [(("domains", 1, "items", 0, "case_kinds", 0), "unknown")]


def test_a_sound_edition_has_no_fault() -> None:
    assert list(find_faults(an_instrument())) == []


@pytest.mark.parametrize(
    ("links", "fault"),
    [
        ([("budget", "nothing")], (("links", 0, "earlier_item_id"), "unknown")),
        ([("nothing", "cash")], (("links", 0, "item_id"), "unknown")),
        ([("budget", "cash"), ("budget", "pay")], (("links", 1, "item_id"), "each_once")),
        ([("budget", "cash"), ("roles", "cash")], (("links", 1, "earlier_item_id"), "each_once")),
    ],
)
def test_a_link_joins_two_items_that_exist_and_each_once(links: list, fault: tuple) -> None:
    later = an_instrument(links=tuple(ItemLink(*each) for each in links), edition=2)
    assert list(find_faults_of_links(later, an_instrument())) == [fault]


@pytest.mark.parametrize("status", [InstrumentStatus.IN_USE, InstrumentStatus.RETIRED])
def test_an_edition_in_use_is_frozen(status: InstrumentStatus) -> None:
    with pytest.raises(Conflict) as refused:
        an_instrument(status=status).changed({"name": named("Other")})
    assert refused.value.code == "consultations.instrument_not_allowed_now"
    assert refused.value.params == {"state": status, "to": "change"}


def test_a_published_edition_is_mended_until_it_is_used() -> None:
    published = an_instrument().moved(InstrumentAction.PUBLISH)
    mended = published.changed({"name": named("Other")})
    assert (mended.name, mended.version) == (named("Other"), published.version + 1)
    assert published.changed({"name": published.name}) is published


@pytest.mark.parametrize("least", [True, "1", 1.755, 0.99, 4.01])
def test_a_band_begins_on_the_scale_with_two_decimals_at_most(least: object) -> None:
    band = {"id": "b", "name": {"ar": "أ"}, "least": least}
    assert "least" in contract.ScoreBand().validate(band)


def test_the_example_is_what_a_request_may_say() -> None:
    assert contract.AddInstrument().validate(contract.EXAMPLE) == {}
