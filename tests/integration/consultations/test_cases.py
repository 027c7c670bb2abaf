"""Cases: asked for by the organisation or on its behalf, and read by who may know of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.context import Caller
from services.common.history.wire import ListHistory
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.operations import cases
from services.consultations.schemas.cases import list_cases, submit_case
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    call,
)
from tests.support.consultations import (
    HUDA,
    case_request,
    confidential_request,
    events_of,
    submit,
    submit_confidential,
)


def listed(app: App, who: Caller, **query: Any) -> list[str]:
    return [each.id for each in cases.find_cases(app, call(who), list_cases(query))]


def test_a_member_asks_for_support(app: App) -> None:
    answers = {"tried": "جدول بسيط", "documents": ["report", "budget"]}
    case = submit(app, form={"edition": 1, "answers": answers}, speciality="finance")
    assert case.status is CaseStatus.SUBMITTED
    assert case.people == {MEMBER.id}
    assert case.content.answers == {"tried": "جدول بسيط", "documents": ["budget", "report"]}
    assert app.forms.latest("intake-technical").frozen
    (event,) = events_of(app, case.id)
    assert event["type"] == "consultations.case.submitted"
    assert "title" not in event["data"]
    (entry,) = cases.case_history(app, call(MEMBER), ListHistory(case.id))
    assert entry.action == "submit"
    (task,) = app.tasks.page({"case_id": case.id})
    assert task.open
    assert task.centre_id == "raqqa"


def test_the_same_key_gives_the_same_case_as_it_is_now(app: App) -> None:
    request = call(MEMBER, "key")
    first = cases.submit_case(app, request, submit_case(case_request()))
    again = cases.submit_case(app, request, submit_case(case_request()))
    assert again == first
    assert listed(app, MEMBER) == [first.id]
    kept = app.database.collection("idempotency_keys").find_one({"_id": {"$regex": "submit_case"}})
    assert kept is not None
    assert kept["answer"] == {"id": first.id}


def test_who_sees_an_open_case(app: App) -> None:
    case = submit(app)
    for who in (MEMBER, OTHER_MEMBER, RAQQA_DESK, MANAGER):
        assert listed(app, who) == [case.id]
    for who in (STRANGER, TABQA_DESK, HUDA):
        assert listed(app, who) == []


def test_a_legal_case_is_there_for_its_people_alone(app: App) -> None:
    case = submit_confidential(app)
    assert case.sealed
    assert listed(app, MEMBER) == [case.id]
    for who in (OTHER_MEMBER, RAQQA_DESK, MANAGER, HUDA):
        assert listed(app, who) == []
        with pytest.raises(errors.NotFound):
            cases.get_case(app, call(who), case.id)
    assert events_of(app, case.id) == []


def test_staff_write_down_what_an_organisation_asks_for(app: App) -> None:
    named = submit(app, RAQQA_DESK, requester_id=MEMBER.id)
    assert (named.requester_id, named.opened_by) == (MEMBER.id, RAQQA_DESK.id)
    assert named.people == {MEMBER.id}
    nobody = submit(app, RAQQA_DESK)
    assert (nobody.requester_id, nobody.people) == (None, frozenset())
    by_adviser = submit(app, HUDA)
    assert by_adviser.people == {HUDA.id}


def test_a_front_desk_opens_no_confidential_case(app: App) -> None:
    with pytest.raises(errors.Conflict, match=r"consultations\.kind_is_confidential"):
        submit_confidential(app, RAQQA_DESK, requester_id=MEMBER.id)
    assert submit_confidential(app, HUDA).people == {HUDA.id}


@pytest.mark.parametrize("organisation_id", ["amal", "nothing"])
def test_an_organisation_of_others_is_refused_whether_it_exists_or_not(
    app: App, organisation_id: str
) -> None:
    with pytest.raises(errors.Forbidden):
        submit(app, STRANGER, organisation_id=organisation_id)
    assert listed(app, MANAGER) == []


def test_an_organisation_that_waits_is_told_so(app: App) -> None:
    waiting = Caller(id="nour", not_approved=frozenset({"young"}))
    with pytest.raises(errors.Conflict, match=r"consultations\.organisation_not_approved"):
        submit(app, waiting, organisation_id="young")


WRONG = [
    ({"kind_id": "medical"}, "unknown_kind", "/kind_id"),
    ({"centre_id": "aleppo"}, "unknown_centre", "/centre_id"),
    ({"speciality": "registration"}, "unknown_speciality", "/speciality"),
    ({"form": {"edition": 7, "answers": {}}}, "unknown_edition", "/form/edition"),
    ({"requester_id": STRANGER.id}, "not_a_member", "/requester_id"),
]


@pytest.mark.parametrize(("values", "code", "pointer"), WRONG)
def test_a_wrong_request_changes_nothing(
    app: App, values: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(errors.Invalid, match=code) as refused:
        submit(app, MEMBER, **values)
    assert [each.pointer for each in refused.value.errors] == [pointer]
    assert listed(app, MANAGER) == []


def test_answers_are_checked_by_the_form_of_the_kind(app: App) -> None:
    request = confidential_request()
    del request["form"]
    with pytest.raises(ValidationError) as refused:
        cases.submit_case(app, call(MEMBER), submit_case(request))
    missing = {"urgent": ["Missing data for required field."]}
    assert refused.value.messages == {"form": {"answers": missing}}


def test_pages_have_no_holes_and_tell_no_total(app: App) -> None:
    """Seven cases, two sealed, by pages of three: three, then two."""
    for number in range(7):
        submit_confidential(app) if number in (2, 5) else submit(app)
    first = cases.find_cases(app, call(OTHER_MEMBER), list_cases({"limit": 3}))
    assert len(first) == 4
    after = [first[2].id]
    rest = cases.find_cases(app, call(OTHER_MEMBER), list_cases({"limit": 3, "after": after}))
    assert len(rest) == 2
    numbers = {each.number for each in (*first[:3], *rest)}
    assert len(numbers) == 5
    assert all(re.fullmatch(r"[2-9B-DF-HJ-NP-TV-Z]{4}-[2-9B-DF-HJ-NP-TV-Z]{4}", n) for n in numbers)
