"""Small cells of a table, and what would give them away."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest

from services.common.suppression import (
    LEAST_SHOWN,
    hide_in_row,
    hides_matrix,
    is_small,
    show_matrix,
    show_row,
)


class TestOneWay:
    @pytest.mark.parametrize(
        ("counts", "hidden"),
        [
            ({"a": 20, "b": 10, "c": 0}, ""),
            ({"a": 20, "b": 10, "c": 3}, "bc"),  # otherwise 33 - 30
            ({"a": 20, "b": 1, "c": 1}, "abc"),  # 22 - 20 would be one each
            ({"a": 20, "b": 4, "c": 4}, "abc"),  # a reader may know that both are small
            ({"a": 30, "b": 20, "c": 3, "d": 5}, "bcd"),  # 3 of 8, if the other is 5 or more
            ({"a": 5, "b": 1, "c": 0}, "abc"),  # 1 of 6, if the other is 5 or more
            ({"a": 1, "b": 1, "c": 1, "d": 2}, "abcd"),
        ],
    )
    def test_what_is_hidden_with_a_small_cell(self, counts: dict[str, int], hidden: str) -> None:
        assert hide_in_row(counts) == frozenset(hidden)

    @pytest.mark.parametrize(("categories", "most"), [("ab", 30), ("abc", 24), ("abcd", 16)])
    def test_a_reader_who_knows_the_rules_and_tries_every_table_finds_nothing(
        self, categories: str, most: int
    ) -> None:
        alike = defaultdict(list)
        for counts in product(range(most + 1), repeat=len(categories)):
            if LEAST_SHOWN <= sum(counts) <= most:
                shown, _ = show_row(dict(zip(categories, counts, strict=True)))
                alike[sum(counts), tuple(shown.values())].append(counts)
        for tables in alike.values():
            for cell in zip(*tables, strict=True):
                if any(map(is_small, cell)):
                    assert {1, 2, 3, 4} <= set(cell)


@pytest.mark.parametrize(("rows", "columns", "most"), [("ab", "xy", 12), ("abc", "xy", 7)])
def test_a_reader_who_tries_every_two_way_table_learns_no_more_than_the_sums_say(
    rows: str, columns: str, most: int
) -> None:
    """Every table whose sums are shown: what is possible for a small cell by the sums, is possible
    still for a reader who knows what was shown and by which rules."""
    places = list(product(rows, columns))
    by_sums, alike = defaultdict(list), defaultdict(list)
    for cells in product(range(most + 1), repeat=len(places)):
        counts = dict(zip(places, cells, strict=True))
        sums = (
            *(sum(counts[r, c] for c in columns) for r in rows),
            *(sum(counts[r, c] for r in rows) for c in columns),
        )
        if any(map(is_small, sums)):
            continue
        shown = show_matrix(counts, rows, columns, frozenset(), frozenset())
        assert not any(number is not None and is_small(number) for number in shown.values())
        by_sums[sums].append(cells)
        alike[sums, tuple(shown.values())].append(cells)
    for (sums, _), tables in alike.items():
        for seen, possible in zip(
            zip(*tables, strict=True), zip(*by_sums[sums], strict=True), strict=True
        ):
            if any(map(is_small, seen)):
                assert {each for each in possible if is_small(each)} <= set(seen)


def test_hidden_categories_are_one_row_and_one_column() -> None:
    """One man and three people of unknown sex are four together, and hidden."""
    counts = {("a", "f"): 9, ("a", "m"): 1, ("a", "?"): 3, ("b", "f"): 9}
    gone = frozenset("m?")
    assert hides_matrix(counts, "ab", "fm?", frozenset(), gone)
    counts["a", "m"] = 2
    assert not hides_matrix(counts, "ab", "fm?", frozenset(), gone)
    shown = show_matrix(counts, "ab", "fm?", frozenset(), gone)
    assert {place for place, number in shown.items() if number is not None} == {
        ("a", "f"),
        ("b", "f"),
    }
