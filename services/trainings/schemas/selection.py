"""Selection: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common.contracts import forms as common
from services.common.contracts.trainings import selection as contract
from services.common.forms.questions import Question
from services.common.lists import Position, after_id, page_to_wire
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.selection import Criterion, Score, Selection
from services.trainings.schemas import Request, instant

_set_selection = contract.SetSelection()
_set_reviewers = contract.SetReviewers()
_list_review_tasks = contract.ListReviewTasks()
_put_review = contract.PutReview()
_shortlist_best = contract.ShortlistBest()
_question = common.Question()


@dataclass(frozen=True, slots=True)
class SetSelection:
    id: str
    expected_version: int
    selection: Selection


@dataclass(frozen=True, slots=True)
class SetReviewers:
    id: str
    expected_version: int
    person_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListReviewTasks:
    cohort_id: str
    reviewed: bool
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class PutReview:
    """``id`` is that of the application."""

    id: str
    scores: Mapping[str, int | None]
    remark: str | None


@dataclass(frozen=True, slots=True)
class ShortlistBest:
    cohort_id: str
    most: int
    least_score: float | None


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """An application as a reviewer sees it; what is hidden is ``None``."""

    application_id: str
    name: str | None
    organisation_id: str | None
    answers: Mapping[str, Any]
    questions: tuple[Question, ...] = ()
    scores: Mapping[str, int | None] | None = None
    remark: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application in the ranking; the name is ``None`` of a person who was erased."""

    application: Application
    name: str | None
    score: Score
    reviews: int


def set_selection(request: Request) -> SetSelection:
    data = _set_selection.load(request)
    criteria = tuple(Criterion(**each) for each in data.pop("criteria"))
    id, version = data.pop("id"), data.pop("expected_version")
    return SetSelection(id, version, Selection(criteria, **data))


def set_reviewers(request: Request) -> SetReviewers:
    data = _set_reviewers.load(request)
    return SetReviewers(**{**data, "person_ids": tuple(dict.fromkeys(data["person_ids"]))})


def list_review_tasks(request: Request) -> ListReviewTasks:
    data = _list_review_tasks.load(request)
    after = data.pop("after")
    return ListReviewTasks(**data, after=after_id(after))


def put_review(request: Request) -> PutReview:
    return PutReview(**_put_review.load(request))


def shortlist_best(request: Request) -> ShortlistBest:
    return ShortlistBest(**_shortlist_best.load(request))


# -- wire form -------------------------------------------------------------------------------------


def selection(cohort: Cohort, *, staff: bool) -> dict[str, Any]:
    """The rules of a selection.

    Args:
        staff: whether the caller may know who reviews.
    """
    rules = cohort.selection
    return {
        "cohort_id": cohort.id,
        "criteria": [] if rules is None else [criterion(each) for each in rules.criteria],
        "reviews": 1 if rules is None else rules.reviews,
        "blind": False if rules is None else rules.blind,
        "reviewers": list(cohort.reviewers) if staff else None,
        "version": cohort.version,
    }


def criterion(value: Criterion) -> dict[str, Any]:
    return {
        "id": value.id,
        "label": dict(value.label),
        "weight": value.weight,
        "lowest": value.lowest,
        "highest": value.highest,
    }


def review_task(value: ReviewTask) -> dict[str, Any]:
    return {
        "application_id": value.application_id,
        "name": value.name,
        "organisation_id": value.organisation_id,
        "answers": dict(value.answers),
    }


def review_task_page(values: Sequence[ReviewTask], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, review_task, _position)


def _position(value: ReviewTask) -> Position:
    return [value.application_id]


def review(value: ReviewTask) -> dict[str, Any]:
    return {
        **review_task(value),
        "questions": [_question.dump(each) for each in value.questions],
        "scores": dict(value.scores or {}),
        "remark": value.remark,
        "reviewed_at": instant(value.reviewed_at),
    }


def ranking(cohort_id: str, values: Sequence[Ranked]) -> dict[str, Any]:
    return {
        "cohort_id": cohort_id,
        "items": [_ranked(place, each) for place, each in enumerate(values, 1)],
    }


def _ranked(place: int, value: Ranked) -> dict[str, Any]:
    application = value.application
    return {
        "place": place,
        "application_id": application.id,
        "participant_id": application.participant_id,
        "name": value.name,
        "organisation_id": application.organisation_id,
        "status": application.status.value,
        "total": value.score.total,
        "means": dict(value.score.means),
        "missing": list(value.score.missing),
        "gap": application.gap,
        "reviews": value.reviews,
    }
