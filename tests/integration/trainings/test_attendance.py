"""Attendance on the real database: what phones send, what a person settles, what it adds up to."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.clock import to_wire
from services.common.context import VISITOR, Caller
from services.common.personal_data import Erasure
from services.trainings.app import App
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import attendance, personal_data
from services.trainings.schemas import attendance as schemas
from tests.support.attendance import TRAINER, accept, assign, cohort_of, during, mark, seat, send
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import events_of, now_is, register

PEOPLE = tuple(f"p{number}" for number in range(1, 15))
DEVICES = 20


def place(cohort: Cohort, number: int, person: str) -> schemas.Place:
    return schemas.Place(cohort.id, cohort.sessions[number - 1].id, person)


def entry(app: App, cohort: Cohort, number: int, person: str) -> dict[str, Any]:
    found = attendance.get_attendance(app, call(RAQQA_DESK), place(cohort, number, person))
    return schemas.entry(found)


def settle(
    app: App, cohort: Cohort, number: int, person: str, status: str, version: int
) -> dict[str, Any]:
    command = schemas.settle_attendance(
        {
            "cohort_id": cohort.id,
            "session_id": cohort.sessions[number - 1].id,
            "person_id": person,
            "expected_version": version,
            "status": status,
            "reason": "the paper sheet says so",
        }
    )
    return schemas.entry(attendance.settle_attendance(app, call(RAQQA_DESK), command))


def sums(app: App, cohort: Cohort) -> dict[str, dict[str, Any]]:
    found = attendance.cohort_attendance(app, call(RAQQA_DESK), cohort.id)
    return {each.person_id: schemas.person(each) for each in found}


def contradictions(app: App, cohort: Cohort, **query: Any) -> list[dict[str, Any]]:
    asked = schemas.list_contradictions({"cohort_id": cohort.id, **query})
    found = attendance.find_contradictions(app, call(RAQQA_DESK), asked)
    return [schemas.entry(each) for each in found]


def outcomes(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["outcome"], each["code"]) for each in answer["marks"]]


def _said(person: str) -> str:
    return "late" if person == "p1" else "present"


def test_a_phone_with_a_wrong_clock_whose_mark_was_changed_under_its_id(app: App) -> None:
    """A power cut has set the phone to 2015; of 14 marks one had lost its reply, and the trainer
    changed it to absent before it was sent again with the same id."""
    cohort = seat(app, cohort_of(app), *PEOPLE)
    during(app, cohort, 1)
    wrong = "2015-01-01T00:07:00Z"
    marks = [mark(cohort, 1, person, "late", marked_at=wrong) for person in PEOPLE]
    assert outcomes(send(app, cohort, marks[0])) == [("saved", None)]
    changed = {**marks[0], "status": "absent"}
    answer = send(app, cohort, changed, *marks[1:])
    assert outcomes(answer) == [("refused", "trainings.mark_conflict"), *[("saved", None)] * 13]
    assert all(each["clock_suspect"] for each in answer["marks"])
    stored = [entry(app, cohort, 1, person) for person in PEOPLE]
    assert {each["status"] for each in stored} == {"late"}
    assert all(each["clock_suspect"] and each["late_minutes"] is None for each in stored)


@pytest.mark.parametrize(
    "marked_at",
    [
        *("1970-01-01T00:00:00+03:00", "1980-01-06T00:00:00Z", "2069-12-31T00:00:00Z"),
        *("1904-01-01T00:00:00Z", "9998-12-31T23:59:59.999Z"),
    ],
)
def test_a_phone_that_lost_its_time_loses_no_mark(app: App, marked_at: str) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2")
    during(app, cohort, 1)
    batch = [mark(cohort, 1, "p1", marked_at=marked_at), mark(cohort, 1, "p2")]
    answer = send(app, cohort, *batch)
    assert [each["clock_suspect"] for each in answer["marks"]] == [True, False]
    assert answer["saved"] == 2
    assert send(app, cohort, *batch)["repeated"] == 2
    assert entry(app, cohort, 1, "p1")["status"] == "present"


def test_a_clock_that_counts_finer_than_ours_sends_the_same_mark_again(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    now = during(app, cohort, 1)
    sent = mark(cohort, 1, "p1", marked_at=f"{now:%Y-%m-%dT%H:%M:%S}.123456789Z")
    assert outcomes(send(app, cohort, sent)) == [("saved", None)]
    assert outcomes(send(app, cohort, sent)) == [("repeated", None)]


def test_who_was_promoted_after_the_first_session_misses_nothing_of_it(app: App) -> None:
    """One attends all four sessions since; another has three, an excuse and an absence: 75 %."""
    cohort = seat(app, cohort_of(app, capacity=2), "j")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "j"))
    early = mark(cohort, 1, "h", "absent", id="early")
    assert outcomes(send(app, cohort, early)) == [("refused", "trainings.not_enrolled")]
    now_is(app, cohort.sessions[0].ends_at + timedelta(hours=2))
    seat(app, cohort, "h", by_hand=True)
    assert outcomes(send(app, cohort, early)) == [("refused", "trainings.not_enrolled")]
    said = {
        "h": {2: "present", 3: "present", 4: "late", 5: "present"},
        "j": {2: "present", 3: "present", 4: "excused", 5: "absent"},
    }
    during(app, cohort, 5)
    batch = [mark(cohort, n, who, s) for who, of in said.items() for n, s in of.items()]
    assert send(app, cohort, *batch)["saved"] == 8
    found = sums(app, cohort)
    first = cohort.sessions[0].id
    assert (found["h"]["not_enrolled"], found["h"]["counted"]) == ([first], 4)
    assert (len(found["h"]["attended"]), found["h"]["percent"]) == (4, 100.0)
    assert (len(found["j"]["attended"]), found["j"]["counted"], found["j"]["percent"]) == (
        *(3, 4),
        75.0,
    )


def test_a_batch_that_is_sent_again_changes_nothing(app: App) -> None:
    cohort = seat(app, cohort_of(app), *PEOPLE)
    during(app, cohort, 1)
    batch = [mark(cohort, 1, person) for person in PEOPLE]
    assert send(app, cohort, *batch, batch[0])["saved"] == 14
    events = app.database.collection("outbox").count_documents({})
    app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    answer = send(app, cohort, *batch)
    assert (answer["saved"], answer["repeated"], answer["refused"]) == (0, 14, 0)
    assert app.database.collection("outbox").count_documents({}) == events
    assert app.database.collection("attendance_marks").count_documents({}) == 14


def test_twenty_devices_at_once_in_any_order_leave_the_same(app: App) -> None:
    """Each sends all marks, in an order of its own, in batches; half of them under the same ids."""
    cohort = seat(app, cohort_of(app), *PEOPLE)
    during(app, cohort, 5)
    shared = [mark(cohort, n, person) for n in range(1, 6) for person in PEOPLE]

    def device(number: int) -> dict[str, int]:
        chance = random.Random(number)
        own = [
            mark(
                cohort,
                n,
                person,
                "late" if person == "p1" else "present",
                id=f"{number}-{n}-{person}",
            )
            for n in range(1, 6)
            for person in PEOPLE
        ]
        batch = [*shared, *own]
        chance.shuffle(batch)
        counts = {"saved": 0, "repeated": 0, "refused": 0}
        for start in range(0, len(batch), 35):
            part = batch[start : start + 35]
            answer = send(app, cohort, *part, device="one")
            for name in counts:
                counts[name] += answer[name]
        return counts

    with ThreadPoolExecutor(DEVICES) as pool:
        found = list(pool.map(device, range(100, 100 + DEVICES)))
    assert sum(each["refused"] for each in found) == 0
    assert sum(each["saved"] for each in found) == 70 + DEVICES * 70
    assert sum(each["repeated"] for each in found) == 70 * (DEVICES - 1)
    assert {each["person_id"] for each in contradictions(app, cohort)} == {"p1"}
    people = sums(app, cohort)
    assert all(len(people[person]["attended"]) == 5 for person in PEOPLE[1:])
    assert len(people["p1"]["open"]) == 5


def test_of_two_contents_under_one_id_the_first_to_arrive_stands(app: App) -> None:
    cohort = seat(app, cohort_of(app), *PEOPLE)
    during(app, cohort, 1)
    statuses = ("present", "absent", "late", "excused")

    def device(number: int) -> str:
        status = statuses[number % 4]
        answer = send(app, cohort, *(mark(cohort, 1, p, status, id=f"m-{p}") for p in PEOPLE))
        return str(answer)

    with ThreadPoolExecutor(DEVICES) as pool:
        list(pool.map(device, range(DEVICES)))
    stored = [entry(app, cohort, 1, person) for person in PEOPLE]
    assert [len(each["marks"]) for each in stored] == [1] * 14
    assert contradictions(app, cohort) == []


def test_a_contradiction_is_shown_and_a_person_settles_it(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p1"), device="a")
    send(app, cohort, mark(cohort, 1, "p1", "absent"), device="b")
    (found,) = contradictions(app, cohort)
    assert (found["status"], found["contradictory"], found["version"]) == (None, True, 3)
    with pytest.raises(errors.Stale):
        settle(app, cohort, 1, "p1", "present", 2)
    settled = settle(app, cohort, 1, "p1", "present", 3)
    assert (settled["status"], settled["contradictory"], settled["version"]) == (
        "present",
        False,
        4,
    )
    assert contradictions(app, cohort) == []
    send(app, cohort, mark(cohort, 1, "p1", "late"), device="c")
    later = entry(app, cohort, 1, "p1")
    assert (later["status"], later["unseen"]) == ("present", ["1-p1-late"])
    with pytest.raises(errors.Stale):
        settle(app, cohort, 1, "p1", "late", 4)
    settle(app, cohort, 1, "p1", "late", 5)
    _, query = schemas.list_history(
        {
            "cohort_id": cohort.id,
            "session_id": cohort.sessions[0].id,
            "person_id": "p1",
        }
    )
    history = attendance.attendance_history(app, call(RAQQA_DESK), place(cohort, 1, "p1"), query)
    assert [(each.version, each.changes["status"]) for each in history] == [
        (1, (None, "present")),
        (2, ("present", "late")),
    ]
    types = [each["type"] for each in events_of(app, f"{cohort.sessions[0].id}.p1")]
    assert types == ["trainings.attendance.settled"] * 2


def test_two_people_who_settle_at_once_do_not_both_win(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    during(app, cohort, 1)

    def decide(status: str) -> str:
        try:
            settle(app, cohort, 1, "p1", status, 1)
        except errors.Stale:
            return "stale"
        return status

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(decide, ("present", "absent", "late", "excused")))
    (won,) = [each for each in found if each != "stale"]
    assert entry(app, cohort, 1, "p1")["status"] == won


def test_marks_that_arrive_after_the_end_count(app: App) -> None:
    cohort = seat(app, cohort_of(app, sessions=2), "p1")
    end = cohort.ends_at
    assert end is not None
    now_is(app, end + timedelta(days=20))
    assert app.cohorts.get(cohort.id).status is CohortStatus.COMPLETED
    answer = send(app, cohort, mark(cohort, 2, "p1", "late", minutes=25))
    assert outcomes(answer) == [("saved", None)]
    found = entry(app, cohort, 2, "p1")
    assert (found["late_minutes"], found["clock_suspect"]) == (25, False)
    assert sums(app, cohort)["p1"]["percent"] == 100.0


def test_marks_of_another_cohort_are_not_touched_by_equal_ids(app: App) -> None:
    first, second = (seat(app, cohort_of(app), "p1") for _ in range(2))
    during(app, first, 1)
    assert outcomes(send(app, first, mark(first, 1, "p1", id="m"))) == [("saved", None)]
    wrong = mark(first, 1, "p1", id="m")
    assert outcomes(send(app, second, wrong)) == [("refused", "trainings.session_unknown")]
    assert outcomes(send(app, second, mark(second, 1, "p1", "absent", id="m"))) == [("saved", None)]
    assert entry(app, first, 1, "p1")["status"] == "present"


def test_people_see_their_own_sums_alone(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p1"), mark(cohort, 1, "p2", "absent"))
    own = schemas.person(attendance.my_attendance(app, call(Caller(id="p2")), cohort.id))
    assert (own["person_id"], own["missed"]) == ("p2", [cohort.sessions[0].id])
    with pytest.raises(errors.NotFound):
        attendance.my_attendance(app, call(MEMBER), cohort.id)
    for caller, refusal in (
        (Caller(id="p2"), errors.Forbidden),
        (TABQA_DESK, errors.Forbidden),
        (VISITOR, errors.Unauthenticated),
    ):
        with pytest.raises(refusal):
            attendance.cohort_attendance(app, call(caller), cohort.id)
        with pytest.raises(refusal):
            send(app, cohort, mark(cohort, 1, "p1", "late"), caller=caller)


def test_trainers_keep_attendance_once_they_have_accepted(app: App) -> None:
    cohort, other = (seat(app, cohort_of(app), "p1") for _ in range(2))
    assignment = assign(app, cohort)
    with pytest.raises(errors.Forbidden):
        send(app, cohort, mark(cohort, 1, "p1"), caller=TRAINER)
    accept(app, assignment)
    during(app, cohort, 1)
    assert send(app, cohort, mark(cohort, 1, "p1"), caller=TRAINER)["saved"] == 1
    assert entry(app, cohort, 1, "p1")["marks"][0]["marked_by"] == TRAINER.id
    with pytest.raises(errors.Forbidden):
        send(app, other, mark(other, 1, "p1"), caller=TRAINER)


def test_an_erasure_leaves_what_is_counted_and_no_reason(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p1"))
    settle(app, cohort, 1, "p1", "excused", 2)
    held = personal_data.export(app, call(MANAGER), "p1", None)
    assert [each["status"] for each in held["attendance_marks"]] == ["present"]
    assert [each["reason"] for each in held["attendance_settlements"]] == [
        "the paper sheet says so"
    ]
    erasure = Erasure("p1", 2, None)
    app.database.transact(lambda session: personal_data.erase(app, session, erasure))
    assert app.marks.of(cohort.id, person_id="p1")
    assert [each.reason for each in app.settlements.of_person(["p1"])] == [None]
    subject = f"attendance/{cohort.sessions[0].id}.p1"
    assert [each.reason for each in app.history.of(subject, after=None, limit=9)] == [None]


def test_attendance_of_a_merged_record_is_exported_and_its_reasons_go(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p1"))
    settle(app, cohort, 1, "p1", "excused", 2)
    kept = register(app, "هبة", has_account=True)
    merged = replace(app.participants.get("p1"), merged_into=kept.id, version=2)
    app.database.transact(lambda session: app.participants.save(session, merged, 1))
    held = personal_data.export(app, call(MANAGER), kept.id, None)
    assert [each["status"] for each in held["attendance_marks"]] == ["present"]
    assert len(held["attendance_settlements"]) == 1
    erasure = Erasure(kept.id, 2, None)
    app.database.transact(lambda session: personal_data.erase(app, session, erasure))
    assert [each.reason for each in app.settlements.of_person(["p1"])] == [None]


def test_a_session_lists_everybody_who_has_a_seat(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p2"))
    found = attendance.session_attendance(app, call(RAQQA_DESK), cohort.id, cohort.sessions[0].id)
    assert [(each.person_id, schemas.entry(each)["status"]) for each in found] == [
        ("p1", None),
        ("p2", "present"),
    ]
    assert found[0].name == "Name of p1"
    with pytest.raises(errors.NotFound):
        attendance.session_attendance(app, call(RAQQA_DESK), cohort.id, "none")


def test_a_list_of_contradictions_goes_on_where_its_page_ended(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2", "p3")
    during(app, cohort, 1)
    for status in ("present", "absent"):
        send(app, cohort, *(mark(cohort, 1, person, status) for person in ("p1", "p2", "p3")))
    page = schemas.entry_page(
        attendance.find_contradictions(
            app,
            call(RAQQA_DESK),
            schemas.list_contradictions({"cohort_id": cohort.id, "limit": 2}),
        ),
        2,
    )
    rest = contradictions(app, cohort, limit=2, after=page["next"])
    assert [each["person_id"] for each in [*page["items"], *rest]] == ["p1", "p2", "p3"]


def test_a_mark_says_when_it_was_made_and_when_it_came(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    arrived = during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "p1", minutes=4))
    (stored,) = entry(app, cohort, 1, "p1")["marks"]
    assert stored["received_at"] == to_wire(arrived)
    assert stored["marked_at"] == to_wire(cohort.sessions[0].starts_at + timedelta(minutes=4))


def test_a_session_that_has_not_begun_has_excuses_alone(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1", "p2")
    now = during(app, cohort, 1)
    tomorrow = [
        mark(cohort, 2, "p1", marked_at=to_wire(now)),
        mark(cohort, 2, "p2", "absent"),
        mark(cohort, 1, "p1"),
        mark(cohort, 2, "p2", "excused", marked_at=to_wire(now)),
    ]
    answer = send(app, cohort, *tomorrow)
    early = ("refused", "trainings.session_not_begun")
    assert outcomes(answer) == [early, early, ("saved", None), ("saved", None)]
    assert entry(app, cohort, 2, "p1")["marks"] == []
    assert not entry(app, cohort, 2, "p2")["clock_suspect"]
    with pytest.raises(errors.Conflict) as refusal:
        settle(app, cohort, 2, "p1", "present", 1)
    assert refusal.value.code == "trainings.session_not_begun"
    assert refusal.value.extra == {"opens_at": cohort.sessions[1].starts_at - timedelta(hours=1)}
    assert settle(app, cohort, 2, "p1", "excused", 1)["status"] == "excused"
    # The phone sends what was refused again when the session is there.
    during(app, cohort, 2, minutes=-60)
    assert outcomes(send(app, cohort, *tomorrow))[1] == ("saved", None)


def test_a_mark_of_a_day_before_is_flagged_and_counts(app: App) -> None:
    cohort = seat(app, cohort_of(app), "p1")
    now = during(app, cohort, 2)
    yesterday = to_wire(now - timedelta(days=1))
    send(app, cohort, mark(cohort, 2, "p1", "late", marked_at=yesterday))
    found = entry(app, cohort, 2, "p1")
    assert (found["status"], found["clock_suspect"], found["late_minutes"]) == ("late", True, None)
