"""What is held about a person: exported as far as the reader sees the cases, and erased."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.personal_data import Erasure
from services.consultations.app import App
from services.consultations.domain.advisers import Sex
from services.consultations.domain.cases import Case, Contact
from services.consultations.operations import personal_data
from services.consultations.service import ConsultationsService
from tests.support.adviser_calendars import agree, be_absent, make_adviser, put_on_case
from tests.support.bookings import MANAGER, MEMBER, OTHER_MEMBER, call
from tests.support.consultation_referrals import know_advisers, refer
from tests.support.consultations import HUDA, submit, submit_confidential

SECRET = "خلاف مع مالك المقر."


def export(app: App, who: Caller, person: Caller) -> dict[str, list[dict[str, Any]]]:
    service = ConsultationsService()
    service.app, service.call = app, call(who)
    answer = service.export_person({"person_id": person.id, "email": None})
    json.dumps(answer)
    found: dict[str, list[dict[str, Any]]] = answer["data"]
    return found


def erase(app: App, person: Caller) -> None:
    """The identity's news of an erasure has arrived; it comes twice."""
    for _ in range(2):
        erasure = Erasure(person.id, 9)
        app.database.transact(lambda s, e=erasure: personal_data.erase(app, s, e))  # type: ignore[misc]


@pytest.fixture
def sealed(app: App) -> Case:
    """A sealed case of a member that Huda is on, beside an open one; she has a calendar."""
    know_advisers(app)
    make_adviser(app, sex="female")
    put_on_case(app, submit(app), HUDA)
    case = put_on_case(app, submit_confidential(app), HUDA)
    refer(app, case)
    agree(app, case)
    be_absent(app, ("08:00", 3), ("16:00", 3))
    return case


def test_a_person_gets_all_that_is_held(app: App, sealed: Case) -> None:
    own = export(app, MEMBER, MEMBER)
    assert len(own["cases"]) == 2
    assert SECRET in str(own["cases"])
    adviser = export(app, HUDA, HUDA)
    for kind in ("cases", "referrals", "adviser", "absences", "appointments", "changes"):
        assert adviser[kind], kind
    assert adviser["referrals"][0]["reason"] == "تمثيل أمام المحكمة"


@pytest.mark.parametrize("person", [MEMBER, HUDA], ids=["requester", "adviser"])
def test_an_export_by_a_manager_has_nothing_of_sealed_cases(
    app: App, sealed: Case, person: Caller
) -> None:
    found = export(app, MANAGER, person)
    assert len(found["cases"]) == 1
    assert sealed.id not in str(found)
    assert SECRET not in str(found)
    assert found["referrals"] == found["appointments"] == found["readings"] == []
    own = export(app, person, person)
    assert sealed.id in str(own)


def test_who_is_not_on_a_sealed_case_any_more_gets_nothing_of_it(app: App, sealed: Case) -> None:
    stored = app.cases.get(sealed.id)
    gone = replace(
        stored,
        people=stored.people - {"huda"},
        adviser_ids=frozenset(),
        adviser_id=None,
        version=stored.version + 1,
    )
    app.database.transact(lambda session: app.cases.save(session, gone, stored.version))
    found = export(app, HUDA, HUDA)
    assert found["referrals"] == found["appointments"] == []
    assert SECRET not in str(found)


def test_others_get_nothing(app: App) -> None:
    with pytest.raises(errors.Forbidden):
        export(app, OTHER_MEMBER, MEMBER)


def test_an_erased_adviser_is_for_nobody_to_meet_and_the_cases_need_another(
    app: App, sealed: Case
) -> None:
    erase(app, HUDA)
    after = app.advisers.get("huda")
    assert (after.active, after.sex, after.specialities, after.centre_ids) == (False, None, (), ())
    assert str(Sex.FEMALE) not in str(
        list(app.database.collection("history").find({"subject": "adviser/huda"}))
    )
    assert app.news.of_recipient("huda") == []
    tasks = list(app.database.collection("tasks").find({"what": "assign_adviser", "open": True}))
    assert {each["case_id"]: each["sealed"] for each in tasks}[sealed.id] is True
    assert "huda" not in {name for each in tasks for name in each["people"]}


def test_an_erased_requester_leaves_no_contact(app: App) -> None:
    case = submit(app)
    content = replace(case.content, contact=Contact("سلمى", "+963 933 000 000"))
    known = replace(case, content=content, version=case.version + 1)
    app.database.transact(lambda session: app.cases.save(session, known, case.version))
    erase(app, MEMBER)
    after = app.cases.get(case.id)
    assert after.content.contact == Contact()
    assert after.content.title == case.content.title
    assert after.requester_id == MEMBER.id
