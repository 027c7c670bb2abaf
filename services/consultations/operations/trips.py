"""Trips: the visits of a day, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.calendar_errors import NOT_A_TRIP
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.trips import TRANSITIONS, Trip, TripAction, check_trip
from services.consultations.domain.visits import Visit
from services.consultations.schemas.trips import ActOnTrip, ChangeTrip, ListTrips, PlanTrip
from services.consultations.steps.adviser_calendar import adviser_to_meet
from services.consultations.steps.trips import apply_trip, release_visits, save_trip


def find_trips(app: App, call: Call, query: ListTrips) -> list[Trip]:
    """Trips by id, one more than a page where there are more: those of the caller, and those of
    centres whose staff the caller is.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.trips.find(
        visible=permissions.visible_plans(call.caller),
        adviser_id=query.adviser_id,
        centre_id=query.centre_id,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_trip(app: App, call: Call, trip_id: str, session: Session | None = None) -> Trip:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, for others than its adviser and staff of the centre.
    """
    check_signed_in(call.caller)
    trip = app.trips.get(trip_id, session)
    permissions.check_sees_trip(call.caller, trip)
    return trip


def plan_trip(app: App, call: Call, command: PlanTrip) -> Trip:
    """Join visits; the same key gives the same trip again, as it is now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than the adviser and staff of the
            centre.
        errors.Invalid: ``consultations.not_a_trip``, also of a visit that the caller may not know
            of.
        errors.Conflict: ``consultations.time_not_offered``, where a way meets another meeting.
    """
    _check_may_plan(app, call, command.visit_ids)
    request = Request.of(call, "consultations.plan_trip", asdict(command))

    def work(session: Session) -> Trip:
        visits = _visits(app, call, command.visit_ids, session)
        first = visits[0]
        permissions.check_plans_for(call.caller, first.adviser_id, first.centre_id)
        day = _check(app, session, visits, command.ways, None)
        trip = Trip(
            id=app.new_id(),
            adviser_id=first.adviser_id,
            centre_id=first.centre_id,
            day=day,
            visit_ids=command.visit_ids,
            ways=command.ways,
            planned_by=call.caller.id,
            planned_at=app.clock.now(),
        )
        save_trip(app, session, call.caller, None, trip, action="plan")
        apply_trip(app, session, call.caller, trip)
        return trip

    def as_it_is_now(kept: Document) -> Trip:
        return app.trips.get(kept["id"])

    return app.keys.once(request, work, save=lambda made: {"id": made.id}, load=as_it_is_now)


def change_trip(app: App, call: Call, command: ChangeTrip) -> Trip:
    """Let a trip have other visits or ways; what leaves it takes the way there and back again.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than its adviser and staff of the
            centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid, errors.Conflict: as of :func:`plan_trip`;
            ``consultations.trip_not_allowed_now``.
    """

    def work(session: Session) -> Trip:
        before = _at_version(app, call, session, command)
        TRANSITIONS.after(before.status, TripAction.CHANGE)
        visits = _visits(app, call, command.visit_ids, session)
        if visits[0].adviser_id != before.adviser_id:
            raise NOT_A_TRIP(errors=[FieldError("/visit_ids/0", NOT_A_TRIP.code)])
        day = _check(app, session, visits, command.ways, before.id)
        after = before.after(
            TripAction.CHANGE, visit_ids=command.visit_ids, ways=command.ways, day=day
        )
        gone = set(before.visit_ids) - set(after.visit_ids)
        save_trip(app, session, call.caller, before, after, action="change")
        # First all that stays and comes, so that who leaves finds the time as it is then.
        for each in gone:
            app.engagements.remove(session, each)
        apply_trip(app, session, call.caller, after)
        left = list(app.visits.named(gone, session).values())
        release_visits(app, session, call.caller, left)
        return after

    return app.database.transact(work)


def dissolve_trip(app: App, call: Call, command: ActOnTrip) -> Trip:
    """Give a trip up; its visits take the way there and back again.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than its adviser and staff of the
            centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.time_not_offered``, where a way meets another meeting;
            ``consultations.trip_not_allowed_now``.
    """

    def work(session: Session) -> Trip:
        before = _at_version(app, call, session, command)
        after = before.after(TripAction.DISSOLVE)
        adviser_to_meet(app, session, before.adviser_id)
        save_trip(app, session, call.caller, before, after, action="dissolve")
        left = list(app.visits.named(before.visit_ids, session).values())
        release_visits(app, session, call.caller, left)
        return after

    return app.database.transact(work)


def _at_version(app: App, call: Call, session: Session, command: ActOnTrip | ChangeTrip) -> Trip:
    before = get_trip(app, call, command.id, session)
    if before.version != command.expected_version:
        raise errors.Stale()
    return before


def _check_may_plan(app: App, call: Call, visit_ids: Sequence[str]) -> None:
    """Before an earlier answer is given, too.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than the adviser and staff of the
            centre.
        errors.Invalid: ``consultations.not_a_trip``.
    """
    check_signed_in(call.caller)
    first = _visits(app, call, visit_ids[:1])[0]
    permissions.check_plans_for(call.caller, first.adviser_id, first.centre_id)


def _visits(
    app: App, call: Call, visit_ids: Sequence[str], session: Session | None = None
) -> list[Visit]:
    """These visits, in the order in which they are named.

    Raises:
        errors.Invalid: ``consultations.not_a_trip``, where there is none that the caller may know
            of.
    """
    found: list[Visit] = []
    for n, each in enumerate(visit_ids):
        try:
            visit = app.visits.get_visible(each, call.caller, app.clock.now(), session)
        except errors.NotFound as error:
            raise NOT_A_TRIP(errors=[FieldError(f"/visit_ids/{n}", NOT_A_TRIP.code)]) from error
        found.append(visit)
    return found


def _check(
    app: App,
    session: Session,
    visits: Sequence[Visit],
    ways: Sequence[timedelta],
    trip_id: str | None,
) -> date:
    adviser = adviser_to_meet(app, session, visits[0].adviser_id)
    cases = {each.case_id: app.cases.get(each.case_id, session) for each in visits}
    sealed = frozenset(key for key, case in cases.items() if case.sealed)
    return check_trip(visits, ways, adviser.time_zone, sealed=sealed, trip_id=trip_id)
