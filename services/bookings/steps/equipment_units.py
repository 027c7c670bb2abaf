"""Which units of equipment a booking gets.

Units are chosen inside the transaction that claims them. A transaction that was overtaken on a unit
starts again (``RetryTransaction``, raised by the store) with another one, so a refusal says that
there really are too few. A booking that lends units writes to the kind's document, and so does a
change of the kind (:func:`lock_stock`): so units are never removed while a booking takes them. A
closure closes spaces, not equipment: what a booking that was called off for it had is free for
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.claims import taken_period
from services.bookings.domain.equipment import (
    Equipment,
    Need,
    choose_units,
)
from services.common.contracts.bookings.errors import (
    UNKNOWN_EQUIPMENT,
)
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.common.time.period import Period


def lock_stock(app: App, session: Session, needs: Iterable[Need]) -> None:
    """Let nobody take units of these kinds away while this transaction lends some.

    Once in each transaction that lends, before units are chosen: it is where all who want the same
    meet, so who has to give way has done little. Nothing is asked where nothing is needed.
    """
    kinds = {need.equipment_id for need in needs}
    if kinds:
        app.equipment.lock(session, kinds)


def units_for(
    app: App,
    session: Session,
    space: Space,
    period: Period,
    needs: tuple[Need, ...],
    before: Booking | None = None,
) -> tuple[str, ...]:
    """The units that a booking of this space at this time gets: all that it needs, or none. Only
    chosen, nothing is written; who lends them calls :func:`lock_stock` before.

    Args:
        before: the booking as it is; what it has it may keep.

    Raises:
        errors.Invalid: ``bookings.unknown_equipment``.
        errors.Conflict: ``bookings.equipment_taken``.
    """
    within = taken_period(space, period)
    if before and before.claim and (before.space_id, before.period) == (space.id, period):
        # It keeps the buffers that it was made with, also if the space has others by now.
        within = before.claim.period
    return units_within(app, session, space.centre_id, within, needs, before)


def units_within(
    app: App,
    session: Session,
    centre_id: str,
    within: Period,
    needs: tuple[Need, ...],
    before: Booking | None = None,
) -> tuple[str, ...]:
    """As :func:`units_for`, for a time with the buffers.

    Args:
        before: the booking as it is; what it has it may keep.

    Raises:
        errors.Invalid: ``bookings.unknown_equipment``.
        errors.Conflict: ``bookings.equipment_taken``.
    """
    if not needs:
        return ()
    known = known_equipment(app, centre_id, needs, session)
    every = [unit for equipment in known.values() for unit in equipment.units]
    besides = before.id if before else None
    found = app.equipment.taken(every, within, besides=besides, session=session)
    taken = {unit for unit, _ in found}
    held = before.claim.units if before and before.claim else ()
    return tuple(
        unit
        for need in needs
        for unit in choose_units(known[need.equipment_id], need.quantity, taken, held)
    )


def known_equipment(
    app: App, centre_id: str | None, needs: tuple[Need, ...], session: Session | None = None
) -> Mapping[str, Equipment]:
    """The equipment that is needed, by id.

    Args:
        centre_id: whose it must be; ``None`` for any centre's.

    Raises:
        errors.Invalid: ``bookings.unknown_equipment``, naming the need.
    """
    known = app.equipment.named({need.equipment_id for need in needs}, session)
    for number, need in enumerate(needs):
        equipment = known.get(need.equipment_id)
        if equipment is None or equipment.retired or centre_id not in (None, equipment.centre_id):
            pointer = f"/equipment/{number}/equipment_id"
            raise UNKNOWN_EQUIPMENT(errors=[FieldError(pointer, UNKNOWN_EQUIPMENT.code)])
    return known
