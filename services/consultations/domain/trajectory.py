"""The trajectory of an organisation from relief to development: a stage for each quarter.

index = 60 × capacity + 15 × learning + 15 × practice + 10 × connection, each term from 0 to 1:

* **capacity**: the newest assessment that was held by then, in parts of the scale:
  (mean - 1) / 3. The verified scores count where there are some.
* **learning**: people of the organisation who completed a training in the 24 months before, of 6.
* **practice**: milestones of its action plans reached in these months, of 6.
* **connection**: meetings with other organisations held in these months, of 4.

More than the full number adds nothing. Before its first assessment an organisation has no index
and no stage, only counts. Stages are half-open parts of the index. ``docs/trajectory.md`` says
where the weights come from, and what the figure is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from services.common.contracts.consultations.instruments_limits import HIGHEST, LOWEST
from services.consultations.domain.trajectory_facts import FactKind

WINDOW_MONTHS = 24
MOST_POINTS = 40
"""Ten years of quarters."""
_MONTHS_OF_QUARTER = 3

WEIGHTS: Mapping[str, int] = {"capacity": 60, "learning": 15, "practice": 15, "connection": 10}
FULL: Mapping[FactKind, int] = {FactKind.TRAINING: 6, FactKind.MILESTONE: 6, FactKind.MEETING: 4}


class Stage(StrEnum):
    """Where an organisation stands; each begins at its least index."""

    RELIEF = "relief"
    STABILISING = "stabilising"
    DEVELOPING = "developing"
    DEVELOPMENT = "development"


LEAST_INDEX: Mapping[Stage, int] = {
    Stage.RELIEF: 0,
    Stage.STABILISING: 25,
    Stage.DEVELOPING: 50,
    Stage.DEVELOPMENT: 75,
}


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def of_text(cls, text: str) -> Month:
        """Of ``2027-03``."""
        year, number = text.split("-")
        return cls(int(year), int(number))

    @classmethod
    def of_day(cls, day: date) -> Month:
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """So many months later."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def ends_quarter(self) -> bool:
        return self.number % _MONTHS_OF_QUARTER == 0

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Level:
    """What an assessment came to.

    Attributes:
        held_on: the day of its conversation.
        mean: in ten-thousandths.
    """

    assessment_id: str
    instrument_id: str
    held_on: date
    mean: int


@dataclass(frozen=True, slots=True)
class Point:
    """Where an organisation stood at the end of a month.

    Attributes:
        counts: facts of each kind in the months before.
        terms: each from 0 to 1; none before the first assessment.
        index: from 0 to 100; ``None`` before the first assessment.
        level: the assessment that counts.
    """

    month: Month
    counts: Mapping[FactKind, int]
    terms: Mapping[str, Fraction]
    index: Fraction | None
    stage: Stage | None
    level: Level | None


def trace_trajectory(
    counts: Mapping[tuple[FactKind, Month], int], levels: Iterable[Level], now: Month
) -> list[Point]:
    """A point for the end of each quarter since the first fact, and one for this month; oldest
    first, the newest where there are too many.

    Args:
        counts: facts by kind and month.
        levels: assessments that count.
    """
    known = sorted(levels, key=lambda each: (each.held_on, each.assessment_id))
    began = [month for _, month in counts] + [Month.of_day(each.held_on) for each in known]
    if not began:
        return []
    months = _months_from(min(began), now)
    return [point_at(month, counts, known) for month in months][-MOST_POINTS:]


def _months_from(first: Month, now: Month) -> list[Month]:
    """The months that end a quarter, and this month. Not more than can be shown."""
    month = max(first, now.plus(-MOST_POINTS * _MONTHS_OF_QUARTER))
    found = []
    while month < now:
        if month.ends_quarter:
            found.append(month)
        month = month.plus(1)
    return [*found, now]


def point_at(
    month: Month, counts: Mapping[tuple[FactKind, Month], int], levels: Sequence[Level]
) -> Point:
    """Where an organisation stood at the end of a month.

    Args:
        levels: in the order of their days.
    """
    window = [month.plus(-back) for back in range(WINDOW_MONTHS)]
    found = {kind: sum(counts.get((kind, each), 0) for each in window) for kind in FULL}
    held = [each for each in levels if Month.of_day(each.held_on) <= month]
    if not held:
        return Point(month, found, {}, None, None, None)
    parts = {kind: min(Fraction(1), Fraction(found[kind], full)) for kind, full in FULL.items()}
    level = held[-1]
    terms = {
        "capacity": (Fraction(level.mean, 10_000) - LOWEST) / (HIGHEST - LOWEST),
        "learning": parts[FactKind.TRAINING],
        "practice": parts[FactKind.MILESTONE],
        "connection": parts[FactKind.MEETING],
    }
    index = sum((WEIGHTS[name] * term for name, term in terms.items()), Fraction())
    return Point(month, found, terms, index, stage_of(index), level)


def stage_of(index: Fraction) -> Stage:
    """The stage that an index falls into, before anything is rounded."""
    return [stage for stage, least in LEAST_INDEX.items() if index >= least][-1]
