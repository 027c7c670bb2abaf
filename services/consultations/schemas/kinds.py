"""Kinds of consultations in wire form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.common.contracts.consultations import kinds as contract
from services.common.forms.definition import dump_form
from services.common.forms.questions import Form
from services.consultations.domain.kinds import Kind, Speciality, TimeLimits
from services.consultations.schemas import Request

_change_kind = contract.ChangeKind()


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """``changes``: field of the kind → what it is to be."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]


def change_kind(request: Request) -> ChangeKind:
    data = _change_kind.load(request)
    changes = dict(data)
    if "specialities" in changes:
        changes["specialities"] = tuple(
            Speciality(each["id"], each["name"], tuple(each["topics"]))
            for each in changes["specialities"]
        )
    if "limits" in changes:
        changes["limits"] = TimeLimits(**changes["limits"])
    return ChangeKind(changes.pop("id"), changes.pop("expected_version"), changes)


def kind(value: Kind) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "specialities": value.facts["specialities"],
        "limits": asdict(value.limits),
        "confidential": value.sealed,
        "spans_breaks": value.spans_breaks,
        "version": value.version,
    }


def kind_with_form(value: Kind, form: Form) -> dict[str, Any]:
    return {**kind(value), "form": dump_form(form)}
