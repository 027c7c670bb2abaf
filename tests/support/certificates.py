"""Cohorts that are over, with participants, and their certificates."""

from __future__ import annotations

from typing import Any

from services.common.context import Call
from services.trainings.app import App
from services.trainings.domain.admissions import enrol
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.certificates import Certificate, Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.operations.certificate_documents import certificate_pdf
from services.trainings.schemas.certificates import CertificatePdf, PdfFile
from services.trainings.steps.certificate_issue import issue_to
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from tests.support.bookings import NOW, RAQQA_DESK, call
from tests.support.trainings import now_is, open_cohort, run_due_deadlines, session_request


def add_participant(app: App, person_id: str, name: str, **values: Any) -> Participant:
    """A person whom trainings knows."""
    participant = Participant(person_id, True, name, app.clock.now(), **values)
    app.database.transact(lambda session: app.participants.add(session, participant))
    return participant


def enrol_people(app: App, cohort: Cohort, *people: str) -> Cohort:
    """The cohort in which these people have taken seats."""

    def work(session: Any) -> Cohort:
        stored = app.cohorts.get(cohort.id, session)
        assert stored.roster is not None
        added = []
        for each in people:
            application = Application(
                id=f"{cohort.id}-{each}",
                cohort_id=cohort.id,
                cohort_centre_id=cohort.centre_id,
                participant_id=each,
                applied_at=app.clock.now(),
                source=Source.SELF,
            )
            save_application(app, RAQQA_DESK, session, stored, None, application)
            added.append(application.entry)
        change = enrol(stored.roster, added, app.clock.now())
        return apply_roster_change(app, RAQQA_DESK, session, stored, change)

    return app.database.transact(work)


def end_cohort(app: App, cohort: Cohort) -> Cohort:
    """The cohort once its last session has ended."""
    assert cohort.ends_at is not None
    now_is(app, cohort.ends_at)
    return app.cohorts.get(cohort.id)


def finished_cohort(app: App, *people: str, **values: Any) -> Cohort:
    """A cohort that is over, in which these people had seats; it began a week from now."""
    day = (app.clock.now() - NOW).days + 7
    values = {"sessions": [session_request(day), session_request(day + 1)], **values}
    return end_cohort(app, enrol_people(app, open_cohort(app, **values), *people))


def issue(app: App, cohort: Cohort, *people: str) -> list[Certificate]:
    """Certificates of completion for these people."""
    return app.database.transact(
        lambda session: issue_to(app, RAQQA_DESK, session, cohort, people, Kind.COMPLETION)
    )


def a_certificate(
    app: App, name: str = "هبة", person_id: str = "person", **values: Any
) -> Certificate:
    """The certificate of one person of a cohort that is over."""
    if app.participants.look_up(person_id) is None:
        add_participant(app, person_id, name)
    return issue(app, finished_cohort(app, person_id, **values), person_id)[0]


def download(
    app: App, certificate: Certificate, language: str = "ar", by: Call | None = None
) -> PdfFile:
    """What its holder is handed to print, once the worker has done what was due."""
    run_due_deadlines(app)
    query = CertificatePdf(certificate.id, language)
    return certificate_pdf(app, by or call(RAQQA_DESK), query)
