"""Answers to the forms of a cohort, inside the transaction of what they come with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.form_words import Source
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.contracts.trainings.forms_errors import ANSWERS_MISSING, FORM_OF_OTHER_COHORT
from services.common.errors import FieldError, Invalid
from services.common.field_errors import field_errors
from services.common.forms.questions import Submission
from services.common.forms.steps import submit_answers
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.forms import answers_subject


def answer_cohort_form(
    app: App,
    session: Session,
    cohort: Cohort,
    purpose: FormPurpose,
    sent: Mapping[str, Any],
    *,
    respondent: str,
    source: Source,
    entered_by: str | None = None,
    replacing: bool = False,
    pointer: str = "",
    subject: str | None = None,
) -> Submission:
    """Check and store what a respondent answers to a form of a cohort.

    Args:
        sent: ``{"form_id", "edition", "answers"}`` as ``CohortAnswers`` of the contract has loaded
            it.
        respondent: the participant.
        replacing: whether it takes the place of what the respondent answered before.
        pointer: of the answers in the request.
        subject: what they are about, where one form is answered several times for a cohort.

    Raises:
        errors.Invalid: ``trainings.form_of_other_cohort``, ``forms.unknown_edition``; or naming
            each answer that does not fit.
        errors.Conflict: ``forms.answered_already``.
    """
    form_id = cohort.forms.get(purpose.value)
    if form_id is None or sent["form_id"] != form_id:
        fault = FieldError(f"{pointer}/form_id", FORM_OF_OTHER_COHORT.code)
        raise FORM_OF_OTHER_COHORT(errors=[fault])
    try:
        return submit_answers(
            app.forms,
            session,
            submission_id=app.new_id(),
            form_id=form_id,
            sent=sent,
            subject=subject or answers_subject(purpose, cohort.id),
            respondent=respondent,
            source=source,
            now=app.clock.now(),
            entered_by=entered_by,
            replacing=replacing,
        )
    except ValidationError as error:
        faults = field_errors(error.messages, pointer)
        raise Invalid(detail="answers that do not fit the form", errors=faults) from error


def check_answers_sent(cohort: Cohort, sent: Mapping[str, Any] | None, pointer: str) -> None:
    """Whether an application comes with answers, if the cohort has a form for it.

    Raises:
        errors.Invalid: ``trainings.answers_missing``.
    """
    if sent is None and FormPurpose.APPLICATION.value in cohort.forms:
        raise ANSWERS_MISSING(errors=[FieldError(pointer, ANSWERS_MISSING.code)])
