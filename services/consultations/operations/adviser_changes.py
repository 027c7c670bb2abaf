"""What follows when an adviser takes cases no more, or takes them again: tasks about the cases that
the adviser works on and the meetings to come, each with who could take over. Nothing is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from services.common.directory.people import ErasedPerson, Person
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.engagements import Engagement
from services.consultations.steps.absence_tasks import update_absence_tasks
from services.consultations.steps.adviser_calendar import follow_adviser_later
from services.consultations.steps.lost_advisers import follow_lost_adviser

FAR_AHEAD = timedelta(days=3660)
AT_A_TIME = 20
"""So many meetings are looked at in one transaction."""


def follow_people(app: App, session: Session, people: Iterable[Person | ErasedPerson]) -> None:
    """Look at the cases and meetings of those people who have an adviser's profile."""
    for adviser_id in app.advisers.named([each.person_id for each in people], session):
        follow_adviser_later(app, session, adviser_id)


def run_adviser_deadline(app: App, deadline: Deadline) -> None:
    """Have the tasks about an adviser's cases and meetings be as they are to be; done again, it
    changes nothing.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; what has been done
            stays, and the rest is done by the next.
    """
    adviser_id = deadline.subject
    for case_id in app.cases.open_ids_of_adviser(adviser_id):
        app.database.transact(partial(_follow_case, app, case_id))
    now = app.clock.now()
    meetings = app.engagements.of_adviser(adviser_id, Period(now, now + FAR_AHEAD))
    for begin in range(0, len(meetings), AT_A_TIME):
        part = meetings[begin : begin + AT_A_TIME]
        app.database.transact(partial(_follow_meetings, app, adviser_id, part))
    app.database.transact(lambda session: app.deadlines.finish(session, deadline))


def run_sealed_case_deadline(app: App, deadline: Deadline) -> None:
    """Look for an adviser of a sealed case once more.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        _follow_case(app, deadline.subject, session)

    app.database.transact(work)


def _follow_case(app: App, case_id: str, session: Session) -> None:
    case = app.cases.look_up(case_id, session)
    if case is not None:
        follow_lost_adviser(app, session, case)


def _follow_meetings(
    app: App, adviser_id: str, meetings: list[Engagement], session: Session
) -> None:
    update_absence_tasks(app, session, adviser_id, meetings)
