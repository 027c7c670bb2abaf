"""Closing a centre or some of its spaces, and what becomes of the bookings in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from services.bookings.app import App
from services.bookings.domain import closures as rules
from services.bookings.domain import permissions
from services.bookings.domain.availability import free_periods, nearest
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.closures import Closure, Outcome
from services.bookings.domain.hours import Period
from services.bookings.domain.rules import DAYS_AHEAD
from services.bookings.domain.slots import next_slot
from services.bookings.domain.timing import LATE_CANCELLATION
from services.bookings.operations.alternatives import offering_alternatives
from services.bookings.operations.bookings import reschedule
from services.bookings.operations.entries import withdraw
from services.bookings.operations.facts import why
from services.bookings.operations.free_time import of
from services.bookings.operations.keeping import keep
from services.bookings.operations.placing import place_of
from services.bookings.operations.releasing import released
from services.bookings.operations.telling import part_of, tell
from services.bookings.schemas import closures as schemas
from services.bookings.schemas.closures import (
    LiftClosure,
    ListClosures,
    PlanClosure,
    ResolveClosure,
)
from services.bookings.store.bookings import SpaceTaken
from services.common import clock, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.closures import MOST_RESOLVED
from services.common.contracts.bookings.errors import (
    CLOSED_ALREADY,
    EQUIPMENT_TAKEN,
    GUESTS_DO_NOT_FIT,
    NO_PLACE_FOUND,
    NOT_AFFECTED,
    SPACE_CLOSED,
    SPACE_TAKEN,
    UNKNOWN_SPACE,
)
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session

# How often a closure looks again when a booking gets in between its look and its claim.
MOST_LOOKS = 20
# How far from its time a booking may be moved without anybody choosing, and how many free places
# are tried: the first may be gone by the time it is taken.
REACH = timedelta(days=14)
MOST_TRIED = 5

_ANOTHER_PLACE_MAY_DO = frozenset(
    {SPACE_TAKEN.code, SPACE_CLOSED.code, EQUIPMENT_TAKEN.code, GUESTS_DO_NOT_FIT.code}
)

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a booking could go."""

    space: Space
    period: Period


def preview(app: App, call: Call, command: PlanClosure) -> Wire:
    """What the closure would do if it were made now. Nothing is changed and nothing promised.

    Raises:
        as :func:`close`, but for the key.
    """
    return app.database.transact(
        lambda session: schemas.preview(*_plan(app, call, command, session))
    )


def close(app: App, call: Call, command: PlanClosure) -> Wire:
    """Close spaces for a time. Who holds time there keeps it until somebody decides otherwise, and
    is listed; everything else is taken at once.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.NotFound: there is no such centre.
        errors.Invalid: an impossible period, or a space that is not the centre's.
        errors.Conflict: ``bookings.closed_already`` with the closure that stands there;
            ``bookings.closure_too_large``; or a time that is past or too far ahead.
        errors.KeyReused: the key came with another request before.
    """
    permissions.check_may_close(call.caller, app.centres.centre(command.centre_id).id)
    request = Request.of(call, "bookings.create_closure", asdict(command))

    def shut(session: Session) -> Wire:
        closure, affected = _plan(app, call, command, session)
        app.closures.add(session, closure, affected)
        _tell(app, call, session, events.CLOSURE_DECLARED, closure)
        return schemas.with_affected(closure, affected)

    for _ in range(MOST_LOOKS):
        try:
            return app.keys.once(request, shut, save=_same, load=_same)
        except SpaceTaken:
            # A booking was made between our look and our claim: the next look finds it, and lists
            # it among the affected.
            continue
    raise errors.Unavailable(detail="bookings kept coming in", extra={"retry_after": 1})


def find(app: App, call: Call, query: ListClosures) -> list[Closure]:
    """The closures of a centre by start, one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.NotFound: there is no such centre.
    """
    app.centres.centre(query.centre_id)
    permissions.check_may_close(call.caller, query.centre_id)
    return app.closures.find(
        query.centre_id,
        status=query.status,
        ends_after=query.ends_after,
        after=query.after,
        limit=query.limit + 1,
    )


def get(app: App, call: Call, closure_id: str) -> Wire:
    """A closure, the bookings that stood in its way, and what became of each.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    closure = _known(app, call, closure_id)
    return schemas.with_affected(closure, app.closures.affected(closure.id))


def lift(app: App, call: Call, command: LiftClosure) -> Wire:
    """End a closure; what is left of its time is free at once. Bookings that were moved or
    cancelled stay so.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``bookings.closure_lifted`` if it was lifted before, or is over.
    """

    def reopen(session: Session) -> Closure:
        before = _known(app, call, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.lifted(by=call.caller.id, now=app.clock.now())
        app.closures.lift(session, after, before.version)
        released(app, session, after.centre_id, after.period, f"{after.id}@{after.version}")
        _tell(app, call, session, events.CLOSURE_LIFTED, after)
        return after

    closure = app.database.transact(reopen)
    return schemas.with_affected(closure, app.closures.affected(closure.id))


def resolve(app: App, call: Call, command: ResolveClosure) -> Wire:
    """Cancel or move affected bookings that wait, each in a transaction of its own, with notice.

    Before the first of them the version is raised, so of several who decide under one version one
    goes on, and the others have to look again.
    The time that a booking gives up falls to the closure in that same transaction. What was done
    stays done when a later one is refused; a booking that cannot be helped so is named with the
    code.

    Raises:
        errors.NotFound: if there is no such closure that the caller may know of.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``bookings.closure_lifted``.
    """

    def take_turn(session: Session) -> Closure:
        closure = _known(app, call, command.id, session)
        if closure.version != command.expected_version:
            raise errors.Stale()
        closure.check_stands(app.clock.now())
        app.closures.take_turn(session, closure, command.expected_version)
        return closure

    closure = app.database.transact(take_turn)
    refused: list[dict[str, str]] = []
    for booking_id in command.booking_ids or _next_waiting(app, closure):
        try:
            if command.action == "cancel":
                _cancel(app, call, closure.id, booking_id)
            else:
                _move(app, call, closure, booking_id, command)
        except (errors.Conflict, errors.NotFound, errors.Invalid, errors.Forbidden) as refusal:
            refused.append({"booking_id": booking_id, "code": refusal.code})
    return {**get(app, call, closure.id), "refused": refused}


def check_not_closed(app: App, session: Session, booking: Booking) -> None:
    """Whether a booking that a closure was made over may be granted all the same.

    Raises:
        errors.Conflict: ``bookings.space_closed`` while such a closure stands.
    """
    if closed_over(app, session, booking) is not None:
        raise SPACE_CLOSED()


def closed_over(app: App, session: Session, booking: Booking) -> Closure | None:
    """The closure that stands over the time that a booking holds, if there is one."""
    for mark in booking.affected_by:
        closure = app.closures.get(mark.closure_id, session)
        if closure.outcome(booking) == Outcome.WAITING:
            return closure
    return None


# -- making -----------------------------------------------------------------------------------


def _plan(
    app: App, call: Call, command: PlanClosure, session: Session
) -> tuple[Closure, list[Booking]]:
    centre = app.centres.centre(command.centre_id, session)
    permissions.check_may_close(call.caller, centre.id)
    now = app.clock.now()
    rules.check_period(command.period, now)
    spaces = {space.id: space for space in app.centres.spaces(centre_id=centre.id)}
    space_ids = command.space_ids or tuple(sorted(spaces))
    for number, space_id in enumerate(space_ids):
        if space_id not in spaces:
            pointer = f"/space_ids/{number}"
            raise UNKNOWN_SPACE(errors=[FieldError(pointer, UNKNOWN_SPACE.code)])
    leaves = sorted({leaf for space_id in space_ids for leaf in spaces[space_id].leaves})
    rules.check_size(len(leaves), command.period, 0)
    standing = app.closures.standing(centre.id, command.period, leaves, session)
    if standing:
        raise CLOSED_ALREADY(extra={"closure": schemas.closure(standing[0])})
    affected = app.closures.in_the_way(leaves, command.period, rules.MOST_AFFECTED + 1, session)
    rules.check_size(len(leaves), command.period, len(affected))
    closure = Closure(
        id=app.new_id(),
        centre_id=centre.id,
        space_ids=space_ids,
        leaves=tuple(leaves),
        kind=command.kind,
        reason=command.reason,
        period=command.period,
        time_zone=centre.time_zone,
        closed_by=call.caller.id,
        created_at=now,
        updated_at=now,
    )
    return closure, affected


def _known(app: App, call: Call, closure_id: str, session: Session | None = None) -> Closure:
    closure = app.closures.get(closure_id, session)
    if call.caller.kind == "visitor":
        raise errors.Unauthenticated()
    if not permissions.is_staff_of(call.caller, closure.centre_id):
        raise errors.NotFound()
    return closure


def _same(answer: Document) -> Document:
    return answer


def _tell(app: App, call: Call, session: Session, event_type: EventType, closure: Closure) -> None:
    app.outbox.record(
        session,
        event_type,
        subject=closure.id,
        version=closure.version,
        data={
            "closure_id": closure.id,
            "centre_id": closure.centre_id,
            "space_ids": list(closure.space_ids),
            "kind": closure.kind.value,
            "starts_at": clock.to_wire(closure.period.starts_at),
            "ends_at": clock.to_wire(closure.period.ends_at),
            "time_zone": closure.time_zone,
            "version": closure.version,
            "changed_by": call.caller.id,
        },
        caller=call.caller,
    )


# -- resolving --------------------------------------------------------------------------------


def _next_waiting(app: App, closure: Closure) -> list[str]:
    waiting = (
        each.id
        for each in app.closures.affected(closure.id)
        if closure.outcome(each) == Outcome.WAITING
    )
    return list(islice(waiting, MOST_RESOLVED))


def _waiting(
    app: App, closure_id: str, booking_id: str, session: Session
) -> tuple[Closure, Booking]:
    """The booking, if it still waits for a decision of the closure, which still stands.

    Raises:
        errors.Conflict: ``bookings.not_affected``, ``bookings.closure_lifted``.
        errors.NotFound: there is no such booking.
    """
    closure = app.closures.get(closure_id, session)
    closure.check_stands(app.clock.now())
    booking = app.bookings.get(booking_id, session)
    marked = any(each.closure_id == closure_id for each in booking.affected_by)
    if not marked or closure.outcome(booking) != Outcome.WAITING:
        raise NOT_AFFECTED()
    return closure, booking


def _cancel(app: App, call: Call, closure_id: str, booking_id: str) -> None:
    def call_off(session: Session) -> None:
        closure, before = _waiting(app, closure_id, booking_id, session)
        reason = closure.text()
        # Never late: it is the centre that calls it off.
        after = before.cancelled(by=call.caller.id, reason=reason, now=app.clock.now())
        keep(app, session, before, after)
        told = {"reason": None, **why(reason, closure.texts())}
        told |= part_of(withdraw(app, call.caller, session, before, why(reason, closure.texts())))
        place = place_of(app, after.space_id, session)
        tell(app, call.caller, session, events.BOOKING_CANCELLED, after, place, **told)

    app.database.transact(call_off)


def _move(app: App, call: Call, closure: Closure, booking_id: str, command: ResolveClosure) -> None:
    """Move a booking to the place that was chosen, or to the nearest that is free."""
    booking = app.bookings.get(booking_id)
    if command.space_id is not None or command.starts_at is not None:
        starts_at = command.starts_at or booking.period.starts_at
        length = booking.period.ends_at - booking.period.starts_at
        space_id = command.space_id or booking.space_id
        period = Period(starts_at, starts_at + length)
        with offering_alternatives(app):
            app.database.transact(_moving(app, call, closure, booking, space_id, period))
        return
    for target in islice(_targets(app, booking), MOST_TRIED):
        work = _moving(app, call, closure, booking, target.space.id, target.period)
        try:
            app.database.transact(work)
        except errors.Conflict as refusal:
            if refusal.code not in _ANOTHER_PLACE_MAY_DO:
                raise
        else:
            return
    raise NO_PLACE_FOUND()


def _moving(
    app: App, call: Call, closure: Closure, booking: Booking, space_id: str, period: Period
) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        _, before = _waiting(app, closure.id, booking.id, session)
        after = reschedule(
            app,
            call,
            session,
            before,
            space_id,
            period,
            {},
            reason=closure.text(),
            reasons=closure.texts(),
        )
        if closure.takes_from(after):
            # Shortened or shifted within what it holds itself, it would still stand in the way.
            raise SPACE_CLOSED()

    return work


def _targets(app: App, booking: Booking) -> Iterator[Target]:
    """Places of the same centre that fit and are free: at the same time in the space that is most
    like its own, then at the nearest times. Nobody is moved to a time before their own with less
    notice than they would have to give themselves."""
    now = app.clock.now()
    soonest = min(booking.period.starts_at, now + LATE_CANCELLATION)
    around = Period(
        max(next_slot(now), soonest, booking.period.starts_at - REACH),
        min(booking.period.ends_at + REACH, now + timedelta(days=DAYS_AHEAD)),
    )
    if around.ends_at <= around.starts_at:
        return
    centre = app.centres.centre(booking.centre_id)
    old_space = app.centres.space(booking.space_id)
    spaces = sorted(
        (
            each
            for each in app.centres.spaces(centre_id=centre.id)
            if each.id == old_space.id or rules.fits(each, booking, old_space)
        ),
        key=lambda each: (each.id != old_space.id, *rules.likeness(each, old_space)),
    )
    taken = app.bookings.taken([leaf for each in spaces for leaf in each.leaves], around)
    length = booking.period.ends_at - booking.period.starts_at
    found: list[tuple[timedelta, int, Target]] = []
    for order, space in enumerate(spaces):
        free = free_periods(centre, space, around, of(space, taken), length)
        for period in islice(nearest(free, booking.period), MOST_TRIED):
            distance = abs(period.starts_at - booking.period.starts_at)
            found.append((distance, order, Target(space, period)))
    found.sort(key=lambda each: each[:2])
    for _, _, target in found:
        yield target
