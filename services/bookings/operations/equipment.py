"""Equipment: what the centres have, and what a manager changes of it."""

from __future__ import annotations

from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.equipment import (
    Equipment,
    Loan,
    repack,
)
from services.bookings.domain.rules import bookable
from services.bookings.operations import centres
from services.bookings.schemas.equipment import AddEquipment, ChangeEquipment, ListEquipment, lent
from services.bookings.steps.catalogue_events import cause_of, record_catalogue_event
from services.bookings.steps.releases import time_released
from services.bookings.steps.waitlist_entries import capacity_reduced
from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    EQUIPMENT_BOOKED,
)
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

# How many bookings a refusal names: an answer must be small enough for a phone.
MOST_NAMED = 50


def get(app: App, equipment_id: str) -> Equipment:
    """One kind of equipment.

    Raises:
        errors.NotFound: if there is none.
    """
    return app.equipment.get(equipment_id)


def find(app: App, query: ListEquipment) -> list[Equipment]:
    """Equipment by id, one more than a page where there are more."""
    return app.equipment.find(
        centre_id=query.centre_id, after=query.after, limit=one_more(query.limit)
    )


def history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what, when and why; oldest first, one more than a page where there are more.

    Raises:
        errors.NotFound: if there is no such equipment.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    equipment = app.equipment.get(query.id)
    authorisation.check_works_at(call.caller, equipment.centre_id)
    return app.history.of(subject_of(equipment), after=query.after, limit=one_more(query.limit))


# -- what a manager changes ------------------------------------------------------------------------


def add(app: App, call: Call, command: AddEquipment) -> Equipment:
    """Have a centre lend something more; the same key gives the same equipment again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``bookings.unknown_centre``.
        errors.KeyReused: the key came with another request before.
    """
    permissions.check_may_set_up(call.caller)
    request = Request.of(call, "bookings.add_equipment", asdict(command))

    def work(session: Session) -> Equipment:
        centres.named(app, command.centre_id, session)
        equipment = Equipment(
            id=app.new_id(),
            centre_id=command.centre_id,
            name=command.name,
            quantity=command.quantity,
        )
        app.equipment.add(session, equipment)
        record_catalogue_event(app, call.caller, session, events.EQUIPMENT_ADDED, None, equipment)
        return equipment

    return app.keys.once(
        request, work, save=app.equipment.document_of, load=app.equipment.aggregate_of
    )


def change(app: App, call: Call, command: ChangeEquipment) -> Equipment:
    """Give equipment another name, have more or less of it, or lend it no more.

    With fewer units, bookings that have one of those that go are given others, as long as there are
    enough for all at every time. A request that changes nothing gives the equipment as it is.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``bookings.equipment_booked``, naming bookings that need more.
    """
    permissions.check_may_set_up(call.caller)

    def work(session: Session) -> Equipment:
        before = app.equipment.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(command.changes)
        if after is before:
            return before
        app.equipment.save(session, after, before.version)
        if len(after.units) < len(before.units):
            _take_away(app, session, before, after)
            capacity_reduced(app, session, after.centre_id, cause_of(after))
        elif len(after.units) > len(before.units):
            time_released(app, session, after.centre_id, bookable(app.clock.now()), cause_of(after))
        record_catalogue_event(
            app, call.caller, session, events.EQUIPMENT_CHANGED, before, after, command.reason
        )
        return after

    return app.database.transact(work)


def _take_away(app: App, session: Session, before: Equipment, after: Equipment) -> None:
    """Have all who have units manage with those that are left.

    Raises:
        errors.Conflict: ``bookings.equipment_booked``.
    """
    now = app.clock.now()
    bookings = {booking.id: booking for booking in app.equipment.lent(session, before, now)}
    mine = set(before.units)
    loans = {
        key: Loan(key, booking.claim.period, tuple(u for u in booking.claim.units if u in mine))
        for key, booking in bookings.items()
        if booking.claim is not None
    }
    packing = repack(loans.values(), after.units, now)
    if packing.in_the_way:
        named = [(bookings[key], len(loans[key].units)) for key in packing.in_the_way[:MOST_NAMED]]
        raise EQUIPMENT_BOOKED(
            quantity=len(after.units),
            count=len(packing.in_the_way),
            extra={"bookings": lent(named)},
        )
    claims = {}
    for key, units in packing.moves.items():
        claim = bookings[key].claim
        assert claim is not None  # it has a loan
        others = tuple(unit for unit in claim.units if unit not in mine)
        claims[key] = claim.using((*others, *units))
    app.equipment.exchange(session, claims)
