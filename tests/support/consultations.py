"""Situations of the consultations branch, named for what they are.

Organisations ``amal`` and ``furat`` are approved; ``rana`` represents the first, ``omar`` is its
member. The advisers ``huda`` and ``jamal`` have the role; a test makes their
profiles. ``salma`` has one: she is the lawyer who looks at sealed cases first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings.events import (
    APPLICATION_COMPLETED,
    ASSIGNMENT_ACCEPTED,
    ASSIGNMENT_WITHDRAWN,
)
from services.common.directory.organisations import APPROVED, Organisation
from services.common.directory.people import Membership, Person
from services.common.events.envelope import CloudEvent
from services.common.links import Links
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import Session
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.app import App, build
from services.consultations.deadlines import handlers
from services.consultations.domain.advisers import Adviser, Sex
from services.consultations.domain.cases import Case
from services.consultations.domain.centres import Centre
from services.consultations.domain.offers import Offer
from services.consultations.operations import cases
from services.consultations.operations.offers import apply_training_events
from services.consultations.schemas.cases import submit_case
from services.consultations.schemas.working_documents import template_of_seed
from services.consultations.seeding import seed_kind
from tests.support.bookings import (
    MEMBER,
    NOW,
    OTHER_MEMBER,
    REPRESENTATIVE,
    STRANGER,
    WORKING_WEEK,
    call,
)
from tests.support.ids import in_order
from tests.support.mongo import PREFIX, clear

KINDS = Path(__file__).parents[2] / "deploy" / "seed" / "consultation_kinds.json"
TEMPLATES = KINDS.with_name("document_templates.json")
LINKS = Links("links of this test")

HUDA = Caller(id="huda", roles=frozenset({"adviser"}))
JAMAL = Caller(id="jamal", roles=frozenset({"adviser"}))

SALMA = Caller(id="salma", roles=frozenset({"adviser"}))


def profile(person: Caller, **values: Any) -> Adviser:
    """The profile of an adviser; of a lawyer where nothing else is said."""
    hours = WeeklyHours.parse(WORKING_WEEK)
    return Adviser(
        **{
            "id": person.id,
            "centre_ids": ("raqqa", "tabqa"),
            "specialities": ("registration", "contracts", "protection"),
            "languages": ("ar", "en"),
            "time_zone": "Asia/Damascus",
            "working_hours": hours,
            "breaks": WeeklyHours.parse({}),
            "sex": Sex.FEMALE,
            **values,
        }
    )


def know_adviser(app: App, person_id: str, version: int = 1, **values: Any) -> None:
    """Have the app know a person, who has the role of an adviser unless it is said otherwise."""
    details = {"language": "ar", "roles": frozenset({"adviser"}), **values}
    person = Person(person_id, version, {"ar": person_id}, f"{person_id}@example.org", **details)
    app.database.transact(lambda session: app.directory.put_people(session, [person]))


def open_consultations(mongo_uri: str) -> Iterator[App]:
    """The app on an empty database with two centres, the seeded kinds, two approved organisations
    and their members; emptied afterwards."""
    settings = Settings("amqp://unused", mongo_uri, database_prefix=PREFIX)
    app = build(settings, clock=FixedClock(NOW), new_id=in_order(), links=LINKS)
    app.centres.seed(
        [
            Centre("raqqa", {"ar": "مركز الرقة", "en": "Raqqa centre"}, "Asia/Damascus"),
            Centre("tabqa", {"ar": "مركز الطبقة", "en": "Tabqa centre"}, "Asia/Damascus"),
        ]
    )
    app.document_templates.seed(
        map(template_of_seed, json.loads(TEMPLATES.read_text("utf-8"))["document_templates"])
    )
    seed_kinds(app)
    app.database.transact(partial(put_organisations, app))
    app.database.transact(lambda session: app.advisers.add(session, profile(SALMA)))
    yield app
    for name in ("consultations", "case_keys"):
        clear(app.database, settings.database(name))
    app.close()


def seed_kinds(app: App) -> None:
    """Have the app offer the kinds of consultations that every installation begins with."""
    for each in json.loads(KINDS.read_text("utf-8"))["kinds"]:
        app.database.transact(partial(seed_kind, app, each))


def put_organisations(app: App, session: Session) -> None:
    """Have the app know the organisations of the situations, and who belongs to them."""
    names = {"amal": {"ar": "أمل", "en": "Amal"}, "furat": {"ar": "الفرات", "en": "Furat"}}
    app.directory.put_organisations(
        session, [Organisation(key, 1, name, APPROVED) for key, name in names.items()]
    )
    app.directory.put_memberships(
        session,
        [
            Membership(organisation, person.id, 1, role, active=True)
            for person in (REPRESENTATIVE, MEMBER, OTHER_MEMBER, STRANGER)
            for organisation, role in person.organisations.items()
        ],
    )


def case_request(**values: Any) -> dict[str, Any]:
    """What an organisation sends to ask for support."""
    return {
        "kind_id": "technical",
        "organisation_id": "amal",
        "centre_id": "raqqa",
        "title": "دليل مالي",
        "description": "نحتاج إلى دليل إجراءات مالية.",
        **values,
    }


def confidential_request(**values: Any) -> dict[str, Any]:
    """What an organisation sends to ask for legal support, whose cases are sealed."""
    return case_request(
        kind_id="legal",
        title="نزاع على عقد",
        description="خلاف مع مالك المقر.",
        form={"edition": 1, "answers": {"urgent": "days"}},
        **values,
    )


def submit(app: App, caller: Caller = MEMBER, **values: Any) -> Case:
    """A case that a person has sent."""
    return cases.submit_case(app, call(caller), submit_case(case_request(**values)))


def submit_confidential(app: App, caller: Caller = MEMBER, **values: Any) -> Case:
    """A sealed case that a person has sent."""
    return cases.submit_case(app, call(caller), submit_case(confidential_request(**values)))


def events_of(app: App, subject: str) -> list[dict[str, Any]]:
    """The events of an aggregate that wait to be sent, in order."""
    rows = app.database.collection("outbox").find({"event.subject": subject})
    return [row["event"] for row in rows.sort("version", 1)]


def advance(app: App, by: timedelta) -> None:
    """Move the app's clock forward."""
    app.clock.advance(by)  # type: ignore[attr-defined]


def run_due_deadlines(app: App) -> None:
    """Everything that is due, of every kind, as the worker does it."""
    runner = DeadlineRunner("consultations", app.deadlines, handlers(app), app.clock)
    while runner.step():
        pass


def completed(person: Caller, organisation_id: str | None = "amal", **values: Any) -> CloudEvent:
    """The event of trainings that a person has completed a training."""
    data = {
        "application_id": f"application-{person.id}",
        "cohort_id": "cohort",
        "course_id": "course",
        "topic_id": "financial-management",
        "centre_id": "raqqa",
        "centre_name": {"ar": "مركز الرقة"},
        "time_zone": "Asia/Damascus",
        "title": {"ar": "أساسيات الإدارة المالية", "en": "Financial management basics"},
        "mode": "selective",
        "starts_at": None,
        "participant_id": person.id,
        "person_id": person.id,
        "organisation_id": organisation_id,
        "source": "self",
        "nominated_by": None,
        "status": "completed",
        "reason": None,
        "expires_at": None,
        "version": 5,
        "changed_by": "system",
        **values,
    }
    return _event(APPLICATION_COMPLETED, data["application_id"], data)


def trains(person: Caller, status: str = "accepted", version: int = 2) -> CloudEvent:
    """The event of trainings that says how a trainer stands to the cohort."""
    data = {
        "assignment_id": f"assignment-{person.id}",
        "cohort_id": "cohort",
        "cohort_title": {"ar": "أساسيات الإدارة المالية"},
        "centre_id": "raqqa",
        "trainer_id": person.id,
        "status": status,
        "times": [],
        "time_zone": "Asia/Damascus",
        "version": version,
        "changed_by": person.id,
    }
    event_type = ASSIGNMENT_ACCEPTED if status == "accepted" else ASSIGNMENT_WITHDRAWN
    return _event(event_type, data["assignment_id"], data)


def offer(app: App, person: Caller, *before: CloudEvent) -> Offer:
    """The offer to a person's organisation after a training."""
    apply_training_events(app, [*before, completed(person)])
    return app.offers.page()[0]


def _event(event_type: EventType, subject: str, data: dict[str, Any]) -> CloudEvent:
    event_type.check(data)
    return CloudEvent(
        id=f"{event_type.name}-{subject}-{data['version']}",
        source="/masaha/trainings",
        type=event_type.name,
        subject=subject,
        time=NOW,
        dataschema=event_type.dataschema,
        data=data,
        aggregate_version=data["version"],
        actor_kind="person",
    )
