"""Advisers: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import advisers as contract
from services.common.lists import after_id, after_time, by_id, by_time, page_to_wire
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.advisers import Adviser, Sex
from services.consultations.domain.appointments import Mode
from services.consultations.schemas import Request

_list_advisers = contract.ListAdvisers()
_add_adviser = contract.AddAdviser()
_change_adviser = contract.ChangeAdviser()
_list_slots = contract.ListSlots()


@dataclass(frozen=True, slots=True)
class ListAdvisers:
    centre_id: str | None
    speciality: str | None
    active: bool | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class AddAdviser:
    adviser: Adviser


@dataclass(frozen=True, slots=True)
class ChangeAdviser:
    """``changes``: field of the profile → what it is to be."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListSlots:
    """``after``: the start of the last slot before."""

    adviser_id: str
    within: Period
    length: timedelta
    mode: Mode
    case_id: str | None
    visit: bool
    travel: timedelta
    limit: int
    after: datetime | None


def list_advisers(request: Request) -> ListAdvisers:
    data = _list_advisers.load(request)
    after = data.pop("after")
    return ListAdvisers(**data, after=after_id(after))


def add_adviser(request: Request) -> AddAdviser:
    data = _add_adviser.load(request)
    return AddAdviser(Adviser(id=data.pop("person_id"), **_details(data)))


def change_adviser(request: Request) -> ChangeAdviser:
    data = _change_adviser.load(request)
    return ChangeAdviser(data.pop("id"), data.pop("expected_version"), _details(data))


def list_slots(request: Request) -> ListSlots:
    data = _list_slots.load(request)
    after = after_time(data["after"])
    return ListSlots(
        adviser_id=data["adviser_id"],
        within=Period(data["starts_at"], data["ends_at"]),
        length=timedelta(minutes=data["minutes"]),
        mode=Mode(data["mode"]),
        case_id=data["case_id"],
        visit=data["visit"],
        travel=timedelta(minutes=data["travel_minutes"]),
        limit=data["limit"],
        after=None if after is None else after[0],
    )


def _details(data: dict[str, Any]) -> dict[str, Any]:
    """Fields of the profile, of those that were sent."""
    found = dict(data)
    for name in ("centre_ids", "specialities", "languages"):
        if name in found:
            found[name] = tuple(found[name])
    for name in ("working_hours", "breaks"):
        if name in found:
            found[name] = WeeklyHours.parse(found[name], f"/{name}")
    if "buffer_minutes" in found:
        found["buffer"] = timedelta(minutes=found.pop("buffer_minutes"))
    if found.get("sex") is not None:
        found["sex"] = Sex(found["sex"])
    return found


def adviser(value: Adviser, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """An adviser.

    Args:
        names: of people by id, as far as they are known.
    """
    return {
        "id": value.id,
        "name": None if value.id not in names else dict(names[value.id]),
        **value.facts,
        "version": value.version,
    }


def adviser_page(
    values: Sequence[Adviser], names: Mapping[str, Mapping[str, str]], limit: int
) -> dict[str, Any]:
    return page_to_wire(values, limit, lambda each: adviser(each, names), by_id)


def slot_page(values: Sequence[Period], zone: str, limit: int) -> dict[str, Any]:
    def slot(value: Period) -> dict[str, Any]:
        return {"starts_at": to_wire(value.starts_at), "ends_at": to_wire(value.ends_at)}

    page = page_to_wire(values, limit, slot, lambda value: by_time(value.starts_at, ""))
    return {**page, "time_zone": zone}
