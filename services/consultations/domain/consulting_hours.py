"""Consulting hours: an adviser receives people at a centre, in rooms requested by the month.

An appointment of a sealed case at the centre takes place in them, and requests no room: a room of
its own would tell of it.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from services.common.clock import to_wire
from services.common.contracts.consultations.calendar_errors import NOT_OF_MONTH
from services.common.errors import FieldError
from services.common.rooms.requests import Item, Place, RoomRequest, Status
from services.common.time.period import Period
from services.common.time.slots import on_raster
from services.consultations.domain.appointments import ROOM_PEOPLE, RoomStatus


@dataclass(frozen=True, slots=True)
class Hour:
    """One stretch of consulting hours: one room for one time, on the quarter of an hour."""

    id: str
    period: Period


@dataclass(frozen=True, slots=True)
class ConsultingHours:
    """A month of consulting hours of one adviser at one centre.

    Attributes:
        month: its first day, in the centre's time.
        hours: in order; none where they were given up.
    """

    kind: ClassVar[str] = "consulting_hours"

    id: str
    adviser_id: str
    centre_id: str
    month: date
    hours: tuple[Hour, ...]
    asked_at: datetime
    version: int = 1

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form."""
        return {
            "hours": [
                [to_wire(each.period.starts_at), to_wire(each.period.ends_at)]
                for each in self.hours
            ]
        }

    def with_hours(self, hours: tuple[Hour, ...], now: datetime) -> ConsultingHours:
        """The month with other hours, one version further."""
        return replace(self, hours=hours, asked_at=now, version=self.version + 1)

    def items(self, request: RoomRequest | None, now: datetime) -> tuple[Item, ...]:
        """What is requested of bookings. What has begun cannot be moved: it is wanted word for
        word as before where it is held, and not at all where it is not.
        """
        before = {each.item_id: each for each in request.items} if request is not None else {}
        items = []
        for each in self.hours:
            if each.period.starts_at <= now:
                if request is not None and request.place_of(each.id) and each.id in before:
                    items.append(before[each.id])
                continue
            items.append(
                Item(
                    each.id,
                    self.centre_id,
                    each.period.starts_at,
                    each.period.ends_at,
                    ROOM_PEOPLE,
                )
            )
        return tuple(items)


def hours_with_rooms(
    month: ConsultingHours, request: RoomRequest | None
) -> Mapping[str, tuple[RoomStatus, Place | None]]:
    """Hour → where its room stands."""
    found: dict[str, tuple[RoomStatus, Place | None]] = {}
    for each in month.hours:
        place = None if request is None else request.place_of(each.id)
        if place is not None and (place.starts_at, place.ends_at) != (
            each.period.starts_at,
            each.period.ends_at,
        ):
            place = None
        found[each.id] = (_status(request, place), place)
    return found


def _status(request: RoomRequest | None, place: Place | None) -> RoomStatus:
    if place is not None:
        return RoomStatus.GRANTED
    if request is None or request.status in (Status.AWAITING, Status.GRANTED):
        return RoomStatus.AWAITING
    return RoomStatus.REFUSED if request.status is Status.REFUSED else RoomStatus.LOST


def granted(month: ConsultingHours, request: RoomRequest | None) -> list[Hour]:
    """The hours that have a room."""
    rooms = hours_with_rooms(month, request)
    return [each for each in month.hours if rooms[each.id][0] is RoomStatus.GRANTED]


def hour_of(hours: Sequence[Hour], period: Period) -> Hour | None:
    """The hour that a meeting lies in, if there is one."""
    return next((each for each in hours if each.period.contains(period)), None)


def check_hours(month: date, hours: Sequence[Period], zone: str) -> None:
    """Whether these are hours of the month, in order, one after the other, on the quarter.

    Raises:
        errors.Invalid: ``consultations.not_of_month``, naming the first that is not.
    """
    tz = ZoneInfo(zone)
    days = calendar.monthrange(month.year, month.month)[1]
    begin = datetime(month.year, month.month, 1, tzinfo=tz)
    last = date(month.year, month.month, days)

    def refuse(n: int) -> None:
        raise NOT_OF_MONTH(errors=[FieldError(f"/hours/{n}", NOT_OF_MONTH.code)])

    for n, each in enumerate(hours):
        in_month = begin <= each.starts_at and each.starts_at.astimezone(tz).date() <= last
        shaped = each.starts_at < each.ends_at and all(
            map(on_raster, (each.starts_at, each.ends_at))
        )
        # As long as a day at most: an hour ends on the day on which it begins.
        same_day = each.starts_at.astimezone(tz).date() == each.ends_at.astimezone(tz).date()
        if not (in_month and shaped and same_day):
            refuse(n)
    for n, (one, two) in enumerate(pairwise(hours), start=1):
        if one.ends_at > two.starts_at:
            refuse(n)
