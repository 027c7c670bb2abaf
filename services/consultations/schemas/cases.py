"""Cases: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import cases as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.cases import Case, Origin, OriginKind
from services.consultations.schemas import Request, instant

_list_cases = contract.ListCases()
_submit_case = contract.SubmitCase()


@dataclass(frozen=True, slots=True)
class ListCases:
    kind_id: str | None
    centre_id: str | None
    organisation_id: str | None
    adviser_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class SubmitCase:
    """``answers`` is what the form's edition was answered with, as it was sent."""

    kind_id: str
    organisation_id: str
    centre_id: str
    title: str
    description: str
    language: str
    speciality: str | None
    woman_adviser: bool
    requester_id: str | None
    origin: Origin | None
    edition: int | None
    answers: Mapping[str, Any]


def list_cases(request: Request) -> ListCases:
    data = _list_cases.load(request)
    after = data.pop("after")
    return ListCases(**data, after=after_id(after))


def submit_case(request: Request) -> SubmitCase:
    data = _submit_case.load(request)
    origin, given = data.pop("origin"), data.pop("form")
    return SubmitCase(
        **data,
        origin=None if origin is None else Origin(OriginKind(origin["kind"]), origin["id"]),
        edition=None if given is None else given["edition"],
        answers={} if given is None else given["answers"],
    )


def case(value: Case) -> dict[str, Any]:
    return {
        "id": value.id,
        "number": value.number,
        "kind_id": value.kind_id,
        "organisation_id": value.organisation_id,
        "centre_id": value.centre_id,
        "status": value.status.value,
        "title": value.content.title,
        "description": value.content.description,
        "language": value.language,
        "speciality": value.speciality,
        "woman_adviser": value.woman_adviser,
        "origin": (
            None
            if value.origin is None
            else {"kind": value.origin.kind.value, "id": value.origin.id}
        ),
        "edition": value.edition,
        "answers": dict(value.content.answers),
        "question": value.content.question,
        "outcome": value.content.outcome,
        "requester_id": value.requester_id,
        "opened_by": value.opened_by,
        "adviser_id": value.adviser_id,
        "adviser_ids": sorted(value.adviser_ids),
        "people": sorted(value.people),
        "confidential": value.sealed,
        "submitted_at": to_wire(value.submitted_at),
        "assigned_at": instant(value.assigned_at),
        "asked_at": instant(value.asked_at),
        "resolved_at": instant(value.resolved_at),
        "closed_at": instant(value.closed_at),
        "version": value.version,
    }


def case_page(values: Sequence[Case], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, case, by_id)
