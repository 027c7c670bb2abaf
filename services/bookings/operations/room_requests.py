"""Requests of other branches for rooms: decided by the table of docs/rooms.md, and answered.

Row, bookings and answer are one transaction. A refusal is found out in one that is given up, since
all of a version is had or nothing; it is stored and published in a second one, which reads the row
and decides again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.own_use import PURPOSE, OwnUse
from services.bookings.domain.room_requests import Decision, Outcome, RoomRow, decide
from services.bookings.domain.series import MOST_HELPED
from services.bookings.schemas.room_requests import RoomMessage
from services.bookings.steps.alternatives import (
    HelpableConflict,
    WantedBooking,
    public_refusal,
    with_alternatives,
)
from services.bookings.steps.equipment_units import known_equipment, lock_stock
from services.bookings.steps.feasibility import Feasibility
from services.bookings.steps.reservation import (
    CENTRE,
    ReservationRequest,
    reserve,
    space_and_centre,
)
from services.bookings.steps.room_standing import record_room_answer
from services.bookings.steps.save_booking import save_booking
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings.errors import (
    IN_THE_PAST,
    NO_FITTING_SPACE,
    OVERTAKEN,
    UNKNOWN_CENTRE,
    UNKNOWN_SPACE,
)
from services.common.errors import Conflict, Invalid, MasahaError
from services.common.rooms.requests import Item
from services.common.storage.mongo import RetryTransaction, Session
from services.common.time.period import Period

Problems = Sequence[Mapping[str, Any]]


class Unplaceable(Exception):
    """Not all items of a version can be had.

    Attributes:
        refusals: item id → why not.
    """

    def __init__(self, refusals: Mapping[str, MasahaError]) -> None:
        super().__init__(", ".join(f"{key}: {each.code}" for key, each in refusals.items()))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class _Place:
    """A space that an item may have, and its centre."""

    space: Space
    centre: Centre


def receive(app: App, call: Call, message: RoomMessage) -> None:
    """Decide about a request or a release that has arrived, and answer it; again does no harm."""
    try:
        app.database.transact(lambda session: _decide(app, call, session, message))
    except Unplaceable as unplaceable:
        problems = _problems(app, unplaceable)
        app.database.transact(lambda session: _decide(app, call, session, message, problems))


def _decide(
    app: App, call: Call, session: Session, message: RoomMessage, problems: Problems = ()
) -> None:
    """Args:
        problems: why it cannot be had, where that was found out already.

    Raises:
        Unplaceable: not all of it can be had.
    """
    before = app.room_requests.look_up(message.row_id, session)
    row = before or RoomRow.unknown(message.row_id, app.new_id())
    version = message.request_version
    decision = decide(before, version, seen=message.seen, release=message.release)
    if decision is Decision.RELEASE:
        after = row.freed(version, _give_all_back(app, session, row))
    elif decision is Decision.REPEAT_STANDING:
        after = row.repeated(version)
    elif decision is Decision.REFUSE_OVERTAKEN:
        after = row.answered(Outcome.REFUSED, version, code=OVERTAKEN.code)
    elif problems:
        code = problems[0]["code"]
        after = row.answered(Outcome.REFUSED, version, code=code, problems=tuple(problems))
    else:
        holds = _place_all(app, call, session, row, message)
        after = row.answered(Outcome.GRANTED, version, holds=holds)
    record_room_answer(app, session, before, after)


# -- giving up -------------------------------------------------------------------------------------


def _give_all_back(app: App, session: Session, row: RoomRow) -> tuple[str, ...]:
    """Give all back that has not ended; what it had to the end."""
    now = app.clock.now()
    held = app.bookings.of_ids(row.holds, session)
    for each in held:
        _give_back(app, session, each, now)
    return tuple(each.id for each in held if each.period.ends_at <= now)


def _give_back(app: App, session: Session, before: Booking, now: datetime) -> None:
    """What has begun is cut short, and what has ended stays as it was."""
    if before.period.ends_at <= now:
        return
    if before.period.starts_at <= now:
        after = before.own_use_ended(by=SYSTEM.id, now=now)
    else:
        after = before.cancelled(by=SYSTEM.id, reason=None, now=now)
    save_booking(app, session, before, after, answered=True)


# -- taking ----------------------------------------------------------------------------------------


def _place_all(
    app: App, call: Call, session: Session, row: RoomRow, message: RoomMessage
) -> tuple[str, ...]:
    """Have the request hold what its version says, and nothing else; the ids of its bookings.

    What is word for word as before stays where it is. What changes is given up before anything is
    taken, so that items may change places.

    Raises:
        Unplaceable: not all of it can be had.
    """
    now = app.clock.now()
    held = {
        each.own_use.item.item_id: each
        for each in app.bookings.of_ids(row.holds, session)
        if each.own_use is not None
    }
    stays: dict[str, str] = {}
    new: list[Item] = []
    refusals: dict[str, MasahaError] = {}
    for item in message.items:
        booking = held.get(item.item_id)
        if booking is None:
            new.append(item)
        elif booking.own_use is not None and booking.own_use.item == item:
            stays[item.item_id] = booking.id
        elif booking.period.starts_at <= now:
            refusals[item.item_id] = IN_THE_PAST()
        else:
            new.append(item)
    for item_id, booking in held.items():
        if item_id not in stays and item_id not in refusals:
            _give_back(app, session, booking, now)
    taken = _book_all(app, call, session, message, new, held, refusals)
    if refusals:
        raise Unplaceable(
            {i.item_id: refusals[i.item_id] for i in message.items if i.item_id in refusals}
        )
    places = stays | taken
    return tuple(places[item.item_id] for item in message.items)


def _book_all(
    app: App,
    call: Call,
    session: Session,
    message: RoomMessage,
    items: Sequence[Item],
    held: Mapping[str, Booking],
    refusals: dict[str, MasahaError],
) -> dict[str, str]:
    """Book the items one by one: item id → booking id; the others are put to the refusals."""
    choices: dict[str, list[_Place]] = {}
    for item in items:
        try:
            # Before its slots are calculated, because a long time has many.
            rules.check_shape(_period(item))
            choices[item.item_id] = _choices(app, session, item, held.get(item.item_id))
        except (Conflict, Invalid) as refusal:
            refusals[item.item_id] = refusal
    wanted = [
        ((each.space, each.centre), _period(item))
        for item in items
        for each in choices.get(item.item_id, ())
    ]
    feasibility = Feasibility.of(app, session, CENTRE, wanted)
    lock_stock(app, session, [need for item in items for need in _needs(item)])
    taken: dict[str, str] = {}
    for item in items:
        if item.item_id not in choices:
            continue
        try:
            chosen = _choose(feasibility, call, item, choices[item.item_id])
        except (Conflict, Invalid) as refusal:
            refusals[item.item_id] = refusal
            continue
        booking = _book(app, call, session, message, item, chosen)
        feasibility.note(booking)
        taken[item.item_id] = booking.id
    return taken


def _choices(app: App, session: Session, item: Item, before: Booking | None) -> list[_Place]:
    """The spaces that fit an item: the one that is named; else the one that it had, then the
    smallest first.

    Raises:
        errors.Invalid: ``bookings.unknown_space``, ``bookings.unknown_centre``,
            ``bookings.unknown_equipment``.
        errors.Conflict: ``bookings.no_fitting_space``.
    """
    if item.space_id is not None:
        space, centre = space_and_centre(app, item.space_id, session)
        if centre.id != item.centre_id:
            raise UNKNOWN_SPACE()
        known_equipment(app, centre.id, _needs(item), session)
        return [_Place(space, centre)]
    try:
        centre = app.centres.centre(item.centre_id, session)
    except errors.NotFound as error:
        raise UNKNOWN_CENTRE() from error
    known_equipment(app, centre.id, _needs(item), session)
    fitting = app.centres.spaces(
        centre_id=centre.id,
        minimum_capacity=item.people,
        features=item.features,
        session=session,
    )
    if not fitting:
        raise NO_FITTING_SPACE()
    had = before.space_id if before is not None else None
    fitting.sort(key=lambda each: (each.id != had, each.capacity, each.id))
    return [_Place(each, centre) for each in fitting]


def _choose(feasibility: Feasibility, call: Call, item: Item, choices: Sequence[_Place]) -> _Place:
    """The first of the spaces that the item can have.

    Raises:
        errors.Invalid, errors.Conflict: why it cannot have the one that suits it best.
    """
    first: MasahaError | None = None
    for each in choices:
        wanted = WantedBooking(
            space=each.space,
            centre=each.centre,
            period=_period(item),
            people=item.people,
            caller=call.caller,
            organisation_id=None,
            equipment=_needs(item),
            features=item.features,
        )
        try:
            feasibility.check_place(wanted)
        except (Conflict, Invalid) as refusal:
            first = first or refusal
        else:
            return each
    assert first is not None  # there is one space at least
    raise first


def _book(
    app: App, call: Call, session: Session, message: RoomMessage, item: Item, where: _Place
) -> Booking:
    """Raises:
    RetryTransaction: if another transaction was faster; all that is free is looked at anew.
    """
    label = message.label or {}
    requested = ReservationRequest(
        space=where.space,
        centre=where.centre,
        party=CENTRE,
        period=_period(item),
        title=label["ar"],
        purpose=PURPOSE,
        people=item.people,
        equipment=_needs(item),
        still=True,
        own_use=OwnUse(message.row_id, item, label),
    )
    try:
        return reserve(app, call, session, requested)
    except Conflict as refusal:
        raise RetryTransaction("another transaction was faster") from refusal


def _period(item: Item) -> Period:
    return Period(item.starts_at, item.ends_at)


def _needs(item: Item) -> tuple[Need, ...]:
    return tuple(Need(*each) for each in item.equipment.items())


# -- saying why not --------------------------------------------------------------------------------


def _problems(app: App, unplaceable: Unplaceable) -> list[dict[str, Any]]:
    """Item by item why it cannot be had, and of the first ones what can be had instead."""
    problems = []
    for number, (item_id, refusal) in enumerate(unplaceable.refusals.items()):
        said = refusal
        if isinstance(refusal, HelpableConflict):
            said = (
                with_alternatives(app, refusal)
                if number < MOST_HELPED
                else public_refusal(app, refusal)
            )
        ways = list(said.extra.get("alternatives", ()))
        problems.append({"item_id": item_id, "code": said.code, "alternatives": ways})
    return problems
