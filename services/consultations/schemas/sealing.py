"""Sealing, break-glass access and the access log: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.common import clock
from services.common.contracts.consultations import sealing as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.case_access import AccessEntry, Grant
from services.consultations.domain.cases import Case
from services.consultations.schemas import Request
from services.consultations.schemas.case_steps import StepOfCase

_seal_case = contract.SealCase()
_break_glass = contract.BreakGlass()
_list_access = contract.ListAccess()


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """``case`` is the id or the number of a case."""

    case: str
    reason: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class ListAccess:
    id: str
    limit: int
    after: str | None


def seal_case(request: Request) -> StepOfCase:
    return StepOfCase(**_seal_case.load(request))


def break_glass(request: Request) -> BreakGlass:
    data = _break_glass.load(request)
    return BreakGlass(data["case"], data["reason"], timedelta(minutes=data["minutes"]))


def list_access(request: Request) -> ListAccess:
    data = _list_access.load(request)
    return ListAccess(data["id"], data["limit"], after_id(data["after"]))


def access_grant(case: Case, grant: Grant) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "case_number": case.number,
        "until": clock.to_wire(grant.until),
    }


def access_entry(value: AccessEntry) -> dict[str, Any]:
    return {
        "id": value.id,
        "person_id": value.person_id,
        "read": value.what.value,
        "item_id": value.item_id,
        "way": value.way.value,
        "at": clock.to_wire(value.at),
    }


def access_page(values: Sequence[AccessEntry], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, access_entry, by_id)
