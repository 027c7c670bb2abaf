"""What people do with series: book many times at once, change them together, try again.

All occurrences that a request books or changes are written in one transaction; how, one after the
other, says ``occurrences.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.rejected import Rejected, parted, standing
from services.bookings.domain.series import (
    Move,
    OnConflict,
    Schedule,
    Scope,
    Series,
    SeriesStatus,
    check_begins,
    speaks_of_all,
    targets,
)
from services.bookings.domain.slots import SLOT, SLOT_MINUTES
from services.bookings.domain.wall_clock import on_the_wall, repeated, shifted
from services.bookings.operations.bookings import call_off
from services.bookings.operations.equipment import hold_still, known_of
from services.bookings.operations.facts import series_fact
from services.bookings.operations.foresight import Foresight
from services.bookings.operations.occurrences import Attempt, Lost, until_decided
from services.bookings.operations.placing import (
    check_may_book,
    party_of,
    place_of,
    places_of,
    setting_of,
)
from services.bookings.operations.recurrence import starts_of
from services.bookings.operations.telling import part_of
from services.bookings.schemas.series import (
    CancelSeries,
    ChangeSeries,
    CreateSeries,
    ListSeries,
    RetrySeries,
)
from services.bookings.schemas.series import rejected as wire_of_rejected
from services.bookings.store.bookings import visible_to
from services.bookings.store.series import answer_of, schedule_of
from services.common import clock, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import OFF_RASTER, SERIES_REFUSED
from services.common.contracts.registry import EventType
from services.common.errors import FieldError, MasahaError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session


class _Rehearsed(Exception):
    """Everything was tried; raised so that nothing of it is committed."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule


# -- booking -------------------------------------------------------------------------------------


def create(app: App, call: Call, command: CreateSeries) -> Schedule:
    """Book every occurrence, or those that can be had; the same key gives the same series again.

    Raises:
        errors.Invalid: a rule without end, too long or unreadable; as for a booking otherwise.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Conflict: the first occurrence is past or too far ahead;
            ``bookings.series_refused``, with every occurrence that cannot be had in
            ``extra['rejected']``: one is enough where nothing is to be skipped; where it is, all.
        errors.KeyReused: the key came with another request before.
    """
    check_may_book(app, call, command.organisation_id, command.space_id)
    request = Request.of(call, "bookings.create_series", asdict(command))

    def book(session: Session, lost: Lost) -> Schedule:
        hold_still(app, session, command.equipment)
        schedule = _book(app, call, session, command, lost)
        rejected = schedule.series.rejected
        if not schedule.occurrences or (rejected and command.on_conflict is OnConflict.REFUSE):
            raise _refused(rejected)
        return schedule

    return until_decided(
        app,
        lambda lost: app.keys.once(
            request, lambda session: book(session, lost), save=answer_of, load=schedule_of
        ),
    )


def preview(app: App, call: Call, command: CreateSeries) -> Schedule:
    """What :func:`create` would book and what not, with the same work in a transaction that is
    never committed. It lends nothing, so it keeps nobody from equipment.

    Raises:
        errors.Invalid, errors.Forbidden: as :func:`create`.
    """

    def rehearse(session: Session, lost: Lost) -> Schedule:
        raise _Rehearsed(_book(app, call, session, command, lost))

    try:
        return until_decided(
            app, lambda lost: app.database.transact(lambda session: rehearse(session, lost))
        )
    except _Rehearsed as rehearsed:
        return rehearsed.schedule


def _book(app: App, call: Call, session: Session, command: CreateSeries, lost: Lost) -> Schedule:
    rules.check_shape(command.period)
    space, centre, party = setting_of(app, call, session, command.space_id, command.organisation_id)
    now = app.clock.now()
    check_begins(command.period, now)
    zone = centre.time_zone
    starts = starts_of(command.rule, on_the_wall(command.period.starts_at, zone), zone)
    series = Series(
        id=app.new_id(),
        space_id=space.id,
        centre_id=centre.id,
        organisation_id=command.organisation_id,
        booked_by=call.caller.id,
        period=command.period,
        time_zone=zone,
        rule=command.rule,
        title=command.title,
        purpose=command.purpose,
        people=command.people,
        created_at=now,
        updated_at=now,
        equipment=command.equipment,
    )
    known_of(app, centre.id, command.equipment, session)
    here = (space, centre)
    periods = repeated(command.period, starts, zone)
    wanted = [(here, period) for period in periods]
    foresight = Foresight.of(app, session, party, wanted)
    attempt = Attempt(app, call, session, foresight, lost)
    for period in periods:
        attempt.place(series, here, period, clock.to_wire(period.starts_at))
    booked = attempt.changed
    series = replace(series, rejected=tuple(attempt.rejected))
    app.series.add(session, series)
    if booked:
        _tell(app, call, session, events.SERIES_CREATED, series, booked, booked, Scope.ALL)
    return Schedule.of(series, booked)


# -- reading -------------------------------------------------------------------------------------


def get(app: App, call: Call, series_id: str) -> Schedule:
    """A series with its occurrences, whatever has become of them.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    series = app.series.get(series_id)
    permissions.check_may_see(call.caller, series)
    return app.series.schedule(series)


def find(app: App, call: Call, query: ListSeries) -> list[Series]:
    """The series that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    caller = call.caller
    if caller.kind == "visitor":
        raise errors.Unauthenticated()
    return app.series.find(
        visible=None if caller.is_manager() else visible_to(caller.organisations, caller.desks),
        filters=dict(query.filters),
        after=query.after,
        limit=query.limit + 1,
    )


# -- changing ------------------------------------------------------------------------------------


def change(app: App, call: Call, command: ChangeSeries) -> Schedule:
    """Move occurrences by the clock on the wall, to another space, or change what is said of them.

    Returns:
        The series; for "this and the following" the new one that they have become.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it, or the shift is off the raster.
        errors.Conflict: ``bookings.series_refused`` as :func:`create`; ``bookings.series_over``.
    """
    for name, length in (("shift", command.shift), ("duration", command.length)):
        if length is not None and length % SLOT:
            fault = FieldError(f"/{name}_minutes", OFF_RASTER.code)
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[fault])
    return until_decided(
        app,
        lambda lost: app.database.transact(
            lambda session: _change(app, call, session, command, lost)
        ),
    )


def _change(app: App, call: Call, session: Session, command: ChangeSeries, lost: Lost) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.bookings(before.id, session)
    found = targets(bookings, command.scope, command.booking_id, now)
    place = place_of(app, command.space_id, session) if command.space_id else None
    places = places_of(app, {each.space_id for each in found}, session) if place is None else {}
    wanted = [
        Move.by(
            command.shift, command.length, each, place or places[each.space_id], command.details
        )
        for each in found
    ]
    if not any(each.changes for each in wanted):
        return Schedule.of(before, bookings)

    party = party_of(app, session, before.organisation_id)
    splits = command.scope is Scope.FOLLOWING
    shared = _shared(before, command, place)
    if splits:
        pivot = found[0].period
        after = replace(
            before,
            **shared,
            id=app.new_id(),
            follows=before.id,
            period=shifted(pivot, before.time_zone, command.shift, command.length),
            version=1,
            created_at=now,
            updated_at=now,
        )
    elif command.scope is Scope.ALL:
        first = shifted(before.period, before.time_zone, command.shift, command.length)
        after = before.changed(now, **shared, period=first)
    else:
        after = before.changed(now)

    # A change of one occurrence is told by its own event, that of many by the series'.
    bulk = None if command.scope is Scope.THIS else after.id
    hold_still(app, session, [n for each in wanted if each.moves for n in each.before.equipment])
    where = [(each.place, each.period) for each in wanted]
    attempt = Attempt(
        app, call, session, Foresight.of(app, session, party, where, moving=found), lost
    )
    # Where they all move later the last goes first, so that none is in the way of the one before.
    for each in reversed(wanted) if command.shift > timedelta(0) else wanted:
        attempt.move(each, after.id, bulk)
    if attempt.rejected and command.on_conflict is OnConflict.REFUSE:
        raise _refused(attempt.rejected)
    if not attempt.changed:
        raise _refused(attempt.rejected)

    staying, reached = parted(before.rejected, found) if splits else ([], before.rejected)
    if command.scope is not Scope.THIS:
        by = (command.shift, command.length)
        reached = [each.planned(before.time_zone, *by, command.space_id, now) for each in reached]
    now_booked = (*bookings, *attempt.changed)
    after = replace(after, rejected=standing([*reached, *attempt.rejected], now_booked, now))
    if splits:
        earlier = before.changed(now, rejected=standing(staying, now_booked, now))
        app.series.save(session, earlier, before.version)
        app.series.add(session, after)
        # The new series tells, so that what becomes of it later overtakes this.
        concerned = (attempt.changed, now_booked)
        kind = events.SERIES_CHANGED
        _tell(app, call, session, kind, earlier, *concerned, command.scope, told_by=after.id)
        concerned = (attempt.changed, (*found, *attempt.changed))
        _tell(app, call, session, events.SERIES_CREATED, after, *concerned, Scope.ALL)
    else:
        app.series.save(session, after, before.version)
        told_by = command.booking_id if command.scope is Scope.THIS else None
        concerned = (attempt.changed, now_booked)
        kind = events.SERIES_CHANGED
        _tell(app, call, session, kind, after, *concerned, command.scope, told_by=told_by)
    return app.series.schedule(after, session)


def cancel(app: App, call: Call, command: CancelSeries) -> Schedule:
    """Call occurrences off; their time is free at once. "All" ends the series.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it.
        errors.Conflict: ``bookings.series_over``.
    """

    def work(session: Session) -> Schedule:
        now = app.clock.now()
        before = _load_for_change(app, call, command.id, command.expected_version, session)
        before.check_goes_on()
        bookings = app.series.bookings(before.id, session)
        found = targets(bookings, command.scope, command.booking_id, now)
        bulk = None if command.scope is Scope.THIS else before.id
        gone = [call_off(app, call, session, each, command.reason, bulk=bulk) for each in found]
        rejected: Iterable[Rejected] = before.rejected
        if command.scope is Scope.FOLLOWING:
            rejected, _ = parted(rejected, found)
        status = SeriesStatus.CANCELLED if command.scope is Scope.ALL else before.status
        now_booked = (*bookings, *gone)
        rejected = standing(rejected, now_booked, now)
        after = before.changed(now, status=status, rejected=rejected)
        app.series.save(session, after, before.version)
        told_by = command.booking_id if command.scope is Scope.THIS else None
        _tell(
            app,
            call,
            session,
            events.SERIES_CANCELLED,
            after,
            gone,
            now_booked,
            command.scope,
            told_by=told_by,
            reason=command.reason,
        )
        return app.series.schedule(after, session)

    return app.database.transact(work)


def retry(app: App, call: Call, command: RetrySeries) -> Schedule:
    """Try the rejected occurrences again; those that still cannot be had stay, with their reason
    of today. Where none can, nothing changes.

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


def _retry(app: App, call: Call, session: Session, command: RetrySeries, lost: Lost) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.bookings(before.id, session)
    by_id = {each.id: each for each in bookings}
    rejected = standing(before.rejected, bookings, now)
    places = places_of(app, {each.space_id for each in rejected}, session)
    wanted = [(places[each.space_id], each.period) for each in rejected]
    moving = [by_id[each.booking_id] for each in rejected if each.booking_id is not None]
    party = party_of(app, session, before.organisation_id)
    hold_still(app, session, [*before.equipment, *(n for each in moving for n in each.equipment)])
    foresight = Foresight.of(app, session, party, wanted, moving)
    attempt = Attempt(app, call, session, foresight, lost)
    for each in rejected:
        place = places[each.space_id]
        if each.booking_id is None:
            attempt.place(before, place, each.period, each.id)
        else:
            attempt.move(Move.again(by_id[each.booking_id], each, place), before.id, before.id)
    if not attempt.changed:
        return Schedule.of(before, bookings)
    now_booked = (*bookings, *attempt.changed)
    after = before.changed(now, rejected=standing(attempt.rejected, now_booked, now))
    app.series.save(session, after, before.version)
    concerned = (attempt.changed, now_booked)
    _tell(app, call, session, events.SERIES_CHANGED, after, *concerned, Scope.ALL)
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


def _refused(rejected: Sequence[Rejected]) -> MasahaError:
    return SERIES_REFUSED(
        count=len(rejected), extra={"rejected": [wire_of_rejected(each) for each in rejected]}
    )


def _tell(
    app: App,
    call: Call,
    session: Session,
    event_type: EventType,
    series: Series,
    concerned: Sequence[Booking],
    bookings: Sequence[Booking],
    scope: Scope,
    *,
    told_by: str | None = None,
    **more: Any,
) -> None:
    """Record the event of the series' present version.

    Args:
        concerned: the occurrences that it is about, as they now are.
        bookings: all of the series, see ``speaks_of_all``.
        told_by: what tells people instead, see ``telling.part_of``.
    """
    first = min(concerned, key=lambda each: each.period.starts_at)
    place_ = place_of(app, first.space_id, session)
    # What one booking's own event tells is no news of its series.
    whole = scope is not Scope.THIS and speaks_of_all(concerned, bookings, app.clock.now())
    fact = series_fact(series, first, len(concerned), scope, whole, place_, call.caller)
    app.outbox.record(
        session,
        event_type,
        subject=series.id,
        version=series.version,
        data=fact | part_of(told_by) | more,
        caller=call.caller,
    )
