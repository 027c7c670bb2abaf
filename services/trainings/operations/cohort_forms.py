"""The forms of a cohort: which it uses, who is shown them, and what was answered."""

from __future__ import annotations

from typing import Any

from services.common import errors
from services.common.clock import to_wire
from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.contracts.trainings.forms_errors import (
    FORM_ANSWERED,
    FORM_OF_OTHER_PURPOSE,
    UNKNOWN_FORM,
)
from services.common.errors import FieldError
from services.common.forms.questions import Form
from services.common.forms.table import headings, rows
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.answering import subjects_of
from services.trainings.domain.cohort_states import CohortAction, CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.forms import (
    fits_purpose,
    may_see_cohort_form,
)
from services.trainings.domain.participants import Participant
from services.trainings.operations.cohorts import cohort_to_run, get_cohort
from services.trainings.schemas.forms import OfCohort, SetCohortForm
from services.trainings.steps.current_participant import current_id_of
from services.trainings.steps.save_cohort import save_cohort, set_answer_deadlines
from services.trainings.store.cohorts import turn_of_cohort


def set_cohort_form(app: App, call: Call, command: SetCohortForm) -> Cohort:
    """Have a cohort use a form for a purpose, or none.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``trainings.unknown_form``, ``trainings.form_of_other_purpose``.
        errors.Conflict: ``trainings.form_answered``, ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        used = before.forms.get(command.purpose.value)
        if used == command.form_id:
            return before
        subjects = subjects_of(command.purpose, before.id)
        if used is not None and any(
            app.forms.has_answers(used, each, session) for each in subjects
        ):
            raise FORM_ANSWERED()
        forms = {name: id for name, id in before.forms.items() if name != command.purpose.value}
        if command.form_id is not None:
            _check_fits(app, session, command.form_id, command.purpose)
            forms[command.purpose.value] = command.form_id
        after = before.after(CohortAction.SET_FORM, forms=forms)
        save_cohort(app, call.caller, session, events.COHORT_CHANGED, before, after)
        if after.status is CohortStatus.COMPLETED:
            # People who were asked before are not asked again.
            set_answer_deadlines(app, session, after)
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def _check_fits(app: App, session: Session, form_id: str, purpose: FormPurpose) -> None:
    """Raises:
    errors.Invalid: ``trainings.unknown_form``, ``trainings.form_of_other_purpose``.
    """
    try:
        form = app.forms.latest(form_id, session)
    except errors.NotFound as error:
        raise UNKNOWN_FORM(errors=[FieldError("/form_id", UNKNOWN_FORM.code)]) from error
    if not fits_purpose(form.purpose, purpose):
        fault = FieldError("/form_id", FORM_OF_OTHER_PURPOSE.code)
        raise FORM_OF_OTHER_PURPOSE(errors=[fault])


def get_cohort_form(app: App, call: Call, query: OfCohort) -> Form:
    """The newest edition of a form that a cohort uses: that of the application for all who see the
    cohort, the others for people with a seat and staff of its centre.

    Raises:
        errors.NotFound: if the cohort or the form is none, or none that the caller may see.
    """
    cohort = get_cohort(app, call, query.id)
    form_id = cohort.forms.get(query.purpose.value)
    own = app.applications.of_person(cohort.id, current_id_of(app, call.caller.id))
    if form_id is None or not may_see_cohort_form(call.caller, cohort, query.purpose, own):
        raise errors.NotFound()
    return app.forms.latest(form_id)


def cohort_form_answers(app: App, call: Call, query: OfCohort) -> dict[str, Any]:
    """What was answered to a form of a cohort, as a table in the caller's language: a heading for
    each question, a row for each respondent and occasion, which begins with the name and the time.
    Those of an earlier occasion come first.

    Raises:
        errors.NotFound: if there is no such cohort, or it uses no such form.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    cohort = get_cohort(app, call, query.id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    form_id = cohort.forms.get(query.purpose.value)
    if form_id is None:
        raise errors.NotFound()
    editions = app.forms.editions(form_id)
    submissions = [
        each
        for subject in subjects_of(query.purpose, cohort.id)
        for each in app.forms.submissions(form_id, subject)
    ]
    people = app.participants.named({each.respondent for each in submissions})
    answers = rows(editions, submissions, call.language)
    return {
        "headings": headings(editions, call.language),
        "rows": [
            [_name_of(people.get(each.respondent)), to_wire(each.submitted_at), *row]
            for each, row in zip(submissions, answers, strict=True)
        ],
    }


def _name_of(participant: Participant | None) -> str:
    """What a table calls a respondent; nothing where the answer has no name."""
    return "" if participant is None or participant.erased else participant.name
