"""Visits: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import visits as contract
from services.common.lists import by_time, page_to_wire
from services.common.time.period import Period
from services.consultations.domain.visits import CallOffCause, Visit
from services.consultations.schemas import Request
from services.consultations.schemas.appointments import (
    ActOnMeeting,
    EndMeeting,
    ListMeetings,
    MoveMeeting,
    meetings_of,
    move_of,
    period_to_wire,
)

_list_visits = contract.ListVisits()
_request_visit = contract.RequestVisit()
_move_visit = contract.MoveVisit()
_act_on_visit = contract.ActOnVisit()
_end_visit = contract.EndVisit()
_report_visit = contract.ReportVisit()
_return_report = contract.ReturnReport()
_call_off_visit = contract.CallOffVisit()


@dataclass(frozen=True, slots=True)
class RequestVisit:
    case_id: str
    adviser_id: str | None
    period: Period
    place: str
    travel: timedelta


@dataclass(frozen=True, slots=True)
class ReportVisit:
    id: str
    expected_version: int
    lasted: Period
    women: int
    men: int
    text: str


@dataclass(frozen=True, slots=True)
class ReturnReport:
    id: str
    expected_version: int
    remark: str


@dataclass(frozen=True, slots=True)
class CallOffVisit:
    id: str
    expected_version: int
    cause: CallOffCause
    reason: str | None


def list_visits(request: Request) -> ListMeetings:
    return meetings_of(_list_visits.load(request))


def request_visit(request: Request) -> RequestVisit:
    data = _request_visit.load(request)
    return RequestVisit(
        case_id=data["case_id"],
        adviser_id=data["adviser_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        place=data["place"],
        travel=timedelta(minutes=data["travel_minutes"]),
    )


def move_visit(request: Request) -> MoveMeeting:
    return move_of(_move_visit.load(request))


def act_on_visit(request: Request) -> ActOnMeeting:
    return ActOnMeeting(**_act_on_visit.load(request))


def end_visit(request: Request) -> EndMeeting:
    return EndMeeting(**_end_visit.load(request))


def report_visit(request: Request) -> ReportVisit:
    data = _report_visit.load(request)
    lasted = Period(data.pop("starts_at"), data.pop("ends_at"))
    return ReportVisit(**data, lasted=lasted)


def return_report(request: Request) -> ReturnReport:
    return ReturnReport(**_return_report.load(request))


def call_off_visit(request: Request) -> CallOffVisit:
    data = _call_off_visit.load(request)
    return CallOffVisit(**{**data, "cause": CallOffCause(data["cause"])})


def visit(value: Visit, time_zone: str) -> dict[str, Any]:
    """A visit.

    Args:
        time_zone: of its centre.
    """
    report = value.report
    return {
        "id": value.id,
        "case_id": value.case_id,
        "centre_id": value.centre_id,
        "adviser_id": value.adviser_id,
        **period_to_wire(value.period),
        "time_zone": time_zone,
        "place": value.content.place,
        "travel_minutes": value.own_way.before // timedelta(minutes=1),
        "status": value.status.value,
        "asked_by": value.asked_by.value,
        "trip_id": value.trip_id,
        "report": None
        if report is None
        else {
            **period_to_wire(report.lasted),
            "women": report.women,
            "men": report.men,
            "text": value.content.report or "",
            "by": report.by,
            "at": to_wire(report.at),
            "remark": value.content.remark,
        },
        "approved_by": value.approved_by,
        "cause": None if value.cause is None else value.cause.value,
        "reason": value.content.reason,
        "requested_by": value.requested_by,
        "requested_at": to_wire(value.requested_at),
        "version": value.version,
    }


def visit_page(values: Sequence[Visit], zones: Mapping[str, str], limit: int) -> dict[str, Any]:
    """A page of visits.

    Args:
        zones: of the centres, by id.
    """
    return page_to_wire(
        values,
        limit,
        lambda each: visit(each, zones[each.centre_id]),
        lambda each: by_time(each.period.starts_at, each.id),
    )
