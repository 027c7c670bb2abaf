"""Needs studies: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.consultations import needs_studies as contract
from services.common.forms.definition import check_questions, dump_form, question_of
from services.common.forms.questions import Form, Question
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.needs_studies import Name, Need, NeedsStudy
from services.consultations.schemas import Request

_list_needs_studies = contract.ListNeedsStudies()
_create_needs_study = contract.CreateNeedsStudy()
_change_needs_study = contract.ChangeNeedsStudy()


@dataclass(frozen=True, slots=True)
class ListNeedsStudies:
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class CreateNeedsStudy:
    title: Name
    form_title: Name
    questions: tuple[Question, ...]
    needs: tuple[Need, ...]
    centre_question: str | None
    kind_question: str | None


@dataclass(frozen=True, slots=True)
class ChangeNeedsStudy:
    """``changes`` holds what was said of the study; ``form`` its title and questions."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    form: tuple[Name, tuple[Question, ...]] | None
    reason: str | None


def list_needs_studies(request: Request) -> ListNeedsStudies:
    data = _list_needs_studies.load(request)
    return ListNeedsStudies(data["limit"], after_id(data["after"]))


def create_needs_study(request: Request) -> CreateNeedsStudy:
    data = _create_needs_study.load(request)
    title, questions = _form(data["form"])
    return CreateNeedsStudy(
        title=data["title"],
        form_title=title,
        questions=questions,
        needs=_needs(data["needs"]),
        centre_question=data["centre_question"],
        kind_question=data["kind_question"],
    )


def change_needs_study(request: Request) -> ChangeNeedsStudy:
    data = _change_needs_study.load(request)
    named = {name: data.pop(name) for name in ("id", "expected_version", "reason")}
    form = _form(data.pop("form")) if "form" in data else None
    if "needs" in data:
        data["needs"] = _needs(data["needs"])
    return ChangeNeedsStudy(changes=data, form=form, **named)


def _form(data: Mapping[str, Any]) -> tuple[Name, tuple[Question, ...]]:
    """Raises:
    ValidationError: naming each fault of the questions.
    """
    questions = tuple(question_of(each) for each in data["questions"])
    try:
        check_questions(questions)
    except ValidationError as error:
        raise ValidationError({"form": error.messages}) from error
    return data["title"], questions


def _needs(data: Sequence[Mapping[str, Any]]) -> tuple[Need, ...]:
    return tuple(Need(**each) for each in data)


# -- wire form -------------------------------------------------------------------------------------


def summary(value: NeedsStudy) -> dict[str, Any]:
    return {"id": value.id, "title": dict(value.title), "version": value.version}


def needs_study(value: NeedsStudy, form: Form) -> dict[str, Any]:
    return {
        **summary(value),
        "form": dump_form(form),
        "needs": [
            {
                "question_id": each.question_id,
                "topic_id": each.topic_id,
                "case_kind": each.case_kind,
            }
            for each in value.needs
        ],
        "centre_question": value.centre_question,
        "kind_question": value.kind_question,
    }


def needs_study_page(values: Sequence[NeedsStudy], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, summary, by_id)
