"""Bounds of one unknown under linear equations, exact: the simplex method with fractions.

It is the reader who tries to work out hidden cells; it uses no code under test.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

Terms = Mapping[Hashable, int]
#: Terms that add up to the number.
Equation = tuple[Terms, int]


class System:
    """Unknowns that are at least 0 and meet all equations. It has a solution, or it is an error."""

    def __init__(self, equations: Sequence[Equation]) -> None:
        self.rows: list[dict[Hashable, Fraction]] = []
        self.values: list[Fraction] = []
        self.basis: list[Hashable] = []
        self._begin(equations)

    def _begin(self, equations: Sequence[Equation]) -> None:
        """Find a first solution: an artificial unknown for each equation, and then none."""
        artificial = []
        for number, (terms, value) in enumerate(equations):
            sign = -1 if value < 0 else 1
            row = {of: Fraction(sign * by) for of, by in terms.items() if by}
            name = ("artificial", number)
            row[name] = Fraction(1)
            artificial.append(name)
            self.rows.append(row)
            self.values.append(Fraction(sign * value))
            self.basis.append(name)
        missing = self._maximise({name: Fraction(-1) for name in artificial})
        assert missing == 0, "what is published contradicts itself"
        gone = set(artificial)
        for at in range(len(self.rows) - 1, -1, -1):
            if self.basis[at] in gone:
                enters = next((of for of, by in self.rows[at].items() if by and of not in gone), 0)
                if enters == 0:
                    del self.rows[at], self.values[at], self.basis[at]
                else:
                    self._pivot(at, enters)
        self.rows = [{of: by for of, by in row.items() if of not in gone} for row in self.rows]

    def _pivot(self, at: int, enters: Hashable) -> None:
        by = self.rows[at][enters]
        row = {of: value / by for of, value in self.rows[at].items() if value}
        value = self.values[at] / by
        self.rows[at], self.values[at], self.basis[at] = row, value, enters
        for other, others in enumerate(self.rows):
            if other != at and (times := others.get(enters)):
                for of, each in row.items():
                    left = others.get(of, Fraction()) - times * each
                    if left:
                        others[of] = left
                    else:
                        others.pop(of, None)
                self.values[other] -= times * value

    def _maximise(self, goal: Mapping[Hashable, Fraction]) -> Fraction | None:
        """The most that the goal can be; ``None`` if there is no limit (rule of R. Bland, 1977)."""
        order = {of: n for n, of in enumerate(sorted({o for r in self.rows for o in r}, key=repr))}
        while True:
            gains: dict[Hashable, Fraction] = dict(goal)
            for row, basic in zip(self.rows, self.basis, strict=True):
                if price := goal.get(basic):
                    for of, by in row.items():
                        gains[of] = gains.get(of, Fraction()) - price * by
            better = [of for of, gain in gains.items() if gain > 0 and of in order]
            if not better:
                return sum(
                    (
                        goal.get(basic, Fraction()) * value
                        for basic, value in zip(self.basis, self.values, strict=True)
                    ),
                    Fraction(),
                )
            enters = min(better, key=lambda of: order[of])
            ratios = [
                (self.values[at] / by, order[self.basis[at]], at)
                for at, row in enumerate(self.rows)
                if (by := row.get(enters, Fraction())) > 0
            ]
            if not ratios:
                return None
            self._pivot(min(ratios)[2], enters)

    def bounds(self, unknown: Hashable) -> tuple[int, float]:
        """The least and the most whole number that the unknown can be."""
        most = self._maximise({unknown: Fraction(1)})
        least = self._maximise({unknown: Fraction(-1)})
        assert least is not None
        return math.ceil(-least), math.inf if most is None else math.floor(most)
