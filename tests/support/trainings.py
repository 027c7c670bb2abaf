"""Situations of the trainings branch, named for what they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.common.clock import FixedClock, to_wire
from services.common.config import Settings
from services.common.context import Caller
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.directory.people import TRAINER, Person
from services.common.forms.questions import Form
from services.common.links import Links
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import Session
from services.trainings.app import App, build
from services.trainings.deadlines import handlers
from services.trainings.domain.admissions import enrol
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.catalogue import Course, Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.operations import catalogue, cohort_forms, cohorts, forms
from services.trainings.schemas.catalogue import add_course
from services.trainings.schemas.cohorts import ActOnCohort, create_cohort
from services.trainings.schemas.forms import SetCohortForm, create_form
from services.trainings.settings import CertificateSettings
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from tests.support.bookings import MANAGER, NOW, RAQQA_DESK, call, tomorrow
from tests.support.ids import in_order
from tests.support.mongo import PREFIX, clear

PUBLIC_URL = "https://masaha.example"
LINKS = Links("links of this test")
TRAINERS = ("rim", "sami", "trainer")
"""Trainers whom every app of a test knows."""


def course_request(**values: Any) -> dict[str, Any]:
    """What a manager sends to offer a course."""
    return {
        "topic_id": "project-management",
        "title": {"ar": "إدارة المشاريع", "en": "Project management"},
        "summary": {"ar": "من الحاجة إلى الخطة.", "en": "From the need to the plan."},
        "hours": 20,
        **values,
    }


def offer(app: App, **values: Any) -> Course:
    """A course that a manager has added."""
    return catalogue.add_course(app, call(MANAGER), add_course(course_request(**values)))


def events_of(app: App, subject: str) -> list[dict[str, Any]]:
    """The events of an aggregate that wait to be sent, in order."""
    rows = app.database.collection("outbox").find({"event.subject": subject})
    return [row["event"] for row in rows.sort("version", 1)]


def advance(app: App, by: timedelta) -> None:
    """Move the app's clock forward."""
    app.clock.advance(by)  # type: ignore[attr-defined]


def run_due_deadlines(app: App) -> None:
    """Everything that is due, of every kind, as the worker does it."""
    runner = DeadlineRunner("trainings", app.deadlines, handlers(app), app.clock)
    while runner.step():
        pass


def open_trainings(mongo_uri: str) -> Iterator[App]:
    """The app on an empty database with two centres and two topics; emptied afterwards."""
    settings = Settings("amqp://unused", mongo_uri, database_prefix=PREFIX)
    keys = tempfile.TemporaryDirectory()
    app = build(
        settings,
        clock=FixedClock(NOW),
        new_id=in_order(),
        certificates=CertificateSettings(Path(keys.name), PUBLIC_URL),
        links=LINKS,
    )
    app.centres.seed(
        [
            Centre("raqqa", {"ar": "مركز الرقة", "en": "Raqqa centre"}, "Asia/Damascus"),
            Centre("tabqa", {"ar": "مركز الطبقة", "en": "Tabqa centre"}, "Asia/Damascus"),
        ]
    )
    app.topics.seed(
        [
            Topic("project-management", {"ar": "إدارة المشاريع", "en": "Project management"}, True),
            Topic("report-writing", {"ar": "كتابة التقارير", "en": "Report writing"}),
        ]
    )
    know(app, *TRAINERS, roles=frozenset({TRAINER}))
    yield app
    clear(app.database, settings.database("trainings"))
    app.close()
    keys.cleanup()


def know(app: App, *names: str, **values: Any) -> None:
    """The identity has published who these people are."""
    people = [
        Person(name, 1, {"ar": name}, f"{name}@masaha.example", "ar", **values) for name in names
    ]
    app.database.transact(lambda session: app.directory.put_people(session, people))


def question(name: str, kind: str = "text", **values: Any) -> dict[str, Any]:
    """One question of a form, as staff write it."""
    return {
        "id": name,
        "kind": kind,
        "label": {"ar": f"سؤال {name}", "en": f"Question {name}"},
        **values,
    }


def form_request(**values: Any) -> dict[str, Any]:
    """What staff send to make an application form: one question that names the person, two that
    do not."""
    return {
        "purpose": "application",
        "centre_id": "raqqa",
        "title": {"ar": "طلب مشاركة", "en": "Application"},
        "questions": [
            question("employer", identifying=True),
            question("why", "paragraph", required=True),
            question("years", "integer", minimum=0, maximum=50),
        ],
        **values,
    }


def make_form(app: App, caller: Caller = RAQQA_DESK, **values: Any) -> Form:
    """A form that staff have made."""
    return forms.create_form(app, call(caller), create_form(form_request(**values)))


def use_form(app: App, cohort: Cohort, form: Form, purpose: str | None = None) -> Cohort:
    """The cohort, which uses the form."""
    command = SetCohortForm(
        cohort.id, cohort.version, FormPurpose(purpose or form.purpose), form.id
    )
    return cohort_forms.set_cohort_form(app, call(RAQQA_DESK), command)


def selection_request(**values: Any) -> dict[str, Any]:
    """What staff send to say how applications are scored: need counts three times."""
    return {
        "criteria": [
            {"id": "need", "label": {"ar": "الحاجة", "en": "Need"}, "weight": 3},
            {"id": "plan", "label": {"ar": "الخطة", "en": "Plan"}, "weight": 1},
        ],
        **values,
    }


def answers_to(form: Form, **answers: Any) -> dict[str, Any]:
    """What a person sends who answers a form."""
    return {"form_id": form.id, "edition": form.edition, "answers": answers}


def seat(app: App, cohort: Cohort, person_id: str, **values: Any) -> Application:
    """The application of a person who has a seat in the cohort."""

    def work(session: Session) -> None:
        stored = app.cohorts.get(cohort.id, session)
        assert stored.roster is not None
        save_application(app, Caller(id=person_id), session, stored, None, application)
        change = enrol(stored.roster, [application.entry], app.clock.now())
        apply_roster_change(app, Caller(id=person_id), session, stored, change)

    now = app.clock.now()
    application = Application(
        id=app.new_id(),
        cohort_id=cohort.id,
        cohort_centre_id=cohort.centre_id,
        participant_id=person_id,
        applied_at=now,
        source=Source.SELF,
        **values,
    )
    app.database.transact(work)
    return app.applications.get(application.id)


def session_request(
    day: int = 1, hours: tuple[int, int] = (9, 13), **values: Any
) -> dict[str, Any]:
    """What staff send for a session: so many days after tomorrow, by the clock of Raqqa."""
    return {
        "starts_at": to_wire(tomorrow(hours[0]) + timedelta(days=day)),
        "ends_at": to_wire(tomorrow(hours[1]) + timedelta(days=day)),
        "elsewhere": {"ar": "مقر المنظمة", "en": "The organisation's office"},
        **values,
    }


def cohort_request(app: App, **values: Any) -> dict[str, Any]:
    """What staff send to prepare a cohort of two sessions."""
    return {
        "course_id": values.pop("course_id", None) or offer(app).id,
        "centre_id": "raqqa",
        "capacity": 3,
        "sessions": [session_request(7), session_request(8)],
        **values,
    }


def prepare(app: App, caller: Caller = RAQQA_DESK, **values: Any) -> Cohort:
    """A cohort that staff have prepared."""
    command = create_cohort(cohort_request(app, **values))
    return cohorts.create_cohort(app, call(caller), command)


def announce(app: App, cohort: Cohort | None = None, **values: Any) -> Cohort:
    """A cohort that is announced."""
    prepared = cohort or prepare(app, **values)
    command = ActOnCohort(prepared.id, prepared.version)
    return cohorts.announce_cohort(app, call(RAQQA_DESK), command)


def open_cohort(app: App, **values: Any) -> Cohort:
    """A cohort that takes applications."""
    announced = announce(app, **values)
    command = ActOnCohort(announced.id, announced.version)
    return cohorts.open_applications(app, call(RAQQA_DESK), command)


def now_is(app: App, instant: datetime) -> None:
    """Move the app's clock forward to an instant, and let the worker do what is due by then."""
    advance(app, instant - app.clock.now())
    run_due_deadlines(app)


def register(app: App, name: str, **values: Any) -> Participant:
    """A participant whom trainings knows."""
    participant = Participant(
        **{"id": app.new_id(), "has_account": False, "name": name, **values},
        created_at=app.clock.now(),
    )
    app.database.transact(lambda session: app.participants.add(session, participant))
    return participant
