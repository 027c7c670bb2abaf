"""Calls for applications, and people who are nominated: what the benchmark asks of trainings.

The same cohorts, under the same ids, are put into the database of each that is compared. There are
many, because one cohort decides about its people one after another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from services.common.config import Settings
from services.common.links import Links
from services.common.storage.mongo import Session
from services.trainings.app import App, build
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort, CohortSession, Mode
from services.trainings.settings import CertificateSettings

COURSE, CENTRE = "report-writing-basics", "raqqa"
COHORTS = 40
CAPACITY = 500

Request = tuple[str, str, str | None, str | None]


def cohort_id(number: int) -> str:
    return f"bench-cohort-{number:02}"


def open_cohorts(mongo_uri: str, prefix: str) -> None:
    """Put cohorts that take people as they come into a seeded database of trainings."""
    with TemporaryDirectory(prefix="masaha-bench-keys-") as keys:
        # Nothing is signed and no link is made.
        app = build(
            Settings("amqp://unused", mongo_uri, database_prefix=prefix),
            certificates=CertificateSettings(Path(keys), "http://127.0.0.1:1"),
            links=Links("links of this benchmark"),
        )
        _open_cohorts(app)
        app.close()


def _open_cohorts(app: App) -> None:
    course = app.courses.get(COURSE)
    starts_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=60)

    def work(session: Session) -> None:
        for number in range(COHORTS):
            id = cohort_id(number)
            meeting = CohortSession(f"{id}-1", starts_at, starts_at + timedelta(hours=2))
            cohort = Cohort(
                id=id,
                course_id=course.id,
                topic_id=course.topic_id,
                centre_id=CENTRE,
                title=course.title,
                hours=course.hours,
                earning=course.earning,
                mode=Mode.FIRST_COME,
                language="ar",
                capacity=CAPACITY,
                created_by="benchmark",
                created_at=datetime.now(UTC).replace(microsecond=0),
                sessions=(meeting,),
                status=CohortStatus.APPLICATIONS_OPEN,
            )
            app.cohorts.add(session, replace(cohort, roster=cohort.begin_roster()))

    app.database.transact(work)


def nominations() -> Iterator[Request]:
    """Requests without end, each for a person of its own; the same sequence for every target."""
    for number in count():
        person = {"name": f"Benchmark {number}", "phone": f"+96394{number:07}"}
        path = f"/v1/cohorts/{cohort_id(number % COHORTS)}/nominations"
        yield "POST", path, json.dumps({"people": [person]}), f"bench-person-{number}"


def reads(amount: int) -> list[Request]:
    """Requests for one course of the catalogue."""
    return [("GET", f"/v1/courses/{COURSE}", None, None)] * amount
