"""Scores: what does not apply is left out, and only mapped items are compared."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from services.consultations.domain.instruments import (
    Instrument,
    InstrumentDomain,
    ItemLink,
)
from services.consultations.domain.scores import compare_scores, map_items, result_of
from tests.support.instruments import an_instrument, an_item, named

INSTRUMENT = an_instrument()


def test_an_item_that_does_not_apply_is_in_neither_part_of_the_fraction() -> None:
    result = result_of(INSTRUMENT, {"budget": 2, "cash": 3, "roles": 4})
    assert result is not None
    people = result.of_domain("people")
    assert (people.mean, people.scored) == (Fraction(4), 1)
    assert result.of_domain("finance").mean == Fraction(5, 2)
    assert result.of_domain("finance").band is not None
    assert result.of_domain("finance").band.id == "band-3"


def test_each_domain_weighs_the_same_however_many_items_it_has() -> None:
    result = result_of(INSTRUMENT, {"budget": 1, "cash": 1, "roles": 4})
    assert result is not None
    assert result.mean == Fraction(5, 2)


def test_a_domain_in_which_nothing_applies_has_no_mean() -> None:
    result = result_of(INSTRUMENT, {"budget": 2})
    assert result is not None
    assert result.of_domain("people").mean is None
    assert result.mean == Fraction(2)
    assert result_of(INSTRUMENT, {}) is None


def test_a_band_is_chosen_before_anything_is_rounded() -> None:
    domains = (InstrumentDomain("d", named("D"), tuple(an_item(f"i{n}") for n in range(300))),)
    instrument = an_instrument(domains=domains)
    scores = {f"i{n}": 2 for n in range(225)} | {f"i{n}": 1 for n in range(225, 300)}
    result = result_of(instrument, scores)
    assert result is not None
    assert result.band.id == "band-2"
    # 524 of 300: 1.7467 is shown as 1.75, and lies below it.
    below = result_of(instrument, scores | {"i0": 1})
    assert below is not None
    assert below.band.id == "band-1"


def _next_edition(of: Instrument, *links: tuple[str, str]) -> Instrument:
    return replace(
        of,
        id=f"capacity-{of.edition + 1}",
        edition=of.edition + 1,
        earlier_id=of.id,
        links=tuple(ItemLink(*each) for each in links),
    )


def test_only_mapped_items_are_compared() -> None:
    later = _next_edition(INSTRUMENT, ("budget", "cash"))
    found = compare_scores(
        [INSTRUMENT, later], {"budget": 4, "cash": 1, "roles": 2}, {"budget": 3, "cash": 4}
    )
    assert found is not None
    assert [(each.domain_id, each.before, each.after) for each in found.domains] == [
        ("finance", 1, 3)
    ]
    assert (found.change, found.left_out) == (Fraction(2), ("cash",))


def test_the_same_words_without_a_link_are_not_compared() -> None:
    later = _next_edition(INSTRUMENT)
    scores = {"budget": 2, "cash": 2}
    assert compare_scores([INSTRUMENT, later], scores, scores) is None


def test_links_lead_through_the_editions_between() -> None:
    second = _next_edition(INSTRUMENT, ("budget", "cash"), ("roles", "roles"))
    third = _next_edition(second, ("pay", "budget"), ("cash", "cash"))
    assert map_items([INSTRUMENT, second, third]) == {"pay": "cash"}


def test_an_item_that_did_not_apply_before_moves_no_mean() -> None:
    found = compare_scores([INSTRUMENT], {"budget": 2, "roles": 2}, {"budget": 3, "cash": 1})
    assert found is not None
    assert (found.before, found.after, found.left_out) == (2, 3, ("cash",))


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_an_edition_compared_with_itself_shows_every_item(order: tuple[int, int]) -> None:
    before, after = order
    found = compare_scores([INSTRUMENT], {"budget": before}, {"budget": after})
    assert found is not None
    assert found.change == after - before
