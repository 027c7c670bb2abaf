"""Trainees by what donors ask for: sex, age band, disability, centre, organisation and topic.

A trainee is a person who attended a session in the period. People are counted once in each cell and
once in the total; attendances (a person in a session) are counted apart. Who was at two centres is
in the cells of both, so these cells may add up to more than the total.

The breakdowns are fixed: a report that readers could choose themselves would let them subtract one
from the other. For the same reason no two frozen periods share a day
(``FrozenPeriodStore.sharing_days``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.common.suppression import LEAST_SHOWN, Shown, show_matrix, show_row


class Breakdown(StrEnum):
    """What people are counted by."""

    SEX = "sex"
    AGE_BAND = "age_band"
    DISABILITY = "disability"
    CENTRE = "centre"
    ORGANISATION = "organisation"
    TOPIC = "topic"


#: What a person is, once; the others say where a person was, which may be several.
OF_PEOPLE = (Breakdown.SEX, Breakdown.AGE_BAND, Breakdown.DISABILITY)
#: The two-way tables: rows of these, columns by sex.
BY_SEX = (Breakdown.AGE_BAND, Breakdown.DISABILITY, Breakdown.CENTRE, Breakdown.TOPIC)
#: First and last age of each band, both included; the last has no end.
AGE_BANDS: Mapping[str, tuple[int, int | None]] = {
    "under_18": (0, 17),
    "18_24": (18, 24),
    "25_34": (25, 34),
    "35_44": (35, 44),
    "45_54": (45, 54),
    "55_plus": (55, None),
}
#: The category of people for whom it is not known, and of those without an organisation.
UNKNOWN = "unknown"


def age_band(birth_year: int | None, year: int) -> str | None:
    """The band in which a person was at the end of a year; ``None`` where it is not known."""
    if birth_year is None or birth_year > year:
        return None
    age = year - birth_year
    return next(name for name, (first, last) in AGE_BANDS.items() if first <= age <= (last or age))


@dataclass(frozen=True, slots=True)
class Participation:
    """What a person attended in one cohort within the period, and who the person was then.

    Attributes:
        attended: number of sessions, late ones included.
        last_attended: day of the last of them, by the clock of the centre.
        sex, age_band, disability, organisation_id: ``None`` where it is not known.
    """

    person_id: str
    cohort_id: str
    centre_id: str
    topic_id: str
    attended: int
    last_attended: date
    organisation_id: str | None = None
    sex: str | None = None
    age_band: str | None = None
    disability: str | None = None

    def category(self, breakdown: Breakdown) -> str:
        """Where it is counted."""
        value = {
            Breakdown.SEX: self.sex,
            Breakdown.AGE_BAND: self.age_band,
            Breakdown.DISABILITY: self.disability,
            Breakdown.CENTRE: self.centre_id,
            Breakdown.ORGANISATION: self.organisation_id,
            Breakdown.TOPIC: self.topic_id,
        }[breakdown]
        return value or UNKNOWN


Table = Mapping[str, int]
Matrix = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Every figure, for staff.

    Attributes:
        people: number of trainees.
        attendances: number of attended sessions, of all people together.
        categories: of each breakdown, in order.
        people_by: people by category.
        attendances_by: attendances by category.
        people_by_sex: people by the row's category and by sex.
    """

    people: int
    attendances: int
    categories: Mapping[Breakdown, tuple[str, ...]]
    people_by: Mapping[Breakdown, Table]
    attendances_by: Mapping[Breakdown, Table]
    people_by_sex: Mapping[Breakdown, Matrix]


def count_trainees(
    rows: Iterable[Participation], categories: Mapping[Breakdown, Sequence[str]]
) -> Statistics:
    """The figures of a period; the order of the rows does not matter.

    Args:
        rows: one for each person and cohort; those without an attended session are left out.
        categories: those that have a line also where nobody is in them. Others that rows have come
            after them; ``unknown`` comes last, always.
    """
    attended = _with_one_description([row for row in rows if row.attended > 0])
    lines = {
        each: _categories(categories.get(each, ()), {row.category(each) for row in attended})
        for each in Breakdown
    }
    people: dict[Breakdown, dict[str, set[str]]] = {
        each: {category: set() for category in lines[each]} for each in Breakdown
    }
    times: dict[Breakdown, Counter[str]] = {each: Counter() for each in Breakdown}
    for row in attended:
        for each in Breakdown:
            people[each][row.category(each)].add(row.person_id)
            times[each][row.category(each)] += row.attended
    return Statistics(
        people=len({row.person_id for row in attended}),
        attendances=sum(row.attended for row in attended),
        categories=lines,
        people_by={of: {c: len(ids) for c, ids in cells.items()} for of, cells in people.items()},
        attendances_by={of: {c: times[of][c] for c in lines[of]} for of in Breakdown},
        people_by_sex={
            of: {
                (row, sex): len(people[of][row] & people[Breakdown.SEX][sex])
                for row in lines[of]
                for sex in lines[Breakdown.SEX]
            }
            for of in BY_SEX
        },
    )


def _with_one_description(rows: Sequence[Participation]) -> list[Participation]:
    """The rows in order, each person as the last row describes them that says it. So nobody is in
    two sexes, or in two age bands because of a birthday."""
    ordered = sorted(rows, key=lambda row: (row.last_attended, row.cohort_id, row.person_id))
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in ordered:
        for each in OF_PEOPLE:
            if (category := row.category(each)) != UNKNOWN:
                known[row.person_id][each] = category
    return [
        Participation(
            person_id=row.person_id,
            cohort_id=row.cohort_id,
            centre_id=row.centre_id,
            topic_id=row.topic_id,
            attended=row.attended,
            last_attended=row.last_attended,
            organisation_id=row.organisation_id,
            sex=known[row.person_id].get(Breakdown.SEX),
            age_band=known[row.person_id].get(Breakdown.AGE_BAND),
            disability=known[row.person_id].get(Breakdown.DISABILITY),
        )
        for row in ordered
    ]


def _categories(wanted: Sequence[str], found: set[str]) -> tuple[str, ...]:
    first = [each for each in dict.fromkeys(wanted) if each != UNKNOWN]
    return (*first, *sorted(found - {*first, UNKNOWN}), UNKNOWN)


# -- what others than staff see -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicStatistics:
    """The figures without small cells; ``None`` where a number is hidden.

    Attributes:
        attendances_by: hidden where the people of the cell are.
    """

    people: int | None
    attendances: int | None
    people_by: Mapping[Breakdown, Shown]
    attendances_by: Mapping[Breakdown, Shown]
    people_by_sex: Mapping[Breakdown, Shown]


def suppress(statistics: Statistics) -> PublicStatistics:
    """What may be published of the figures, by the rules of :mod:`services.common.suppression`."""
    if statistics.people < LEAST_SHOWN:
        return _withheld(statistics)
    people_by: dict[Breakdown, Shown] = {}
    attendances_by: dict[Breakdown, Shown] = {}
    gone: dict[Breakdown, frozenset[str]] = {}
    for each, table in statistics.people_by.items():
        people_by[each], gone[each] = show_row(table)
        times = statistics.attendances_by[each]
        attendances_by[each] = {(c,): None if c in gone[each] else n for c, n in times.items()}
    return PublicStatistics(
        people=statistics.people,
        attendances=statistics.attendances,
        people_by=people_by,
        attendances_by=attendances_by,
        people_by_sex={
            each: show_matrix(
                matrix,
                statistics.categories[each],
                statistics.categories[Breakdown.SEX],
                gone[each],
                gone[Breakdown.SEX],
            )
            for each, matrix in statistics.people_by_sex.items()
        },
    )


def _withheld(statistics: Statistics) -> PublicStatistics:
    """Nothing but the names of the categories."""
    nothing: dict[Breakdown, Shown] = {
        each: {(category,): None for category in lines}
        for each, lines in statistics.categories.items()
    }
    return PublicStatistics(
        people=None,
        attendances=None,
        people_by=nothing,
        attendances_by=nothing,
        people_by_sex={each: dict.fromkeys(of) for each, of in statistics.people_by_sex.items()},
    )


# -- frozen periods -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """A donor's period whose figures do not change any more.

    Attributes:
        title: what people call it.
        first_day, last_day: both included.
        statistics: counted from the rows as they were when the period was frozen.
    """

    id: str
    title: str
    first_day: date
    last_day: date
    frozen_at: datetime
    frozen_by: str
    statistics: Statistics
    version: int = 1

    @property
    def public(self) -> PublicStatistics:
        """What others than staff see; the same each time."""
        return suppress(self.statistics)


def freeze_period(
    id: str,
    title: str,
    first_day: date,
    last_day: date,
    rows: Iterable[Participation],
    categories: Mapping[Breakdown, Sequence[str]],
    *,
    now: datetime,
    by: str,
) -> FrozenPeriod:
    """The figures of a period, once and for all. They follow from the rows alone.

    Args:
        rows: of sessions within the period.
        by: id of the person who freezes it.
    """
    return FrozenPeriod(id, title, first_day, last_day, now, by, count_trainees(rows, categories))
