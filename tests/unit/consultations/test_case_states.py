"""The states of a case, from a request to its end; and how long it may be reopened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.contracts.consultations.cases import CASE_STATUSES
from services.consultations.domain.case_numbers import NUMBERS, case_number
from services.consultations.domain.case_states import (
    OPEN,
    OVER,
    TRANSITIONS,
    CaseAction,
    CaseStatus,
)
from services.consultations.domain.cases import CLOSES_AFTER, REOPENS_WITHIN, Case, CaseContent

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WHOLE_WAY = [
    (CaseAction.TRIAGE, CaseStatus.TRIAGED),
    (CaseAction.ASSIGN, CaseStatus.ASSIGNED),
    (CaseAction.PLAN, CaseStatus.PLANNED),
    (CaseAction.START, CaseStatus.IN_PROGRESS),
    (CaseAction.ASK_ORGANISATION, CaseStatus.AWAITING_ORGANISATION),
    (CaseAction.RESUME, CaseStatus.IN_PROGRESS),
    (CaseAction.RESOLVE, CaseStatus.RESOLVED),
    (CaseAction.CLOSE, CaseStatus.CLOSED),
    (CaseAction.REOPEN, CaseStatus.REOPENED),
]


def case(status: CaseStatus = CaseStatus.SUBMITTED, **values: Any) -> Case:
    return Case(
        **{
            "id": "case",
            "number": "2222-2222",
            "kind_id": "technical",
            "organisation_id": "amal",
            "centre_id": "raqqa",
            "content": CaseContent("دليل", "نحتاج إلى دليل."),
            "opened_by": "omar",
            "submitted_at": NOW,
            "status": status,
            **values,
        }
    )


def test_a_case_goes_the_whole_way() -> None:
    before = case(resolved_at=NOW)
    for action, status in WHOLE_WAY:
        after = before.after(action)
        assert after.status is status
        assert after.version == before.version + 1
        before = after


@pytest.mark.parametrize(
    ("status", "action", "to"),
    [
        (CaseStatus.SUBMITTED, CaseAction.START, "in_progress"),
        (CaseStatus.SUBMITTED, CaseAction.RESOLVE, "resolved"),
        (CaseStatus.ASSIGNED, CaseAction.DECLINE, "declined"),
        (CaseStatus.IN_PROGRESS, CaseAction.CLOSE, "closed"),
        (CaseStatus.RESOLVED, CaseAction.WITHDRAW, "withdrawn"),
        (CaseStatus.DECLINED, CaseAction.ASSIGN, "assigned"),
        (CaseStatus.WITHDRAWN, CaseAction.REOPEN, "reopened"),
        (CaseStatus.CLOSED, CaseAction.CHANGE, "change"),
    ],
)
def test_what_the_table_lacks_is_refused_with_both_states(
    status: CaseStatus, action: CaseAction, to: str
) -> None:
    with pytest.raises(
        errors.Conflict, match=f"{action} is not possible while {status}"
    ) as refused:
        case(status).after(action)
    assert refused.value.code == "consultations.case_not_allowed_now"
    assert refused.value.params == {"state": status.value, "to": to}


def test_the_states_are_those_of_the_contract_and_each_is_open_or_over() -> None:
    assert tuple(CaseStatus) == CASE_STATUSES
    assert set(CaseStatus) == OPEN | OVER | {CaseStatus.RESOLVED}
    assert not OPEN & OVER
    # What is open can be withdrawn, and nothing leads out of an end but reopening.
    assert {state for state, action in TRANSITIONS if action is CaseAction.WITHDRAW} == OPEN
    leaving = {
        action for (state, action), to in TRANSITIONS.items() if state in OVER and to is not state
    }
    assert leaving == {CaseAction.REOPEN}


def test_a_case_is_reopened_until_the_last_moment_of_its_window() -> None:
    done = case(CaseStatus.CLOSED, resolved_at=NOW, closed_at=NOW)
    again = done.reopened(NOW + REOPENS_WITHIN)
    assert (again.status, again.closed_at) == (CaseStatus.REOPENED, None)
    with pytest.raises(errors.Conflict, match=r"consultations\.reopening_over") as refused:
        done.reopened(NOW + REOPENS_WITHIN + timedelta(milliseconds=1))
    assert refused.value.params == {"days": 30}


def test_only_a_resolved_case_closes_by_itself() -> None:
    assert case(CaseStatus.RESOLVED, resolved_at=NOW).closes_at == NOW + CLOSES_AFTER
    assert case(CaseStatus.REOPENED, resolved_at=NOW).closes_at is None


@pytest.mark.parametrize(
    ("drawn", "number"), [(0, "2222-2222"), (1, "2222-2223"), (NUMBERS - 1, "ZZZZ-ZZZZ")]
)
def test_a_number_of_a_case_has_eight_signs(drawn: int, number: str) -> None:
    assert case_number(drawn) == number


@pytest.mark.parametrize("drawn", [-1, NUMBERS])
def test_there_are_no_further_numbers(drawn: int) -> None:
    with pytest.raises(ValueError, match="gives no number"):
        case_number(drawn)
