"""Whether a cohort takes an application now, and by which rules."""

from __future__ import annotations

from datetime import datetime

from services.common.clock import to_wire
from services.common.contracts.trainings.application_errors import (
    APPLICATIONS_CLOSED,
    APPLICATIONS_NOT_OPEN,
    COHORT_OVER,
)
from services.common.contracts.trainings.roster_errors import COHORT_CANCELLED, COHORT_STARTED
from services.trainings.domain.catalogue import Course
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.eligibility import Rule, RuleKind


def check_takes_applications(cohort: Cohort) -> None:
    """Whether people may apply, by where the cohort stands now.

    Raises:
        errors.Conflict: ``trainings.applications_not_open``, ``trainings.applications_closed``,
            ``trainings.cohort_started``, ``trainings.cohort_over``, ``trainings.cohort_cancelled``.
    """
    match cohort.status:
        case CohortStatus.DRAFT | CohortStatus.ANNOUNCED:
            raise APPLICATIONS_NOT_OPEN(extra=_at("opens_at", cohort.applications_open_at))
        case CohortStatus.APPLICATIONS_CLOSED:
            raise APPLICATIONS_CLOSED(extra=_at("closed_at", cohort.applications_close_at))
        case CohortStatus.RUNNING:
            raise COHORT_STARTED()
        case CohortStatus.COMPLETED | CohortStatus.CLOSED:
            raise COHORT_OVER()
        case CohortStatus.CANCELLED:
            raise COHORT_CANCELLED()


def rules_of(cohort: Cohort, course: Course | None) -> tuple[Rule, ...]:
    """What an applicant is to meet: the certificate of each course that the course requires, then
    the rules of the cohort."""
    required = () if course is None else course.prerequisites
    prerequisites = tuple(Rule(RuleKind.PREREQUISITE, (each,)) for each in required)
    return (*prerequisites, *(each for each in cohort.eligibility if each not in prerequisites))


def _at(name: str, instant: datetime | None) -> dict[str, str]:
    return {} if instant is None else {name: to_wire(instant)}
