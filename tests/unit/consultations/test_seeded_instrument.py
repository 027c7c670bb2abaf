"""The seeded instrument: eight domains, forty items, four anchored levels each, two languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.consultations.domain.instruments import Instrument, find_faults
from services.consultations.schemas.instruments import seeded_instrument
from tests.architecture.project import ROOT
from tests.architecture.test_arabic import faults

SEED = ROOT / "deploy" / "seed"


def read(name: str) -> Any:
    return json.loads((SEED / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    [entry] = read("instruments")["instruments"]
    return seeded_instrument(entry)


def test_it_has_eight_domains_of_five_items_and_no_fault(instrument: Instrument) -> None:
    assert list(find_faults(instrument)) == []
    assert [each.id for each in instrument.domains] == [
        "governance",
        "finance",
        "human-resources",
        "programmes",
        "learning",
        "relations",
        "operations",
        "rootedness",
    ]
    assert {len(each.items) for each in instrument.domains} == {5}
    assert {len(each.anchors) for each in instrument.items.values()} == {4}


def test_no_two_levels_of_all_items_are_worded_alike(instrument: Instrument) -> None:
    for language in ("ar", "en"):
        worded = [anchor[language] for item in instrument.items.values() for anchor in item.anchors]
        assert len(set(worded)) == len(worded) == 160


def test_it_says_what_shaped_it(instrument: Instrument) -> None:
    titles = " ".join(each.title for each in instrument.sources)
    for each in ("JSI", "NEAR", "Pact", "Humentum"):
        assert each in titles


def test_what_helps_with_an_item_is_there(instrument: Instrument) -> None:
    topics = {each["id"] for each in read("centre")["topics"]}
    kinds = {each["id"] for each in read("consultation_kinds")["kinds"]}
    for item in instrument.items.values():
        assert item.topics or item.case_kinds, item.id
        assert set(item.topics) <= topics
        assert set(item.case_kinds) <= kinds
    assert {topic for item in instrument.items.values() for topic in item.topics} == topics


@pytest.mark.parametrize("name", ["instruments", "needs_studies"])
def test_seeded_texts_are_in_both_languages_and_follow_the_glossary(name: str) -> None:
    texts = list(localised(read(name)))
    assert all({"ar", "en"} <= set(each) for each in texts)
    wrong = [f"{each['ar']}: {fault}" for each in texts for fault in faults(each["ar"])]
    assert wrong == []


def localised(value: Any) -> Iterator[dict[str, str]]:
    """Every text by language within."""
    if isinstance(value, list):
        for each in value:
            yield from localised(each)
    elif isinstance(value, dict):
        if "ar" in value:
            yield value
        else:
            for each in value.values():
                yield from localised(each)
