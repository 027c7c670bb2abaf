"""Calendars: the sessions that a person's own calendar shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from services.common.authorisation import check_signed_in
from services.common.calendars import CalendarEntry, event_uid
from services.common.context import Call
from services.common.history.changes import subject_of
from services.common.languages import in_language
from services.trainings.app import App
from services.trainings.documents.texts import document_texts
from services.trainings.domain.assignments import Assignment, AssignmentStatus
from services.trainings.domain.cohorts import Cohort, CohortSession
from services.trainings.steps.current_participant import all_records, current_id_of
from services.trainings.steps.session_events import rooms_held

LOOKS_BACK = timedelta(days=31)
"""What ended longer ago has left a person's calendar."""

MOST_COHORTS = 100
"""That a person has a seat in, and that a person teaches, in a calendar: the earliest."""

CONFIRMED, TENTATIVE = "CONFIRMED", "TENTATIVE"


def calendar_entries(app: App, call: Call, language: str) -> list[CalendarEntry]:
    """What the caller's own calendar shows: the sessions of cohorts in which the caller has a seat,
    and those that the caller teaches or is asked to teach. What is cancelled leaves it.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    since = app.clock.now() - LOOKS_BACK
    people = all_records(app, current_id_of(app, call.caller.id))
    attended = app.cohorts.with_seat_of(people, since, limit=MOST_COHORTS)
    asked = app.assignments.teaching_since(call.caller.id, since, limit=MOST_COHORTS)
    taught = app.cohorts.named({each.cohort_id for each in asked})
    cohorts = {**{each.id: each for each in attended}, **taught}
    seats = {each.id for each in attended}
    sessions = list(_sessions(cohorts, seats, asked, since))

    centres = {each.id: each for each in app.centres.page()}
    requests = app.rooms.of_many(set(cohorts))
    rooms = {
        session_id: in_language(place.space_name, language)
        for each in cohorts.values()
        for session_id, place in rooms_held(each, requests.get(each.id)).items()
    }
    changed = app.history.last_changes({subject_of(each) for each in cohorts.values()})
    answers = app.assignments.versions_of(call.caller.id, set(taught))
    return [
        CalendarEntry(
            uid=event_uid(session.id),
            # What a trainer has answered changes the status, and no cohort.
            sequence=cohort.version + answers.get(cohort.id, 0),
            status=status,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            title=in_language(cohort.title, language),
            place=_name_place(
                session,
                rooms.get(session.id),
                in_language(centres[cohort.centre_id].name, language),
                language,
            ),
            changed_at=changed.get(subject_of(cohort), cohort.created_at),
        )
        for cohort, session, status in sessions
    ]


def _sessions(
    cohorts: Mapping[str, Cohort], seats: set[str], asked: list[Assignment], since: datetime
) -> Iterator[tuple[Cohort, CohortSession, str]]:
    """The sessions with their status, each once."""
    for cohort in cohorts.values():
        assigned = [each for each in asked if each.cohort_id == cohort.id]
        for session in cohort.sessions:
            teaching = {each.status for each in assigned if each.teaches(session.id)}
            if session.ends_at <= since or not (teaching or cohort.id in seats):
                continue
            sure = cohort.id in seats or AssignmentStatus.ACCEPTED in teaching
            yield cohort, session, CONFIRMED if sure else TENTATIVE


def _name_place(session: CohortSession, room: str | None, centre: str, language: str) -> str:
    """Where a session is: the place outside, or its room of the centre where one is held."""
    if session.elsewhere is not None:
        return in_language(session.elsewhere, language)
    if room is None:
        return centre
    return document_texts().text("calendar.place", language, {"room": room, "centre": centre})
