"""What the participants of a cohort think of it, and what has changed at their work."""

from __future__ import annotations

from services.common.context import Call
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.answer_summary import AnswerSummary, summarise
from services.trainings.schemas.answers import OfOccasion
from services.trainings.steps.answers import answers_of, cohort_of, form_of
from services.trainings.steps.assignments import trains


def answers_summary(app: App, call: Call, query: OfOccasion) -> tuple[AnswerSummary, int]:
    """What was answered to a form of a cohort, without names, and how many people were asked by a
    message. With fewer than 5 answers only their number is given.

    Raises:
        errors.NotFound: if there is no such cohort; ``trainings.no_such_form``.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre and its
            trainers.
    """
    cohort = cohort_of(app, query.cohort_id)
    teaches = trains(app, call.caller, cohort.id)
    permissions.check_teaches(call.caller, cohort, trains=teaches)
    form = form_of(app, cohort, query.occasion)
    answers = answers_of(app, form.id, cohort.id, query.occasion)
    summary = summarise(app.forms.editions(form.id), [each.answers for each in answers])
    return summary, len(app.answer_requests.asked(cohort.id, query.occasion))
