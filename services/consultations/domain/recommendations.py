"""Recommendations: what would help an organisation most, each with the reason for its rank.

rank = gap × urgency × readiness, each from 0 to 1 and shown beside the product:

* **gap**: how far the items that a training or consultation helps are from the highest level, in
  parts of the scale; the mean over those items of one domain.
* **urgency**: how pressing the organisation finds the domain, in parts of four.
* **readiness**: whether people and leaders can work on it now, in parts of four.

A term is rounded to hundredths first, and the product is that of the shown terms, so that a reader
can check it. What the organisation has not said of a domain counts as one half. A small gap is
none. A target is proposed once, from the domain in which it ranks highest.

The rule is an order of conversation and no more: a person approves each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

from services.common.contracts.consultations.assessments_limits import MOST_WEIGHT
from services.common.contracts.consultations.instruments_limits import HIGHEST, LOWEST
from services.common.contracts.consultations.recommendations_limits import (
    LEAST_GAP_HUNDREDTHS,
    MOST_RECOMMENDATIONS,
)
from services.consultations.domain.assessments import DomainPriority
from services.consultations.domain.instruments import Instrument, InstrumentDomain, Item
from services.consultations.domain.recommendation_states import (
    TRANSITIONS,
    RecommendationAction,
    RecommendationStatus,
)
from services.consultations.domain.scores import Scores, find_mean

NOT_STATED = 50
"""What counts, in hundredths, where the organisation has not said it."""


class Help(StrEnum):
    """What is recommended."""

    TRAINING = "training"
    CONSULTATION = "consultation"


class Origin(StrEnum):
    """Where a recommendation comes from."""

    ASSESSMENT = "assessment"
    NEEDS_STUDY = "needs_study"


@dataclass(frozen=True, slots=True)
class Target:
    """A training of a topic, or a consultation of a kind.

    Attributes:
        id: of the topic, or of the kind of consultation.
    """

    help: Help
    id: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a rank, in hundredths.

    Attributes:
        urgency_stated, readiness_stated: whether the organisation has said it; if not, one half
            counts.
    """

    gap: int
    urgency: int = NOT_STATED
    readiness: int = NOT_STATED
    urgency_stated: bool = False
    readiness_stated: bool = False

    @property
    def product(self) -> int:
        """gap × urgency × readiness, in millionths."""
        return self.gap * self.urgency * self.readiness


@dataclass(frozen=True, slots=True)
class Proposal:
    """A target with its terms, before it is a recommendation.

    Attributes:
        domain_id: ``None`` where it comes from a needs study.
        items: the items that the target helps, with their scores.
    """

    target: Target
    terms: Terms
    domain_id: str | None = None
    items: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a recommendation, in numbers of people or of cases.

    Attributes:
        begun: under way now.
    """

    begun: int = 0
    completed: int = 0
    not_completed: int = 0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One proposal for one organisation.

    Attributes:
        origin_id: of the assessment or of the needs study.
        rank: 1 is the first.
        reason: of the person who decided.
    """

    kind: ClassVar[str] = "recommendation"

    id: str
    organisation_id: str
    origin: Origin
    origin_id: str
    target: Target
    terms: Terms
    rank: int
    proposed_at: datetime
    domain_id: str | None = None
    items: Mapping[str, int] = field(default_factory=dict)
    status: RecommendationStatus = RecommendationStatus.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    outcome: Outcome = Outcome()
    version: int = 1

    def moved(self, action: RecommendationAction, **changes: Any) -> Recommendation:
        """The recommendation after an action.

        Raises:
            errors.Conflict: ``consultations.recommendation_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def with_outcome(self, now: Outcome) -> Recommendation:
        """The recommendation with what has come of it until now; its status follows. Itself where
        nothing is new."""
        if now == self.outcome:
            return self
        after = replace(self, outcome=now, version=self.version + 1)
        action = _action_of(self.status, now)
        if action is None:
            return after
        return replace(after, status=TRANSITIONS.after(self.status, action))

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "organisation_id": self.organisation_id,
            "help": self.target.help.value,
            "target_id": self.target.id,
            "status": self.status.value,
            "rank": self.rank,
            "begun": self.outcome.begun,
            "completed": self.outcome.completed,
            "not_completed": self.outcome.not_completed,
        }


def _action_of(status: RecommendationStatus, outcome: Outcome) -> RecommendationAction | None:
    """What an outcome does to a recommendation that is in this status."""
    if outcome.completed:
        action = RecommendationAction.ACHIEVE
    elif status is RecommendationStatus.ACHIEVED:
        action = RecommendationAction.REVERT
    elif outcome != Outcome():
        action = RecommendationAction.BEGIN
    else:
        return None
    return action if (status, action) in TRANSITIONS else None


def propose_from_scores(
    instrument: Instrument, scores: Scores, priorities: Iterable[DomainPriority]
) -> list[Proposal]:
    """What would help most by these scores, the first first."""
    said = {each.domain_id: each for each in priorities}
    found = [
        proposal
        for domain in instrument.domains
        for proposal in _proposals_of(domain, scores, said.get(domain.id))
    ]
    return rank_proposals(found)


def propose_from_needs(needs: Mapping[Target, int]) -> list[Proposal]:
    """What would help most by a needs study, the first first.

    Args:
        needs: how much is needed of each, in hundredths of the study's scale; it stands for the
            gap.
    """
    return rank_proposals(Proposal(target, Terms(need)) for target, need in needs.items())


def rank_proposals(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals by rank; each target once, gaps that are none left out, and not too many."""
    best: dict[Target, Proposal] = {}
    for each in proposals:
        if each.terms.gap < LEAST_GAP_HUNDREDTHS:
            continue
        known = best.get(each.target)
        if known is None or each.terms.product > known.terms.product:
            best[each.target] = each
    ranked = sorted(
        best.values(),
        key=lambda each: (-each.terms.product, -each.terms.gap, each.target.help, each.target.id),
    )
    return ranked[:MOST_RECOMMENDATIONS]


def _proposals_of(
    domain: InstrumentDomain, scores: Scores, priority: DomainPriority | None
) -> Iterator[Proposal]:
    for target, items in _helped(domain.items).items():
        applies = {item.id: scores[item.id] for item in items if item.id in scores}
        gap = find_mean(Fraction(HIGHEST - each, HIGHEST - LOWEST) for each in applies.values())
        if gap is not None:
            yield Proposal(target, _terms_of(gap, priority), domain.id, applies)


def _helped(items: Sequence[Item]) -> dict[Target, list[Item]]:
    """Each target that items name, with these items."""
    helped: dict[Target, list[Item]] = {}
    for item in items:
        for topic_id in item.topics:
            helped.setdefault(Target(Help.TRAINING, topic_id), []).append(item)
        for kind_id in item.case_kinds:
            helped.setdefault(Target(Help.CONSULTATION, kind_id), []).append(item)
    return helped


def _terms_of(gap: Fraction, priority: DomainPriority | None) -> Terms:
    shown = _in_hundredths(gap)
    if priority is None:
        return Terms(shown)
    return Terms(
        shown,
        _in_hundredths(Fraction(priority.urgency, MOST_WEIGHT)),
        _in_hundredths(Fraction(priority.readiness, MOST_WEIGHT)),
        urgency_stated=True,
        readiness_stated=True,
    )


def _in_hundredths(part: Fraction) -> int:
    """Rounded half up, as people round."""
    return int(part * 100 + Fraction(1, 2))
