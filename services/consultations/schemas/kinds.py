"""Kinds of consultations in wire form."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.common.forms.definition import dump_form
from services.common.forms.questions import Form
from services.consultations.domain.kinds import Kind


def kind(value: Kind) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "specialities": [{"id": each.id, "name": dict(each.name)} for each in value.specialities],
        "limits": asdict(value.limits),
        "confidential": value.sealed,
        "spans_breaks": value.spans_breaks,
        "version": value.version,
    }


def kind_with_form(value: Kind, form: Form) -> dict[str, Any]:
    return {**kind(value), "form": dump_form(form)}
