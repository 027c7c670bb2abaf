"""Who gets a certificate: those who have earned it, each once, whatever races or is repeated."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.context import Caller
from services.common.personal_data import Erasure
from services.trainings.app import App
from services.trainings.domain.certificates import RevocationReason
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.issuing import ISSUED_AFTER, IssueReport
from services.trainings.operations import certificates, cohorts, issuing, merging
from services.trainings.operations.personal_data import erase
from services.trainings.schemas.certificates import (
    ListMyCertificates,
    RevokeCertificate,
    issue_certificates,
    issued,
)
from services.trainings.schemas.cohorts import ActOnCohort
from services.trainings.schemas.participants import MergeParticipants
from tests.support.attendance import mark, seat, send
from tests.support.bookings import MANAGER, RAQQA_DESK, TABQA_DESK, call
from tests.support.certificates import end_cohort
from tests.support.racing import together
from tests.support.trainings import (
    advance,
    events_of,
    now_is,
    offer,
    open_cohort,
    run_due_deadlines,
    session_request,
)

Outcome = tuple[str, list[tuple[str, int | None, float | None]]]


def issue(app: App, cohort: Cohort, key: str = "one", **values: Any) -> IssueReport:
    command = issue_certificates({"cohort_id": cohort.id, **values})
    return issuing.issue_certificates(app, call(RAQQA_DESK, key), command)


def preview(app: App, cohort: Cohort, **values: Any) -> IssueReport:
    command = issue_certificates({"cohort_id": cohort.id, **values})
    return issuing.preview_certificates(app, call(RAQQA_DESK), command)


def outcomes(report: IssueReport) -> dict[str, Outcome]:
    """Outcome, and what falls short with the values required and reached, by person."""
    return {
        each["participant_id"]: (
            each["outcome"],
            [(s["lack"], s["required"], s["reached"]) for s in each["shortfalls"]],
        )
        for each in issued(report)["items"]
    }


def attended(app: App, people: dict[str, str], **values: Any) -> Cohort:
    """A cohort that is over. Of each person the sessions as letters: present, late, excused,
    absent, or `-` without a mark."""
    days = [session_request(7 + number) for number in range(5)]
    cohort = seat(app, open_cohort(app, sessions=days, capacity=14, **values), *people)
    words = {"p": "present", "l": "late", "e": "excused", "a": "absent"}
    marks = [
        mark(cohort, number, person, words[letter])
        for person, letters in people.items()
        for number, letter in enumerate(letters, 1)
        if letter != "-"
    ]
    over = end_cohort(app, cohort)
    if marks:
        send(app, cohort, *marks)
    return over


def status(app: App, cohort: Cohort, person: str) -> str:
    application = app.applications.of_person(cohort.id, person)
    assert application is not None
    return application.status.value


def stored(app: App, cohort: Cohort) -> list[tuple[str, Any]]:
    """Codes and times of the certificates of a cohort."""
    found = app.certificates.of_cohort(cohort.id, after=None, limit=100)
    return sorted((each.code, each.issued_at) for each in found)


def test_a_rehearsal_says_who_has_earned_one_and_why_others_have_not(app: App) -> None:
    """80 percent are asked for: three of four that count are 75."""
    cohort = attended(app, {"half": "pppea", "one": "plppp", "open": "ppp--", "none": "eeeee"})
    assert outcomes(preview(app, cohort)) == {
        "half": ("not_earned", [("attendance_short", 80, 75.0)]),
        "one": ("issued", []),
        "open": ("not_earned", [("attendance_open", 80, 100.0)]),
        "none": ("not_earned", [("no_session_counts", 80, None)]),
    }
    assert stored(app, cohort) == []
    assert status(app, cohort, "one") == "enrolled"


def test_all_who_have_earned_one_get_it_and_their_enrolments_end(app: App) -> None:
    cohort = attended(app, {"half": "pppea", "one": "ppppp", "open": "ppp--"})
    report = issue(app, cohort)
    assert [outcome for outcome, _ in outcomes(report).values()] == [
        "not_earned",
        "issued",
        "not_earned",
    ]
    assert report.issued == 1
    assert {each: status(app, cohort, each) for each in ("half", "one", "open")} == {
        "half": "not_completed",
        "one": "completed",
        "open": "enrolled",
    }


def test_marks_that_arrive_late_may_earn_one_later(app: App) -> None:
    cohort = attended(app, {"one": "ppp--", "two": "ppaa-"})
    assert issue(app, cohort).issued == 0
    assert (status(app, cohort, "one"), status(app, cohort, "two")) == ("enrolled", "not_completed")
    send(app, cohort, mark(cohort, 4, "one"), mark(cohort, 5, "one", "excused"))
    assert issue(app, cohort, "again").issued == 1
    assert status(app, cohort, "one") == "completed"


def test_five_requests_at_once_make_one_certificate(app: App) -> None:
    """Five for one person, each with a key of its own."""
    cohort = attended(app, {"one": "ppppp"})
    works = [partial(issue, app, cohort, f"key {number}") for number in range(5)]
    reports = together(*works)
    ids = {each.results[0].certificate_id for each in reports}
    assert len(ids) == 1
    assert sorted(outcomes(each)["one"][0] for each in reports) == [
        *["already_issued"] * 4,
        "issued",
    ]
    assert len(stored(app, cohort)) == 1
    [certificate_id] = ids
    assert certificate_id is not None
    assert len(events_of(app, certificate_id)) == 1


def test_the_same_key_gives_the_same_answer(app: App) -> None:
    cohort = attended(app, {"half": "pppea", "one": "ppppp"})
    assert issue(app, cohort) == issue(app, cohort)
    with pytest.raises(errors.KeyReused):
        issue(app, cohort, participants=["one"])


def test_a_day_after_the_end_they_are_issued_by_themselves_and_never_again(app: App) -> None:
    """Twelve certificates; then everything that can be repeated is: the same codes and dates, and
    no event more, so no message."""
    people = {f"person-{number:02}": "ppppp" for number in range(12)}
    cohort = attended(app, people)
    assert cohort.ends_at is not None
    now_is(app, cohort.ends_at + ISSUED_AFTER - timedelta(seconds=1))
    assert stored(app, cohort) == []
    now_is(app, cohort.ends_at + ISSUED_AFTER)
    before = stored(app, cohort)
    assert len({code for code, _ in before}) == 12
    sent = app.database.collection("outbox").count_documents({})
    advance(app, timedelta(days=30))
    app.database.transact(
        lambda session: app.deadlines.set(session, "certificates", cohort.id, app.clock.now())
    )
    for code, _ in before:
        certificate = app.certificates.by_code(code)
        assert certificate is not None
        app.database.transact(
            partial(
                app.deadlines.set,
                kind="certificate_pdf",
                subject=certificate.id,
                due_at=app.clock.now(),
            )
        )
    run_due_deadlines(app)
    assert issue(app, cohort).issued == 0
    assert stored(app, cohort) == before
    assert app.database.collection("outbox").count_documents({}) == sent
    assert app.database.collection("certificate_documents").count_documents({}) == 24


def test_marks_that_a_phone_sends_days_later_earn_one_without_a_request(app: App) -> None:
    cohort = attended(app, {"one": "ppp--"})
    assert cohort.ends_at is not None
    now_is(app, cohort.ends_at + timedelta(days=9))
    assert stored(app, cohort) == []
    send(app, cohort, mark(cohort, 4, "one"), mark(cohort, 5, "one"))
    now_is(app, cohort.ends_at + timedelta(days=10))
    assert len(stored(app, cohort)) == 1


def test_while_the_test_can_be_taken_nobody_has_failed_for_want_of_it(app: App) -> None:
    course = offer(app, earning={"least_attendance": 80, "test_required": True})
    cohort = attended(app, {"one": "ppppp", "two": "aaaaa"}, course_id=course.id)
    assert cohort.ends_at is not None
    now_is(app, cohort.ends_at + timedelta(days=2))
    assert (status(app, cohort, "one"), status(app, cohort, "two")) == ("enrolled", "not_completed")
    assert outcomes(preview(app, cohort))["one"] == ("not_earned", [("test_missing", None, None)])
    now_is(app, cohort.ends_at + timedelta(days=16))
    assert status(app, cohort, "one") == "not_completed"


def test_a_revoked_one_is_replaced_for_a_named_person_alone(app: App) -> None:
    cohort = attended(app, {"one": "ppppp"})
    first = issue(app, cohort).results[0].certificate_id
    assert first is not None
    command = RevokeCertificate(first, 1, RevocationReason.ISSUED_IN_ERROR, None)
    certificates.revoke_certificate(app, call(RAQQA_DESK), command)
    assert outcomes(issue(app, cohort, "two"))["one"][0] == "withdrawn"
    again = issue(app, cohort, "three", participants=["one"]).results[0]
    assert again.outcome == "issued"
    assert again.certificate_id != first


def test_with_the_cohort_the_last_enrolments_end(app: App) -> None:
    cohort = attended(app, {"one": "ppppp", "open": "ppp--"})
    command = ActOnCohort(cohort.id, cohort.version)
    closed = cohorts.close_cohort(app, call(RAQQA_DESK), command)
    assert (status(app, cohort, "one"), status(app, cohort, "open")) == (
        "completed",
        "not_completed",
    )
    assert issue(app, closed).issued == 1


def test_two_records_of_one_person_have_one_certificate_of_a_cohort(app: App) -> None:
    """Issued under a record that is merged: its code verifies, and the person finds it."""
    cohort = attended(app, {"one": "ppppp", "gone": "ppppp"})
    [code] = [
        app.certificates.get(str(each.certificate_id)).code
        for each in issue(app, cohort, participants=["gone"]).results
    ]
    command = MergeParticipants("one", app.participants.get("one").version, "gone")
    merging.merge_participants(app, call(MANAGER), command)
    assert outcomes(issue(app, cohort, "two"))["one"] == ("already_issued", [])
    assert [each for each, _ in stored(app, cohort)] == [code]
    query = ListMyCertificates(20, None)
    mine = certificates.list_my_certificates(app, call(Caller(id="one")), query)
    assert [each.code for each in mine] == [code]
    found = certificates.get_certificate(app, call(Caller(id="one")), mine[0].id)
    assert found.code == code


def test_only_participants_with_a_seat_are_named(app: App) -> None:
    cohort = attended(app, {"one": "ppppp"})
    with pytest.raises(errors.Invalid, match=r"trainings\.without_seat") as refused:
        issue(app, cohort, participants=["one", "stranger"])
    assert [each.pointer for each in refused.value.errors] == ["/participants/1"]
    assert stored(app, cohort) == []


def test_attendance_of_one_session_is_certified_for_a_named_person(app: App) -> None:
    cohort = attended(app, {"one": "paaaa", "none": "aaaaa"})
    report = issue(app, cohort, participants=["none", "one"], kind="attendance")
    assert outcomes(report) == {
        "none": ("not_earned", [("no_session_counts", None, None)]),
        "one": ("issued", []),
    }
    assert status(app, cohort, "one") == "enrolled"
    with pytest.raises(ValidationError, match="participants"):
        issue_certificates({"cohort_id": cohort.id, "kind": "attendance"})


def test_who_has_one_of_attendance_gets_one_of_completion_too(app: App) -> None:
    cohort = attended(app, {"one": "ppppp"})
    for kind, key in (("attendance", "first"), ("completion", "second")):
        report = issue(app, cohort, key, participants=["one"], kind=kind)
        assert outcomes(report) == {"one": ("issued", [])}
        again = issue(app, cohort, f"{key} again", participants=["one"], kind=kind)
        assert outcomes(again) == {"one": ("already_issued", [])}
    assert len(stored(app, cohort)) == 2


def test_before_its_end_a_cohort_has_no_certificates(app: App) -> None:
    cohort = seat(app, open_cohort(app), "one")
    with pytest.raises(errors.Conflict, match=r"trainings\.cohort_not_allowed_now"):
        issue(app, cohort)


@pytest.mark.parametrize("caller", [TABQA_DESK, Caller(id="one")])
def test_an_earlier_answer_is_for_staff_of_the_centre_alone(app: App, caller: Caller) -> None:
    cohort = attended(app, {"one": "ppppp"})
    issue(app, cohort)
    command = issue_certificates({"cohort_id": cohort.id})
    with pytest.raises(errors.Forbidden):
        issuing.issue_certificates(app, call(caller, "one"), command)
    with pytest.raises(errors.Forbidden):
        issuing.preview_certificates(app, call(caller), command)


def test_a_participant_without_a_name_does_not_stop_the_others(app: App) -> None:
    cohort = attended(app, {"erased": "ppppp", "one": "ppppp"})
    before = app.participants.get("erased")
    bare = before.without_details()
    app.database.transact(lambda session: app.participants.save(session, bare, before.version))
    assert outcomes(preview(app, cohort))["erased"] == ("erased", [])
    assert {each: of[0] for each, of in outcomes(issue(app, cohort)).items()} == {
        "erased": "erased",
        "one": "issued",
    }


def test_no_key_names_an_erased_participant(app: App) -> None:
    cohort = attended(app, {"erased": "ppppp", "one": "ppppp"})
    issue(app, cohort)
    keys = app.database.collection("idempotency_keys")
    assert keys.count_documents({"answer.results.participant_id": "erased"}) == 1
    app.database.transact(lambda session: erase(app, session, Erasure("erased", 2)))
    assert "erased" not in str(list(keys.find()))
    # Sent again, the request is done again: nobody gets a second certificate.
    assert issue(app, cohort).issued == 0
