"""Forms: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts import forms as common
from services.common.contracts.trainings import forms as contract
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.forms.definition import load_definition, question_of
from services.common.forms.questions import Form, Name, Question, Submission
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.schemas import Request

_list_forms = contract.ListForms()
_get_form = contract.GetForm()
_create_form = contract.CreateForm()
_change_form = contract.ChangeForm()
_create_form_of_workbook = contract.CreateFormOfWorkbook()
_change_form_by_workbook = contract.ChangeFormByWorkbook()
_set_cohort_form = contract.SetCohortForm()
_of_cohort = contract.OfCohort()
_submission = common.Submission()
_form = contract.Form(exclude=("purpose", "centre_id"))


@dataclass(frozen=True, slots=True)
class ListForms:
    purpose: str | None
    centre_id: str | None
    search: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class GetForm:
    """``edition`` is ``None`` for the newest."""

    id: str
    edition: int | None = None


@dataclass(frozen=True, slots=True)
class CreateForm:
    purpose: FormPurpose
    centre_id: str
    title: Name
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """What is ``None`` was not said."""

    id: str
    expected_version: int
    title: Name | None = None
    questions: tuple[Question, ...] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CreateFormOfWorkbook:
    purpose: FormPurpose
    centre_id: str
    name: str
    file: bytes


@dataclass(frozen=True, slots=True)
class ChangeFormByWorkbook:
    id: str
    expected_version: int
    name: str
    file: bytes


@dataclass(frozen=True, slots=True)
class SetCohortForm:
    id: str
    expected_version: int
    purpose: FormPurpose
    form_id: str | None


@dataclass(frozen=True, slots=True)
class OfCohort:
    id: str
    purpose: FormPurpose


def list_forms(request: Request) -> ListForms:
    data = _list_forms.load(request)
    after = data.pop("after")
    return ListForms(**data, after=after_id(after))


def get_form(request: Request) -> GetForm:
    return GetForm(**_get_form.load(request))


def create_form(request: Request) -> CreateForm:
    data = _create_form.load(request)
    said = {name: request[name] for name in ("title", "questions")}
    title, questions = load_definition(said)
    return CreateForm(FormPurpose(data["purpose"]), data["centre_id"], title, questions)


def change_form(request: Request) -> ChangeForm:
    data = _change_form.load(request)
    questions = data.pop("questions", None)
    if questions is not None:
        questions = tuple(question_of(each) for each in questions)
    return ChangeForm(**data, questions=questions)


def create_form_of_workbook(request: Request) -> CreateFormOfWorkbook:
    data = _create_form_of_workbook.load(request)
    purpose = FormPurpose(data.pop("purpose"))
    return CreateFormOfWorkbook(purpose=purpose, **data)


def change_form_by_workbook(request: Request) -> ChangeFormByWorkbook:
    data = _change_form_by_workbook.load(request)
    return ChangeFormByWorkbook(**data)


def set_cohort_form(request: Request) -> SetCohortForm:
    data = _set_cohort_form.load(request)
    return SetCohortForm(purpose=FormPurpose(data.pop("purpose")), **data)


def of_cohort(request: Request) -> OfCohort:
    data = _of_cohort.load(request)
    return OfCohort(data["id"], FormPurpose(data["purpose"]))


# -- wire form -------------------------------------------------------------------------------------


def form(value: Form) -> dict[str, Any]:
    dumped: dict[str, Any] = _form.dump(value)
    return {**dumped, "purpose": value.purpose, "centre_id": value.owner}


def form_page(values: Sequence[Form], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, form, by_id)


def submission(value: Submission) -> dict[str, Any]:
    dumped: dict[str, Any] = _submission.dump(value)
    return dumped
