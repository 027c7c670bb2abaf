"""Situations of the trainings branch, named for what they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.storage.deadlines import DeadlineRunner
from services.trainings.app import App, build
from services.trainings.deadlines import handlers
from services.trainings.domain.catalogue import Course, Topic
from services.trainings.domain.centres import Centre
from services.trainings.operations import catalogue
from services.trainings.schemas.catalogue import add_course
from tests.support.bookings import MANAGER, NOW, call
from tests.support.ids import in_order
from tests.support.mongo import PREFIX, clear


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
    app = build(settings, clock=FixedClock(NOW), new_id=in_order())
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
    yield app
    clear(app.database, settings.database("trainings"))
    app.close()
