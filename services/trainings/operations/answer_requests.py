"""Asking participants for feedback, and months later for what has changed, by a link."""

from __future__ import annotations

from services.common.context import SYSTEM
from services.common.contracts.trainings import events
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.answer_requests import AnswerRequest
from services.trainings.domain.answering import SEATED, Occasion, window_of
from services.trainings.domain.applications import Application
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.schemas import instant
from services.trainings.steps.answers import answers_of


def request_answers(app: App, deadline: Deadline) -> None:
    """Ask each participant of a cohort who has not answered to answer the form of an occasion.
    Nobody is asked where the cohort has no such form, is cancelled, or it is too late by now.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        occasion = Occasion(deadline.data["occasion"])
        cohort = app.cohorts.look_up(deadline.data["cohort_id"], session)
        if cohort is None or cohort.status is CohortStatus.CANCELLED:
            return
        form_id = cohort.forms.get(occasion.purpose.value)
        now = app.clock.now()
        if form_id is None or window_of(occasion, cohort).closes_at <= now:
            return
        asked = app.answer_requests.asked(cohort.id, occasion, session)
        asked |= {
            each.respondent for each in answers_of(app, form_id, cohort.id, occasion, session)
        }
        to_ask = [each for each in _seated(app, cohort, session) if each[0].id not in asked]
        requests = [
            AnswerRequest(app.new_id(), cohort.id, occasion, each.id, now) for each, _ in to_ask
        ]
        app.answer_requests.add_all(session, requests)
        for request, (participant, application) in zip(requests, to_ask, strict=True):
            _record_requested(app, session, cohort, request, participant, application)

    app.database.transact(work)


def _seated(app: App, cohort: Cohort, session: Session) -> list[tuple[Participant, Application]]:
    """Those who have a seat, by id, each with the application."""
    applications = app.applications.of_cohort(cohort.id, sorted(SEATED), session)
    own = {each.participant_id: each for each in applications if each.merged_into is None}
    found = app.participants.named(own, session)
    return [(each, own[id]) for id, each in sorted(found.items()) if each.is_current]


def _record_requested(
    app: App,
    session: Session,
    cohort: Cohort,
    request: AnswerRequest,
    participant: Participant,
    application: Application,
) -> None:
    app.outbox.record(
        session,
        events.FEEDBACK_REQUESTED,
        subject=request.id,
        version=request.version,
        data={
            "request_id": request.id,
            "application_id": application.id,
            "cohort_id": cohort.id,
            "centre_id": cohort.centre_id,
            "title": dict(cohort.title),
            "occasion": request.occasion.value,
            "participant_id": participant.id,
            "person_id": participant.id if participant.has_account else None,
            "link_purpose": request.occasion.link_purpose(application.attempt),
            "expires_at": instant(window_of(request.occasion, cohort).closes_at),
            "version": request.version,
        },
        caller=SYSTEM,
    )
