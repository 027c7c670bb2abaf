"""Closing a centre or some of its spaces, and what becomes of the bookings in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.bookings.app import App
from services.bookings.domain import closures as rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.closures import Closure, State
from services.bookings.operations import closure_claims, displaced_bookings
from services.bookings.schemas import closures as schemas
from services.bookings.schemas.closures import (
    UNCHANGED,
    ChangeClosure,
    LiftClosure,
    ListClosures,
    PlanClosure,
    ResolveClosure,
)
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import time_released
from services.common import authorisation, clock, errors
from services.common.context import Call, Caller
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    CLOSED_ALREADY,
    UNKNOWN_SPACE,
)
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period

Wire = dict[str, Any]


def preview(app: App, call: Call, command: PlanClosure) -> Wire:
    """What the closure would do if it were made now. Nothing is changed and nothing promised.

    Raises:
        as :func:`close`, but for the key.
    """
    return app.database.transact(
        lambda session: schemas.preview(*_plan(app, call, command, session))
    )


def close(app: App, call: Call, command: PlanClosure) -> Wire:
    """Close spaces for a time. A booking that holds time there keeps it until a person decides
    otherwise, and is listed; nobody gets any more of it from now on, see ``closure_claims.py``.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.NotFound: there is no such centre.
        errors.Invalid: an impossible period, or a space that is not the centre's.
        errors.Conflict: ``bookings.closed_already`` with the closure that stands there;
            ``bookings.closure_too_large``; or a time that is past or too far ahead.
        errors.KeyReused: the key came with another request before.
    """
    authorisation.check_works_at(call.caller, app.centres.centre(command.centre_id).id)
    request = Request.of(call, "bookings.create_closure", asdict(command))

    def shut(session: Session) -> Wire:
        app.centres.lock_centre(session, command.centre_id)
        planned, affected = _plan(app, call, command, session)
        app.closures.mark_affected(session, planned, affected)
        closure = closure_claims.claim_closure(
            app, session, planned, planned.leaves, [planned.period]
        )
        app.closures.add(session, closure)
        _schedule_offer_check(app, session, closure)
        _record_closure_event(app, call.caller, session, events.CLOSURE_DECLARED, closure)
        return _shown(app, closure, affected, session)

    return app.keys.once(request, shut, save=_same, load=_same)


def find(app: App, call: Call, query: ListClosures) -> list[Closure]:
    """The closures of a centre by start, one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.NotFound: there is no such centre.
    """
    app.centres.centre(query.centre_id)
    authorisation.check_works_at(call.caller, query.centre_id)
    return app.closures.find(
        query.centre_id,
        status=query.status,
        ends_after=query.ends_after,
        after=query.after,
        limit=one_more(query.limit),
    )


def get(app: App, call: Call, closure_id: str) -> Wire:
    """A closure, the bookings that stood in its way, and what became of each.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    closure = _known(app, call, closure_id)
    return _shown(app, closure, app.closures.affected(closure.id))


def change(app: App, call: Call, command: ChangeClosure) -> Wire:
    """Make a closure longer or shorter, or give another reason for it.

    The time that it gives up is free at once. Who holds time that it reaches now is listed, as if
    it had been made so. A request that changes nothing gives the closure as it is.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: an impossible period.
        errors.Conflict: ``bookings.closure_lifted``; ``bookings.closure_begun``;
            ``bookings.closed_already``; ``bookings.closure_too_large``; or a time that is past or
            too far ahead.
    """

    def replan(session: Session) -> Closure:
        before = _known(app, call, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        now = app.clock.now()
        before.check_stands(now)
        period = Period(
            command.starts_at or before.period.starts_at, command.ends_at or before.period.ends_at
        )
        reason = before.reason if command.reason is UNCHANGED else command.reason
        if (period, reason) == (before.period, before.reason):
            return before
        rules.check_change(before, period, now)
        rules.check_size(len(before.leaves), period, 0)
        after = before.changed(period, reason, now)
        _release_outside(app, session, before, after)
        after = _reach(app, session, before, after)
        app.closures.save(session, after, before.version)
        _schedule_offer_check(app, session, after)
        _record_closure_event(
            app,
            call.caller,
            session,
            events.CLOSURE_CHANGED,
            after,
            previous_starts_at=clock.to_wire(before.period.starts_at),
            previous_ends_at=clock.to_wire(before.period.ends_at),
        )
        return after

    closure = app.database.transact(replan)
    return _shown(app, closure, app.closures.affected(closure.id))


def extend_to_space(app: App, caller: Caller, session: Session, space: Space) -> None:
    """Let the closures of a whole centre cover a space that the centre gets, or gets back; see
    ``spaces.py``. Who holds time there is listed, as in any closure. The time of another closure of
    the space stays with that until it ends.

    Args:
        caller: who gives the space to the centre.
    """
    now = app.clock.now()
    for before in app.closures.whole_centre(session, space.centre_id, now):
        if space.id in before.space_ids:
            continue
        after = before.covering(space, now)
        new = [leaf for leaf in after.leaves if leaf not in before.leaves]
        app.closures.mark_affected(
            session, after, app.closures.find_displaced(new, after.period, 0, session)
        )
        after = closure_claims.claim_closure(app, session, after, new, [after.period])
        app.closures.save(session, after, before.version)
        _schedule_offer_check(app, session, after)
        _record_closure_event(
            app,
            caller,
            session,
            events.CLOSURE_CHANGED,
            after,
            previous_starts_at=clock.to_wire(before.period.starts_at),
            previous_ends_at=clock.to_wire(before.period.ends_at),
        )


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
        # A space that comes back at this moment may be about to leave its time to this closure.
        app.centres.lock_centre(session, after.centre_id)
        app.closures.save(session, after, before.version)
        app.closures.free_all(session, after)
        closure_claims.stop_claiming(app, session, after)
        time_released(app, session, after.centre_id, after.period, f"{after.id}@{after.version}")
        _record_closure_event(app, call.caller, session, events.CLOSURE_LIFTED, after)
        return after

    closure = app.database.transact(reopen)
    return _shown(app, closure, app.closures.affected(closure.id))


def resolve(app: App, call: Call, command: ResolveClosure) -> Wire:
    """Cancel or move affected bookings that wait, each in a transaction of its own, with notice.

    Each that is done raises the version, so of several who decide under one version one goes on,
    and the others have to look again. Where nothing could be done it stays.
    The time that a booking gives up falls to the closure in that same transaction. What was done
    stays done when a later one is refused; a booking that cannot be helped so is named with the
    code.

    Raises:
        errors.NotFound: if there is no such closure that the caller may know of.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``bookings.closure_lifted``.
    """

    closure = _known(app, call, command.id)
    if closure.version != command.expected_version:
        raise errors.Stale()
    closure.check_stands(app.clock.now())
    expected: int | None = command.expected_version
    refused: list[dict[str, str]] = []
    for booking_id in command.booking_ids or displaced_bookings.next_waiting(app, closure):
        try:
            if command.action == "cancel":
                displaced_bookings.cancel(app, call, closure.id, booking_id, expected)
            else:
                displaced_bookings.move(app, call, closure, booking_id, command, expected)
            expected = None
        except (errors.Conflict, errors.NotFound, errors.Invalid, errors.Forbidden) as refusal:
            refused.append({"booking_id": booking_id, "code": refusal.code})
    return {**get(app, call, closure.id), "refused": refused}


# -- making -----------------------------------------------------------------------------------


def _plan(
    app: App, call: Call, command: PlanClosure, session: Session
) -> tuple[Closure, list[Booking]]:
    centre = app.centres.centre(command.centre_id, session)
    authorisation.check_works_at(call.caller, centre.id)
    now = app.clock.now()
    rules.check_period(command.period, now)
    found = app.centres.spaces(centre_id=centre.id, session=session)
    spaces = {space.id: space for space in found}
    space_ids = command.space_ids or tuple(sorted(spaces))
    for number, space_id in enumerate(space_ids):
        if space_id not in spaces:
            pointer = f"/space_ids/{number}"
            raise UNKNOWN_SPACE(errors=[FieldError(pointer, UNKNOWN_SPACE.code)])
    leaves = sorted({leaf for space_id in space_ids for leaf in spaces[space_id].leaves})
    rules.check_size(len(leaves), command.period, 0)
    _check_alone(app, session, centre.id, command.period, leaves)
    affected = app.closures.find_displaced(leaves, command.period, rules.MOST_AFFECTED + 1, session)
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
        all_spaces=command.space_ids is None,
    )
    return closure, affected


def _check_alone(
    app: App,
    session: Session,
    centre_id: str,
    period: Period,
    leaves: Sequence[str],
    besides: str | None = None,
) -> None:
    """Raises:
    errors.Conflict: ``bookings.closed_already`` if another closure stands there.
    """
    for each in app.closures.standing(centre_id, period, leaves, session):
        if each.id != besides:
            raise CLOSED_ALREADY(extra={"closure": schemas.closure(each)})


def _release_outside(app: App, session: Session, before: Closure, after: Closure) -> None:
    """Free the time that a closure does not cover any more, for the entries that wait for it."""
    parts = rules.beyond(before.period, after.period)
    if parts:
        app.centres.lock_centre(session, after.centre_id)
        app.closures.free_outside(session, after, parts)
    for number, part in enumerate(parts):
        cause = f"{after.id}@{after.version}.{number}"
        time_released(app, session, after.centre_id, part, cause)


def _reach(app: App, session: Session, before: Closure, after: Closure) -> Closure:
    """Take what a closure reaches now and did not before; the closure as it stands then."""
    parts = rules.beyond(after.period, before.period)
    if parts:
        app.centres.lock_centre(session, after.centre_id)
    most = rules.MOST_AFFECTED + 1
    for part in parts:
        _check_alone(app, session, after.centre_id, part, after.leaves, besides=after.id)
        found = app.closures.find_displaced(after.leaves, part, most, session)
        new = [each for each in found if not after.lists(each)]
        rules.check_size(len(after.leaves), after.period, len(new))
        app.closures.mark_affected(session, after, new)
    return closure_claims.claim_closure(app, session, after, after.leaves, parts)


def _schedule_offer_check(app: App, session: Session, closure: Closure) -> None:
    """What is offered within the closure's time cannot be accepted any more."""
    cause = f"{closure.id}@{closure.version}"
    schedule_offer_check(app, session, cause, centre_id=closure.centre_id)


def _known(app: App, call: Call, closure_id: str, session: Session | None = None) -> Closure:
    closure = app.closures.get(closure_id, session)
    authorisation.check_signed_in(call.caller)
    if not authorisation.is_staff_of(call.caller, closure.centre_id):
        raise errors.NotFound()
    return closure


def _shown(
    app: App, closure: Closure, affected: list[Booking], session: Session | None = None
) -> Wire:
    closing = closure.state is State.CLOSING
    progress = app.closures.progress(closure, session) if closing else None
    return schemas.with_affected(closure, affected, progress)


def _same(answer: Document) -> Document:
    return answer


def _record_closure_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    closure: Closure,
    **more: str,
) -> None:
    app.outbox.record(
        session,
        event_type,
        subject=closure.id,
        version=closure.version,
        data={
            "closure_id": closure.id,
            "centre_id": closure.centre_id,
            "space_ids": list(closure.space_ids),
            "all_spaces": closure.all_spaces,
            "kind": closure.kind.value,
            "starts_at": clock.to_wire(closure.period.starts_at),
            "ends_at": clock.to_wire(closure.period.ends_at),
            "time_zone": closure.time_zone,
            "version": closure.version,
            "changed_by": caller.id,
            **more,
        },
        caller=caller,
    )
