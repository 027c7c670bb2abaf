"""What people do with a series that there is: change or cancel its occurrences together, and try
again what could not be had.

As where a series is booked (``series.py``), one transaction writes all occurrences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.booking import Booking
from services.bookings.domain.calendars import OFF
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.rejected import Rejected, parted, same_refusals, standing
from services.bookings.domain.series import (
    Move,
    Occurrence,
    OnConflict,
    Schedule,
    Scope,
    Series,
    SeriesAction,
    targets,
)
from services.bookings.domain.series_plan import (
    Plan,
    Shift,
    part_of_plan,
    period_after,
    shifted_plan,
)
from services.bookings.operations.series import record_series_event, refused, run_without_commit
from services.bookings.schemas.series import (
    CancelSeries,
    ChangeSeries,
    RetrySeries,
)
from services.bookings.steps.booking_changes import call_off
from services.bookings.steps.equipment_units import lock_stock
from services.bookings.steps.feasibility import Feasibility
from services.bookings.steps.occurrences import Attempt, LostOccurrences, until_decided
from services.bookings.steps.recurrence import rule_of
from services.bookings.steps.reservation import (
    eligible_organisation,
    space_and_centre,
    spaces_and_centres,
)
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import OFF_RASTER
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.common.time.slots import SLOT, SLOT_MINUTES
from services.common.time.wall_clock import shift_period


@dataclass(frozen=True, slots=True)
class _Done:
    """What a change has come to.

    Attributes:
        schedule: the series as it becomes.
        changed: whether any occurrence was.
        rejected: what could not be had of the change.
    """

    schedule: Schedule
    changed: bool
    rejected: Sequence[Rejected]


def change(app: App, call: Call, command: ChangeSeries) -> Schedule:
    """Move occurrences in local time, to another space, or change their details.
    One that was changed by itself keeps what was changed, unless the command includes it.

    Returns:
        The series; for "this and the following" the new one that they have become.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it, or the shift is off the raster.
        errors.Conflict: ``bookings.series_refused`` as ``series.create``; ``bookings.series_over``.
    """
    _check_on_raster(command)

    def work(session: Session, lost: LostOccurrences) -> Schedule:
        done = _change(app, call, session, command, lost)
        must = command.on_conflict is OnConflict.REFUSE
        if done.rejected and (must or not done.changed):
            raise refused(done.rejected)
        return done.schedule

    return until_decided(
        app, lambda lost: app.database.transact(lambda session: work(session, lost))
    )


def preview_change(app: App, call: Call, command: ChangeSeries) -> Schedule:
    """What :func:`change` would make of the series, with what could not be had among its rejected
    occurrences; the same work in a transaction that is never committed.

    Raises:
        errors.MasahaError: as :func:`change`, but for what cannot be had.
    """
    _check_on_raster(command)
    return run_without_commit(
        app, lambda session, lost: _change(app, call, session, command, lost).schedule
    )


def _check_on_raster(command: ChangeSeries) -> None:
    for name, length in (("shift", command.shift), ("duration", command.length)):
        if length is not None and length % SLOT:
            fault = FieldError(f"/{name}_minutes", OFF_RASTER.code)
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[fault])


def _change(
    app: App, call: Call, session: Session, command: ChangeSeries, lost: LostOccurrences
) -> _Done:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.bookings(before.id, session)
    found = targets(bookings, command.scope, command.booking_id, now)
    place = space_and_centre(app, command.space_id, session) if command.space_id else None
    shift = Shift(command.shift, command.length, place[1].time_zone if place else before.time_zone)
    splits = command.scope is Scope.FOLLOWING
    staying, reached = parted(before.rejected, found) if splits else ([], before.rejected)
    after = _becoming(app, before, command, place, found, reached, shift, now)
    places = spaces_and_centres(app, {each.space_id for each in found}, session)
    wishes = {each.booking_id for each in standing(before.rejected, bookings, now)}
    wanted = [
        _wanted(command, before, after, each, place or places[each.space_id], shift)
        if command.scope is Scope.THIS or command.include_changed
        else _wanted_with_others(
            command, before, after, each, place, places[each.space_id], shift, each.id in wishes
        )
        for each in found
    ]
    if not any(each.changes for each in wanted):
        return _Done(Schedule.of(before, bookings), False, ())

    attempt = _move(app, call, session, command, wanted, after, lost)
    if not attempt.changed:
        rejected = standing([*before.rejected, *attempt.rejected], bookings, now)
        schedule = Schedule.of(replace(before, rejected=rejected), bookings)
        return _Done(schedule, False, attempt.rejected)
    now_booked = (*bookings, *attempt.changed)
    if command.scope is not Scope.THIS:
        reached = [each.planned(after.planned(each.id), command.space_id, now) for each in reached]
    after = replace(after, rejected=standing([*reached, *attempt.rejected], now_booked, now))
    concerned = (attempt.changed, now_booked)
    if splits:
        earlier = _left_behind(before, found, after, bookings, now)
        earlier = replace(earlier, rejected=standing(staying, now_booked, now))
        app.series.save(session, earlier, before.version)
        app.series.add(session, after)
        # The event belongs to the new series, so that a later change of it overtakes this one.
        kind, scope = events.SERIES_CHANGED, command.scope
        record_series_event(app, call, session, kind, earlier, *concerned, scope, part_of=after.id)
        concerned = (attempt.changed, (*found, *attempt.changed))
        record_series_event(app, call, session, events.SERIES_CREATED, after, *concerned, Scope.ALL)
    else:
        app.series.save(session, after, before.version)
        part_of = command.booking_id if command.scope is Scope.THIS else None
        kind, scope = events.SERIES_CHANGED, command.scope
        record_series_event(app, call, session, kind, after, *concerned, scope, part_of=part_of)
    return _Done(app.series.schedule(after, session), True, attempt.rejected)


def _wanted(
    command: ChangeSeries,
    before: Series,
    after: Series,
    booking: Booking,
    place: tuple[Space, Centre],
    shift: Shift,
) -> Move:
    """What is wanted of an occurrence that is meant itself: the change, from where it stands."""
    period = booking.period
    if period == before.planned(booking.id) and command.scope is not Scope.THIS:
        period = after.planned(booking.id) or period
    else:
        period = shift_period(period, booking.time_zone, shift.by, shift.length)
    return Move.to(booking, place, period, command.details)


def _wanted_with_others(
    command: ChangeSeries,
    before: Series,
    after: Series,
    booking: Booking,
    place: tuple[Space, Centre] | None,
    here: tuple[Space, Centre],
    shift: Shift,
    waits: bool,
) -> Move:
    """What is wanted of an occurrence among others: it keeps what was changed of it by itself.

    Args:
        place: where the others go; ``None`` where they stay.
        waits: it could not follow an earlier change, so what it differs in is nobody's wish.
    """
    differs = () if waits else Occurrence.of(before, booking).differs
    details = {name: value for name, value in command.details.items() if name not in differs}
    if place is not None and "space_id" in differs:
        place = None
    period = period_after(booking, before, after, shift)
    if waits and shift.moves(before):
        period = after.planned(booking.id) or period
    return Move.to(booking, place or here, period, details)


def _becoming(
    app: App,
    before: Series,
    command: ChangeSeries,
    place: tuple[Space, Centre] | None,
    found: Sequence[Booking],
    reached: Iterable[Rejected],
    shift: Shift,
    now: datetime,
) -> Series:
    """The series that the changed occurrences are of: for "this and the following" a new one."""
    if command.scope is Scope.THIS:
        return before.changed(now)
    ids = set(before.plan)
    if command.scope is Scope.FOLLOWING:
        ids &= {each.id for each in found} | {each.id for each in reached}
    plan = shifted_plan(before, ids, shift, now)
    values = _shared(before, command, place) | _planned(plan, before, shift.zone)
    if command.scope is Scope.ALL:
        return before.changed(now, **values)
    return replace(
        before,
        **values,
        id=app.new_id(),
        follows=before.id,
        version=1,
        created_at=now,
        updated_at=now,
    )


def _left_behind(
    before: Series,
    found: Sequence[Booking],
    after: Series,
    bookings: Sequence[Booking],
    now: datetime,
) -> Series:
    """The series without this and the following occurrences; it is over where none is left."""
    pivot = found[0].period.starts_at
    off = {e.id for e in bookings if e.status in OFF and e.period.starts_at >= pivot}
    ids = before.plan.keys() - after.plan.keys() - off
    if not ids:
        return before.changed(now, plan={}, status=before.after(SeriesAction.CANCEL))
    return before.changed(now, **_planned(part_of_plan(before, ids), before, before.time_zone))


def _planned(plan: Plan, before: Series, zone: str) -> dict[str, Any]:
    """A plan as what the series shows of it."""
    rule = rule_of(sorted(plan.starts.values()), before.rule, zone)
    return {"period": plan.period, "plan": plan.starts, "rule": rule}


def _move(
    app: App,
    call: Call,
    session: Session,
    command: ChangeSeries,
    wanted: Sequence[Move],
    after: Series,
    lost: LostOccurrences,
) -> Attempt:
    """Move each as wanted, or keep apart what cannot be."""
    # Its own event reports a change of one occurrence; the series' event reports that of many.
    part_of = None if command.scope is Scope.THIS else after.id
    lock_stock(app, session, [n for each in wanted if each.moves for n in each.before.equipment])
    where = [(each.place, each.period) for each in wanted]
    party = eligible_organisation(app, session, after.organisation_id)
    feasibility = Feasibility.of(app, session, party, where, [each.before for each in wanted])
    attempt = Attempt(app, call, session, feasibility, lost)
    # Where they all move later the last goes first, so that none is in the way of the one before.
    for each in reversed(wanted) if command.shift > timedelta(0) else wanted:
        attempt.change(each, after.id, part_of)
    attempt.find_alternatives()
    return attempt


def cancel(app: App, call: Call, command: CancelSeries) -> Schedule:
    """Call occurrences off; their time is free at once. "All" ends the series.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it.
        errors.Conflict: ``bookings.series_over``.
    """
    return app.database.transact(lambda session: _cancel(app, call, session, command))


def preview_cancel(app: App, call: Call, command: CancelSeries) -> Schedule:
    """What :func:`cancel` would make of the series, in a transaction that is never committed.

    Raises:
        errors.MasahaError: as :func:`cancel`.
    """
    return run_without_commit(app, lambda session, _: _cancel(app, call, session, command))


def _cancel(app: App, call: Call, session: Session, command: CancelSeries) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.bookings(before.id, session)
    found = targets(bookings, command.scope, command.booking_id, now)
    whole = None if command.scope is Scope.THIS else before.id
    gone = [call_off(app, call, session, each, command.reason, part_of=whole) for each in found]
    rejected: Iterable[Rejected] = before.rejected
    remaining: dict[str, Any] = {}
    if command.scope is Scope.FOLLOWING:
        rejected, with_them = parted(rejected, found)
        gone_ids = {each.id for each in found} | {each.id for each in with_them}
        ids = before.plan.keys() - gone_ids
        if ids:
            remaining = _planned(part_of_plan(before, ids), before, before.time_zone)
    action = SeriesAction.CANCEL if command.scope is Scope.ALL else SeriesAction.CHANGE
    now_booked = (*bookings, *gone)
    rejected = standing(rejected, now_booked, now)
    after = before.changed(now, status=before.after(action), rejected=rejected, **remaining)
    app.series.save(session, after, before.version)
    part_of = command.booking_id if command.scope is Scope.THIS else None
    record_series_event(
        app,
        call,
        session,
        events.SERIES_CANCELLED,
        after,
        gone,
        now_booked,
        command.scope,
        part_of=part_of,
        reason=command.reason,
    )
    return app.series.schedule(after, session)


def retry(app: App, call: Call, command: RetrySeries) -> Schedule:
    """Try the rejected occurrences again; those that still cannot be had stay, with their reason
    of today. Where none can, for the same reasons, nothing changes.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Conflict: ``bookings.series_over`` if it was cancelled.
    """
    return until_decided(
        app,
        lambda lost: app.database.transact(
            lambda session: _retry(app, call, session, command, lost)
        ),
    )


def _retry(
    app: App, call: Call, session: Session, command: RetrySeries, lost: LostOccurrences
) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.bookings(before.id, session)
    by_id = {each.id: each for each in bookings}
    rejected = standing(before.rejected, bookings, now)
    places = spaces_and_centres(app, {each.space_id for each in rejected}, session)
    wanted = [(places[each.space_id], each.period) for each in rejected]
    moving = [by_id[each.booking_id] for each in rejected if each.booking_id is not None]
    party = eligible_organisation(app, session, before.organisation_id)
    lock_stock(app, session, [*before.equipment, *(n for each in moving for n in each.equipment)])
    feasibility = Feasibility.of(app, session, party, wanted, moving)
    attempt = Attempt(app, call, session, feasibility, lost)
    plan = dict(before.plan)
    for each in rejected:
        place = places[each.space_id]
        if each.booking_id is None:
            plan[attempt.book(before, place, each.period, each.id)] = plan.pop(each.id)
        else:
            attempt.change(Move.again(by_id[each.booking_id], each, place), before.id, before.id)
    attempt.find_alternatives()
    now_booked = (*bookings, *attempt.changed)
    still = standing(attempt.rejected, now_booked, now)
    if not attempt.changed and same_refusals(before.rejected, still):
        return Schedule.of(before, bookings)
    after = before.changed(now, plan=plan, rejected=still)
    app.series.save(session, after, before.version)
    if not attempt.changed:
        # Only the reasons are others: no booking has changed, so there is no event.
        return Schedule.of(after, bookings)
    concerned = (attempt.changed, now_booked)
    record_series_event(app, call, session, events.SERIES_CHANGED, after, *concerned, Scope.ALL)
    return app.series.schedule(after, session)


def _load_for_change(
    app: App, call: Call, series_id: str, expected_version: int, session: Session
) -> Series:
    series = app.series.get(series_id, session)
    permissions.check_may_change(call.caller, series)
    if series.version != expected_version:
        raise errors.Stale()
    return series


def _shared(
    before: Series, command: ChangeSeries, place: tuple[Space, Centre] | None
) -> dict[str, Any]:
    values: dict[str, Any] = dict(command.details)
    if place is not None:
        space, centre = place
        values |= {
            "space_id": space.id,
            "centre_id": centre.id,
            "time_zone": centre.time_zone,
        }
    return values
