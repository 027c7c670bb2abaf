"""Scores of several reviewers become one ranking, and its head a shortlist.

A criterion has a scale and a weight. The score of an application is the weighted mean of its
criteria, each brought to 0…1 by its scale, on a scale of 0 to 100:

    score = 100 · Σ weight · (mean − lowest) / (highest − lowest) / Σ weight

``mean`` is over the reviewers who scored the criterion. A reviewer who left one out neither raises
nor lowers it. If fewer reviewers scored a criterion than the selection asks for, the application
has no score yet: to leave the criterion out would reward it, and a zero would hold the reviewer's
gap against the applicant. It ranks after all that have one.

The arithmetic is exact, and rounded once at the end. So equal scores are equal, whatever the order
of the reviews, and a tie is decided by the assessed gap, then time, then the id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from services.common.contracts.trainings.selection_errors import (
    NO_CRITERIA,
    SCORE_OFF_SCALE,
    UNKNOWN_CRITERION,
)
from services.common.errors import FieldError
from services.trainings.domain.catalogue import Name
from services.trainings.domain.roster import Rank

DECIMALS = 4
"""Of a score between 0 and 100."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What reviewers score.

    Attributes:
        weight: its part of the score, relative to the other weights; 0 or more.
        lowest, highest: the scale of its scores.
        label: what reviewers and staff read, by language.
    """

    id: str
    weight: int
    lowest: int = 0
    highest: int = 5
    label: Name = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """How the applications of a cohort are scored.

    Attributes:
        reviews: how many reviewers at least score each criterion.
        blind: whether names, organisation and sex are hidden from reviewers.
    """

    criteria: tuple[Criterion, ...]
    reviews: int = 1
    blind: bool = False

    def __post_init__(self) -> None:
        """
        Raises:
            errors.Invalid: ``trainings.no_criteria``.
            ValueError: if a scale has no length, a weight is negative, or two criteria are one.
        """
        if not sum(criterion.weight for criterion in self.criteria):
            raise NO_CRITERIA()
        if any(each.weight < 0 or each.lowest >= each.highest for each in self.criteria):
            raise ValueError("a weight is 0 or more, and a scale goes up")
        if len({each.id for each in self.criteria}) < len(self.criteria):
            raise ValueError("each criterion is named once")


@dataclass(frozen=True, slots=True)
class Review:
    """The scores that one reviewer gave one application.

    Attributes:
        scores: by criterion; one that is left out, or ``None``, is not scored.
    """

    reviewer_id: str
    scores: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Score:
    """What the reviews of an application come to.

    Attributes:
        total: 0 to 100; ``None`` as long as reviews are missing.
        means: by criterion, on its own scale; those that a reviewer scored.
        missing: the criteria that too few reviewers scored.
    """

    total: float | None
    means: Mapping[str, float]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application in the selection.

    Attributes:
        gap: of the assessment; ``None`` where there is none.
    """

    application_id: str
    applied_at: datetime
    score: float | None = None
    gap: float | None = None

    @property
    def rank(self) -> Rank:
        return Rank(self.applied_at, self.score, self.gap)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A ranking, cut: ``chosen`` and ``rest``, the best first."""

    chosen: tuple[Candidate, ...]
    rest: tuple[Candidate, ...]


def selection_to_wire(selection: Selection | None) -> dict[str, Any] | None:
    """How a history has it."""
    if selection is None:
        return None
    return {
        "criteria": {
            each.id: [each.weight, each.lowest, each.highest] for each in selection.criteria
        },
        "reviews": selection.reviews,
        "blind": selection.blind,
    }


def check_review(selection: Selection, review: Review) -> None:
    """Whether the scores of a review fit the criteria.

    Raises:
        errors.Invalid: ``trainings.unknown_criterion``, ``trainings.score_off_scale``.
    """
    criteria = {criterion.id: criterion for criterion in selection.criteria}
    for id, score in review.scores.items():
        criterion = criteria.get(id)
        if criterion is None:
            fault = FieldError(f"/scores/{id}", UNKNOWN_CRITERION.code)
            raise UNKNOWN_CRITERION(criterion_id=id, errors=[fault])
        if score is not None and not criterion.lowest <= score <= criterion.highest:
            fault = FieldError(f"/scores/{id}", SCORE_OFF_SCALE.code)
            raise SCORE_OFF_SCALE(
                criterion=dict(criterion.label),
                lowest=criterion.lowest,
                highest=criterion.highest,
                errors=[fault],
            )


def score_application(selection: Selection, reviews: Iterable[Review]) -> Score:
    """The score of an application.

    Args:
        reviews: the newest of each reviewer last: it replaces the earlier ones.

    Raises:
        errors.Invalid: as of :func:`check_review`.
    """
    newest = {review.reviewer_id: review for review in reviews}
    means: dict[str, Fraction] = {}
    missing: list[str] = []
    for review in newest.values():
        check_review(selection, review)
    for criterion in selection.criteria:
        given = [review.scores.get(criterion.id) for review in newest.values()]
        scores = [score for score in given if score is not None]
        if scores:
            means[criterion.id] = Fraction(sum(scores), len(scores))
        # What has no weight decides nothing, and keeps no application waiting.
        if criterion.weight and len(scores) < max(1, selection.reviews):
            missing.append(criterion.id)
    return Score(
        total=None if missing else round(float(_weighted(selection, means)), DECIMALS),
        means={id: round(float(mean), DECIMALS) for id, mean in means.items()},
        missing=tuple(missing),
    )


def _weighted(selection: Selection, means: Mapping[str, Fraction]) -> Fraction:
    weighted = [
        each.weight * (means[each.id] - each.lowest) / (each.highest - each.lowest)
        for each in selection.criteria
        if each.weight
    ]
    return 100 * sum(weighted, Fraction(0)) / sum(each.weight for each in selection.criteria)


def rank_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best first: by score, then gap, then time, then id, as in the queue of a roster."""
    return sorted(candidates, key=lambda each: (each.rank.key, each.application_id))


def make_shortlist(
    candidates: Sequence[Candidate], most: int, *, least_score: float | None = None
) -> Shortlist:
    """The first of a ranking.

    Args:
        most: how many are chosen at most. A tie at the cut is decided as any other.
        least_score: what a chosen one scores at least; then those without a score are not chosen.
    """
    ranked = rank_candidates(candidates)
    fit = [
        each
        for each in ranked
        if least_score is None or (each.score is not None and each.score >= least_score)
    ][:most]
    chosen = {each.application_id for each in fit}
    return Shortlist(
        tuple(fit), tuple(each for each in ranked if each.application_id not in chosen)
    )
