"""Reviews of applications: what a reviewer has scored, and which applications a reviewer is shown.

A selection may be *blind*: a reviewer learns no name, organisation or sex before the decision. So
applications of the reviewer's own organisation, which nobody reviews for reasons of fairness, are
as if there were none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.common.context import Caller
from services.common.forms.questions import WITH_LENGTH, Answers, Form
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.blind_texts import Identity, hide_identity
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.selection import Review

UNDECIDED = (ApplicationStatus.SUBMITTED, ApplicationStatus.SHORTLISTED)
"""What reviewers score, and what a blind selection hides."""


@dataclass(frozen=True, slots=True)
class ApplicationReview:
    """What one reviewer says of one application.

    Attributes:
        id: of the application and the reviewer: there is one of each pair.
        scores: by criterion.
    """

    id: str
    cohort_id: str
    application_id: str
    reviewer_id: str
    scores: Mapping[str, int | None]
    remark: str | None
    reviewed_at: datetime
    version: int = 1

    @property
    def review(self) -> Review:
        return Review(self.reviewer_id, self.scores)


def review_id(application_id: str, reviewer_id: str) -> str:
    """The id of a reviewer's review of an application."""
    return f"{application_id}.{reviewer_id}"


def is_reviewer(caller: Caller, cohort: Cohort) -> bool:
    """Whether staff have asked the caller to review the applications of a cohort."""
    return caller.kind == "person" and caller.id in cohort.reviewers


def is_blind(cohort: Cohort) -> bool:
    """Whether the reviewers of a cohort are not to learn who has applied."""
    return cohort.selection is not None and cohort.selection.blind


def reviews_blind(caller: Caller, cohort: Cohort) -> bool:
    """Whether it is hidden from the caller who has applied for a cohort."""
    return is_blind(cohort) and is_reviewer(caller, cohort)


def has_conflict_of_interest(
    reviewer_id: str, organisations: frozenset[str], application: Application
) -> bool:
    """Whether a reviewer may not judge an application: the reviewer's own, one that the reviewer
    has made for another person, or one of the reviewer's own organisation.

    Args:
        organisations: those that the reviewer belongs to, approved or not.
    """
    return (
        reviewer_id in (application.participant_id, application.nominated_by)
        or application.organisation_id in organisations
    )


def visible_answers(form: Form, answers: Answers, *, hidden: Identity | None) -> dict[str, object]:
    """The answers that a reviewer is shown.

    Args:
        form: the edition that was answered.
        hidden: who has answered, where that is not to be said: answers that may say it are left
            out, and texts are shown without it.
    """
    if hidden is None:
        return dict(answers)
    shown: dict[str, object] = {}
    for id, answer in answers.items():
        question = form.question(id)
        if question is None or question.identifying:
            continue
        in_words = question.kind in WITH_LENGTH and isinstance(answer, str)
        shown[id] = hide_identity(answer, hidden) if in_words else answer
    return shown
