"""Applying for a cohort: for oneself, as a member of an organisation, or by a nomination."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.clock import to_wire
from services.common.context import VISITOR, Caller
from services.common.contracts.identity import events as identity
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Sex
from services.trainings.operations import applying, cohorts
from services.trainings.schemas import applications as schemas
from services.trainings.schemas.cohorts import ActOnCohort, CancelCohort
from tests.support.applications import (
    applicant,
    apply,
    apply_in_order,
    approve,
    check_sound,
    decisions,
    nominate,
    publish,
    statuses,
    stored,
    withdraw,
)
from tests.support.bookings import MANAGER, MEMBER, NOW, RAQQA_DESK, REPRESENTATIVE, call
from tests.support.certificates import a_certificate
from tests.support.trainings import (
    advance,
    announce,
    now_is,
    offer,
    open_cohort,
    prepare,
    session_request,
)


def grant(app: App, person_id: str, role: str = "member", organisation_id: str = "amal") -> None:
    """The identity says that a person belongs to an organisation."""
    data = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "version": 1,
        "role": role,
    }
    publish(app, identity.MEMBERSHIP_GRANTED, f"{organisation_id}.{person_id}", 1, data)


def by_name(name: str, phone: str = "0944123456", **values: Any) -> dict[str, Any]:
    return {"name": name, "phone": phone, **values}


def rules_failed(refused: errors.MasahaError) -> list[dict[str, Any]]:
    """The rules without the names of what they ask for."""
    failed = refused.extra["failed_rules"]
    return [{"code": each["code"], "values": each["values"]} for each in failed]


def test_who_comes_first_has_a_seat_and_the_others_wait(app: App) -> None:
    cohort = open_cohort(app, capacity=2)
    first, _, third = apply_in_order(app, cohort, "first", "second", "third")
    assert statuses(app, cohort) == {
        "first": "enrolled",
        "second": "enrolled",
        "third": "waitlisted",
    }
    assert decisions(app, first) == [("submitted", None), ("enrolled", "free_seat")]
    assert decisions(app, third) == [("submitted", None), ("waitlisted", "full")]
    check_sound(app, cohort)


def test_a_person_of_the_cohort_is_recorded_as_the_person_says(app: App) -> None:
    cohort = open_cohort(app)
    person = {"name": "هبة", "phone": "0944 123 456", "sex": "female", "birth_year": 1994}
    application = apply(app, cohort, MEMBER, person=person)
    known = app.participants.get(MEMBER.id)
    assert (known.name, known.phone, known.sex) == ("هبة", "+963944123456", Sex.FEMALE)
    assert (known.birth_year, known.organisation_id, known.has_account) == (1994, "amal", True)
    assert application.woman
    apply(app, open_cohort(app), MEMBER, person={"name": "هبة الأحمد"})
    assert app.participants.get(MEMBER.id).name == "هبة الأحمد"
    assert app.participants.get(MEMBER.id).birth_year == 1994


def test_a_telephone_number_that_is_none_is_named(app: App) -> None:
    with pytest.raises(ValidationError) as refused:
        apply(app, open_cohort(app), MEMBER, person={"phone": "call me"})
    assert refused.value.messages == {"person": {"phone": ["phone"]}}


def test_only_a_person_who_is_signed_in_applies(app: App) -> None:
    cohort = open_cohort(app)
    with pytest.raises(errors.Unauthenticated):
        apply(app, cohort, VISITOR)
    with pytest.raises(errors.Forbidden):
        apply(app, cohort, Caller(id="reports", kind="service"))


def test_a_person_applies_once(app: App) -> None:
    cohort = open_cohort(app)
    application = apply(app, cohort, MEMBER)
    with pytest.raises(errors.Conflict, match=r"trainings\.already_applied") as refused:
        apply(app, cohort, MEMBER)
    assert refused.value.extra == {"application_id": application.id, "state": "enrolled"}


def test_a_refusal_names_no_application_of_another_organisation(app: App) -> None:
    """A person who has applied for one organisation is nominated by another: its representative
    may not see the application; staff of the centre may."""
    cohort = open_cohort(app)
    application = apply(app, cohort, MEMBER)
    leader = applicant("lina", "hope", "representative")
    grant(app, MEMBER.id, organisation_id="hope")
    grant(app, MEMBER.id)
    approve(app, "hope")
    approve(app, "amal")
    person = {"person_id": MEMBER.id, "name": "عمر"}
    with pytest.raises(errors.Conflict, match=r"trainings\.already_applied") as refused:
        nominate(app, cohort, leader, person)
    assert (refused.value.params, refused.value.extra) == ({}, {})
    named = {"application_id": application.id, "state": "enrolled"}
    for who, organisation_id in ((REPRESENTATIVE, "amal"), (RAQQA_DESK, None)):
        with pytest.raises(errors.Conflict, match=r"trainings\.already_applied") as refused:
            nominate(app, cohort, who, person, organisation_id=organisation_id)
        assert refused.value.extra == named


def test_the_same_key_gives_the_same_application(app: App) -> None:
    cohort = open_cohort(app)
    request = {"cohort_id": cohort.id, "person": {"name": "عمر"}}
    command = schemas.apply_for_cohort(request)
    both = [applying.apply_for_cohort(app, call(MEMBER, "one"), command) for _ in range(2)]
    assert both[0] == both[1] == stored(app, both[0])


def test_nobody_comes_for_an_organisation_of_others(app: App) -> None:
    with pytest.raises(errors.Invalid, match=r"trainings\.not_a_member") as refused:
        apply(app, open_cohort(app), applicant("salma"), organisation_id="amal")
    assert refused.value.errors[0].pointer == "/organisation_id"
    waits = Caller(id="salma", not_approved=frozenset({"new"}))
    assert apply(app, open_cohort(app), waits, organisation_id="new").organisation_id == "new"


def late(app: App, cohort: Cohort) -> Cohort:
    assert cohort.starts_at is not None
    now_is(app, cohort.starts_at)
    return cohort


def over(app: App, cohort: Cohort) -> Cohort:
    assert cohort.ends_at is not None
    now_is(app, cohort.ends_at)
    return cohort


def closed(app: App, cohort: Cohort) -> Cohort:
    return cohorts.close_applications(app, call(RAQQA_DESK), ActOnCohort(cohort.id, cohort.version))


def cancelled(app: App, cohort: Cohort) -> Cohort:
    command = CancelCohort(cohort.id, cohort.version, {"ar": "سبب"})
    return cohorts.cancel_cohort(app, call(RAQQA_DESK), command)


@pytest.mark.parametrize(
    ("becomes", "code"),
    [
        (closed, "applications_closed"),
        (late, "cohort_started"),
        (over, "cohort_over"),
        (cancelled, "cohort_cancelled"),
    ],
)
def test_an_application_that_comes_too_late_says_by_which_rule(
    app: App, becomes: Any, code: str
) -> None:
    cohort = becomes(app, open_cohort(app))
    with pytest.raises(errors.Conflict, match=rf"trainings\.{code}"):
        apply(app, cohort, MEMBER)
    assert app.applications.of_cohort(cohort.id) == []
    assert app.participants.look_up(MEMBER.id) is None


def test_a_cohort_that_is_not_open_yet_says_when(app: App) -> None:
    opens = to_wire(NOW + timedelta(days=1))
    cohort = announce(app, applications_open_at=opens)
    with pytest.raises(errors.Conflict, match=r"trainings\.applications_not_open") as refused:
        apply(app, cohort, MEMBER)
    assert refused.value.extra == {"opens_at": opens}
    with pytest.raises(errors.NotFound):
        apply(app, prepare(app), MEMBER)


def test_a_worker_that_is_late_alters_no_rule(app: App) -> None:
    opens, closes = (NOW + timedelta(days=days) for days in (1, 2))
    cohort = announce(
        app, applications_open_at=to_wire(opens), applications_close_at=to_wire(closes)
    )
    advance(app, timedelta(days=1))
    assert apply(app, cohort, MEMBER).status.value == "enrolled"
    advance(app, timedelta(days=1))
    with pytest.raises(errors.Conflict, match=r"trainings\.applications_closed") as refused:
        apply(app, cohort, applicant("late"))
    assert refused.value.extra == {"closed_at": to_wire(closes)}


def test_every_rule_that_a_person_fails_is_named(app: App) -> None:
    basics = offer(app)
    course = offer(app, prerequisites=[basics.id])
    cohort = open_cohort(
        app,
        course_id=course.id,
        eligibility=[
            {"kind": "organisation_approved"},
            {"kind": "role", "values": ["representative"]},
            {"kind": "sex", "values": ["female"]},
            {"kind": "centre", "values": ["tabqa"]},
        ],
    )
    with pytest.raises(errors.Conflict, match=r"trainings\.not_eligible") as refused:
        apply(app, cohort, applicant("salma"), person={"sex": "male"})
    assert rules_failed(refused.value) == [
        {"code": "prerequisite_missing", "values": [basics.id]},
        {"code": "organisation_not_approved", "values": []},
        {"code": "role_not_addressed", "values": ["representative"]},
        {"code": "sex_not_addressed", "values": ["female"]},
        {"code": "centre_not_addressed", "values": ["tabqa"]},
    ]
    names = [each["names"] for each in refused.value.extra["failed_rules"]]
    assert names == [[basics.title], [], [None], [None], [app.centres.get("tabqa").name]]
    assert app.applications.of_cohort(cohort.id) == []


def test_an_organisation_is_approved_by_its_token_or_by_what_has_arrived(app: App) -> None:
    rules = [{"kind": "organisation_approved"}, {"kind": "role", "values": ["representative"]}]
    cohort = open_cohort(app, eligibility=rules)
    assert apply(app, cohort, REPRESENTATIVE).status.value == "enrolled"
    grant(app, "huda", "representative")
    waits = Caller(id="huda", not_approved=frozenset({"amal"}))
    with pytest.raises(errors.Conflict, match=r"trainings\.not_eligible"):
        apply(app, cohort, waits, organisation_id="amal")
    approve(app, "amal")
    assert apply(app, cohort, waits, organisation_id="amal").status.value == "enrolled"


def test_who_has_left_comes_back_behind_all_others(app: App) -> None:
    cohort = open_cohort(app, capacity=1)
    first, second, third = apply_in_order(app, cohort, "first", "second", "third")
    assert withdraw(app, first).status.value == "withdrawn"
    assert stored(app, second).status.value == "offered"
    again = apply(app, cohort, applicant("first"))
    assert (again.id, again.status.value) == (first.id, "waitlisted")
    withdraw(app, second)
    assert stored(app, third).status.value == "offered"
    check_sound(app, cohort)


def test_a_representative_nominates_members_and_others_by_name(app: App) -> None:
    grant(app, "omar")
    approve(app, "amal")
    cohort = open_cohort(app, capacity=5)
    found = nominate(
        app, cohort, REPRESENTATIVE, {"person_id": "omar", "name": "عمر"}, by_name("سلمى")
    )
    assert [(each.source.value, each.nominated_by) for each in found] == [
        ("nominated", REPRESENTATIVE.id)
    ] * 2
    assert [each.status.value for each in found] == ["enrolled"] * 2
    omar, salma = (app.participants.get(each.participant_id) for each in found)
    assert (omar.has_account, salma.has_account) == (True, False)
    again = nominate(app, open_cohort(app), REPRESENTATIVE, by_name("سلمى", "+963 944 123456"))
    assert again[0].participant_id == salma.id
    other = nominate(app, open_cohort(app), REPRESENTATIVE, by_name("ريم"))
    assert other[0].participant_id != salma.id


def test_a_nomination_changes_nothing_that_a_person_has_said(app: App) -> None:
    cohort = open_cohort(app)
    apply(app, open_cohort(app), MEMBER, person={"name": "عمر", "phone": "0944123456"})
    grant(app, MEMBER.id)
    nominate(
        app,
        cohort,
        REPRESENTATIVE,
        {"person_id": MEMBER.id, "name": "خالد", "phone": "0933123456", "birth_year": 1990},
    )
    known = app.participants.get(MEMBER.id)
    assert (known.name, known.phone, known.birth_year) == ("عمر", "+963944123456", 1990)


def test_either_all_are_nominated_or_nobody(app: App) -> None:
    cohort = open_cohort(app, capacity=5)
    with pytest.raises(errors.Invalid, match=r"trainings\.not_a_member") as refused:
        nominate(app, cohort, REPRESENTATIVE, by_name("سلمى"), {"person_id": "nobody"})
    assert refused.value.errors[0].pointer == "/people/1/person_id"
    with pytest.raises(errors.Invalid, match=r"trainings\.person_twice") as refused:
        nominate(app, cohort, REPRESENTATIVE, by_name("سلمى"), by_name("سلمى"))
    assert refused.value.errors[0].pointer == "/people/1"
    assert app.applications.of_cohort(cohort.id) == []


def test_a_nomination_says_which_of_its_people_is_refused(app: App) -> None:
    cohort = open_cohort(app, capacity=5)
    nominate(app, cohort, REPRESENTATIVE, by_name("سلمى"))
    with pytest.raises(errors.Conflict, match=r"trainings\.already_applied") as refused:
        nominate(app, cohort, REPRESENTATIVE, by_name("هند"), by_name("سلمى"))
    assert [each.pointer for each in refused.value.errors] == ["/people/1"]
    women = open_cohort(app, eligibility=[{"kind": "sex", "values": ["female"]}])
    known = {**by_name("هند"), "sex": "female"}
    with pytest.raises(errors.Conflict, match=r"trainings\.not_eligible") as refused:
        nominate(app, women, REPRESENTATIVE, known, by_name("سعاد"))
    assert [each.pointer for each in refused.value.errors] == ["/people/1"]


def test_nobody_nominates_for_an_organisation_of_others(app: App) -> None:
    cohort = open_cohort(app)
    for who in (MEMBER, applicant("salma")):
        with pytest.raises(errors.Forbidden):
            nominate(app, cohort, who, by_name("سلمى"), organisation_id="amal")
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_organisation"):
        nominate(app, cohort, RAQQA_DESK, by_name("سلمى"), organisation_id="nothing")
    found = nominate(app, cohort, MANAGER, by_name("سلمى"), organisation_id=None)
    assert (found[0].source.value, found[0].organisation_id) == ("staff", None)


def test_a_group_is_seated_together_or_waits_together(app: App) -> None:
    cohort = open_cohort(app, capacity=2)
    first, second = apply_in_order(app, cohort, "first", "second")
    names = [by_name("سلمى"), by_name("ريم", "0944123457")]
    group = nominate(app, cohort, REPRESENTATIVE, *names, together=True)
    assert len({each.group_id for each in group}) == 1
    withdraw(app, first)
    assert [stored(app, each).reason for each in group] == ["group_does_not_fit"] * 2
    withdraw(app, second)
    assert [stored(app, each).status.value for each in group] == ["offered"] * 2
    check_sound(app, cohort)


def test_a_prerequisite_is_met_by_a_certificate_of_completion(app: App) -> None:
    certificate = a_certificate(app, person_id="salma")
    basics = app.cohorts.get(certificate.cohort_id).course_id
    course = offer(app, prerequisites=[basics])
    later = (app.clock.now() - NOW).days + 7
    cohort = open_cohort(app, course_id=course.id, sessions=[session_request(later)])
    assert apply(app, cohort, applicant("salma")).status.value == "enrolled"
    trained = [{"kind": "not_already_trained", "values": [basics]}]
    again = open_cohort(app, eligibility=trained, sessions=[session_request(later)])
    with pytest.raises(errors.Conflict, match=r"trainings\.not_eligible") as refused:
        apply(app, again, applicant("salma"))
    assert rules_failed(refused.value) == [{"code": "already_trained", "values": [basics]}]
