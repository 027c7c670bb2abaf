"""How much a cohort and its participants have learned between the two tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.answering import Occasion
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.learning_gain import (
    CohortGain,
    Gain,
    Scores,
    gain_of_cohort,
    gain_of_person,
)
from services.trainings.domain.participants import Participant
from services.trainings.steps.answers import check_has_seat, cohort_of
from services.trainings.steps.assignments import trains
from services.trainings.steps.current_participant import current_participant
from services.trainings.steps.test_scores import scores_of


@dataclass(frozen=True, slots=True)
class PersonGain:
    """One person's tests, and what was learned between them."""

    participant: Participant | None
    scores: Scores
    change: Gain


@dataclass(frozen=True, slots=True)
class LearningGain:
    """What a cohort has learned, and each of its people by id."""

    cohort_id: str
    gain: CohortGain
    unscored: int
    people: tuple[PersonGain, ...]


def learning_gain(app: App, call: Call, cohort_id: str) -> LearningGain:
    """The gain of a cohort and of each participant who took a test.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre and its
            trainers.
    """
    cohort = cohort_of(app, cohort_id)
    teaches = trains(app, call.caller, cohort.id)
    permissions.check_teaches(call.caller, cohort, trains=teaches)
    scores, unscored = _scores(app, cohort)
    people = app.participants.named(scores)
    return LearningGain(
        cohort.id,
        gain_of_cohort(scores.values()),
        unscored,
        tuple(
            PersonGain(people.get(id), each, gain_of_person(each))
            for id, each in sorted(scores.items())
        ),
    )


def my_learning_gain(app: App, call: Call, cohort_id: str) -> PersonGain:
    """What the caller has scored and learned; no other person's results.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort.
        errors.Conflict: ``trainings.not_in_cohort``.
    """
    check_signed_in(call.caller)
    cohort = cohort_of(app, cohort_id)
    own = check_has_seat(app, cohort, current_participant(app, call.caller.id))
    scores, _ = _scores(app, cohort)
    mine = scores.get(own.id, Scores(own.id, None, None))
    return PersonGain(own, mine, gain_of_person(mine))


def _scores(app: App, cohort: Cohort) -> tuple[Mapping[str, Scores], int]:
    """The scores of all who took a test, by id, and how many answers have none."""
    pre = scores_of(app, cohort, Occasion.PRE_TEST)
    post = scores_of(app, cohort, Occasion.POST_TEST)
    people = {*pre.by_person, *post.by_person}
    return (
        {each: Scores(each, pre.by_person.get(each), post.by_person.get(each)) for each in people},
        pre.unscored + post.unscored,
    )
