"""Materials and sign-in sheets: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts.trainings import materials as contract
from services.trainings.domain.materials import Material
from services.trainings.schemas import Request

_of_cohort = contract.OfCohort()
_of_session = contract.OfSession()
_of_material = contract.OfMaterial()
_add_material = contract.AddMaterial()


@dataclass(frozen=True, slots=True)
class AddMaterial:
    cohort_id: str
    session_id: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OfMaterial:
    cohort_id: str
    id: str


def cohort_of(request: Request) -> str:
    cohort_id: str = _of_cohort.load(request)["cohort_id"]
    return cohort_id


def session_of(request: Request) -> tuple[str, str]:
    data = _of_session.load(request)
    return data["cohort_id"], data["session_id"]


def of_material(request: Request) -> OfMaterial:
    return OfMaterial(**_of_material.load(request))


def add_material(request: Request) -> AddMaterial:
    return AddMaterial(**_add_material.load(request))


def material(value: Material) -> dict[str, Any]:
    return {
        "id": value.id,
        "cohort_id": value.cohort_id,
        "session_id": value.session_id,
        "name": value.name,
        "content_type": value.content_type,
        "size": value.size,
        "sha256": value.sha256,
        "added_by": value.added_by,
        "added_at": clock.to_wire(value.added_at),
        "version": value.version,
    }


def material_list(values: Sequence[Material]) -> dict[str, Any]:
    return {"items": [material(each) for each in values]}
