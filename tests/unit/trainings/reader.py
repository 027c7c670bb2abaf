"""A reader of published statistics who tries to work out what is hidden.

The reader knows which cells add up to which, that nothing is negative, and that a hidden cell of a
one-way table is 1 at least, unless all of them are hidden.
"""

from __future__ import annotations

from collections.abc import Hashable

from services.common.suppression import Shown
from services.trainings.domain.statistics import (
    BY_SEX,
    OF_PEOPLE,
    Breakdown,
    PublicStatistics,
    Statistics,
)
from tests.unit.trainings.linear import Equation, System, Terms

#: Name of an unknown: the table, and the categories.
Name = tuple[str, ...]


class Reader:
    """Everything that is published, as one system of equations.

    Args:
        knows_overlaps: whether the reader knows how often the people of each shown sex are in
            several categories, so that every table has sums that are known. Otherwise the reader
            knows that the cells of such a table add up to the total at least, and that none is more
            than its total.
    """

    def __init__(
        self, truth: Statistics, published: PublicStatistics, *, knows_overlaps: bool
    ) -> None:
        self.known: dict[Name, int] = {}
        self.least: dict[Name, int] = {}
        self.names: list[Name] = []
        self.equations: list[Equation] = []
        for of, table in published.people_by.items():
            self._read((of.value,), table, least=1 if any_shown(table) else 0)
        for of in BY_SEX:
            self._read((of.value, "sex"), published.people_by_sex[of], least=0)
        assert published.people is not None
        people = published.people
        for of in Breakdown:
            cells = [(of.value, each) for each in truth.categories[of]]
            if of in OF_PEOPLE:
                self._add_up(cells, people)
            elif knows_overlaps:
                self._add_up(cells, sum(truth.people_by[of].values()))
            else:
                self._cover(cells, people)
        for of in BY_SEX:
            self._read_sums(of, truth, knows_overlaps=knows_overlaps)
        self.system = System(self.equations)

    def _read_sums(self, of: Breakdown, truth: Statistics, *, knows_overlaps: bool) -> None:
        """What the rows and the columns of a two-way table add up to."""
        sexes = truth.categories[Breakdown.SEX]
        rows = truth.categories[of]
        for row in rows:
            inner = [(of.value, "sex", row, sex) for sex in sexes]
            self._add_up(inner, 0, minus=(of.value, row))
        for sex in sexes:
            inner = [(of.value, "sex", row, sex) for row in rows]
            if of in OF_PEOPLE:
                self._add_up(inner, 0, minus=("sex", sex))
            elif ("sex", sex) not in self.known:
                continue
            elif knows_overlaps:
                matrix = truth.people_by_sex[of]
                self._add_up(inner, sum(matrix[row, sex] for row in rows))
            else:
                self._cover(inner, self.known["sex", sex])

    def _read(self, of: Name, table: Shown, least: int) -> None:
        for categories, number in table.items():
            name = (*of, *categories)
            self.names.append(name)
            if number is None:
                self.least[name] = least
            else:
                self.known[name] = number

    def _add_up(self, cells: list[Name], total: int, minus: Name | None = None) -> None:
        terms: dict[Hashable, int] = {}
        for name, by in [(cell, 1) for cell in cells] + ([(minus, -1)] if minus else []):
            if name in self.known:
                total -= by * self.known[name]
            else:
                total -= by * self.least[name]
                terms[name] = by
        self._note(terms, total)

    def _cover(self, cells: list[Name], total: int) -> None:
        """The cells are a total at least together, and at most each."""
        number = len(self.equations)
        hidden = [cell for cell in cells if cell not in self.known]
        left = total - sum(self.known.get(cell, self.least.get(cell, 0)) for cell in cells)
        terms: dict[Hashable, int] = dict.fromkeys(hidden, 1)
        if hidden:
            self._note({**terms, ("surplus", number): -1}, left)
        for cell in hidden:
            self._note({cell: 1, ("below", number, cell): 1}, total - self.least[cell])

    def _note(self, terms: Terms, total: int) -> None:
        if terms:
            self.equations.append((terms, total))
        else:
            assert total == 0, "what is published does not add up"

    def bounds(self, name: Name) -> tuple[float, float]:
        """The least and the most that a hidden cell can be."""
        least, most = self.system.bounds(name)
        return least + self.least[name], most + self.least[name]


def any_shown(table: Shown) -> bool:
    """Whether not all cells are hidden."""
    return any(number is not None for number in table.values())


def true_cells(truth: Statistics) -> dict[Name, int]:
    """Every number of people, under the reader's names."""
    found: dict[Name, int] = {}
    for of, table in truth.people_by.items():
        found |= {(of.value, each): n for each, n in table.items()}
    for of, matrix in truth.people_by_sex.items():
        found |= {(of.value, "sex", *place): n for place, n in matrix.items()}
    return found
