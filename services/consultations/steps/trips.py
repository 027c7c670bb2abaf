"""Trips, inside the transaction of what changes them or their visits."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.trips import Trip
from services.consultations.domain.visit_states import VisitAction, VisitStatus
from services.consultations.domain.visits import Visit
from services.consultations.steps.meeting_events import save_meeting


def save_trip(
    app: App, session: Session, caller: Caller, before: Trip | None, after: Trip, *, action: str
) -> None:
    """Store a new version of a trip.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.trips.add(session, after)
    else:
        app.trips.save(session, after, before.version)
    facts = None if before is None else before.facts
    record_change(app, caller, session, after, facts, after.facts, action=action)


def leave_trip(app: App, session: Session, caller: Caller, visit: Visit) -> Visit:
    """Take a visit out of its trip, whose other visits close the gap; the visit as it is alone.

    The visit itself is not saved: its caller does that.
    """
    if visit.trip_id is None:
        return visit
    before = app.trips.get(visit.trip_id, session)
    after = before.without(visit.id)
    # Its own time is free before the others' ways are made longer.
    app.engagements.remove(session, visit.id)
    save_trip(app, session, caller, before, after, action="change")
    apply_trip(app, session, caller, after)
    return replace(visit, **visit.alone())


def apply_trip(app: App, session: Session, caller: Caller, trip: Trip) -> None:
    """Have the visits of a trip take the ways that it says. What is over stays as it was.

    Raises:
        errors.Conflict: ``consultations.time_not_offered``, where a way meets another meeting.
    """
    ways = trip.buffers()
    visits = app.visits.named(trip.visit_ids, session)
    changed = [
        (before, before.after(VisitAction.GROUP, trip_id=trip.id, way=ways[before.id]))
        for before in visits.values()
        if before.status is VisitStatus.ACCEPTED
        and (before.trip_id, before.way) != (trip.id, ways[before.id])
    ]
    _save_together(app, session, caller, changed)


def release_visits(app: App, session: Session, caller: Caller, visits: list[Visit]) -> None:
    """Let these visits, which are in a trip no more, take the way there and back again.

    Raises:
        errors.Conflict: ``consultations.time_not_offered``, where a way meets another meeting.
    """
    changed = [
        (before, before.after(VisitAction.GROUP, **before.alone()))
        for before in visits
        if before.status is VisitStatus.ACCEPTED
    ]
    _save_together(app, session, caller, changed)


def _save_together(
    app: App, session: Session, caller: Caller, changed: list[tuple[Visit, Visit]]
) -> None:
    # What one gives up the next may take, in whichever order.
    for before, _ in changed:
        app.engagements.remove(session, before.id)
    for before, after in changed:
        case = app.cases.get(after.case_id, session)
        event_type = events.VISIT_GROUPED
        save_meeting(app, session, caller, event_type, case, before, after, action="group")
