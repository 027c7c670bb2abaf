"""What others than staff see of reports about consultations.

No small number is shown, and nothing that would give one away, by the rules of
:mod:`services.common.suppression`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.common.suppression import LEAST_SHOWN, hide_in_row, is_small, show_matrix
from services.consultations.domain.statistics import (
    ALL,
    Cell,
    Improvement,
    Meetings,
    Statistics,
    Table,
    Times,
    numbers_of,
    without_small,
)


def suppress(statistics: Statistics) -> Statistics:
    """What may be published of the figures: without small cells, and without what would give them
    away, by the rules of :mod:`services.common.suppression`. Figures that are made of hidden cases
    are hidden too."""
    few = (statistics.cases or 0) < LEAST_SHOWN
    kinds, centres = tuple(statistics.by_kind), tuple(statistics.by_centre)
    gone = frozenset(kinds) if few else _hidden(statistics.by_kind)
    gone_centres = frozenset(centres) if few else _hidden(statistics.by_centre)
    ratings = _suppress_ratings(statistics)
    # With some of the scores alone, the mean would tell the others.
    whole = None not in ratings.values()
    return replace(
        statistics,
        cases=None if few else statistics.cases,
        by_kind=_without(statistics.by_kind, gone),
        by_centre=_without(statistics.by_centre, gone_centres),
        by_status=dict.fromkeys(statistics.by_status)
        if few
        else without_small(statistics.by_status),
        by_kind_and_centre=_suppress_cross(statistics, gone, gone_centres),
        first_answer=_suppress_times(statistics.first_answer, gone, few=few),
        resolution=_suppress_times(statistics.resolution, gone, few=few),
        meetings=_suppress_meetings(statistics.meetings),
        ratings=ratings,
        rated=statistics.rated if (statistics.rated or 0) >= LEAST_SHOWN else None,
        mean_score=statistics.mean_score if whole else None,
        organisations={
            year: _suppress_improvement(each) for year, each in statistics.organisations.items()
        },
    )


def _hidden(table: Table) -> frozenset[str]:
    return hide_in_row(numbers_of(table))


def _without(table: Table, hidden: frozenset[str]) -> dict[str, Cell]:
    return {name: None if name in hidden else n for name, n in table.items()}


def _suppress_cross(
    statistics: Statistics, gone: frozenset[str], gone_centres: frozenset[str]
) -> dict[str, Table]:
    kinds, centres = tuple(statistics.by_kind), tuple(statistics.by_centre)
    counts = {
        (kind, centre): n or 0
        for kind, row in statistics.by_kind_and_centre.items()
        for centre, n in row.items()
    }
    shown = show_matrix(counts, kinds, centres, gone, gone_centres)
    return {
        kind: {centre: None if kind in gone else shown[kind, centre] for centre in centres}
        for kind in kinds
    }


def _suppress_times(
    times: Mapping[str, Times], gone: frozenset[str], *, few: bool
) -> dict[str, Times]:
    """Args:
    gone: kinds whose number of cases is hidden.
    """
    counted = {kind: each.cases or 0 for kind, each in times.items() if kind != ALL}
    hidden = gone | hide_in_row(counted)
    found: dict[str, Times] = {}
    for kind, each in times.items():
        alone = kind == ALL and not few and not is_small(each.cases or 0)
        if alone or (kind != ALL and kind not in hidden):
            found[kind] = replace(each, in_time=_part(each.in_time, each.cases))
        else:
            found[kind] = Times(None, None, None)
    # The sum is known, so what the hidden lines have together is.
    rest = [kind for kind in counted if found[kind].in_time is None]
    in_time = sum(times[kind].in_time or 0 for kind in rest)
    if len(rest) == 1 or _part(in_time, sum(counted[kind] for kind in rest)) is None:
        found[ALL] = replace(found[ALL], in_time=None)
    return found


def _part(part: Cell, whole: Cell) -> Cell:
    """A part of a number, unless it or what is left is small."""
    if part is None or whole is None or is_small(part) or is_small(whole - part):
        return None
    return part


def _suppress_meetings(meetings: Mapping[str, Meetings]) -> dict[str, Meetings]:
    hidden = _hidden({way: each.cases for way, each in meetings.items()})
    return {
        way: Meetings(None, None, None) if way in hidden else each for way, each in meetings.items()
    }


def _suppress_ratings(statistics: Statistics) -> dict[str, Cell]:
    if (statistics.rated or 0) < LEAST_SHOWN:
        return dict.fromkeys(statistics.ratings)
    return without_small(statistics.ratings)


def _suppress_improvement(each: Improvement) -> Improvement:
    if is_small(each.pursued or 0):
        return Improvement(None, None)
    return Improvement(each.pursued, _part(each.improved, each.pursued))
