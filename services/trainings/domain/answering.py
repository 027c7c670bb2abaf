"""When the forms of a cohort are answered, and by whom.

================ ================================== =====================================
occasion         from                               until
================ ================================== =====================================
``pre_test``     the announcement                   the end of the first session
``post_test``    the start of the last session      14 days after the end of the cohort
``feedback``     the start of the last session      60 days after the end
``follow_up_3``  91 days after the end              151 days after the end
``follow_up_6``  182 days after the end             272 days after the end
================ ================================== =====================================

What was answered on paper is entered up to 30 days later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.common import clock
from services.common.contracts.trainings.answers_errors import ANSWERS_NOT_YET, ANSWERS_OVER
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.contracts.trainings.roster_errors import COHORT_CANCELLED
from services.trainings.domain.application_states import FINISHED, ApplicationStatus
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.forms import answers_subject

PAPER_COMES_LATER = timedelta(days=30)
#: In these states a person has a seat, and answers.
SEATED = frozenset({ApplicationStatus.ENROLLED}) | FINISHED


class Occasion(StrEnum):
    """When a form of a cohort is answered."""

    PRE_TEST = "pre_test"
    POST_TEST = "post_test"
    FEEDBACK = "feedback"
    FOLLOW_UP_3 = "follow_up_3"
    FOLLOW_UP_6 = "follow_up_6"

    @property
    def purpose(self) -> FormPurpose:
        """Which form of the cohort is answered: the follow-up has one for both occasions."""
        if self in _FOLLOW_UPS:
            return FormPurpose.FOLLOW_UP
        return FormPurpose(self.value)

    def link_purpose(self, attempt: int) -> str:
        """What a link is for that opens the form, as the maker of links names it.

        Args:
            attempt: of the application. A link that was made before its person left opens nothing
                after the person has come back.
        """
        return f"form.{self.value}" if attempt == 1 else f"form.{self.value}/{attempt}"

    def subject(self, cohort_id: str) -> str:
        """What the answers are about, as the store of answers names it."""
        subject = answers_subject(self.purpose, cohort_id)
        return f"{subject}/6" if self is Occasion.FOLLOW_UP_6 else subject


def subjects_of(purpose: FormPurpose, cohort_id: str) -> list[str]:
    """What all answers to a form of a cohort are about, for every occasion of it."""
    of_purpose = [each for each in Occasion if each.purpose is purpose]
    if not of_purpose:
        return [answers_subject(purpose, cohort_id)]
    return [each.subject(cohort_id) for each in of_purpose]


_FOLLOW_UPS = frozenset({Occasion.FOLLOW_UP_3, Occasion.FOLLOW_UP_6})
#: Visiting advisers ask how the course has changed the work; they give no tests.
OF_ADVISERS = frozenset({Occasion.FEEDBACK}) | _FOLLOW_UPS

#: What people are asked for by a message, and how long after the end of the cohort.
REQUESTED_AFTER = {
    Occasion.FEEDBACK: timedelta(),
    Occasion.FOLLOW_UP_3: timedelta(days=91),
    Occasion.FOLLOW_UP_6: timedelta(days=182),
}
_OPEN_FOR = {
    Occasion.FEEDBACK: timedelta(days=60),
    Occasion.FOLLOW_UP_3: timedelta(days=60),
    Occasion.FOLLOW_UP_6: timedelta(days=90),
}
_POST_TEST_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Window:
    """When a form is answered.

    Attributes:
        opens_at: ``None`` where it is open from the announcement on.
    """

    opens_at: datetime | None
    closes_at: datetime


def window_of(occasion: Occasion, cohort: Cohort) -> Window:
    """When participants answer, by the sessions of the cohort; it has one at least."""
    first, last = cohort.sessions[0], cohort.sessions[-1]
    ends_at = max(each.ends_at for each in cohort.sessions)
    match occasion:
        case Occasion.PRE_TEST:
            return Window(None, first.ends_at)
        case Occasion.POST_TEST:
            return Window(last.starts_at, ends_at + _POST_TEST_FOR)
        case Occasion.FEEDBACK:
            return Window(last.starts_at, ends_at + _OPEN_FOR[occasion])
    opens_at = ends_at + REQUESTED_AFTER[occasion]
    return Window(opens_at, opens_at + _OPEN_FOR[occasion])


def check_open(occasion: Occasion, cohort: Cohort, now: datetime, *, on_paper: bool) -> None:
    """Whether a form of the cohort is answered now.

    Args:
        on_paper: whether staff enter what was answered on paper.

    Raises:
        errors.Conflict: ``trainings.cohort_cancelled``, ``trainings.answers_not_yet``,
            ``trainings.answers_over``.
    """
    if cohort.status is CohortStatus.CANCELLED:
        raise COHORT_CANCELLED()
    window = window_of(occasion, cohort)
    if window.opens_at is not None and now < window.opens_at:
        raise ANSWERS_NOT_YET(extra={"answers_open_at": clock.to_wire(window.opens_at)})
    closes_at = window.closes_at + (PAPER_COMES_LATER if on_paper else timedelta())
    if now >= closes_at:
        raise ANSWERS_OVER(extra={"answers_close_at": clock.to_wire(closes_at)})
