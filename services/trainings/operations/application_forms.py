"""What was answered with an application: reading it, and changing it until it is decided."""

from __future__ import annotations

from dataclasses import replace

from services.common import errors
from services.common.context import Call
from services.common.contracts.form_words import Source
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.forms.questions import Submission
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.application_states import TRANSITIONS, ApplicationAction
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations.application_answers import act_on_application
from services.trainings.operations.application_lists import application_to_see, own_participant_id
from services.trainings.schemas.applications import AnsweredForm, ChangeAnswers
from services.trainings.steps.cohort_answers import answer_cohort_form
from services.trainings.steps.save_application import save_application


def application_answers(app: App, call: Call, application_id: str) -> AnsweredForm:
    """What was answered with an application, for all who see the application.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such application, or it came without answers.
    """
    application = application_to_see(app, call.caller, application_id)
    submission = submission_of(app, application)
    if submission is None:
        raise errors.NotFound()
    form = app.forms.edition(submission.form_id, submission.edition)
    return AnsweredForm(form, submission.answers, submission.submitted_at)


def change_answers(app: App, call: Call, command: ChangeAnswers) -> Application:
    """Answer the form of the cohort anew, until the application is decided.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`application_answers`.
        errors.Forbidden: for anybody but the person, a representative and staff of the centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.application_not_allowed_now``.
        errors.Invalid: as of :func:`services.trainings.steps.cohort_answers.answer_cohort_form`.
    """

    def check_may(_: Cohort, application: Application) -> None:
        own_id = own_participant_id(app, call.caller)
        permissions.check_may_answer(call.caller, own_id, application)

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        TRANSITIONS.after(before.status, ApplicationAction.CHANGE)
        own = before.participant_id == own_participant_id(app, call.caller, session)
        submission = answer_cohort_form(
            app,
            session,
            cohort,
            FormPurpose.APPLICATION,
            command.sent,
            respondent=before.participant_id,
            source=Source.SIGNED_IN if own else Source.PAPER,
            entered_by=None if own else call.caller.id,
            replacing=True,
        )
        after = replace(before, submission_id=submission.id, version=before.version + 1)
        save_application(app, call.caller, session, cohort, before, after)

    return act_on_application(
        app, call, command.id, command.expected_version, work, check_may=check_may
    )


def submission_of(
    app: App, application: Application, session: Session | None = None
) -> Submission | None:
    """What was answered with an application; ``None`` if it came without answers."""
    if application.submission_id is None:
        return None
    return app.forms.submission(application.submission_id, session)
