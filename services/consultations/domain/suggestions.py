"""Suggestions: which adviser fits a case, in order, with the reason for each place.

An adviser who is away, works no more, or is no woman where one is asked for, is not
suggested, and is not assigned by hand either. Who knows nothing of the kind is not suggested; a
person may decide otherwise, and says why.

The order is that of the terms below, the first one that differs decides:

1. has trained the cohort from which the request comes;
2. knows the speciality, or at least another one of the kind;
3. works at the centre;
4. speaks the language;
5. has fewer cases: shown as a rank, since a number would count cases that others may not see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

MOST_SUGGESTIONS = 20
"""So many are shown at most."""


class Knowledge(IntEnum):
    """How well an adviser knows what a case is about."""

    NOTHING = 0
    KIND = 1
    SPECIALITY = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An adviser, as far as the order asks.

    Attributes:
        id: of the person.
        away: whether an absence holds in the time that is asked about.
        cases: how many open cases that are not sealed the adviser is responsible for.
    """

    id: str
    specialities: Collection[str]
    centre_ids: Collection[str]
    languages: Collection[str]
    is_woman: bool = False
    active: bool = True
    away: bool = False
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What a case asks of its adviser.

    Attributes:
        speciality: the one that is named; ``None`` for any of the kind.
        of_kind: the specialities of the kind.
        trainers: ids of those who have trained the cohort from which the request comes.
    """

    centre_id: str
    language: str
    of_kind: Collection[str]
    speciality: str | None = None
    woman: bool = False
    trainers: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An adviser at a place, with the reasons.

    Attributes:
        rank: from 1; who differs in no term has the same.
        load_rank: from 1, among those who are suggested: who has the fewest cases.
    """

    adviser_id: str
    rank: int
    trained_cohort: bool
    knowledge: Knowledge
    at_centre: bool
    speaks_language: bool
    load_rank: int

    @property
    def order(self) -> tuple[int, ...]:
        """The lower, the better."""
        return (
            -int(self.trained_cohort),
            -int(self.knowledge),
            -int(self.at_centre),
            -int(self.speaks_language),
            self.load_rank,
        )


def may_be_assigned(candidate: Candidate, need: Need) -> bool:
    """Whether the adviser may be given the case at all."""
    return candidate.active and not candidate.away and (candidate.is_woman or not need.woman)


def suggest_advisers(need: Need, candidates: Iterable[Candidate]) -> Sequence[Suggestion]:
    """Those who fit, the best first; who differs in no term by id."""
    fitting = [
        each
        for each in candidates
        if may_be_assigned(each, need)
        and (knowledge_of(each, need) is not Knowledge.NOTHING or each.id in need.trainers)
    ]
    loads = _ranks({each.id: (each.cases,) for each in fitting})
    unranked = {
        each.id: Suggestion(
            adviser_id=each.id,
            rank=0,
            trained_cohort=each.id in need.trainers,
            knowledge=knowledge_of(each, need),
            at_centre=need.centre_id in each.centre_ids,
            speaks_language=need.language in each.languages,
            load_rank=loads[each.id],
        )
        for each in fitting
    }
    ranks = _ranks({key: each.order for key, each in unranked.items()})
    ranked = [
        Suggestion(
            each.adviser_id,
            ranks[key],
            each.trained_cohort,
            each.knowledge,
            each.at_centre,
            each.speaks_language,
            each.load_rank,
        )
        for key, each in unranked.items()
    ]
    return sorted(ranked, key=lambda each: (each.rank, each.adviser_id))


def knowledge_of(candidate: Candidate, need: Need) -> Knowledge:
    """How well the adviser knows what the case is about."""
    if need.speciality is not None and need.speciality in candidate.specialities:
        return Knowledge.SPECIALITY
    if set(candidate.specialities) & set(need.of_kind):
        return Knowledge.SPECIALITY if need.speciality is None else Knowledge.KIND
    return Knowledge.NOTHING


def is_first(adviser_id: str, suggestions: Iterable[Suggestion]) -> bool:
    """Whether the adviser is suggested at the first place, alone or with others."""
    return any(each.adviser_id == adviser_id and each.rank == 1 for each in suggestions)


def _ranks(values: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """Key → place of its value, from 1; equal values share a place, and none is left out."""
    places = {value: place for place, value in enumerate(sorted(set(values.values())), start=1)}
    return {key: places[value] for key, value in values.items()}
