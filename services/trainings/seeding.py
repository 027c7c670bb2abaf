"""The first data: centres, topics and courses of the seed files, and a cohort that is over.

The story of the demo goes on with that cohort to its end: a session that people plan lies in the
future, and its attendance with it. Seeding sends no event of it: all of that was said long ago.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.context import SYSTEM, Caller
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App, build
from services.trainings.domain.admissions import enrol
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.catalogue import Course, Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort, CohortSession, Mode
from services.trainings.domain.participants import Participant
from services.trainings.domain.roster_limits import settle

Entry = Mapping[str, Any]
"""One thing of a seed file, as it is written there."""


def seed(settings: Settings, path: str) -> None:
    """Put what the seed files hold into the database; again does no harm."""
    network, courses, cohorts, people = (
        json.loads((Path(path) / f"{name}.json").read_text("utf-8"))
        for name in ("centre", "courses", "cohorts", "people")
    )
    app = build(settings)
    try:
        app.centres.seed(
            Centre(each["id"], each["name"], network["network"]["time_zone"])
            for each in network["centres"]
        )
        app.topics.seed(
            Topic(each["id"], each["name"], each.get("in_demand", False))
            for each in network["topics"]
        )
        app.courses.seed(
            Course(**each | {"prerequisites": tuple(each.get("prerequisites", ()))})
            for each in courses["courses"]
        )
        by_id = {each["id"]: each for each in people["people"]}
        for each in cohorts["cohorts"]:
            named = [by_id[person_id] for person_id in each["people"]]
            app.database.transact(partial(_add_past_cohort, app, each, named))
    finally:
        app.close()


def _add_past_cohort(app: App, entry: Entry, people: Sequence[Entry], session: Session) -> None:
    """Add a cohort whose sessions are over, with the people who had seats in it; days are counted
    back from today. One that is there stays as it is."""
    if app.cohorts.look_up(entry["id"], session) is not None:
        return
    now = app.clock.now()
    announced_at = now - timedelta(days=entry["announced_days_ago"])
    course = app.courses.get(entry["course_id"], session)
    centre = app.centres.get(entry["centre_id"], session)
    cohort = Cohort(
        id=entry["id"],
        course_id=course.id,
        topic_id=course.topic_id,
        centre_id=centre.id,
        title=course.title,
        hours=course.hours,
        earning=course.earning,
        mode=Mode.FIRST_COME,
        language="ar",
        capacity=entry["capacity"],
        created_by=SYSTEM.id,
        created_at=announced_at,
        sessions=tuple(_past_session(each, centre, now) for each in entry["sessions"]),
        status=CohortStatus.COMPLETED,
    )
    seated = [_add_person(app, session, cohort, each, announced_at) for each in people]
    enrolled = enrol(cohort.begin_roster(), [each.entry for each in seated], announced_at)
    app.cohorts.add(session, replace(cohort, roster=settle(enrolled.roster, now).roster))


def _past_session(entry: Entry, centre: Centre, now: datetime) -> CohortSession:
    zone = ZoneInfo(centre.time_zone)
    day = now.astimezone(zone).date() - timedelta(days=entry["days_ago"])
    starts_at, ends_at = (
        datetime.combine(day, time.fromisoformat(entry[name]), zone).astimezone(now.tzinfo)
        for name in ("starts", "ends")
    )
    return CohortSession(entry["id"], starts_at, ends_at)


def _add_person(
    app: App, session: Session, cohort: Cohort, person: Entry, at: datetime
) -> Application:
    """Add a participant, and the application with its history: attendance asks it since when a
    person has had a seat."""
    memberships = person["memberships"]
    organisation_id = memberships[0]["organisation_id"] if memberships else None
    if app.participants.look_up(person["id"], session) is None:
        participant = Participant(
            id=person["id"],
            has_account=True,
            name=person["name"][person["language"]],
            created_at=at,
            organisation_id=organisation_id,
            language=person["language"],
        )
        app.participants.add(session, participant)
    wanted = Application(
        id=f"{cohort.id}-{person['id']}",
        cohort_id=cohort.id,
        cohort_centre_id=cohort.centre_id,
        participant_id=person["id"],
        applied_at=at,
        source=Source.SELF,
        organisation_id=organisation_id,
        centre_id=cohort.centre_id,
    )
    application = replace(wanted, status=ApplicationStatus.ENROLLED, decided_at=at)
    app.applications.add(session, application)
    then = replace(app, clock=FixedClock(at))
    caller = Caller(id=person["id"])
    record_change(then, caller, session, application, None, application.facts, action="enrolled")
    return application
