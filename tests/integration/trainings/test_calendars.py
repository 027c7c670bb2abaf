"""The sessions in a person's own calendar: of those with a seat, and of trainers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.common import errors
from services.common.calendars import CalendarEntry, event_uid
from services.common.context import VISITOR, Caller
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import (
    application_answers,
    assignments,
    calendars,
    cohorts,
    merging,
)
from services.trainings.schemas.applications import ActOnApplication
from services.trainings.schemas.assignments import AnswerAssignment, EndAssignment, assign_trainer
from services.trainings.schemas.cohorts import CancelCohort
from services.trainings.schemas.participants import MergeParticipants
from tests.integration.trainings.test_rooms import take_away
from tests.support.attendance import cohort_of
from tests.support.bookings import MANAGER, RAQQA_DESK, call, open_centre
from tests.support.cohort_rooms import Branches, in_room
from tests.support.stack import Server
from tests.support.trainings import advance, register, seat

RIM = Caller(id="rim", roles=frozenset({"trainer"}))
SARA = Caller(id="sara")


def entries(app: App, who: Caller = SARA, language: str = "en") -> list[CalendarEntry]:
    return calendars.calendar_entries(app, call(who), language)


def uids(found: list[CalendarEntry]) -> list[str]:
    return [each.uid for each in found]


def uids_of(cohort: Cohort) -> list[str]:
    return [event_uid(each.id) for each in cohort.sessions]


@pytest.fixture
def both(app: App, database: Server) -> Iterator[Branches]:
    for bookings in open_centre(database.uri):
        yield Branches(app, bookings)


def test_who_has_a_seat_sees_the_sessions_and_nobody_else_does(app: App) -> None:
    cohort = cohort_of(app, sessions=2, capacity=1)
    for person in ("sara", "waits"):
        register(app, person, id=person, has_account=True)
        application = seat(app, app.cohorts.get(cohort.id), person)
    assert application.status == "waitlisted"
    found = entries(app)
    assert uids(found) == uids_of(cohort)
    assert {(each.status, each.title, each.place) for each in found} == {
        ("CONFIRMED", cohort.title["en"], "The organisation's office")
    }
    assert [each.starts_at for each in found] == [each.starts_at for each in cohort.sessions]
    assert entries(app, Caller(id="waits")) == entries(app, RIM) == []
    with pytest.raises(errors.Unauthenticated):
        entries(app, VISITOR)


def test_a_seat_that_is_given_back_and_a_cancelled_cohort_leave_the_calendar(app: App) -> None:
    kept, left = cohort_of(app, sessions=1), cohort_of(app, sessions=1)
    register(app, "سارة", id="sara", has_account=True)
    seat(app, kept, "sara")
    given_back = seat(app, left, "sara")
    assert len(entries(app)) == 2
    application_answers.withdraw_application(
        app, call(SARA), ActOnApplication(given_back.id, given_back.version)
    )
    assert uids(entries(app)) == uids_of(kept)
    kept = app.cohorts.get(kept.id)
    cohorts.cancel_cohort(app, call(RAQQA_DESK), CancelCohort(kept.id, kept.version, {"ar": "سبب"}))
    assert entries(app) == []


def test_a_session_leaves_the_calendar_a_month_after_its_end(app: App) -> None:
    cohort = cohort_of(app, sessions=2)
    register(app, "سارة", id="sara", has_account=True)
    seat(app, cohort, "sara")
    advance(app, cohort.sessions[0].ends_at + calendars.LOOKS_BACK - app.clock.now())
    assert uids(entries(app)) == uids_of(cohort)[1:]
    advance(app, timedelta(days=1))
    assert entries(app) == []


def test_a_seat_of_a_merged_record_is_the_persons(app: App) -> None:
    cohort = cohort_of(app, sessions=1)
    register(app, "سارة", id="sara", has_account=True)
    register(app, "سارة", id="other")
    seat(app, cohort, "other")
    merging.merge_participants(app, call(MANAGER), MergeParticipants("sara", 1, "other"))
    assert uids(entries(app)) == uids_of(cohort)


def test_a_trainer_sees_the_sessions_to_teach_until_the_trainer_declines(app: App) -> None:
    cohort = cohort_of(app, sessions=2)
    second = cohort.sessions[1].id
    command = assign_trainer(
        {"cohort_id": cohort.id, "trainer_id": RIM.id, "session_ids": [second]}
    )
    asked = assignments.assign_trainer(app, call(RAQQA_DESK), command)
    assert [(each.uid, each.status) for each in entries(app, RIM)] == [
        (event_uid(second), "TENTATIVE")
    ]
    accepted = assignments.accept_assignment(
        app, call(RIM), AnswerAssignment(asked.id, asked.version)
    )
    assert [each.status for each in entries(app, RIM)] == ["CONFIRMED"]
    ending = EndAssignment(accepted.id, accepted.version, "ظرف عائلي")
    assignments.decline_assignment(app, call(RIM), ending)
    assert entries(app, RIM) == []


def test_a_moved_session_stays_one_event_with_a_higher_sequence(both: Branches) -> None:
    app = both.app
    cohort = both.announce(both.prepare(in_room(7)))
    register(app, "سارة", id="sara", has_account=True)
    seat(app, cohort, "sara")
    [before] = entries(app)
    room = both.request(cohort).place_of(cohort.sessions[0].id).space_name  # type: ignore[union-attr]
    assert before.place == f"{room['en']}, Raqqa centre"
    assert entries(app, language="ar")[0].place == f"{room['ar']}، مركز الرقة"
    advance(app, timedelta(minutes=1))
    both.move_to(cohort, 0, 9, (10, 12))
    both.exchange()
    [after] = entries(app)
    assert after.uid == before.uid
    assert after.sequence > before.sequence
    assert after.changed_at > before.changed_at
    assert after.starts_at == app.cohorts.get(cohort.id).sessions[0].starts_at > before.starts_at


def test_another_room_is_shown_with_a_higher_sequence(both: Branches) -> None:
    app = both.app
    cohort = both.announce(both.prepare(in_room(7), capacity=2))
    register(app, "سارة", id="sara", has_account=True)
    seat(app, cohort, "sara")
    [first] = entries(app)
    advance(app, timedelta(minutes=1))
    take_away(both, both.now(cohort), 0)
    both.exchange()
    [lost] = entries(app)
    assert (lost.place, lost.starts_at) == ("Raqqa centre", first.starts_at)
    advance(app, timedelta(minutes=1))
    both.move(both.now(cohort), 0, space_id="raqqa-training")
    both.exchange()
    [found] = entries(app)
    advance(app, timedelta(minutes=1))
    both.move(both.now(cohort), 0, space_id="raqqa-hall")
    both.exchange()
    [moved] = entries(app)
    assert [each.space_id for each in both.held()] == ["raqqa-hall"]
    assert found.place == moved.place == first.place, "these rooms have one name"
    assert first.sequence < lost.sequence < found.sequence < moved.sequence
    assert first.changed_at < lost.changed_at < found.changed_at < moved.changed_at


def test_what_a_trainer_answers_raises_the_sequence(app: App) -> None:
    cohort = cohort_of(app, sessions=1)
    seen = []
    for _ in range(2):
        command = assign_trainer({"cohort_id": cohort.id, "trainer_id": RIM.id})
        asked = assignments.assign_trainer(app, call(RAQQA_DESK), command)
        seen += entries(app, RIM)
        answer = AnswerAssignment(asked.id, asked.version)
        accepted = assignments.accept_assignment(app, call(RIM), answer)
        seen += entries(app, RIM)
        ending = EndAssignment(accepted.id, accepted.version, "ظرف عائلي")
        assignments.decline_assignment(app, call(RIM), ending)
    assert [each.status for each in seen] == ["TENTATIVE", "CONFIRMED"] * 2
    numbers = [each.sequence for each in seen]
    assert numbers == sorted(set(numbers))
