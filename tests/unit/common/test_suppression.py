"""Small cells of a table, and what would give them away."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.suppression import (
    LEAST_SHOWN,
    hide_in_row,
    hide_rows,
    is_small,
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


@st.composite
def matrices(draw: st.DrawFn) -> dict[tuple[str, str], int]:
    rows, columns = "abc"[: draw(st.integers(2, 3))], "xy"
    return {place: draw(st.integers(0, 6)) for place in product(rows, columns)}


@settings(max_examples=150)
@given(matrices())
def test_every_table_with_these_sums_leaves_a_small_cell_open(
    counts: dict[tuple[str, str], int],
) -> None:
    """One two-way table whose sums are all known, by trying every table that there is."""
    rows, columns = sorted({r for r, _ in counts}), ["x", "y"]
    sums = {r: sum(counts[r, c] for c in columns) for r in rows}
    if any(map(is_small, [*sums.values(), *(sum(counts[r, c] for r in rows) for c in columns)])):
        return  # hidden sums are the next test's
    hidden = hide_rows(counts, rows, columns, frozenset(), frozenset())
    assert not any(is_small(counts[r, c]) for r in rows if r not in hidden for c in columns)
    block = sorted(hidden)
    in_x = sum(counts[r, "x"] for r in block)
    tables = [t for t in product(*(range(sums[r] + 1) for r in block)) if sum(t) == in_x]
    for at, name in enumerate(block):
        for column in columns:
            if is_small(counts[name, column]):
                seen = {t[at] if column == "x" else sums[name] - t[at] for t in tables}
                assert len(seen) > 1
                assert hidden == {r for r in rows if sums[r]} or {1, 2, 3, 4} <= seen
