"""Who attended what in a period: the rows that statistics count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.attendance import ATTENDED
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.merging import current_id
from services.trainings.domain.participants import Disability, Participant, Sex
from services.trainings.domain.statistics import Participation, age_band
from services.trainings.steps.known_attendance import attendance_in

#: No zone is further from UTC.
_FURTHEST = timedelta(hours=15)


def participations_in(
    app: App,
    first_day: date,
    last_day: date,
    centre_id: str | None = None,
    *,
    session: Session | None = None,
) -> list[Participation]:
    """One row for each person and cohort with an attended session in the period; the days are
    those of each centre's zone. Records that were merged are one person.

    Args:
        centre_id: of the cohorts of this centre alone.
    """
    centres = {each.id: each for each in app.centres.page(session=session)}
    after = datetime.combine(first_day, time(), UTC) - _FURTHEST
    before = datetime.combine(last_day, time(), UTC) + timedelta(days=1) + _FURTHEST
    rows: list[Participation] = []
    for cohort in app.cohorts.with_sessions(after, before, centre_id, session):
        zone = ZoneInfo(centres[cohort.centre_id].time_zone)
        days = {each.id: each.starts_at.astimezone(zone).date() for each in cohort.sessions}
        wanted = {each: day for each, day in days.items() if first_day <= day <= last_day}
        rows += _rows_of(app, cohort, wanted, session)
    return rows


def _rows_of(
    app: App, cohort: Cohort, days: dict[str, date], session: Session | None
) -> list[Participation]:
    """Args:
    days: of the sessions that count, by id.
    """
    entries = attendance_in(app, cohort.id, session).entries
    applications = app.applications.of_cohort(cohort.id, session=session)
    merged = app.participants.current_ids({each.participant_id for each in applications}, session)
    attended: dict[str, list[date]] = defaultdict(list)
    for (session_id, person_id), entry in entries.items():
        if session_id in days and entry.status in ATTENDED:
            attended[person_id].append(days[session_id])
    organisations = {
        current_id(each.participant_id, merged): each.organisation_id
        for each in applications
        if each.merged_into is None
    }
    people = app.participants.named(attended, session)
    return [
        _row(cohort, person_id, on, organisations.get(person_id), people.get(person_id))
        for person_id, on in attended.items()
    ]


def _row(
    cohort: Cohort,
    person_id: str,
    on: list[date],
    organisation_id: str | None,
    person: Participant | None,
) -> Participation:
    last = max(on)
    row = Participation(
        person_id=person_id,
        cohort_id=cohort.id,
        centre_id=cohort.centre_id,
        topic_id=cohort.topic_id,
        attended=len(on),
        last_attended=last,
        organisation_id=organisation_id,
    )
    if person is None:
        return row
    return replace(
        row,
        sex=None if person.sex is Sex.UNKNOWN else person.sex.value,
        age_band=age_band(person.birth_year, last.year),
        disability=None if person.disability is Disability.UNKNOWN else person.disability.value,
    )
