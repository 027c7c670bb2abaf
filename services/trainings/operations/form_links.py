"""Links by which people with a seat answer a form of their cohort without an account.

A link names an application and is for one purpose. Whether its person still has a seat is asked
each time it is used, so a link is of no use after a withdrawal; nor once the person has come back,
since it belongs to one attempt at a seat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.common.context import Call
from services.common.contracts.form_words import Source
from services.common.contracts.trainings.forms_errors import (
    LINK_EXPIRED,
    LINK_UNKNOWN,
    NO_SEAT_ANY_MORE,
)
from services.common.forms.questions import Submission
from services.common.forms.validation import load_answers
from services.common.links import Link
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.answering import Occasion
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.forms import check_may_read_forms, has_seat
from services.trainings.schemas.form_links import AnswerByLink, LinkedForm, MakeFormLink
from services.trainings.steps.answers import form_of, has_answered, take_answers
from services.trainings.steps.current_participant import current_participant
from services.trainings.store.cohorts import turn_of_cohort

VALID = timedelta(days=30)
"""How long a link is valid that staff hand out: a person may be without a network for weeks."""


def make_form_link(app: App, call: Call, command: MakeFormLink) -> tuple[str, datetime]:
    """The token of a link for a person with a seat, and until when it is valid.

    Raises:
        errors.NotFound: if there is no such application, or the cohort has no such form
            (``trainings.no_such_form``).
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the cohort's centre.
        errors.Conflict: ``trainings.no_seat_any_more``.
    """
    check_may_read_forms(call.caller)
    application = app.applications.get(command.id)
    cohort = app.cohorts.get(application.cohort_id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    form_of(app, cohort, command.occasion)
    if not has_seat(application):
        raise NO_SEAT_ANY_MORE()
    expires_at = (app.clock.now() + VALID).replace(microsecond=0)
    purpose = command.occasion.link_purpose(application.attempt)
    return app.links.expiring_token(purpose, application.id, expires_at), expires_at


def open_form_link(app: App, call: Call, token: str) -> LinkedForm:
    """The form behind a link, for its holder.

    Raises:
        errors.NotFound: ``trainings.link_unknown``.
        errors.Conflict: ``trainings.link_expired``, ``trainings.no_seat_any_more``.
    """
    occasion, link, application, cohort = _opened(app, token)
    form = form_of(app, cohort, occasion)
    answered = has_answered(app, form.id, cohort.id, occasion, application.participant_id)
    return LinkedForm(occasion, cohort.title, link.expires_at, answered, form)


def answer_by_link(app: App, call: Call, command: AnswerByLink) -> Submission:
    """Answer the form behind a link, once. The same answers again give the same submission.

    Raises:
        errors.NotFound, errors.Conflict: as of :func:`open_form_link`.
        errors.Invalid, errors.Conflict: as of
            :func:`services.trainings.steps.answers.take_answers`.
    """

    # A link never changes its cohort, so that may be asked before: the lock is the first step.
    cohort_id = _opened(app, command.token)[3].id

    def work(session: Session) -> Submission:
        app.cohorts.lock(session, cohort_id)
        occasion, _, application, cohort = _opened(app, command.token, session)
        sent = command.sent
        respondent = application.participant_id
        given = app.forms.answered(
            sent["form_id"], occasion.subject(cohort.id), respondent, session
        )
        if given is not None and given.edition == sent["edition"]:
            form = app.forms.edition(given.form_id, given.edition, session)
            if given.answers == load_answers(form, sent["answers"]):
                return given
        return take_answers(
            app,
            call.caller,
            session,
            cohort=cohort,
            occasion=occasion,
            participant=current_participant(app, respondent, session),
            sent=sent,
            source=Source.LINK,
        )

    return app.database.transact(work, turn=turn_of_cohort(cohort_id))


def _opened(
    app: App, token: str, session: Session | None = None
) -> tuple[Occasion, Link, Application, Cohort]:
    """What a link is for: the occasion, the application and its cohort.

    Raises:
        errors.NotFound: ``trainings.link_unknown``.
        errors.Conflict: ``trainings.link_expired``, ``trainings.no_seat_any_more``.
    """
    named = app.links.subject_of(token)
    application = None if named is None else app.applications.look_up(named, session)
    found = None if application is None else _read(app, token, application.attempt)
    if application is None or found is None:
        raise LINK_UNKNOWN()
    occasion, attempt, link = found
    if link.expires_at <= app.clock.now():
        raise LINK_EXPIRED()
    cohort = app.cohorts.get(application.cohort_id, session)
    left_since = attempt != application.attempt or not has_seat(application)
    if left_since or occasion.purpose.value not in cohort.forms:
        raise NO_SEAT_ANY_MORE()
    return occasion, link, application, cohort


def _read(app: App, token: str, attempts: int) -> tuple[Occasion, int, Link] | None:
    """What a link of an application is for, and in which of its attempts it was made; ``None``
    unless it is ours."""
    for attempt in range(attempts, 0, -1):
        for occasion in Occasion:
            link = app.links.read(token, occasion.link_purpose(attempt))
            if link is not None:
                return occasion, attempt, link
    return None
