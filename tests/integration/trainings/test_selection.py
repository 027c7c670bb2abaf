"""A cohort with a selection: shortlist, offers in batches, declining with a reason, admission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import VISITOR, Caller
from services.trainings.app import App
from services.trainings.domain.applications import Application, DeclineReason
from services.trainings.domain.cohorts import Cohort, Mode
from services.trainings.operations import application_answers, application_lists, cohorts, selection
from services.trainings.schemas import applications as schemas
from services.trainings.schemas.cohorts import ChangeCohort
from tests.support.applications import (
    accept,
    admit,
    answer,
    applicant,
    apply,
    apply_in_order,
    check_sound,
    decisions,
    erase,
    offer_seats,
    shortlist,
    statuses,
    stored,
    withdraw,
)
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, REPRESENTATIVE, TABQA_DESK, call
from tests.support.trainings import now_is, open_cohort

NOTE = {"ar": "الدورة للعاملين في المنظمات"}


def selecting(app: App, **values: Any) -> Cohort:
    return open_cohort(app, mode="selection", **values)


def decline(app: App, application: Application, reason: str = "not_eligible") -> Application:
    version = stored(app, application).version
    command = schemas.DeclineApplication(application.id, version, DeclineReason(reason), NOTE)
    return selection.decline_application(app, call(RAQQA_DESK), command)


def reconsider(app: App, application: Application) -> Application:
    command = schemas.DecideOnApplication(application.id, stored(app, application).version)
    return selection.reconsider_application(app, call(RAQQA_DESK), command)


def test_an_application_waits_for_the_decision_of_staff(app: App) -> None:
    cohort = selecting(app)
    application = apply(app, cohort, MEMBER)
    assert application.status.value == "submitted"
    roster = check_sound(app, cohort)
    assert roster.entries == ()


def test_seats_are_offered_to_the_best_of_the_shortlist(app: App) -> None:
    cohort = selecting(app, capacity=2)
    names = ("first", "second", "third", "fourth")
    applications = apply_in_order(app, cohort, *names)
    with pytest.raises(errors.Conflict, match=r"trainings\.no_candidates"):
        offer_seats(app, cohort, first=2)
    for each in applications[:3]:
        shortlist(app, each)
    found = offer_seats(app, cohort, first=3)
    assert [each.status.value for each in found] == ["offered", "offered", "waitlisted"]
    assert found[0].offer_expires_at == app.clock.now() + timedelta(hours=48)
    assert statuses(app, cohort)["fourth"] == "submitted"
    assert accept(app, applications[0]).status.value == "enrolled"
    answer(app, applications[1], application_answers.decline_offer)
    assert statuses(app, cohort) == {
        "first": "enrolled",
        "second": "offer_declined",
        "third": "offered",
        "fourth": "submitted",
    }
    assert decisions(app, applications[2])[-1] == ("offered", "next_by_rank")
    check_sound(app, cohort)


def test_seats_are_offered_to_those_who_are_named(app: App) -> None:
    cohort = selecting(app, capacity=5)
    first, second = apply_in_order(app, cohort, "first", "second")
    assert [each.status.value for each in offer_seats(app, cohort, second.id)] == ["offered"]
    assert stored(app, first).status.value == "submitted"
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_application") as refused:
        offer_seats(app, cohort, first.id, "nothing")
    assert refused.value.errors[0].pointer == "/application_ids/1"
    with pytest.raises(errors.Conflict, match=r"trainings\.application_not_allowed_now"):
        offer_seats(app, cohort, first.id, second.id)
    assert stored(app, first).status.value == "submitted"


def test_an_offer_that_has_ended_is_not_accepted(app: App) -> None:
    cohort = selecting(app, capacity=1)
    first, second = apply_in_order(app, cohort, "first", "second")
    offer_seats(app, cohort, first.id, second.id)
    expires_at = stored(app, first).offer_expires_at
    assert expires_at is not None
    app.clock.advance(expires_at - app.clock.now())  # type: ignore[attr-defined]
    with pytest.raises(errors.Conflict, match=r"trainings\.offer_over"):
        accept(app, first)
    now_is(app, expires_at)
    assert statuses(app, cohort) == {"first": "offer_expired", "second": "offered"}
    check_sound(app, cohort)


def test_a_person_reads_why_the_application_was_declined(app: App) -> None:
    cohort = selecting(app)
    application = apply(app, cohort, MEMBER)
    declined = decline(app, application)
    seen = application_lists.get_application(app, call(MEMBER), application.id)
    assert (seen, seen.reason, seen.note) == (declined, "not_eligible", NOTE)
    assert decisions(app, application)[-1] == ("declined", "not_eligible")
    again = reconsider(app, application)
    assert (again.status.value, again.reason, again.note) == ("submitted", None, None)
    assert again.applied_at == application.applied_at
    check_sound(app, cohort)


def test_who_waits_and_is_declined_leaves_the_queue(app: App) -> None:
    cohort = open_cohort(app, capacity=1)
    first, second, _ = apply_in_order(app, cohort, "first", "second", "third")
    decline(app, second)
    withdraw(app, first)
    assert statuses(app, cohort) == {
        "first": "withdrawn",
        "second": "declined",
        "third": "offered",
    }
    assert reconsider(app, second).status.value == "waitlisted"
    check_sound(app, cohort)


def test_staff_put_an_application_into_the_queue(app: App) -> None:
    cohort = selecting(app, capacity=1)
    first, second = apply_in_order(app, cohort, "first", "second")
    waitlist = selection.waitlist_application
    assert answer(app, first, waitlist, RAQQA_DESK).status.value == "offered"
    assert answer(app, second, waitlist, RAQQA_DESK).status.value == "waitlisted"
    check_sound(app, cohort)


def test_a_person_who_was_selected_and_left_comes_back_into_the_queue(app: App) -> None:
    cohort = selecting(app, capacity=1)
    first, second = apply_in_order(app, cohort, "first", "second")
    offer_seats(app, cohort, first.id)
    withdraw(app, first)
    assert apply(app, cohort, applicant("first")).status.value == "offered"
    withdraw(app, second)
    assert apply(app, cohort, applicant("second")).status.value == "submitted"
    check_sound(app, cohort)


def test_a_named_person_admits_by_hand_within_the_capacity(app: App) -> None:
    cohort = open_cohort(app, capacity=2, cap_per_organisation=1)
    apply(app, cohort, REPRESENTATIVE)
    member = apply(app, cohort, MEMBER)
    assert (member.status.value, member.reason) == ("waitlisted", "organisation_cap")
    admitted = admit(app, member, reason="حضرت بدلاً من زميلتها")
    assert (admitted.status.value, admitted.reason) == ("enrolled", "by_hand")
    history = app.history.of(f"application/{member.id}", after=None, limit=9)
    assert (history[-1].reason, history[-1].by) == ("حضرت بدلاً من زميلتها", RAQQA_DESK.id)
    third = apply(app, cohort, applicant("third"))
    with pytest.raises(errors.Conflict, match=r"trainings\.no_seat"):
        admit(app, third)
    check_sound(app, cohort)


def test_a_person_who_has_not_applied_is_admitted_by_name(app: App) -> None:
    cohort = selecting(app, capacity=1)
    request = {
        "cohort_id": cohort.id,
        "person": {"name": "هبة", "phone": "0944123456"},
        "reason": "بدلاً من زميلة",
    }
    command = schemas.admit_person(request)
    admitted = selection.admit_person(app, call(RAQQA_DESK, "one"), command)
    assert (admitted.status.value, admitted.source.value) == ("enrolled", "staff")
    assert selection.admit_person(app, call(RAQQA_DESK, "one"), command) == admitted
    with pytest.raises(errors.Forbidden):
        selection.admit_person(app, call(MEMBER), command)
    check_sound(app, cohort)


def listed(app: App, who: Caller, **query: Any) -> list[str]:
    found = application_lists.find_applications(app, call(who), schemas.list_applications(query))
    return [each.participant_id for each in found]


def test_everybody_finds_the_applications_that_are_theirs_to_see(app: App) -> None:
    cohort = selecting(app)
    apply(app, cohort, MEMBER)
    declined = apply(app, cohort, applicant("salma"))
    decline(app, declined)
    other = apply(app, selecting(app), MEMBER)
    of_cohort = {"cohort_id": cohort.id}
    assert listed(app, RAQQA_DESK, **of_cohort) == [MEMBER.id, "salma"]
    assert listed(app, MANAGER, **of_cohort, status="declined") == ["salma"]
    assert listed(app, REPRESENTATIVE, **of_cohort) == [MEMBER.id]
    assert listed(app, applicant("salma"), **of_cohort) == ["salma"]
    assert listed(app, TABQA_DESK, **of_cohort) == []
    assert listed(app, REPRESENTATIVE) == listed(app, MEMBER) == [MEMBER.id] * 2
    assert listed(app, RAQQA_DESK) == []
    for who in (applicant("salma"), TABQA_DESK):
        with pytest.raises(errors.NotFound):
            application_lists.get_application(app, call(who), other.id)
    with pytest.raises(errors.Unauthenticated):
        listed(app, VISITOR)


def test_the_seats_say_more_to_staff(app: App) -> None:
    cohort = open_cohort(app, capacity=2)
    apply(app, cohort, MEMBER, person={"sex": "female"})
    count, details = application_lists.cohort_seats(app, call(RAQQA_DESK), cohort.id)
    shown = schemas.seats(cohort.id, count, details=details)
    assert (shown["free"], shown["taken"]["enrolled"], shown["taken"]["women"]) == (1, 1, 1)
    assert shown["taken"]["by_organisation"] == [{"organisation_id": "amal", "seats": 1}]
    count, details = application_lists.cohort_seats(app, call(VISITOR), cohort.id)
    assert schemas.seats(cohort.id, count, details=details) == {
        "cohort_id": cohort.id,
        "capacity": 2,
        "free": 1,
        "taken": None,
    }


def test_a_version_that_is_old_decides_nothing(app: App) -> None:
    application = apply(app, selecting(app), MEMBER)
    command = schemas.ActOnApplication(application.id, application.version + 1)
    with pytest.raises(errors.Stale):
        application_answers.withdraw_application(app, call(MEMBER), command)
    assert stored(app, application) == application


def test_the_way_to_a_seat_stays_once_people_have_applied(app: App) -> None:
    cohort = selecting(app)
    to_first_come = {"mode": Mode.FIRST_COME}
    command = ChangeCohort(cohort.id, cohort.version, to_first_come)
    cohort = cohorts.change_cohort(app, call(RAQQA_DESK), command)
    apply(app, cohort, MEMBER)
    command = ChangeCohort(cohort.id, cohort.version, {"mode": Mode.SELECTION})
    with pytest.raises(errors.Conflict, match=r"trainings\.mode_fixed"):
        cohorts.change_cohort(app, call(RAQQA_DESK), command)


@pytest.mark.parametrize("known", [True, False])
def test_a_person_who_is_erased_is_seated_no_more(app: App, known: bool) -> None:
    if known:
        apply(app, selecting(app), MEMBER)
    erase(app, MEMBER.id)
    before = app.participants.look_up(MEMBER.id)
    cohort = open_cohort(app)
    request = {
        "cohort_id": cohort.id,
        "person": {"person_id": MEMBER.id, "name": "هبة", "phone": "+963944123456"},
        "reason": "بدلاً من زميلة",
    }
    with pytest.raises(errors.Conflict, match=r"trainings\.participant_gone"):
        selection.admit_person(app, call(RAQQA_DESK), schemas.admit_person(request))
    assert app.participants.look_up(MEMBER.id) == before
    assert app.applications.of_cohort(cohort.id) == []


def test_the_reason_of_an_admission_goes_with_the_person(app: App) -> None:
    application = apply(app, selecting(app), applicant("a"))
    admit(app, application, reason="مريض منذ شهر")
    assert "مريض" in str(list(app.database.collection("history").find()))
    erase(app, "a")
    assert "مريض" not in str(list(app.database.collection("history").find()))


def test_the_keys_of_staff_hold_no_applicant(app: App) -> None:
    cohort = selecting(app)
    application = shortlist(app, apply(app, cohort, applicant("a")))
    offer_seats(app, cohort, application.id)
    erase(app, "a")
    kept = app.database.collection("idempotency_keys").find({"_id": {"$regex": "offer_seats"}})
    assert [each["answer"] for each in kept] == [{"items": [application.id]}]
