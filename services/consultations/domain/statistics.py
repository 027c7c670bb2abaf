"""Consultations by what donors ask for: cases, how fast they were answered, support, ratings, and
how many organisations improved.

A live report is of open cases alone. Sealed cases are counted by kind and by centre, and nothing
else is said of them, in frozen periods of three months or more, and without small cells for staff
too: they can count the open cases of the same days.

The breakdowns are fixed, and no two frozen periods share a day, so that nobody subtracts one report
from another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from services.common.suppression import LEAST_SHOWN, hide_in_row

Cell = int | None
"""A number of cases, organisations or minutes; ``None`` where it is hidden or there is none."""

Table = Mapping[str, Cell]

#: Frozen periods are of so many months at least, since sealed cases are in them.
LEAST_MONTHS = 3
ALL = "all"
WAYS = ("at_centre", "on_site", "remote")
SCORES = ("1", "2", "3", "4", "5")
_MINUTE = timedelta(minutes=1)


# -- what is counted ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case that was submitted in the period.

    Attributes:
        status: as it is now.
        answered_in, resolved_in: working time; ``None`` where it has not happened.
        answered_in_time, resolved_in_time: whether that was within the limit.
        score: of the last rating.
    """

    kind: str
    centre_id: str
    status: str
    sealed: bool = False
    answered_in: timedelta | None = None
    answered_in_time: bool | None = None
    resolved_in: timedelta | None = None
    resolved_in_time: bool | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """An appointment or visit of an open case that took place in the period.

    Attributes:
        way: at the centre, on site or remote.
    """

    case_id: str
    way: str
    length: timedelta


@dataclass(frozen=True, slots=True)
class Comparison:
    """An assessment beside the one before it, on the items that both have.

    Attributes:
        change: of the score; above nothing where the organisation has improved.
    """

    organisation_id: str
    day: date
    change: float


@dataclass(frozen=True, slots=True)
class Effort:
    """A year in which an organisation did something to improve: it asked for a consultation that is
    not sealed, its people completed a training, or it reached a milestone of its action plan."""

    organisation_id: str
    year: int


# -- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took.

    Attributes:
        cases: of how many it is known.
        median_minutes: working time.
        in_time: how many were within their limit.
    """

    cases: Cell
    median_minutes: Cell
    in_time: Cell


@dataclass(frozen=True, slots=True)
class Meetings:
    """Support of one way.

    Attributes:
        cases: how many had such meetings.
    """

    cases: Cell
    meetings: Cell
    minutes: Cell


@dataclass(frozen=True, slots=True)
class Improvement:
    """Organisations of one calendar year, each counted once.

    Attributes:
        pursued: those that did something to improve and have an assessment to compare with an
            earlier one.
        improved: those of them whose last assessment of the year is better than the one before.
    """

    pursued: Cell
    improved: Cell


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed cases; nothing else is said of them."""

    cases: Cell
    by_kind: Table
    by_centre: Table


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a period.

    Attributes:
        cases: open ones.
        by_kind_and_centre: kind → centre → cases.
        first_answer, resolution: by kind, and ``all``.
        meetings: by way.
        ratings: by score.
        rated: how many cases are rated.
        mean_score: in hundredths.
        organisations: by year.
        sealed: ``None`` in a live report.
    """

    cases: Cell
    by_kind: Table
    by_centre: Table
    by_status: Table
    by_kind_and_centre: Mapping[str, Table]
    first_answer: Mapping[str, Times]
    resolution: Mapping[str, Times]
    meetings: Mapping[str, Meetings]
    ratings: Table
    rated: Cell
    mean_score: Cell
    organisations: Mapping[str, Improvement]
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Categories:
    """Those that have a line also where nothing is counted in them."""

    kinds: Sequence[str]
    centres: Sequence[str]
    statuses: Sequence[str]


def count_consultations(
    cases: Iterable[CaseRow],
    meetings: Iterable[MeetingRow],
    comparisons: Iterable[Comparison],
    efforts: Iterable[Effort],
    categories: Categories,
    years: Iterable[int],
    *,
    with_sealed: bool = False,
) -> Statistics:
    """The figures of a period; the order of the rows does not matter.

    Args:
        cases: submitted in the period, sealed ones too.
        meetings: of open cases.
        comparisons, efforts: of these years.
        years: the calendar years in which organisations are counted.
        with_sealed: whether sealed cases are counted apart; else they are in no figure.
    """
    rows = list(cases)
    known = [each for each in rows if not each.sealed]
    hidden = [each for each in rows if each.sealed]
    scores = [each.score for each in known if each.score is not None]
    kinds = _lines(categories.kinds, (each.kind for each in known))
    centres = _lines(categories.centres, (each.centre_id for each in known))
    statuses = _lines(categories.statuses, (each.status for each in known))
    return Statistics(
        cases=len(known),
        by_kind=_count(kinds, (each.kind for each in known)),
        by_centre=_count(centres, (each.centre_id for each in known)),
        by_status=_count(statuses, (each.status for each in known)),
        by_kind_and_centre={
            kind: _count(centres, (each.centre_id for each in known if each.kind == kind))
            for kind in kinds
        },
        first_answer=_times(known, kinds, lambda row: (row.answered_in, row.answered_in_time)),
        resolution=_times(known, kinds, lambda row: (row.resolved_in, row.resolved_in_time)),
        meetings=_meetings(meetings),
        ratings=_count(SCORES, map(str, scores)),
        rated=len(scores),
        mean_score=round(100 * sum(scores) / len(scores)) if scores else None,
        organisations=count_improved(comparisons, efforts, years),
        sealed=_sealed(hidden, categories) if with_sealed else None,
    )


def count_improved(
    comparisons: Iterable[Comparison], efforts: Iterable[Effort], years: Iterable[int]
) -> dict[str, Improvement]:
    """Organisations that improved, and those that pursued improvement, by year: each once a year,
    however many assessments, plans and cases it has."""
    last: dict[tuple[str, int], tuple[date, float]] = {}
    for each in sorted(comparisons, key=lambda one: (one.organisation_id, one.day)):
        last[each.organisation_id, each.day.year] = (each.day, each.change)
    tried = {(each.organisation_id, each.year) for each in efforts}
    found: dict[str, Improvement] = {}
    for year in years:
        pursued = [key for key in last if key[1] == year and key in tried]
        improved = [key for key in pursued if last[key][1] > 0]
        found[str(year)] = Improvement(len(pursued), len(improved))
    return found


def _lines(wanted: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    first = tuple(dict.fromkeys(wanted))
    return (*first, *sorted(set(found) - set(first)))


def _count(lines: Iterable[str], values: Iterable[str]) -> dict[str, Cell]:
    counted = Counter(values)
    return {each: counted[each] for each in lines}


def _times(
    rows: Sequence[CaseRow],
    kinds: Iterable[str],
    of: Callable[[CaseRow], tuple[timedelta | None, bool | None]],
) -> dict[str, Times]:
    def figures(chosen: Iterable[CaseRow]) -> Times:
        known = [(took, kept) for took, kept in map(of, chosen) if took is not None]
        if not known:
            return Times(0, None, 0)
        middle = median(took / _MINUTE for took, _ in known)
        return Times(len(known), round(middle), sum(kept is True for _, kept in known))

    by_kind = {kind: figures(row for row in rows if row.kind == kind) for kind in kinds}
    return {**by_kind, ALL: figures(rows)}


def _meetings(rows: Iterable[MeetingRow]) -> dict[str, Meetings]:
    by_way: dict[str, list[MeetingRow]] = defaultdict(list)
    for row in rows:
        by_way[row.way].append(row)
    return {
        way: Meetings(
            len({each.case_id for each in by_way[way]}),
            len(by_way[way]),
            round(sum((each.length for each in by_way[way]), timedelta()) / _MINUTE),
        )
        for way in _lines(WAYS, by_way)
    }


def _sealed(rows: Sequence[CaseRow], categories: Categories) -> Sealed:
    """The sealed cases as everybody sees them, staff too: small cells are never kept."""
    kinds = _lines(categories.kinds, (each.kind for each in rows))
    centres = _lines(categories.centres, (each.centre_id for each in rows))
    by_kind = _count(kinds, (each.kind for each in rows))
    by_centre = _count(centres, (each.centre_id for each in rows))
    if len(rows) < LEAST_SHOWN:
        return Sealed(None, dict.fromkeys(by_kind), dict.fromkeys(by_centre))
    return Sealed(len(rows), without_small(by_kind), without_small(by_centre))


def numbers_of(table: Table) -> dict[str, int]:
    """A table none of whose cells is hidden."""
    return {name: n or 0 for name, n in table.items()}


def without_small(table: Table) -> dict[str, Cell]:
    """A one-way table as it is published."""
    hidden = hide_in_row(numbers_of(table))
    return {name: None if name in hidden else n for name, n in table.items()}


# -- frozen periods -------------------------------------------------------------------------------


def years_in(first_day: date, last_day: date, *, whole: bool) -> range:
    """The calendar years of a period.

    Args:
        whole: only years that lie in the period with all their days. No two frozen periods have
            such a year in common, so nobody subtracts them.
    """
    first, last = first_day.year, last_day.year
    if whole:
        first += first_day > date(first, 1, 1)
        last -= last_day < date(last, 12, 31)
    return range(first, last + 1)


def is_long_enough(first_day: date, last_day: date) -> bool:
    """Whether a period is of three months or more, such as from 1 January to 31 March."""
    month = first_day.month - 1 + LEAST_MONTHS
    year, month = first_day.year + month // 12, month % 12 + 1
    end = last_day + timedelta(days=1)
    # From the 31st, three months end on the first day after the shorter month.
    return (end.year, end.month) > (year, month) or (
        (end.year, end.month) == (year, month) and end.day >= first_day.day
    )


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """A donor's period whose figures do not change any more.

    Attributes:
        title: what people call it.
        first_day, last_day: both included.
        statistics: counted as the cases were when the period was frozen.
    """

    id: str
    title: str
    first_day: date
    last_day: date
    frozen_at: datetime
    frozen_by: str
    statistics: Statistics
    version: int = 1
