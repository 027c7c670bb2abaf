"""Case TR12: one person in two organisations, and two people of one name, through the use cases."""

from __future__ import annotations

from collections import Counter

import pytest

from services.common import csv, errors
from services.common.context import Caller
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.certificates import Kind, Status
from services.trainings.domain.imports import TableKind
from services.trainings.operations import attendance, exports, issuing, merging, participants
from services.trainings.operations.verification import verify_code
from services.trainings.schemas.certificates import IssueCertificates
from services.trainings.schemas.imports import ExportTable
from services.trainings.schemas.participants import (
    ListDuplicates,
    MarkDifferent,
    MergeParticipants,
)
from tests.integration.trainings.test_statistics import ask
from tests.support.applications import apply, approve, check_sound, nominate, statuses
from tests.support.attendance import during, mark, send
from tests.support.bookings import MANAGER, RAQQA_DESK, call
from tests.support.certificates import issue
from tests.support.trainings import now_is, open_cohort, session_request

NAME, PHONE = "فاطمة أحمد", "+963944123456"
HOPE = Caller(id="fatima", organisations={"hope": "member"})
FOR_PEACE = Caller(id="head", organisations={"peace": "representative"})


def proposed(app: App) -> list[set[str]]:
    pairs, _ = participants.find_duplicates(app, call(RAQQA_DESK), ListDuplicates(9, None))
    return [set(each.pair) for each in pairs]


def test_a_merge_counts_once_promotes_the_spare_seat_and_keeps_codes(app: App) -> None:
    for organisation in ("hope", "peace"):
        approve(app, organisation)
    person = {"name": NAME, "phone": PHONE}
    second = open_cohort(app, sessions=[session_request(3)])
    [of_second] = nominate(app, second, FOR_PEACE, person)
    merged_id = of_second.participant_id
    first = open_cohort(app, capacity=2, sessions=[session_request(20), session_request(21)])
    kept_id = apply(app, first, HOPE, person=person).participant_id
    [spare] = nominate(app, first, FOR_PEACE, person)
    assert spare.participant_id == merged_id != kept_id
    apply(app, first, Caller(id="next"))
    assert statuses(app, first) == {
        kept_id: "enrolled",
        merged_id: "enrolled",
        "next": "waitlisted",
    }
    during(app, second, 1)
    send(app, second, mark(second, 1, merged_id))
    now_is(app, second.sessions[0].ends_at)
    [certificate] = issue(app, app.cohorts.get(second.id), merged_id)

    kept = app.participants.get(kept_id)
    command = MergeParticipants(kept.id, kept.version, merged_id)
    merging.merge_participants(app, call(MANAGER), command)

    # The spare seat is promoted.
    check_sound(app, first)
    assert app.applications.get(spare.id).merged_into is not None
    assert Counter(
        each.status.value
        for each in app.applications.of_cohort(first.id)
        if each.merged_into is None
    ) == {"enrolled": 1, "offered": 1}
    # Codes verify.
    verified, _ = verify_code(app, certificate.code)
    assert (verified.status, verified.name) == (Status.VALID, NAME)
    # Attendances count once a session, by whichever record a phone still names the person.
    for number in (1, 2):
        during(app, first, number)
        both = [mark(first, number, each) for each in (kept_id, merged_id)]
        assert send(app, first, *both)["refused"] == 0
    found = attendance.cohort_attendance(app, call(MANAGER), first.id)
    [row] = [each for each in found if each.attendance.attended]
    assert (row.person_id, len(row.attendance.attended)) == (kept_id, 2)
    days = {
        "first_day": second.sessions[0].starts_at.date().isoformat(),
        "last_day": first.sessions[-1].starts_at.date().isoformat(),
    }
    report = ask(app, RAQQA_DESK, "report_trainings", **days)
    assert (report["people"], report["attendances"]) == (1, 3)
    query = ExportTable(first.id, TableKind.ATTENDANCE, "csv", "en")
    exported = csv.read(exports.export_table(app, call(RAQQA_DESK), query)[2])
    assert [each.cells[:2] for each in exported.rows] == [("1", NAME), ("2", NAME)]
    check_sound(app, first)


def test_namesakes_are_only_proposed_and_that_they_differ_is_remembered(app: App) -> None:
    approve(app, "hope")
    cohort = open_cohort(app, capacity=5)
    by = Caller(id="head", organisations={"hope": "representative"})
    one, other = (
        each.participant_id
        for each in nominate(
            app,
            cohort,
            by,
            {"name": NAME, "phone": "+963944111111"},
            {"name": NAME, "phone": "+963944222222"},
        )
    )
    assert one != other
    assert proposed(app) == [{one, other}]
    participants.mark_different(app, call(RAQQA_DESK), MarkDifferent(one, other))
    assert proposed(app) == []
    # One of them is nominated again: the pair does not come back.
    again = open_cohort(app, capacity=5)
    [repeated] = nominate(app, again, by, {"name": NAME, "phone": "+963944111111"})
    assert repeated.participant_id == one
    assert proposed(app) == []
    kept = app.participants.get(one)
    command = MergeParticipants(kept.id, kept.version, other)
    with pytest.raises(errors.Conflict, match=r"trainings\.known_as_different"):
        merging.merge_participants(app, call(MANAGER), command)


def test_records_that_have_both_completed_a_cohort_are_sound_after_a_merge(app: App) -> None:
    """The application that goes stays completed, and has no entry in the roster any more."""
    for organisation in ("hope", "peace"):
        approve(app, organisation)
    cohort = open_cohort(app, capacity=2, sessions=[session_request(3)])
    kept_id = apply(app, cohort, HOPE, person={"name": NAME, "phone": PHONE}).participant_id
    [other] = nominate(app, cohort, FOR_PEACE, {"name": NAME, "phone": "+963955555555"})
    during(app, cohort, 1)
    send(app, cohort, *(mark(cohort, 1, each) for each in (kept_id, other.participant_id)))
    now_is(app, cohort.sessions[0].ends_at)
    command = IssueCertificates(cohort.id, None, Kind.COMPLETION)
    assert issuing.issue_certificates(app, call(RAQQA_DESK), command).issued == 2

    kept = app.participants.get(kept_id)
    merge = MergeParticipants(kept.id, kept.version, other.participant_id)
    _, moves = merging.merge_participants(app, call(MANAGER), merge)

    # Staff find each thing that moved: a session has no address without its cohort.
    assert {each.cohort_id for each in moves} == {cohort.id}
    gone = app.applications.get(other.id)
    assert (gone.status, gone.merged_into is not None) == (ApplicationStatus.COMPLETED, True)
    check_sound(app, cohort)
