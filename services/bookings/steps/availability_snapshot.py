"""What is free of some spaces, and with which equipment: read once, asked as often as needed.

Always the same few queries: the centres, what is taken of the spaces, and where equipment is wanted
what there is of it and what of that is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.bookings.app import App
from services.bookings.domain.availability import Openings, gaps
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need, common, lendable
from services.bookings.steps.equipment_units import known_equipment
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.slots import on_slots

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class AvailabilitySnapshot:
    """What is free in a period, as it was read.

    Attributes:
        taken: by leaf space.
        lent: centre id → the periods throughout which all that is wanted can be had there; ``None``
            where no equipment is wanted.
    """

    openings: Openings
    taken: dict[str, list[Period]]
    lent: Mapping[str, list[Period]] | None
    _cut: dict[tuple[str, timedelta, timedelta], list[Period]] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        app: App,
        spaces: Sequence[Space],
        within: Period,
        needs: tuple[Need, ...] = (),
        centres: Iterable[Centre] | None = None,
        session: Session | None = None,
    ) -> AvailabilitySnapshot:
        """Args:
            within: what is asked about; buffers may reach beyond it.
            centres: those of the spaces, if they are known already.
            session: of the transaction in which what is taken of spaces is read, if there is one.

        Raises:
            errors.Invalid: ``bookings.unknown_equipment``.
        """
        around = Period(
            within.starts_at - max((on_slots(s.buffer_before) for s in spaces), default=_NONE),
            within.ends_at + max((on_slots(s.buffer_after) for s in spaces), default=_NONE),
        )
        return cls(
            Openings({centre.id: centre for centre in centres or app.centres.centres()}, within),
            app.bookings.taken(
                [leaf for space in spaces for leaf in space.leaves], around, session
            ),
            _lent(app, needs, around, session) if needs else None,
        )

    def periods(self, space: Space, duration: timedelta) -> list[Period]:
        """Periods in which a booking of the space can be placed anywhere, on the raster."""
        free = gaps(self.openings.of(space), space, snapshot_of(space, self.taken), duration)
        if self.lent is None:
            return free
        both = common(free, self._bookable(space))
        return [each for each in both if each.ends_at - each.starts_at >= duration]

    def _bookable(self, space: Space) -> list[Period]:
        """When the equipment can be had for the space, whose buffers it is taken for too."""
        before, after = on_slots(space.buffer_before), on_slots(space.buffer_after)
        key = space.centre_id, before, after
        if key not in self._cut:
            self._cut[key] = [
                Period(each.starts_at + before, each.ends_at - after)
                for each in (self.lent or {}).get(space.centre_id, ())
                if each.starts_at + before < each.ends_at - after
            ]
        return self._cut[key]


def snapshot_of(space: Space, taken: Mapping[str, list[Period]]) -> Iterable[Period]:
    """What is taken of a space: of any of its leaves."""
    if len(space.leaves) == 1:
        return taken.get(space.leaves[0], ())
    # A booking of the whole hall stands under each part, and is looked at once.
    return {period for leaf in space.leaves for period in taken.get(leaf, ())}


def _lent(
    app: App, needs: tuple[Need, ...], within: Period, session: Session | None
) -> dict[str, list[Period]]:
    known = known_equipment(app, None, needs, session)
    centres = {equipment.centre_id for equipment in known.values()}
    if len(centres) != 1:
        # What two centres have, no space can be booked with.
        return {}
    units = [unit for equipment in known.values() for unit in equipment.units]
    taken = app.equipment.taken(units, within, session=session)
    found = [within]
    for need in needs:
        found = common(found, lendable(known[need.equipment_id], need.quantity, taken, within))
    return {centres.pop(): found}
