"""Situations of the consultations branch, named for what they are.

Organisations ``amal`` and ``furat`` are approved; ``rana`` represents the first, ``omar`` is its
member. The advisers ``huda`` and ``jamal`` have the role; what else they are is in their profiles.
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
from services.common.directory.organisations import APPROVED, Organisation
from services.common.directory.people import Membership
from services.common.links import Links
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import Session
from services.consultations.app import App, build
from services.consultations.deadlines import handlers
from services.consultations.domain.cases import Case
from services.consultations.domain.centres import Centre
from services.consultations.operations import cases
from services.consultations.schemas.cases import submit_case
from services.consultations.seeding import seed_kind
from tests.support.bookings import MEMBER, NOW, OTHER_MEMBER, REPRESENTATIVE, STRANGER, call
from tests.support.ids import in_order
from tests.support.mongo import PREFIX, clear

KINDS = Path(__file__).parents[2] / "deploy" / "seed" / "consultation_kinds.json"
LINKS = Links("links of this test")

HUDA = Caller(id="huda", roles=frozenset({"adviser"}))
JAMAL = Caller(id="jamal", roles=frozenset({"adviser"}))


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
    for each in json.loads(KINDS.read_text("utf-8"))["kinds"]:
        app.database.transact(partial(seed_kind, app, each))
    app.database.transact(partial(put_organisations, app))
    yield app
    for name in ("consultations", "case_keys"):
        clear(app.database, settings.database(name))
    app.close()


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
