"""Small cells of published tables, and what would give them away by subtraction.

The rules, for readers who are no staff:

- A cell from 1 to 4 is hidden. A zero is shown: it says that nobody is there, and no person is
  behind it. So a reader knows of a hidden cell of a one-way table that it is 1 at least.
- Others are hidden with small cells until a small cell can be anything from 1 to 4, as far as a
  reader can work out. There is one sign for all hidden cells.
- Of a two-way table all cells are hidden as soon as one of them is small, since the sums of its
  rows and columns are published. Categories that the one-way tables hide are hidden in every
  two-way table too; all of them together count as one row and one column, which a reader can work
  out.
- Of a one-way table, where hiding some is not enough, all cells are hidden, zeros included.
- Fewer than 5 people in all: nothing is published.

The reasoning takes every sum of a table as known to the reader, also where people are in several
categories and only the number of people is published; and the rules themselves. So it holds for a
reader who tries the rules on every table that fits the sums: that a two-way table is hidden says no
more of a small cell than the sums do, because each table that makes the cell 1, 2, 3 or 4 is hidden
like this one. What the sums alone say of a cell stays; it never is one number for a small cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Cells with fewer people are hidden.
LEAST_SHOWN = 5

Cell = int | None
"""Number of people; ``None`` where it is hidden."""


Shown = Mapping[tuple[str, ...], Cell]
"""A table as it is published: by category; of a two-way table by those of its row and column."""


def is_small(count: int) -> bool:
    """Whether a number of people is too small to be shown."""
    return 0 < count < LEAST_SHOWN


def hide_in_row(counts: Mapping[str, int]) -> frozenset[str]:
    """The categories of a one-way table that are hidden: all of them, zeros included, where fewer
    would give a small one away.

    Args:
        counts: people by category, in the order in which they are shown. With the small ones, the
            last of the others are hidden first: in an order that no count decides, because of the
            smallest one a reader would know that it is at most as large as each that is shown.
    """
    small = [category for category, n in counts.items() if is_small(n)]
    others = [category for category, n in counts.items() if n >= LEAST_SHOWN]
    with_them: list[str] = []
    while small and not _is_vague(counts, small, with_them):
        if not others:
            return frozenset(counts)
        with_them.append(others.pop())
    return frozenset((*small, *with_them))


def _is_vague(counts: Mapping[str, int], small: Sequence[str], with_them: Sequence[str]) -> bool:
    """Whether each small cell may be anything from 1 to 4 for a reader who knows the sum of the
    hidden cells, and even which of them are small."""
    spare = sum(counts[each] - 1 for each in small)
    spare += sum(counts[each] - LEAST_SHOWN for each in with_them)
    return bool(with_them) and spare >= LEAST_SHOWN - 2


# -- two-way tables -------------------------------------------------------------------------------

Matrix = Mapping[tuple[str, str], int]
_MERGED = "\x00hidden"  # no category has this name


def hides_matrix(
    counts: Matrix,
    rows: Sequence[str],
    columns: Sequence[str],
    hidden_rows: frozenset[str],
    hidden_columns: frozenset[str],
) -> bool:
    """Whether no cell of a two-way table is shown.

    Hiding some rows would not be enough: by which of them were chosen, a reader could work out what
    is in them.

    Args:
        counts: people in each cell.
        rows, columns: all categories.
        hidden_rows: categories that the one-way table of the rows hides.
        hidden_columns: likewise of the columns.
    """
    # A reader can work out the sums of the hidden categories. So they are one row and one column
    # that nobody is shown, and whose cells need the same protection.
    merged = _merge(counts, rows, columns, hidden_rows, hidden_columns)
    return any(map(is_small, merged.values()))


def _merge(
    counts: Matrix,
    rows: Sequence[str],
    columns: Sequence[str],
    hidden_rows: frozenset[str],
    hidden_columns: frozenset[str],
) -> dict[tuple[str, str], int]:
    merged: dict[tuple[str, str], int] = {}
    for row in rows:
        for column in columns:
            place = (
                _MERGED if row in hidden_rows else row,
                _MERGED if column in hidden_columns else column,
            )
            merged[place] = merged.get(place, 0) + counts.get((row, column), 0)
    return merged


def show_row(counts: Mapping[str, int]) -> tuple[Shown, frozenset[str]]:
    """A one-way table as it is published, and its hidden categories."""
    hidden = hide_in_row(counts)
    return {(each,): None if each in hidden else n for each, n in counts.items()}, hidden


def show_matrix(
    counts: Matrix,
    rows: Sequence[str],
    columns: Sequence[str],
    hidden_rows: frozenset[str],
    hidden_columns: frozenset[str],
) -> Shown:
    """A two-way table as it is published; the arguments are those of :func:`hides_matrix`."""
    whole = hides_matrix(counts, rows, columns, hidden_rows, hidden_columns)
    return {
        (row, column): None
        if whole or row in hidden_rows or column in hidden_columns
        else counts.get((row, column), 0)
        for row in rows
        for column in columns
    }
