"""Which adviser fits a case: who is not suggested, and what decides among the others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consultations.domain.suggestions import (
    Candidate,
    Knowledge,
    Need,
    Suggestion,
    is_first,
    may_be_assigned,
    suggest_advisers,
)

NEED = Need("raqqa", "ar", ("finance", "operations"), speciality="finance")


def candidate(name: str = "huda", **values: Any) -> Candidate:
    return Candidate(
        **{
            "id": name,
            "specialities": ("finance",),
            "centre_ids": ("raqqa",),
            "languages": ("ar",),
            **values,
        }
    )


def names(*candidates: Candidate, need: Need = NEED) -> list[str]:
    return [each.adviser_id for each in suggest_advisers(need, candidates)]


BETTER = [
    ({"specialities": ("operations", "finance")}, {"specialities": ("operations",)}),
    ({"centre_ids": ("tabqa", "raqqa")}, {"centre_ids": ("tabqa",)}),
    ({"languages": ("ar", "en")}, {"languages": ("en",)}),
    ({"cases": 2}, {"cases": 3}),
    # An earlier term decides, whatever the later ones say.
    ({"centre_ids": (), "cases": 9}, {"specialities": ("operations",)}),
    ({"languages": (), "cases": 9}, {"centre_ids": ("tabqa",)}),
    ({"cases": 9}, {"languages": ("en",)}),
]


@pytest.mark.parametrize(("better", "worse"), BETTER)
def test_the_first_term_that_differs_decides(better: dict[str, Any], worse: dict[str, Any]) -> None:
    # The names would say otherwise.
    assert names(candidate("b", **better), candidate("a", **worse)) == ["b", "a"]


def test_who_has_trained_the_cohort_comes_first() -> None:
    need = Need("raqqa", "ar", ("finance",), trainers=("nour",))
    stranger = candidate("nour", specialities=(), centre_ids=(), languages=(), cases=9)
    assert names(candidate("huda"), stranger, need=need) == ["nour", "huda"]
    assert names(candidate("huda"), stranger) == ["huda"]


@pytest.mark.parametrize("values", [{"away": True}, {"active": False}])
def test_who_is_away_or_works_no_more_is_neither_suggested_nor_assigned(
    values: dict[str, Any],
) -> None:
    assert names(candidate(**values)) == []
    assert not may_be_assigned(candidate(**values), NEED)


def test_a_woman_is_suggested_where_one_is_asked_for() -> None:
    need = Need("raqqa", "ar", ("finance",), woman=True)
    candidates = candidate("jamal"), candidate("huda", is_woman=True)
    assert names(*candidates, need=need) == ["huda"]
    assert not may_be_assigned(candidates[0], need)
    assert names(*candidates) == ["huda", "jamal"]


def test_each_suggestion_says_why() -> None:
    away = {"languages": ("en",), "specialities": ("operations",), "cases": 4}
    found = suggest_advisers(NEED, [candidate("huda"), candidate("jamal", **away)])
    assert found == [
        Suggestion("huda", 1, False, Knowledge.SPECIALITY, True, True, 1),
        Suggestion("jamal", 2, False, Knowledge.KIND, True, False, 2),
    ]


def test_who_differs_in_nothing_shares_a_place() -> None:
    found = suggest_advisers(NEED, [candidate("b"), candidate("a"), candidate("c", cases=1)])
    assert [(each.adviser_id, each.rank) for each in found] == [("a", 1), ("b", 1), ("c", 2)]
    assert is_first("b", found)
    assert not is_first("c", found)
    assert not is_first("d", found)


def test_a_load_is_a_rank_and_no_number() -> None:
    found = suggest_advisers(NEED, [candidate("a", cases=40), candidate("b", cases=3)])
    assert {each.adviser_id: each.load_rank for each in found} == {"b": 1, "a": 2}


@given(
    st.lists(
        st.builds(
            Candidate,
            id=st.sampled_from("abcdefgh"),
            specialities=st.sets(st.sampled_from(["finance", "operations", "contracts"])),
            centre_ids=st.sets(st.sampled_from(["raqqa", "tabqa"])),
            languages=st.sets(st.sampled_from(["ar", "en", "ku"])),
            is_woman=st.booleans(),
            active=st.booleans(),
            away=st.booleans(),
            cases=st.integers(0, 5),
        ),
        unique_by=lambda each: each.id,
    ),
    st.booleans(),
)
def test_places_go_up_without_a_gap_and_nobody_unfit_has_one(
    candidates: list[Candidate], woman: bool
) -> None:
    need = Need("raqqa", "ar", ("finance", "operations"), "finance", woman=woman)
    found = suggest_advisers(need, candidates)
    ranks = [each.rank for each in found]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(range(1, len(set(ranks)) + 1))
    by_id = {each.id: each for each in candidates}
    assert all(may_be_assigned(by_id[each.adviser_id], need) for each in found)
    assert [each.order for each in found] == sorted(each.order for each in found)
