"""Reminders: a day before a meeting its people get a message, if it is still to take place."""

from __future__ import annotations

from services.common.context import SYSTEM
from services.common.contracts.consultations import events
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentAction
from services.consultations.domain.visit_states import VisitAction, VisitStatus
from services.consultations.steps.meeting_events import save_meeting


def remind_of_appointment(app: App, deadline: Deadline) -> None:
    """Remind the people of an appointment. One that was cancelled, moved or held has no reminder.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.appointments.look_up(deadline.subject, session)
        now = app.clock.now()
        if before is None or not before.live or before.period.starts_at <= now:
            return
        after = before.after(AppointmentAction.REMIND, reminded_at=now)
        case = app.cases.get(before.case_id, session)
        event_type = events.APPOINTMENT_REMINDED
        save_meeting(app, session, SYSTEM, event_type, case, before, after, action="remind")

    app.database.transact(work)


def remind_of_visit(app: App, deadline: Deadline) -> None:
    """Remind the people of a visit that both sides have agreed to.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.visits.look_up(deadline.subject, session)
        now = app.clock.now()
        if before is None or before.status is not VisitStatus.ACCEPTED:
            return
        if before.period.starts_at <= now:
            return
        after = before.after(VisitAction.REMIND, reminded_at=now)
        case = app.cases.get(before.case_id, session)
        event_type = events.VISIT_REMINDED
        save_meeting(app, session, SYSTEM, event_type, case, before, after, action="remind")

    app.database.transact(work)
