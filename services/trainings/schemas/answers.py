"""Answers to the forms of a cohort: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from services.common.contracts import forms as forms_contract
from services.common.contracts.trainings import answers as contract
from services.common.forms.questions import Form, Submission
from services.trainings.domain.answer_summary import AnswerSummary, QuestionSummary
from services.trainings.domain.answering import Occasion, Window
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.learning_gain import CohortGain, Gain, Scores, rounded
from services.trainings.domain.participants import Participant
from services.trainings.domain.test_keys import RightAnswers, TestKey
from services.trainings.schemas import Request, instant

_of_occasion = contract.OfOccasion()
_answer_form = contract.AnswerForm()
_get_test_key = contract.GetTestKey()
_set_test_key = contract.SetTestKey()
_of_cohort = contract.OfCohort()
_form = forms_contract.FormEdition()


@dataclass(frozen=True, slots=True)
class OfOccasion:
    cohort_id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """``sent`` holds form_id, edition and answers; ``participant_id`` is whose paper is entered."""

    cohort_id: str
    occasion: Occasion
    participant_id: str | None
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GetTestKey:
    """``edition`` is ``None`` for the newest."""

    id: str
    edition: int | None = None


@dataclass(frozen=True, slots=True)
class SetTestKey:
    id: str
    expected_version: int
    edition: int
    questions: tuple[RightAnswers, ...]


def of_occasion(request: Request) -> OfOccasion:
    data = _of_occasion.load(request)
    return OfOccasion(data["cohort_id"], Occasion(data["occasion"]))


def answer_form(request: Request) -> AnswerForm:
    data = _answer_form.load(request)
    return AnswerForm(
        cohort_id=data.pop("cohort_id"),
        occasion=Occasion(data.pop("occasion")),
        participant_id=data.pop("participant_id"),
        sent=data,
    )


def get_test_key(request: Request) -> GetTestKey:
    return GetTestKey(**_get_test_key.load(request))


def set_test_key(request: Request) -> SetTestKey:
    data = _set_test_key.load(request)
    questions = tuple(
        RightAnswers(each["question_id"], each["points"], tuple(each["right"]))
        for each in data.pop("questions")
    )
    return SetTestKey(**data, questions=questions)


def cohort_id_of(request: Request) -> str:
    cohort_id: str = _of_cohort.load(request)["cohort_id"]
    return cohort_id


# -- out -------------------------------------------------------------------------------------------


def form_to_answer(
    cohort: Cohort, occasion: Occasion, form: Form, window: Window, *, answered: bool
) -> dict[str, Any]:
    shown: dict[str, Any] = _form.dump(form)
    return {
        "cohort_id": cohort.id,
        "title": dict(cohort.title),
        "occasion": occasion.value,
        "form": shown,
        "opens_at": instant(window.opens_at),
        "closes_at": instant(window.closes_at),
        "answered": answered,
    }


def answered(submission: Submission, cohort_id: str, occasion: Occasion) -> dict[str, Any]:
    return {
        "id": submission.id,
        "cohort_id": cohort_id,
        "occasion": occasion.value,
        "source": submission.source.value,
        "submitted_at": instant(submission.submitted_at),
    }


def test_key(value: TestKey) -> dict[str, Any]:
    return {
        "form_id": value.form_id,
        "edition": value.edition,
        "questions": [
            {"question_id": each.question_id, "points": each.points, "right": list(each.right)}
            for each in value.questions
        ],
        "version": value.version,
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(rounded(value))


def _gain(value: Gain) -> dict[str, Any]:
    return {
        "value": _number(value.value),
        "reason": value.reason.value if value.reason else None,
    }


def person_gain(participant: Participant | None, scores: Scores, change: Gain) -> dict[str, Any]:
    return {
        "participant_id": scores.person_id,
        "name": (participant.name or None) if participant else None,
        "pre": _number(scores.pre),
        "post": _number(scores.post),
        "change": _gain(change),
    }


def cohort_gain(
    cohort_id: str, value: CohortGain, unscored: int, people: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "cohort_id": cohort_id,
        "gain": _gain(value.gain),
        "mean_pre": _number(value.mean_pre),
        "mean_post": _number(value.mean_post),
        "pairs": value.pairs,
        "unpaired": value.unpaired,
        "unscored": unscored,
        "items": people,
    }


def answers_summary(query: OfOccasion, value: AnswerSummary, requested: int) -> dict[str, Any]:
    return {
        "cohort_id": query.cohort_id,
        "occasion": query.occasion.value,
        "requested": requested,
        "answered": value.answered,
        "hidden": value.is_hidden,
        "questions": [_question(each) for each in value.questions],
    }


def _question(value: QuestionSummary) -> dict[str, Any]:
    return {
        "question_id": value.question.id,
        "kind": value.question.kind.value,
        "label": dict(value.question.label),
        "answered": value.answered,
        "counts": [
            {
                "answer": each.answer,
                "label": dict(each.label) if each.label else None,
                "count": each.count,
            }
            for each in value.counts
        ],
        "mean": _number(value.mean),
        "texts": list(value.texts),
    }
