"""What becomes of the meetings of a case that ends or is sealed, in the same transaction."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentAction
from services.consultations.domain.case_states import OVER
from services.consultations.domain.cases import Case
from services.consultations.domain.engagements import Meeting
from services.consultations.domain.trips import TripAction
from services.consultations.domain.visit_states import VisitAction, VisitStatus
from services.consultations.domain.visits import CallOffCause
from services.consultations.steps.absence_tasks import update_absence_task
from services.consultations.steps.meeting_events import save_meeting
from services.consultations.steps.meeting_rooms import request_room
from services.consultations.steps.trips import leave_trip, save_trip


def update_meetings(
    app: App, session: Session, caller: Caller, before: Case | None, after: Case
) -> None:
    """Have the meetings of a case be as its change asks: with a case that is over they are
    cancelled, each with its event and its news; trips with a visit of a case that is sealed are
    dissolved; a task is opened about those of an adviser who has left it."""
    if before is None:
        return
    if after.status in OVER and before.status not in OVER:
        _end_meetings(app, session, caller, after)
        return
    if before.adviser_ids - after.adviser_ids:
        meetings: list[Meeting] = [
            *app.appointments.to_come(after.id, session),
            *app.visits.to_come(after.id, session),
        ]
        for each in meetings:
            update_absence_task(app, session, after, each)
    if after.sealed and not before.sealed:
        _dissolve_trips(app, session, caller, after)


def _end_meetings(app: App, session: Session, caller: Caller, case: Case) -> None:
    now = app.clock.now()
    for appointment in app.appointments.to_come(case.id, session):
        if appointment.period.starts_at <= now:
            # It has begun; whether it was held is for its adviser to say.
            continue
        cancelled = appointment.after(AppointmentAction.CANCEL, move=None).shown_anew(now)
        event_type = events.APPOINTMENT_CANCELLED
        save_meeting(
            app, session, caller, event_type, case, appointment, cancelled, action="cancel"
        )
        if appointment.wants_room:
            request_room(app, session, caller, case, cancelled)
    for visit in app.visits.to_come(case.id, session):
        if visit.period.starts_at <= now:
            continue
        alone = leave_trip(app, session, caller, visit)
        off = alone.after(VisitAction.CALL_OFF, cause=CallOffCause.OTHER).shown_anew(now)
        event_type = events.VISIT_CALLED_OFF
        save_meeting(app, session, caller, event_type, case, visit, off, action="call_off")


def _dissolve_trips(app: App, session: Session, caller: Caller, case: Case) -> None:
    """Dissolve the trips of a case's visits. All their visits keep their times and ways, so that
    nothing refuses the sealing. No trip, however old, shows a visit of the case any more: who reads
    trips would find that there is none such to see."""
    for trip_id in {each.trip_id for each in app.visits.to_come(case.id, session)} - {None}:
        assert trip_id is not None
        before = app.trips.get(trip_id, session)
        save_trip(
            app, session, caller, before, before.after(TripAction.DISSOLVE), action="dissolve"
        )
        for visit in app.visits.named(before.visit_ids, session).values():
            if visit.status is VisitStatus.ACCEPTED:
                its_case = (
                    case if visit.case_id == case.id else app.cases.get(visit.case_id, session)
                )
                after = visit.after(VisitAction.GROUP, trip_id=None)
                event_type = events.VISIT_GROUPED
                save_meeting(
                    app, session, caller, event_type, its_case, visit, after, action="group"
                )
    its_visits = app.visits.ids_of_case(case.id, session)
    for before in app.trips.with_visits(its_visits, session):
        save_trip(app, session, caller, before, before.forgetting(its_visits), action="change")
