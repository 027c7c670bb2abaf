"""Requests that are filled in beforehand: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import case_drafts as contract
from services.consultations.domain.case_drafts import CaseDraft
from services.consultations.domain.cases import Origin, OriginKind
from services.consultations.schemas import Request

_draft_case = contract.DraftCase()


@dataclass(frozen=True, slots=True)
class DraftCase:
    organisation_id: str
    origin: Origin


def draft_case(request: Request) -> DraftCase:
    data = _draft_case.load(request)
    return DraftCase(data["organisation_id"], Origin(OriginKind(data["origin"]), data["origin_id"]))


def draft(value: CaseDraft, language: str) -> dict[str, Any]:
    return {
        "kind_id": value.kind_id,
        "organisation_id": value.organisation_id,
        "centre_id": value.centre_id,
        "title": value.title,
        "description": value.description,
        "language": language,
        "speciality": value.speciality,
        "origin": {"kind": value.origin.kind.value, "id": value.origin.id},
    }
