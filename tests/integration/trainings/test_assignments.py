"""Trainers of cohorts: asked, accepted, declined, withdrawn; never in two places at a time."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.common.clock import from_wire
from services.common.context import SYSTEM, Caller
from services.common.personal_data import Erasure
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.trainings.app import App
from services.trainings.domain.assignments import Assignment, AssignmentStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import assignments, cohorts, personal_data, sessions
from services.trainings.schemas.assignments import (
    AnswerAssignment,
    EndAssignment,
    assign_trainer,
    list_assignments,
)
from services.trainings.schemas.cohorts import (
    CancelCohort,
    add_session,
    change_session,
    list_cohorts,
    remove_session,
)
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import announce, events_of, know, prepare, session_request

RIM = Caller(id="rim", roles=frozenset({"trainer"}))
SAMI = Caller(id="sami", roles=frozenset({"trainer"}))


def assign(app: App, cohort: Cohort, trainer: Caller = RIM, **values: Any) -> Assignment:
    command = assign_trainer({"cohort_id": cohort.id, "trainer_id": trainer.id, **values})
    return assignments.assign_trainer(app, call(RAQQA_DESK), command)


def accept(app: App, assignment: Assignment, who: Caller = RIM) -> Assignment:
    command = AnswerAssignment(assignment.id, assignment.version)
    return assignments.accept_assignment(app, call(who), command)


def decline(app: App, assignment: Assignment, who: Caller = RIM) -> Assignment:
    command = EndAssignment(assignment.id, assignment.version, "ظرف عائلي")
    return assignments.decline_assignment(app, call(who), command)


def withdraw(app: App, assignment: Assignment) -> Assignment:
    command = EndAssignment(assignment.id, assignment.version)
    return assignments.withdraw_assignment(app, call(RAQQA_DESK), command)


def facts(app: App, assignment: Assignment) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, assignment.id)]


def mine(app: App, who: Caller, **query: Any) -> list[str]:
    found = assignments.find_assignments(app, call(who), list_assignments(query))
    return [each.id for each in found]


def move(app: App, cohort: Cohort, number: int, **values: Any) -> Cohort:
    said = {"id": cohort.id, "expected_version": cohort.version}
    request = {**said, "session_id": cohort.sessions[number].id, **values}
    return sessions.change_session(app, call(RAQQA_DESK), change_session(request))


def test_a_trainer_is_asked_and_accepts(app: App) -> None:
    cohort = prepare(app)
    asked = assign(app, cohort)
    assert asked.status is AssignmentStatus.OFFERED
    assert asked.times == tuple(each.period for each in cohort.sessions)
    assert not app.assignments.trains(RIM.id, cohort.id)
    accepted = accept(app, asked)
    assert accepted.status is AssignmentStatus.ACCEPTED
    assert app.assignments.trains(RIM.id, cohort.id)
    assert facts(app, asked) == ["offered", "accepted"]
    assert mine(app, RIM) == mine(app, RAQQA_DESK) == mine(app, MANAGER) == [asked.id]
    assert mine(app, SAMI) == mine(app, TABQA_DESK) == []


def test_a_draft_is_seen_by_those_who_are_asked_to_teach_it(app: App) -> None:
    cohort = prepare(app)

    def seen(who: Caller) -> bool:
        listed = cohorts.find_cohorts(app, call(who), list_cohorts({}))
        try:
            cohorts.get_cohort(app, call(who), cohort.id)
        except errors.NotFound:
            assert listed == []
            return False
        assert [each.id for each in listed] == [cohort.id]
        return True

    assert not seen(RIM)
    asked = assign(app, cohort)
    assert seen(RIM)
    assert not seen(SAMI)
    decline(app, asked)
    assert not seen(RIM)


def test_a_trainer_is_never_in_two_places(app: App) -> None:
    first, second = prepare(app), prepare(app)
    asked = assign(app, first)
    with pytest.raises(errors.Conflict, match=r"trainings\.trainer_taken") as refused:
        assign(app, second)
    assert refused.value.extra == {"trainer_id": RIM.id}
    assert mine(app, RIM) == [asked.id]
    decline(app, asked)
    again = assign(app, second)
    withdraw(app, again)
    accept(app, assign(app, first))


def test_sessions_that_touch_can_be_taught_one_after_the_other(app: App) -> None:
    morning = prepare(app, sessions=[session_request(7, (9, 11))])
    noon = prepare(app, sessions=[session_request(7, (11, 13))])
    assign(app, morning)
    assert assign(app, noon).live


def test_one_trainer_teaches_one_session_and_another_the_next(app: App) -> None:
    cohort = prepare(app)
    one, two = (each.id for each in cohort.sessions)
    first = assign(app, cohort, RIM, session_ids=[one])
    second = assign(app, cohort, SAMI, session_ids=[two])
    assert first.times == (cohort.sessions[0].period,)
    assert second.times == (cohort.sessions[1].period,)
    with pytest.raises(errors.Conflict, match=r"trainings\.already_assigned"):
        assign(app, cohort, RIM, session_ids=[two])
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_session") as refused:
        assign(app, cohort, TABQA_DESK, session_ids=[one, "none"])
    assert refused.value.errors[0].pointer == "/session_ids/1"


def test_the_trainer_follows_the_sessions(app: App) -> None:
    cohort = prepare(app)
    for_all = assign(app, cohort, RIM)
    for_one = assign(app, cohort, SAMI, session_ids=[cohort.sessions[0].id])
    later = session_request(12)
    times = {"starts_at": later["starts_at"], "ends_at": later["ends_at"]}
    moved = move(app, cohort, 0, **times)
    wanted = Period(from_wire(later["starts_at"]), from_wire(later["ends_at"]))
    assert wanted in app.assignments.get(for_all.id).times
    assert app.assignments.get(for_one.id).times == (wanted,)
    command = add_session({"cohort_id": cohort.id, **session_request(20)})
    grown = sessions.add_session(app, call(RAQQA_DESK), command)
    assert len(app.assignments.get(for_all.id).times) == 3
    request = {
        "id": cohort.id,
        "expected_version": grown.version,
        "session_id": cohort.sessions[0].id,
    }
    sessions.remove_session(app, call(RAQQA_DESK), remove_session(request))
    assert len(app.assignments.get(for_all.id).times) == 2
    # Nothing is left of it to teach.
    assert app.assignments.get(for_one.id).status is AssignmentStatus.WITHDRAWN
    assert facts(app, for_one) == ["offered", "changed", "withdrawn"]
    assert moved.version < grown.version


def test_a_session_does_not_move_to_where_its_trainer_is_taken(app: App) -> None:
    cohort = prepare(app)
    other = prepare(app, sessions=[session_request(12)])
    assign(app, other)
    before = assign(app, prepare(app, sessions=[session_request(9)]))
    cohort = app.cohorts.get(before.cohort_id)
    later = session_request(12, (12, 15))
    with pytest.raises(errors.Conflict, match=r"trainings\.trainer_taken"):
        move(app, cohort, 0, starts_at=later["starts_at"], ends_at=later["ends_at"])
    assert app.cohorts.get(cohort.id) == cohort
    assert app.assignments.get(before.id) == before


def test_a_cancelled_cohort_lets_its_trainers_go(app: App) -> None:
    cohort = announce(app)
    asked = accept(app, assign(app, cohort))
    stored = app.cohorts.get(cohort.id)
    command = CancelCohort(cohort.id, stored.version, {"ar": "سبب"})
    cohorts.cancel_cohort(app, call(RAQQA_DESK), command)
    assert app.assignments.get(asked.id).status is AssignmentStatus.WITHDRAWN
    assert assign(app, prepare(app)).live
    with pytest.raises(errors.Conflict, match=r"trainings\.cohort_not_allowed_now"):
        assign(app, app.cohorts.get(cohort.id), SAMI)


def test_who_trains_a_cohort_is_on_its_roster_without_a_seat(app: App) -> None:
    draft = prepare(app)
    early = accept(app, assign(app, draft, session_ids=[draft.sessions[0].id]))
    cohort = announce(app, draft)
    late = accept(app, assign(app, cohort, SAMI), SAMI)
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    assert [(each.id, each.takes_seat) for each in roster.entries] == [
        (early.id, False),
        (late.id, False),
    ]
    decline(app, early)
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    assert [each.id for each in roster.entries] == [late.id]


def test_only_the_trainer_answers(app: App) -> None:
    asked = assign(app, prepare(app))
    with pytest.raises(errors.Forbidden):
        accept(app, asked, RAQQA_DESK)
    with pytest.raises(errors.NotFound):
        accept(app, asked, MEMBER)
    accepted = accept(app, asked)
    with pytest.raises(errors.Stale):
        accept(app, asked)
    with pytest.raises(errors.Conflict, match=r"trainings\.assignment_not_allowed_now"):
        accept(app, accepted)


def test_the_same_key_asks_once(app: App) -> None:
    cohort = prepare(app)
    command = assign_trainer({"cohort_id": cohort.id, "trainer_id": RIM.id})
    both = [assignments.assign_trainer(app, call(RAQQA_DESK, "one"), command) for _ in range(2)]
    assert both[0] == both[1]
    with pytest.raises(errors.Forbidden):
        assignments.assign_trainer(app, call(RIM, "one"), command)


def test_an_erased_trainer_is_taken_no_more(app: App) -> None:
    cohort = announce(app)
    asked = accept(app, assign(app, cohort))
    held = personal_data.export(app, call(RIM), RIM.id, None)
    assert [each["id"] for each in held["assignments"]] == [asked.id]

    def work(session: Session) -> None:
        personal_data.erase(app, session, Erasure(RIM.id, 2))

    app.database.transact(work)
    ended = app.assignments.get(asked.id)
    assert (ended.status, ended.times) == (AssignmentStatus.WITHDRAWN, ())
    assert events_of(app, asked.id)[-1]["data"]["changed_by"] == SYSTEM.id
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    assert roster.entries == ()


def test_the_reason_of_a_trainer_goes_with_the_trainer(app: App) -> None:
    declined = decline(app, assign(app, announce(app)))
    assert declined.reason is not None
    app.database.transact(lambda session: personal_data.erase(app, session, Erasure(RIM.id, 2)))
    assert app.assignments.get(declined.id).reason is None


@pytest.mark.parametrize("who", ["unknown", "adviser", "disabled", "erased"])
def test_only_a_trainer_who_works_now_is_asked(app: App, who: str) -> None:
    know(app, "adviser", roles=frozenset({"adviser"}))
    know(app, "disabled", roles=frozenset({"trainer"}), status="disabled")
    know(app, "erased", roles=frozenset({"trainer"}))
    erasure = Erasure("erased", 2)
    app.database.transact(lambda session: personal_data.erase(app, session, erasure))
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_trainer") as refused:
        assign(app, prepare(app), Caller(id=who))
    assert [each.pointer for each in refused.value.errors] == ["/trainer_id"]
    assert app.assignments.of_trainer(who) == []


def test_no_key_names_an_erased_trainer_and_it_gives_the_same_assignment(app: App) -> None:
    cohort = prepare(app)
    command = assign_trainer({"cohort_id": cohort.id, "trainer_id": RIM.id})
    asked = assignments.assign_trainer(app, call(RAQQA_DESK, "one"), command)
    app.database.transact(lambda session: personal_data.erase(app, session, Erasure(RIM.id, 2)))
    kept = list(app.database.collection("idempotency_keys").find({"answer.id": asked.id}))
    assert len(kept) == 1
    assert RIM.id not in str(kept)
    again = assignments.assign_trainer(app, call(RAQQA_DESK, "one"), command)
    assert (again.id, again.status) == (asked.id, AssignmentStatus.WITHDRAWN)
