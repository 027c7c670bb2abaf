"""Kinds of consultations in wire form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.consultations import kinds as contract
from services.common.forms.definition import check_questions, dump_form, question_of
from services.common.forms.questions import Form, Question
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.kinds import Kind, Name, Speciality, TimeLimits
from services.consultations.schemas import Request

_list_kinds = contract.ListKinds()
_add_kind = contract.AddKind()
_change_kind = contract.ChangeKind()

Definition = tuple[Name, tuple[Question, ...]]
"""Title and questions of a form."""


@dataclass(frozen=True, slots=True)
class ListKinds:
    limit: int
    after: str | None
    retired: bool


@dataclass(frozen=True, slots=True)
class AddKind:
    name: Name
    specialities: tuple[Speciality, ...]
    limits: TimeLimits
    confidential: bool
    spans_breaks: bool
    form: Definition


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """``changes``: field of the kind → what it is to be. ``form``: where another is asked for."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    form: Definition | None
    reason: str | None


def list_kinds(request: Request) -> ListKinds:
    data = _list_kinds.load(request)
    return ListKinds(data["limit"], after_id(data["after"]), data["retired"])


def add_kind(request: Request) -> AddKind:
    data = _add_kind.load(request)
    return AddKind(
        name=data["name"],
        specialities=_specialities(data["specialities"]),
        limits=TimeLimits(**data["limits"]),
        confidential=data["confidential"],
        spans_breaks=data["spans_breaks"],
        form=_form(data["form"]),
    )


def change_kind(request: Request) -> ChangeKind:
    data = _change_kind.load(request)
    named = {name: data.pop(name) for name in ("id", "expected_version", "reason")}
    form = _form(data.pop("form")) if "form" in data else None
    if "specialities" in data:
        data["specialities"] = _specialities(data["specialities"])
    if "limits" in data:
        data["limits"] = TimeLimits(**data["limits"])
    return ChangeKind(changes=data, form=form, **named)


def _specialities(data: Sequence[Mapping[str, Any]]) -> tuple[Speciality, ...]:
    return tuple(Speciality(each["id"], each["name"], tuple(each["topics"])) for each in data)


def _form(data: Mapping[str, Any]) -> Definition:
    """Raises:
    ValidationError: naming each fault of the questions.
    """
    questions = tuple(question_of(each) for each in data["questions"])
    try:
        check_questions(questions)
    except ValidationError as error:
        raise ValidationError({"form": error.messages}) from error
    return data["title"], questions


def kind(value: Kind) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "specialities": value.facts["specialities"],
        "limits": asdict(value.limits),
        "confidential": value.sealed,
        "spans_breaks": value.spans_breaks,
        "retired": value.retired,
        "version": value.version,
    }


def kind_with_form(value: Kind, form: Form) -> dict[str, Any]:
    return {**kind(value), "form": dump_form(form)}


def kind_page(values: Sequence[Kind], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, kind, by_id)
