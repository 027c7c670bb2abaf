"""The forms of a cohort: what each is for, and what its answers are about."""

from __future__ import annotations

from services.common.authorisation import check_is_staff, is_staff_of
from services.common.context import Caller
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.trainings.domain.application_states import FINISHED, ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort

_TESTS = frozenset({FormPurpose.PRE_TEST, FormPurpose.POST_TEST})


def fits_purpose(made_for: str, used_for: FormPurpose) -> bool:
    """Whether a form that was made for one purpose may be used for another.

    A pre-test and a post-test are one form, so that what was learned can be compared.
    """
    return made_for == used_for or {made_for, used_for} <= _TESTS


def answers_subject(purpose: FormPurpose, cohort_id: str) -> str:
    """What the answers to a form of a cohort are about, as the store of answers names it.

    It names the purpose, since one form may be both the pre-test and the post-test.
    """
    return f"{purpose.value}/{cohort_id}"


def check_may_read_forms(caller: Caller) -> None:
    """Whether the caller reads the forms that staff have made, to use them for other cohorts.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but staff of some centre.
    """
    check_is_staff(caller)


def may_see_cohort_form(
    caller: Caller, cohort: Cohort, purpose: FormPurpose, application: Application | None
) -> bool:
    """Whether a caller who sees the cohort is shown its form for a purpose: everybody that of the
    application, people with a seat and staff of the centre every one.

    Args:
        application: of the caller for the cohort.
    """
    return (
        purpose is FormPurpose.APPLICATION
        or has_seat(application)
        or is_staff_of(caller, cohort.centre_id)
    )


def has_seat(application: Application | None) -> bool:
    """Whether a person takes part in the cohort, or did."""
    return application is not None and (
        application.status is ApplicationStatus.ENROLLED or application.status in FINISHED
    )
