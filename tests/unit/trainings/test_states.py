"""The ways of a cohort and of an application, as their tables allow them."""

from __future__ import annotations

import pytest

from services.common.errors import MasahaError
from services.trainings.domain import application_states, cohort_states
from services.trainings.domain.application_states import (
    DECIDABLE,
    HOLDS_A_SEAT,
    LEFT,
    OF_OUTCOME,
    ApplicationAction,
    ApplicationStatus,
)
from services.trainings.domain.cohort_states import (
    PROMOTES,
    TAKES_APPLICATIONS,
    CohortAction,
    CohortStatus,
)
from services.trainings.domain.roster import Outcome

S, A = ApplicationStatus, ApplicationAction


def follow(*actions: ApplicationAction) -> ApplicationStatus:
    status = application_states.TRANSITIONS.first
    assert status is not None
    for action in actions:
        status = application_states.TRANSITIONS.after(status, action)
    return status


def test_a_cohort_goes_from_a_draft_to_its_end() -> None:
    status = CohortStatus.DRAFT
    way = []
    for action in (
        CohortAction.ANNOUNCE,
        CohortAction.OPEN_APPLICATIONS,
        CohortAction.CLOSE_APPLICATIONS,
        CohortAction.START,
        CohortAction.COMPLETE,
        CohortAction.CLOSE,
    ):
        status = cohort_states.TRANSITIONS.after(status, action)
        way.append(status.value)
    assert way == [
        "announced",
        "applications_open",
        "applications_closed",
        "running",
        "completed",
        "closed",
    ]
    assert cohort_states.TRANSITIONS.ends == {CohortStatus.CLOSED, CohortStatus.CANCELLED}


@pytest.mark.parametrize("status", CohortStatus, ids=str)
def test_a_cohort_is_cancelled_until_it_is_completed(status: CohortStatus) -> None:
    over = {CohortStatus.COMPLETED, CohortStatus.CLOSED, CohortStatus.CANCELLED}
    assert ((status, CohortAction.CANCEL) in cohort_states.TRANSITIONS) is (status not in over)


def test_what_a_cohort_does_not_allow_says_in_which_state_it_is() -> None:
    with pytest.raises(MasahaError) as caught:
        cohort_states.TRANSITIONS.after(CohortStatus.DRAFT, CohortAction.START)
    assert caught.value.code == "trainings.cohort_not_allowed_now"
    assert caught.value.params == {"state": "draft"}


def test_a_deadline_can_be_set_later_and_people_who_come_do_so_until_the_start() -> None:
    table = cohort_states.TRANSITIONS
    assert (
        table[CohortStatus.APPLICATIONS_CLOSED, CohortAction.OPEN_APPLICATIONS]
        is CohortStatus.APPLICATIONS_OPEN
    )
    assert table[CohortStatus.APPLICATIONS_OPEN, CohortAction.START] is CohortStatus.RUNNING


def test_what_a_cohort_may_do_by_its_state() -> None:
    assert {CohortStatus.APPLICATIONS_OPEN} == TAKES_APPLICATIONS
    assert CohortStatus.RUNNING not in PROMOTES
    assert cohort_states.HOLDS_ITS_SESSIONS.isdisjoint(cohort_states.TRANSITIONS.ends)


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ((A.ENROL,), S.ENROLLED),
        ((A.SHORTLIST, A.OFFER, A.ACCEPT_OFFER, A.COMPLETE), S.COMPLETED),
        ((A.SHORTLIST, A.WAITLIST, A.OFFER, A.EXPIRE_OFFER), S.OFFER_EXPIRED),
        ((A.WAITLIST, A.OFFER, A.DECLINE_OFFER, A.REAPPLY), S.SUBMITTED),
        ((A.ENROL, A.WITHDRAW, A.REAPPLY, A.WAITLIST), S.WAITLISTED),
        ((A.OFFER, A.EXPIRE_OFFER, A.ADMIT_BY_HAND), S.ENROLLED),
        ((A.DECLINE, A.RECONSIDER), S.SUBMITTED),
        ((A.ENROL, A.FAIL, A.COMPLETE, A.FAIL), S.NOT_COMPLETED),
        ((A.WAITLIST, A.CANCEL), S.CANCELLED),
        ((A.ENROL, A.COMPLETE, A.ERASE), S.ERASED),
    ],
)
def test_the_ways_of_an_application(
    actions: tuple[ApplicationAction, ...], status: ApplicationStatus
) -> None:
    assert follow(*actions) is status


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        ((A.ACCEPT_OFFER,), "submitted"),
        ((A.DECLINE, A.REAPPLY), "declined"),
        ((A.ENROL, A.DECLINE), "enrolled"),
        ((A.ENROL, A.COMPLETE, A.WITHDRAW), "completed"),
        ((A.SHORTLIST, A.ENROL), "shortlisted"),
        ((A.ERASE, A.REAPPLY), "erased"),
    ],
)
def test_what_an_application_does_not_allow(
    actions: tuple[ApplicationAction, ...], state: str
) -> None:
    with pytest.raises(MasahaError) as caught:
        follow(*actions)
    assert caught.value.code == "trainings.application_not_allowed_now"
    assert caught.value.params == {"state": state}


def test_each_state_is_of_one_kind_only() -> None:
    kinds = (DECIDABLE, HOLDS_A_SEAT, LEFT, application_states.FINISHED)
    assert sum(len(kind) for kind in kinds) == len(frozenset().union(*kinds))
    assert {S.CANCELLED, S.DECLINED, S.ERASED} == set(S).difference(*kinds)


def test_decisions_that_leave_an_application_as_it_is_are_named_here() -> None:
    assert set(Outcome) - set(OF_OUTCOME) == {
        # Staff have declined the application with a reason of theirs; the queue follows.
        Outcome.DECLINED,
        Outcome.SKIPPED,
        Outcome.OFFER_SHORTENED,
        Outcome.STAFF_ADDED,
        Outcome.STAFF_REMOVED,
    }
