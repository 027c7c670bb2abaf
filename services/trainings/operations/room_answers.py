"""What follows from an answer of bookings about the rooms of a cohort, and from its silence."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import SYSTEM
from services.common.contracts.trainings import events
from services.common.errors import Conflict
from services.common.events.envelope import CloudEvent
from services.common.rooms.requester import Change
from services.common.rooms.requests import RoomRequest, Status
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohort_states import HOLDS_ITS_SESSIONS, TRANSITIONS, CohortAction
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.rooms import follow_answer, rooms_of, sessions_without_room
from services.trainings.domain.roster import Change as RosterChange
from services.trainings.domain.roster_of_cohort import follow_cohort
from services.trainings.domain.tasks import TaskKind
from services.trainings.steps.assignments import follow_sessions
from services.trainings.steps.rooms import request_rooms, update_room_tasks
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_cohort import save_cohort
from services.trainings.steps.session_events import record_session_events
from services.trainings.steps.tasks import update_tasks


def apply_room_answer(app: App, event: CloudEvent) -> None:
    """Take an answer of bookings, with all that follows; again or late it changes nothing."""

    def work(session: Session) -> None:
        change = app.rooms.apply_answer(session, event)
        if change is not None:
            _follow(app, session, change)

    app.database.transact(work)


def repeat_room_request(app: App, deadline: Deadline) -> None:
    """Request the same rooms once more; staff get a task if bookings has been silent for long.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def open_task(session: Session, request: RoomRequest) -> None:
        cohort = app.cohorts.look_up(request.subject, session)
        if cohort is None or request.released or cohort.status not in HOLDS_ITS_SESSIONS:
            return
        waiting = tuple(each.item_id for each in request.items)
        update_tasks(app, session, cohort, {TaskKind.ROOMS_UNANSWERED: waiting})

    app.rooms.repeat_request(deadline, open_task)


def _follow(app: App, session: Session, change: Change) -> None:
    request = change.after
    cohort = app.cohorts.look_up(request.subject, session)
    if cohort is None or request.released or cohort.status not in HOLDS_ITS_SESSIONS:
        return
    settled = follow_answer(cohort, request)
    shown = rooms_of(cohort, change.before) != rooms_of(settled, request)
    if shown and (cohort.status, CohortAction.CHANGE) in TRANSITIONS:
        settled = _save(app, session, cohort, settled, change.before)
    update_room_tasks(app, session, settled, request)
    if (
        request.status is Status.REFUSED
        and any(each.awaits_room for each in cohort.sessions)
        and not sessions_without_room(settled, request)
    ):
        # Every session has its room and stays where it is: the request says so again, so that the
        # next change does not fail by the one that was refused.
        request_rooms(app, SYSTEM, session, settled)


def _save(
    app: App, session: Session, before: Cohort, settled: Cohort, earlier: RoomRequest
) -> Cohort:
    """The cohort one version further, since people see another room or another time.

    Args:
        earlier: the request for its rooms before the answer.
    """
    after = replace(settled, version=before.version + 1)
    roster = _roster_change(app, before, after)
    save_cohort(app, SYSTEM, session, events.COHORT_CHANGED, before, after)
    if roster is not None:
        after = apply_roster_change(app, SYSTEM, session, after, roster)
    record_session_events(app, SYSTEM, session, before, after, earlier=earlier)
    return follow_sessions(app, SYSTEM, session, after)


def _roster_change(app: App, before: Cohort, after: Cohort) -> RosterChange | None:
    try:
        return follow_cohort(before, after, app.clock.now())
    except Conflict:
        # It has begun in the moment of the answer: nobody is promoted any more.
        return None
