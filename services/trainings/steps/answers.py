"""Taking what a participant answered to a form of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.common import errors
from services.common.context import Caller
from services.common.contracts.form_words import Source
from services.common.contracts.forms_errors import ANSWERED_ALREADY
from services.common.contracts.trainings import events
from services.common.contracts.trainings.answers_errors import NO_SUCH_FORM, NOT_IN_COHORT
from services.common.contracts.trainings.forms_errors import FORM_OF_OTHER_COHORT
from services.common.errors import FieldError
from services.common.forms.questions import Form, Submission
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.answering import Occasion, check_open
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.forms import has_seat
from services.trainings.domain.merging import current_id
from services.trainings.domain.participants import Participant
from services.trainings.steps.cohort_answers import answer_cohort_form
from services.trainings.steps.current_participant import all_records


def form_of(app: App, cohort: Cohort, occasion: Occasion, session: Session | None = None) -> Form:
    """The newest edition of the form that the cohort uses.

    Raises:
        errors.NotFound: ``trainings.no_such_form``.
    """
    form_id = cohort.forms.get(occasion.purpose.value)
    if form_id is None or not cohort.sessions:
        raise NO_SUCH_FORM()
    return app.forms.latest(form_id, session)


def check_has_seat(
    app: App, cohort: Cohort, participant: Participant | None, session: Session | None = None
) -> Participant:
    """The participant, who has a seat in the cohort.

    Raises:
        errors.Conflict: ``trainings.not_in_cohort``.
    """
    if participant is not None:
        application = app.applications.of_person(cohort.id, participant.id, session)
        if has_seat(application):
            return participant
    raise NOT_IN_COHORT()


def has_answered(
    app: App,
    form_id: str,
    cohort_id: str,
    occasion: Occasion,
    participant_id: str,
    session: Session | None = None,
) -> bool:
    """Whether a person has answered, under whichever record."""
    subject = occasion.subject(cohort_id)
    return any(
        app.forms.answered(form_id, subject, each, session) is not None
        for each in all_records(app, participant_id, session)
    )


def answers_of(
    app: App,
    form_id: str,
    cohort_id: str,
    occasion: Occasion,
    session: Session | None = None,
) -> list[Submission]:
    """What was answered, under the records that count, in the order in which it came. Of a person
    who answered under two records the first counts: it was not prepared by the other."""
    found = list(app.forms.submissions(form_id, occasion.subject(cohort_id), session))
    merged = app.participants.current_ids({each.respondent for each in found}, session)
    first: dict[str, Submission] = {}
    for each in sorted(found, key=lambda one: (one.submitted_at, one.id)):
        person = current_id(each.respondent, merged)
        first.setdefault(person, replace(each, respondent=person))
    return list(first.values())


def take_answers(
    app: App,
    caller: Caller,
    session: Session,
    *,
    cohort: Cohort,
    occasion: Occasion,
    participant: Participant | None,
    sent: Mapping[str, Any],
    source: Source,
    entered_by: str | None = None,
) -> Submission:
    """Check and store what a participant answered, with its event.

    Args:
        cohort: as :func:`lock_cohort_to_answer` has locked it.
        sent: ``form_id``, ``edition`` and ``answers``.
        entered_by: who enters it from paper.

    Raises:
        errors.NotFound: ``trainings.no_such_form``.
        errors.Invalid: ``trainings.form_of_other_cohort``, ``forms.unknown_edition``; or
            naming each answer that does not fit.
        errors.Conflict: ``trainings.not_in_cohort``, ``trainings.cohort_cancelled``,
            ``trainings.answers_not_yet``, ``trainings.answers_over``, ``forms.answered_already``.
    """
    form = form_of(app, cohort, occasion, session)
    if sent["form_id"] != form.id:
        fault = FieldError("/form_id", FORM_OF_OTHER_COHORT.code)
        raise FORM_OF_OTHER_COHORT(errors=[fault])
    seated = check_has_seat(app, cohort, participant, session)
    check_open(occasion, cohort, app.clock.now(), on_paper=source is Source.PAPER)
    if has_answered(app, form.id, cohort.id, occasion, seated.id, session):
        raise ANSWERED_ALREADY()
    submission = answer_cohort_form(
        app,
        session,
        cohort,
        occasion.purpose,
        sent,
        respondent=seated.id,
        source=source,
        entered_by=entered_by,
        subject=occasion.subject(cohort.id),
    )
    app.outbox.record(
        session,
        events.FORM_ANSWERED,
        subject=submission.id,
        version=1,
        data={
            "answers_id": submission.id,
            "cohort_id": cohort.id,
            "occasion": occasion.value,
            "participant_id": seated.id,
            "source": source.value,
            "version": 1,
        },
        caller=caller,
    )
    return submission


def cohort_of(app: App, cohort_id: str, session: Session | None = None) -> Cohort:
    """The cohort, once it is announced.

    Raises:
        errors.NotFound: if there is none, or it is a draft, which nobody answers for.
    """
    return _announced(app.cohorts.get(cohort_id, session))


def lock_cohort_to_answer(app: App, session: Session, cohort_id: str) -> Cohort:
    """The cohort, locked: while answers come in, nobody gives it another form or takes the seat of
    the person who answers.

    Raises:
        errors.NotFound: as of :func:`cohort_of`.
    """
    return _announced(app.cohorts.lock(session, cohort_id))


def _announced(cohort: Cohort) -> Cohort:
    if cohort.roster is None:
        raise errors.NotFound()
    return cohort
