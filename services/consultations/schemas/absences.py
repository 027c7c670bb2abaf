"""Absences of advisers: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import absences as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.time.period import Period
from services.consultations.domain.absences import Absence
from services.consultations.schemas import Request

_list_absences = contract.ListAbsences()
_enter_absence = contract.EnterAbsence()
_change_absence = contract.ChangeAbsence()
_act_on_absence = contract.ActOnAbsence()


@dataclass(frozen=True, slots=True)
class ListAbsences:
    adviser_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class EnterAbsence:
    adviser_id: str
    period: Period


@dataclass(frozen=True, slots=True)
class ChangeAbsence:
    id: str
    expected_version: int
    period: Period


@dataclass(frozen=True, slots=True)
class ActOnAbsence:
    id: str
    expected_version: int


def list_absences(request: Request) -> ListAbsences:
    data = _list_absences.load(request)
    after = data.pop("after")
    return ListAbsences(**data, after=after_id(after))


def enter_absence(request: Request) -> EnterAbsence:
    data = _enter_absence.load(request)
    return EnterAbsence(data["adviser_id"], Period(data["starts_at"], data["ends_at"]))


def change_absence(request: Request) -> ChangeAbsence:
    data = _change_absence.load(request)
    period = Period(data["starts_at"], data["ends_at"])
    return ChangeAbsence(data["id"], data["expected_version"], period)


def act_on_absence(request: Request) -> ActOnAbsence:
    return ActOnAbsence(**_act_on_absence.load(request))


def absence(value: Absence) -> dict[str, Any]:
    return {
        "id": value.id,
        "adviser_id": value.adviser_id,
        "starts_at": to_wire(value.period.starts_at),
        "ends_at": to_wire(value.period.ends_at),
        "status": value.status.value,
        "entered_by": value.entered_by,
        "entered_at": to_wire(value.entered_at),
        "version": value.version,
    }


def absence_page(values: Sequence[Absence], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, absence, by_id)
