"""Equipment: what the centres have, and which units a booking gets.

Units are chosen inside the transaction that claims them. Who was overtaken on a unit meanwhile
starts again (``TryAgain``, raised by the store) and is given another one, so a refusal says that
there really are too few. A closure closes spaces, not equipment: what a booking that was called off
for it had is free for others.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.bookings.app import App
from services.bookings.domain.booking import Booking, taken_period
from services.bookings.domain.centre import Space
from services.bookings.domain.equipment import Equipment, Need, choose_units
from services.bookings.domain.hours import Period
from services.bookings.schemas.equipment import ListEquipment
from services.common.contracts.bookings.errors import UNKNOWN_EQUIPMENT
from services.common.errors import FieldError
from services.common.storage.mongo import Session


def get(app: App, equipment_id: str) -> Equipment:
    """One kind of equipment.

    Raises:
        errors.NotFound: if there is none.
    """
    return app.equipment.get(equipment_id)


def find(app: App, query: ListEquipment) -> list[Equipment]:
    """Equipment by id, one more than a page where there are more."""
    return app.equipment.find(centre_id=query.centre_id, after=query.after, limit=query.limit + 1)


def units_for(
    app: App,
    session: Session,
    space: Space,
    period: Period,
    needs: tuple[Need, ...],
    before: Booking | None = None,
) -> tuple[str, ...]:
    """The units that a booking of this space at this time gets: all that it needs, or none.

    Args:
        before: the booking as it is; what it has it may keep.

    Raises:
        errors.Invalid: ``bookings.unknown_equipment``.
        errors.Conflict: ``bookings.equipment_taken``.
    """
    if not needs:
        return ()
    known = known_of(app, space.centre_id, needs, session)
    within = taken_period(space, period)
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


def known_of(
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
        if equipment is None or centre_id not in (None, equipment.centre_id):
            pointer = f"/equipment/{number}/equipment_id"
            raise UNKNOWN_EQUIPMENT(errors=[FieldError(pointer, UNKNOWN_EQUIPMENT.code)])
    return known
