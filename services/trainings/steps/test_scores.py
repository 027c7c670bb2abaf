"""What participants of a cohort have scored in its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.answering import Occasion
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.learning_gain import percent_of, points_of
from services.trainings.steps.answers import answers_of


@dataclass(frozen=True, slots=True)
class TestScores:
    """The scores of one test, in percent.

    Attributes:
        by_person: by the participant's id.
        unscored: number of answers to an edition whose right answers nobody has set.
    """

    by_person: Mapping[str, Fraction]
    unscored: int = 0


def scores_of(
    app: App, cohort: Cohort, occasion: Occasion, session: Session | None = None
) -> TestScores:
    """The scores of the pre-test or the post-test of a cohort; none where it has no such test."""
    form_id = cohort.forms.get(occasion.purpose.value)
    if form_id is None:
        return TestScores({})
    keys = app.test_keys.of_form(form_id, session)
    found: dict[str, Fraction] = {}
    unscored = 0
    for each in answers_of(app, form_id, cohort.id, occasion, session):
        key = keys.get(each.edition)
        if key is None:
            unscored += 1
        else:
            found[each.respondent] = percent_of(*points_of(key.keys, each.answers))
    return TestScores(found, unscored)
