"""Tasks about meetings that an absence covers: a person moves them, or another adviser comes.

Nothing is cancelled by an absence. The task names who could come instead, and is closed when its
cause is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.adviser_times import REACH, overlapping
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.cases import Case
from services.consultations.domain.engagements import Engagement, Meeting
from services.consultations.domain.tasks import TaskKind
from services.consultations.domain.visits import Visit
from services.consultations.steps.suggestions import need_of, suggestions_for, takes_cases
from services.consultations.steps.tasks import close_task_about, open_task

MOST_SUBSTITUTES = 5
MOST_LOOKED_AT = 20
"""The calendars of so many advisers are asked."""


def update_absence_tasks(
    app: App, session: Session, adviser_id: str, engagements: Iterable[Engagement]
) -> None:
    """Open the task about each of these meetings that an absence covers; close the others'."""
    for each in engagements:
        meeting: Meeting | None
        if each.what == Appointment.kind:
            meeting = app.appointments.look_up(each.id, session)
        else:
            meeting = app.visits.look_up(each.id, session)
        if meeting is not None and meeting.adviser_id == adviser_id:
            case = app.cases.get(meeting.case_id, session)
            update_absence_task(app, session, case, meeting)


def update_absence_task(app: App, session: Session, case: Case, meeting: Meeting) -> None:
    """Have the tasks about who comes to a meeting be as they are to be: one where an absence
    covers it, one where its adviser is not on the case any more, or takes no cases at all."""
    now = app.clock.now()
    to_come = [each for each in meeting.times if each.ends_at > now]
    causes = {
        TaskKind.ADVISER_ABSENT: to_come and _is_covered(app, session, meeting.adviser_id, to_come),
        TaskKind.ADVISER_LEFT: to_come and not _is_on_it(app, session, case, meeting.adviser_id),
    }
    for what, holds in causes.items():
        if holds:
            _open_task(app, session, what, case, meeting)
        else:
            close_task_about(app, session, what, meeting.id)


def _is_on_it(app: App, session: Session, case: Case, adviser_id: str) -> bool:
    return adviser_id in case.adviser_ids and takes_cases(app, session, adviser_id)


def _open_task(app: App, session: Session, what: TaskKind, case: Case, meeting: Meeting) -> None:
    own = {meeting.adviser_id} & case.people
    open_task(
        app,
        session,
        what,
        subject=meeting.id,
        centre_id=meeting.centre_id,
        case=case,
        people=case.people if case.sealed else own,
        details={
            "what": meeting.kind,
            "adviser_id": meeting.adviser_id,
            "substitutes": find_substitutes(app, session, case, meeting),
        },
    )


def find_substitutes(app: App, session: Session, case: Case, meeting: Meeting) -> list[str]:
    """Ids of advisers who could come instead: those who fit the case and are free then. Those who
    are on the case come first, then as they are suggested for it."""
    need = need_of(app, session, case)
    fitting = [each.adviser_id for each in suggestions_for(app, session, need, meeting.period)]
    fitting.sort(key=lambda each: each not in case.adviser_ids)
    spans_breaks = isinstance(meeting, Visit) and meeting.spans_breaks
    found: list[str] = []
    for each in fitting[:MOST_LOOKED_AT]:
        if each == meeting.adviser_id:
            continue
        adviser = app.advisers.get(each, session)
        if _is_free(app, session, adviser, meeting, spans_breaks):
            found.append(each)
        if len(found) == MOST_SUBSTITUTES:
            break
    return found


def _is_covered(app: App, session: Session, adviser_id: str, times: list[Period]) -> bool:
    around = Period(min(each.starts_at for each in times), max(each.ends_at for each in times))
    absences = [each.period for each in app.absences.of_adviser(adviser_id, around, session)]
    return any(overlapping(each, absences) for each in times)


def _is_free(
    app: App, session: Session, adviser: Adviser, meeting: Meeting, spans_breaks: bool
) -> bool:
    around = Period(meeting.period.starts_at - REACH, meeting.period.ends_at + REACH)
    absences = app.absences.of_adviser(adviser.id, around, session)
    engagements = app.engagements.of_adviser(adviser.id, around, session)
    diary = adviser.diary(
        tuple(each.period for each in absences),
        tuple(taken for each in engagements for taken in each.taken),
    )
    return diary.offers(meeting.period, meeting.buffers, spans_breaks=spans_breaks)
