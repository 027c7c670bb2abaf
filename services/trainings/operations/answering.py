"""Answering the forms of a cohort: signed in, or entered from paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.form_words import Source
from services.common.forms.questions import Form, Submission
from services.common.forms.store import SUBMISSION
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.answering import OF_ADVISERS, Occasion, Window, window_of
from services.trainings.domain.cohorts import Cohort
from services.trainings.schemas.answers import AnswerForm, OfOccasion
from services.trainings.steps.answers import (
    check_has_seat,
    cohort_of,
    form_of,
    has_answered,
    lock_cohort_to_answer,
    take_answers,
)
from services.trainings.steps.assignments import trains
from services.trainings.steps.current_participant import current_participant
from services.trainings.store.cohorts import turn_of_cohort


@dataclass(frozen=True, slots=True)
class FormToAnswer:
    """A form as it is shown to a person who answers it."""

    cohort: Cohort
    occasion: Occasion
    form: Form
    window: Window
    answered: bool


def get_form_to_answer(app: App, call: Call, query: OfOccasion) -> FormToAnswer:
    """The form that a participant of the cohort answers, and that staff, trainers and advisers
    enter from paper.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort; ``trainings.no_such_form``.
        errors.Conflict: ``trainings.not_in_cohort``, for anybody else.
    """
    check_signed_in(call.caller)
    cohort = cohort_of(app, query.cohort_id)
    form = form_of(app, cohort, query.occasion)
    own = current_participant(app, call.caller.id)
    if not _may_enter(app, call, cohort, query.occasion):
        own = check_has_seat(app, cohort, own)
    answered = own is not None and has_answered(app, form.id, cohort.id, query.occasion, own.id)
    return FormToAnswer(cohort, query.occasion, form, window_of(query.occasion, cohort), answered)


def answer_form(app: App, call: Call, command: AnswerForm) -> Submission:
    """Take the caller's own answers, or those that staff enter from paper; the
    same key gives the same answer again.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for the answers of another, for anybody but staff of the centre, trainers
            of the cohort, and advisers for feedback and follow-up.
        errors.NotFound, errors.Invalid, errors.Conflict: as of
            :func:`services.trainings.steps.answers.take_answers`.
    """
    check_signed_in(call.caller)
    cohort = cohort_of(app, command.cohort_id)
    on_paper = command.participant_id is not None
    if on_paper and not _may_enter(app, call, cohort, command.occasion):
        raise errors.Forbidden()
    request = Request.of(call, "trainings.answer_form", asdict(command))

    def work(session: Session) -> Submission:
        return take_answers(
            app,
            call.caller,
            session,
            cohort=lock_cohort_to_answer(app, session, command.cohort_id),
            occasion=command.occasion,
            participant=current_participant(app, command.participant_id or call.caller.id, session),
            sent=command.sent,
            source=Source.PAPER if on_paper else Source.SIGNED_IN,
            entered_by=call.caller.id if on_paper else None,
        )

    return app.keys.once(
        request,
        work,
        save=SUBMISSION.document_of,
        load=SUBMISSION.aggregate_of,
        turn=turn_of_cohort(command.cohort_id),
    )


def _may_enter(app: App, call: Call, cohort: Cohort, occasion: Occasion) -> bool:
    """Whether the caller enters what others answered on paper."""
    return permissions.may_enter_answers(
        call.caller,
        cohort,
        trains=trains(app, call.caller, cohort.id),
        of_advisers=occasion in OF_ADVISERS,
    )
