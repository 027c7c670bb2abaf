"""Assigning cases: who is suggested and why, who may be given a case, and who then is on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.directory.people import Person
from services.common.history.wire import ListHistory
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.absences import Absence
from services.consultations.domain.advisers import Sex
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.operations import assigning, cases
from services.consultations.schemas.assigning import AssignAdviser, SuggestAdvisers, suggestion
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.consultations import (
    HUDA,
    JAMAL,
    SALMA,
    events_of,
    offer,
    profile,
    submit,
    submit_confidential,
    trains,
)


def adviser(app: App, person: Caller, **values: Any) -> None:
    """A profile of an adviser who knows finance."""
    known = {"specialities": ("finance",), "centre_ids": ("raqqa",), "languages": ("ar",)}
    made = profile(person, **(known | values))
    app.database.transact(lambda session: app.advisers.add(session, made))


def absent(app: App, person: Caller, starts_at: datetime, ends_at: datetime) -> None:
    absence = Absence(
        f"absence-{person.id}",
        person.id,
        Period(starts_at, ends_at),
        person.id,
        app.clock.now(),
    )
    app.database.transact(lambda session: app.absences.add(session, absence))


def suggested(
    app: App, case: Case, who: Caller = RAQQA_DESK, period: Period | None = None
) -> list[str]:
    query = SuggestAdvisers(case.id, period)
    found = assigning.suggest_advisers(app, call(who), query)
    return [each.adviser_id for each in found.suggestions]


def assign(
    app: App, case: Case, person: Caller, who: Caller = RAQQA_DESK, reason: str | None = None
) -> Case:
    command = AssignAdviser(case.id, case.version, person.id, reason)
    return assigning.assign_adviser(app, call(who), command)


def test_the_one_suggested_first_is_given_the_case(app: App) -> None:
    adviser(app, HUDA)
    adviser(app, JAMAL, centre_ids=("tabqa",), sex=Sex.MALE)
    case = submit(app, speciality="finance")
    assert suggested(app, case) == [HUDA.id, JAMAL.id]
    given = assign(app, case, HUDA)
    assert (given.status, given.adviser_id) == (CaseStatus.ASSIGNED, HUDA.id)
    assert given.people == {MEMBER.id, HUDA.id}
    assert events_of(app, case.id)[-1]["type"] == "consultations.case.assigned"
    (task,) = app.tasks.page({"case_id": case.id})
    assert not task.open
    assert cases.get_case(app, call(HUDA), case.id) == given


def test_nobody_is_suggested_for_a_time_that_ends_before_it_begins(app: App) -> None:
    case = submit(app, speciality="finance")
    now = app.clock.now()
    with pytest.raises(errors.Invalid, match="end_before_start"):
        assigning.suggest_advisers(app, call(MANAGER), SuggestAdvisers(case.id, Period(now, now)))


def test_each_place_has_its_reasons(app: App) -> None:
    adviser(app, HUDA)
    person = Person(HUDA.id, 1, {"ar": "هدى"}, "h@example.org", "ar", roles=HUDA.roles)
    app.database.transact(lambda session: app.directory.put_people(session, [person]))
    adviser(app, JAMAL, specialities=("operations",), languages=("en",))
    case = submit(app, speciality="finance")
    query = SuggestAdvisers(case.id, None)
    found = assigning.suggest_advisers(app, call(MANAGER), query)
    first, second = (suggestion(s, found.names.get(s.adviser_id)) for s in found.suggestions)
    assert (first["name"], second["name"]) == ({"ar": "هدى"}, None)
    assert [(each["term"], each["fits"]) for each in second["reasons"]] == [
        ("trained_cohort", False),
        ("speciality", False),
        ("kind", True),
        ("centre", True),
        ("language", False),
    ]


def test_another_one_is_given_it_with_a_reason(app: App) -> None:
    adviser(app, HUDA)
    adviser(app, JAMAL, centre_ids=())
    case = submit(app)
    with pytest.raises(errors.Invalid, match=r"consultations\.override_reason_missing"):
        assign(app, case, JAMAL)
    given = assign(app, case, JAMAL, reason="يعرف المنظمة")
    last = cases.case_history(app, call(MEMBER), ListHistory(case.id))[-1]
    assert (last.action, last.reason) == ("assigned", "يعرف المنظمة")
    again = assign(app, given, HUDA)
    assert (again.adviser_id, again.adviser_ids) == (HUDA.id, {HUDA.id})
    assert JAMAL.id not in again.people


def test_who_has_fewer_cases_comes_first_and_sealed_ones_do_not_count(app: App) -> None:
    adviser(app, HUDA)
    adviser(app, JAMAL)
    first = submit(app)
    assert suggested(app, first) == [HUDA.id, JAMAL.id]
    assign(app, first, HUDA)
    assert suggested(app, submit(app)) == [JAMAL.id, HUDA.id]
    second = assign(app, submit(app), JAMAL)
    app.cases.collection.update_one({"_id": second.id}, {"$set": {"sealed": True}})
    assert suggested(app, submit(app)) == [JAMAL.id, HUDA.id]


def test_who_is_away_is_neither_suggested_nor_given_a_case_by_hand(app: App) -> None:
    """An absence from Tuesday 08:00 to Wednesday 12:00; it is Monday, 09:00."""
    now = app.clock.now()
    adviser(app, HUDA)
    adviser(app, JAMAL)
    absent(app, HUDA, now + timedelta(hours=23), now + timedelta(hours=51))
    case = submit(app)
    assert suggested(app, case) == [JAMAL.id]
    for reason in (None, "عاجل"):
        with pytest.raises(errors.Conflict, match=r"consultations\.adviser_not_available"):
            assign(app, case, HUDA, reason=reason)
    assert app.cases.get(case.id) == case
    later = Period(now + timedelta(hours=51), now + timedelta(hours=52))
    assert suggested(app, case, period=later) == [HUDA.id, JAMAL.id]


def test_a_woman_is_given_the_case_where_one_is_asked_for(app: App) -> None:
    adviser(app, HUDA, centre_ids=())
    adviser(app, JAMAL, sex=Sex.MALE)
    case = submit(app, woman_adviser=True)
    assert suggested(app, case) == [HUDA.id]
    with pytest.raises(errors.Conflict, match=r"consultations\.woman_adviser_wanted"):
        assign(app, case, JAMAL, reason="لا أحد غيره")
    assert assign(app, case, HUDA).adviser_id == HUDA.id


def test_who_is_no_adviser_is_given_nothing(app: App) -> None:
    adviser(app, HUDA)
    former = Person(HUDA.id, 1, {"ar": "هدى"}, "h@example.org", "ar")
    app.database.transact(lambda session: app.directory.put_people(session, [former]))
    case = submit(app)
    assert suggested(app, case) == []
    with pytest.raises(errors.Conflict, match=r"consultations\.adviser_not_available"):
        assign(app, case, HUDA, reason="سبب")
    with pytest.raises(errors.Invalid, match=r"consultations\.unknown_adviser"):
        assign(app, case, MEMBER, reason="سبب")


def test_a_case_that_is_over_is_given_to_nobody(app: App) -> None:
    adviser(app, HUDA)
    case = submit(app)
    app.cases.collection.update_one({"_id": case.id}, {"$set": {"status": "declined"}})
    with pytest.raises(errors.Conflict) as refused:
        assign(app, case, HUDA)
    assert refused.value.params == {"state": "declined", "to": "assigned"}


def test_a_lawyer_looks_at_a_sealed_case_and_hands_it_over(app: App) -> None:
    adviser(app, JAMAL, specialities=("contracts",), centre_ids=())
    case = submit_confidential(app)
    assert case.people == {MEMBER.id, SALMA.id}
    (task,) = app.tasks.page({"case_id": case.id})
    assert (task.sealed, task.people) == (True, {SALMA.id})
    for who in (RAQQA_DESK, MANAGER, JAMAL):
        with pytest.raises(errors.NotFound):
            suggested(app, case, who)
    with pytest.raises(errors.Forbidden):
        suggested(app, case, MEMBER)
    assert suggested(app, case, SALMA) == [SALMA.id, JAMAL.id]
    given = assign(app, case, JAMAL, SALMA, reason="من اختصاصه")
    assert given.people == {MEMBER.id, JAMAL.id}
    with pytest.raises(errors.NotFound):
        cases.get_case(app, call(SALMA), case.id)
    assert events_of(app, case.id) == events_of(app, task.id) == []


def test_a_sealed_case_finds_a_lawyer_also_while_all_are_away(app: App) -> None:
    now = app.clock.now()
    absent(app, SALMA, now, now + timedelta(days=2))
    assert submit_confidential(app).adviser_ids == {SALMA.id}


def test_a_sealed_case_that_nobody_may_look_at_is_not_taken(app: App) -> None:
    app.advisers.collection.update_one({"_id": SALMA.id}, {"$set": {"sex": "male"}})
    with pytest.raises(errors.Conflict, match=r"consultations\.nobody_for_kind"):
        submit_confidential(app, woman_adviser=True)
    assert app.cases.page() == []


def test_a_trainer_of_the_cohort_is_suggested_first(app: App) -> None:
    adviser(app, HUDA)
    adviser(app, JAMAL, specialities=(), centre_ids=())
    offer(app, MEMBER, trains(JAMAL))
    case = submit(app, origin={"kind": "training", "id": "cohort"})
    assert suggested(app, case) == [JAMAL.id, HUDA.id]
    assert suggested(app, submit(app)) == [HUDA.id]
