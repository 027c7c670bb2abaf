"""Cohorts and their sessions: prepared, announced, changed, run by time, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.clock import from_wire, to_wire
from services.common.context import VISITOR, Caller
from services.trainings.app import App
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import catalogue, cohorts, sessions
from services.trainings.schemas.catalogue import change_course
from services.trainings.schemas.cohorts import (
    ActOnCohort,
    CancelCohort,
    add_session,
    change_cohort,
    change_session,
    create_cohort,
    list_cohorts,
    remove_session,
)
from tests.support.bookings import MANAGER, MEMBER, NOW, RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import (
    announce,
    cohort_request,
    events_of,
    now_is,
    offer,
    open_cohort,
    prepare,
    session_request,
)

REASON = {"ar": "تعذّر الحضور", "en": "The trainer cannot come"}


def act(app: App, cohort: Cohort, operation: Any) -> Cohort:
    result: Cohort = operation(app, call(RAQQA_DESK), ActOnCohort(cohort.id, cohort.version))
    return result


def change(app: App, cohort: Cohort, **changes: Any) -> Cohort:
    command = change_cohort({"id": cohort.id, "expected_version": cohort.version, **changes})
    return cohorts.change_cohort(app, call(RAQQA_DESK), command)


def move(app: App, cohort: Cohort, session_id: str, **changes: Any) -> Cohort:
    request = {"id": cohort.id, "expected_version": cohort.version, "session_id": session_id}
    command = change_session({**request, **changes})
    return sessions.change_session(app, call(RAQQA_DESK), command)


def types(app: App, cohort: Cohort) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, cohort.id)]


def found(app: App, caller: Caller, **query: Any) -> list[str]:
    listed = cohorts.find_cohorts(app, call(caller), list_cohorts(query))
    return [each.id for each in listed]


def test_a_draft_is_seen_by_staff_of_its_centre_alone(app: App) -> None:
    draft = prepare(app)
    assert [found(app, who) for who in (MANAGER, RAQQA_DESK)] == [[draft.id]] * 2
    assert [found(app, who) for who in (VISITOR, MEMBER, TABQA_DESK)] == [[]] * 3
    with pytest.raises(errors.NotFound):
        cohorts.get_cohort(app, call(MEMBER), draft.id)
    announced = announce(app, draft)
    assert found(app, VISITOR) == [draft.id]
    assert cohorts.get_cohort(app, call(VISITOR), draft.id) == announced


def test_a_cohort_runs_by_the_clock(app: App) -> None:
    opens, closes = NOW + timedelta(days=1), NOW + timedelta(days=3)
    cohort = announce(
        app,
        applications_open_at=opens.isoformat().replace("+00:00", "Z"),
        applications_close_at=closes.isoformat().replace("+00:00", "Z"),
    )
    start, end = cohort.starts_at, cohort.ends_at
    assert start is not None
    assert end is not None
    reached = []
    for instant in (opens, closes, start, end):
        now_is(app, instant - timedelta(seconds=1))
        before = app.cohorts.get(cohort.id).status
        now_is(app, instant)
        reached.append((before, app.cohorts.get(cohort.id).status))
    status = CohortStatus
    assert reached == [
        (status.ANNOUNCED, status.APPLICATIONS_OPEN),
        (status.APPLICATIONS_OPEN, status.APPLICATIONS_CLOSED),
        (status.APPLICATIONS_CLOSED, status.RUNNING),
        (status.RUNNING, status.COMPLETED),
    ]
    closed = act(app, app.cohorts.get(cohort.id), cohorts.close_cohort)
    assert closed.status is status.CLOSED
    assert types(app, cohort) == [
        *("created", "announced", "applications_opened", "applications_closed"),
        *("started", "completed", "closed"),
    ]


def test_a_worker_that_was_away_catches_up(app: App) -> None:
    cohort = open_cohort(app)
    end = cohort.ends_at
    assert end is not None
    now_is(app, end + timedelta(days=1))
    assert app.cohorts.get(cohort.id).status is CohortStatus.COMPLETED


def test_a_cohort_without_a_session_is_not_announced(app: App) -> None:
    with pytest.raises(errors.Conflict, match=r"trainings\.no_sessions"):
        announce(app, sessions=[])


def test_a_draft_whose_first_session_has_begun_is_not_announced(app: App) -> None:
    draft = prepare(app)
    assert draft.starts_at is not None
    now_is(app, draft.starts_at)
    with pytest.raises(errors.Conflict, match=r"trainings\.in_the_past"):
        announce(app, draft)


def test_what_is_announced_keeps_the_rules_of_then(app: App) -> None:
    course = offer(app, hours=20)
    cohort = announce(app, course_id=course.id)
    command = change_course({"id": course.id, "expected_version": course.version, "hours": 40})
    catalogue.change_course(app, call(MANAGER), command)
    assert app.cohorts.get(cohort.id).hours == 20


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ends_at": "2026-12-01T06:00:00Z", "starts_at": "2026-12-01T06:00:00Z"}, "end_before"),
        ({"ends_at": "2026-12-01T06:20:00Z", "starts_at": "2026-12-01T06:00:00Z"}, "off_raster"),
        ({"ends_at": "2026-12-02T06:00:00Z", "starts_at": "2026-12-01T06:00:00Z"}, "too_long"),
        ({"ends_at": "2026-11-23T08:00:00Z", "starts_at": "2026-11-23T06:00:00Z"}, "in_the_past"),
        ({"ends_at": "2999-01-01T08:00:00Z", "starts_at": "2999-01-01T06:00:00Z"}, "too_far_ahead"),
    ],
)
def test_a_session_of_no_use_is_refused(app: App, values: dict[str, str], code: str) -> None:
    with pytest.raises((errors.Invalid, errors.Conflict), match=code) as refused:
        prepare(app, sessions=[session_request(7), session_request(**values)])
    assert refused.value.errors[0].pointer.startswith("/sessions/1/")
    assert found(app, MANAGER) == []


def test_a_cohort_is_planned_for_a_year_at_most(app: App) -> None:
    a_year = app.clock.now().replace(hour=6, minute=0) + timedelta(days=366)
    times = {"starts_at": to_wire(a_year), "ends_at": to_wire(a_year + timedelta(hours=2))}
    prepare(app, sessions=[session_request(**times)])
    later = to_wire(app.clock.now() + timedelta(days=366, seconds=1))
    for values, pointer in (
        ({"applications_open_at": later}, "/applications_open_at"),
        ({"applications_close_at": later}, "/applications_close_at"),
        ({"floors": {"women": 1, "released_at": later}}, "/floors/released_at"),
    ):
        with pytest.raises(errors.Conflict, match=r"trainings\.too_far_ahead") as refused:
            prepare(app, sessions=[], **values)
        assert (refused.value.params, refused.value.errors[0].pointer) == ({"days": 366}, pointer)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("prerequisite", "no-course", "trainings.unknown_course"),
        ("not_already_trained", "no-course", "trainings.unknown_course"),
        ("centre", "aleppo", "trainings.unknown_centre"),
    ],
)
def test_a_rule_that_nobody_can_meet_is_refused(app: App, kind: str, value: str, code: str) -> None:
    course = offer(app)
    known = {"centre": "tabqa"}.get(kind, course.id)
    rules = [{"kind": "organisation_approved"}, {"kind": kind, "values": [known, value]}]
    with pytest.raises(errors.Invalid, match=code) as refused:
        prepare(app, eligibility=rules)
    assert [each.pointer for each in refused.value.errors] == ["/eligibility/1/values/1"]
    draft = prepare(app, eligibility=[{"kind": kind, "values": [known]}])
    with pytest.raises(errors.Invalid, match=code):
        change(app, draft, eligibility=rules)


@pytest.mark.parametrize(("kind", "value"), [("sex", "unknown"), ("role", "manager")])
def test_a_rule_takes_the_words_of_its_kind(app: App, kind: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        prepare(app, eligibility=[{"kind": kind, "values": [value]}])
    assert refused.value.messages == {"eligibility": {0: {"values": ["rule_values"]}}}


def test_sessions_of_a_cohort_do_not_overlap(app: App) -> None:
    twice = [session_request(7, (9, 12)), session_request(7, (11, 13))]
    with pytest.raises(errors.Conflict, match=r"trainings\.sessions_overlap"):
        prepare(app, sessions=twice)
    touching = [session_request(7, (11, 13)), session_request(7, (9, 11))]
    first, second = prepare(app, sessions=touching).sessions
    assert first.ends_at == second.starts_at


def test_sessions_are_added_moved_and_removed(app: App) -> None:
    cohort = prepare(app)
    command = add_session({"cohort_id": cohort.id, **session_request(6)})
    cohort = sessions.add_session(app, call(RAQQA_DESK), command)
    assert cohort.starts_at == from_wire(session_request(6)["starts_at"])
    first = cohort.sessions[0].id
    later = session_request(9)
    cohort = move(app, cohort, first, starts_at=later["starts_at"], ends_at=later["ends_at"])
    assert cohort.sessions[-1].id == first
    request = {"id": cohort.id, "expected_version": cohort.version, "session_id": first}
    cohort = sessions.remove_session(app, call(RAQQA_DESK), remove_session(request))
    assert [each.id for each in cohort.sessions] == [
        each.id for each in app.cohorts.get(cohort.id).sessions
    ]
    assert len(cohort.sessions) == 2


def test_the_roster_follows_the_first_session_and_the_rules(app: App) -> None:
    cohort = open_cohort(app, floors={"women": 1})
    cohort = change(app, cohort, capacity=5, cap_per_organisation=2, floors={"women": 2})
    first = cohort.sessions[0]
    later = session_request(10)
    cohort = move(app, cohort, first.id, starts_at=later["starts_at"], ends_at=later["ends_at"])
    stored = app.cohorts.get(cohort.id)
    assert stored.roster is not None
    assert (stored.roster.capacity, stored.roster.cap) == (5, 2)
    assert stored.roster.starts_at == stored.starts_at
    assert [(each.seats, each.release_at) for each in stored.roster.floors] == [
        (2, stored.starts_at)
    ]


def test_floors_that_need_more_seats_than_there_are_change_nothing(app: App) -> None:
    cohort = open_cohort(app, floors={"women": 2})
    with pytest.raises(errors.Invalid, match=r"trainings\.floors_too_large"):
        change(app, cohort, capacity=1)
    assert app.cohorts.get(cohort.id) == cohort
    # A draft that could not be announced is none.
    with pytest.raises(errors.Invalid, match=r"trainings\.floors_too_large"):
        prepare(app, capacity=2, floors={"women": 3})
    draft = prepare(app, capacity=3, floors={"women": 3})
    with pytest.raises(errors.Invalid, match=r"trainings\.floors_too_large"):
        change(app, draft, capacity=2)
    assert app.cohorts.get(draft.id) == draft


def test_a_session_that_has_begun_stays(app: App) -> None:
    cohort = open_cohort(app)
    first, second = cohort.sessions
    now_is(app, first.starts_at)
    cohort = app.cohorts.get(cohort.id)
    later = session_request(20)
    with pytest.raises(errors.Conflict, match=r"trainings\.session_over"):
        move(app, cohort, first.id, starts_at=later["starts_at"], ends_at=later["ends_at"])
    moved = move(app, cohort, second.id, starts_at=later["starts_at"], ends_at=later["ends_at"])
    assert moved.ends_at == from_wire(later["ends_at"])


def test_an_announced_cohort_keeps_a_session(app: App) -> None:
    cohort = announce(app, sessions=[session_request(7)])
    request = {
        "id": cohort.id,
        "expected_version": cohort.version,
        "session_id": cohort.sessions[0].id,
    }
    with pytest.raises(errors.Conflict, match=r"trainings\.no_sessions"):
        sessions.remove_session(app, call(RAQQA_DESK), remove_session(request))


def test_applications_close_before_the_first_session(app: App) -> None:
    late = session_request(30)["starts_at"]
    with pytest.raises(errors.Invalid, match=r"trainings\.closes_before_opening"):
        prepare(app, applications_close_at=late)
    cohort = prepare(app)
    with pytest.raises(errors.Invalid, match=r"trainings\.closes_before_opening"):
        change(app, cohort, applications_open_at=late)


def test_a_cancelled_cohort_says_why(app: App) -> None:
    cohort = open_cohort(app)
    command = CancelCohort(cohort.id, cohort.version, REASON)
    cancelled = cohorts.cancel_cohort(app, call(RAQQA_DESK), command)
    assert cancelled.status is CohortStatus.CANCELLED
    assert events_of(app, cohort.id)[-1]["data"]["reason"] == REASON
    assert cancelled.starts_at is not None
    now_is(app, cancelled.starts_at + timedelta(days=9))
    assert app.cohorts.get(cohort.id) == cancelled
    with pytest.raises(errors.Conflict, match=r"trainings\.cohort_not_allowed_now"):
        change(app, cancelled, capacity=9)


def test_a_draft_that_is_cancelled_is_shown_to_nobody(app: App) -> None:
    draft, shown = prepare(app), announce(app, prepare(app))
    for each in (draft, shown):
        command = CancelCohort(each.id, each.version, REASON)
        cohorts.cancel_cohort(app, call(RAQQA_DESK), command)
    for who, seen in ((VISITOR, {shown.id}), (RAQQA_DESK, {draft.id, shown.id})):
        found = cohorts.find_cohorts(app, call(who), list_cohorts({}))
        assert {each.id for each in found} == seen
    assert cohorts.get_cohort(app, call(VISITOR), shown.id).id == shown.id
    with pytest.raises(errors.NotFound):
        cohorts.get_cohort(app, call(VISITOR), draft.id)


def test_a_change_of_an_old_version_is_stale(app: App) -> None:
    cohort = prepare(app)
    change(app, cohort, capacity=9)
    with pytest.raises(errors.Stale):
        change(app, cohort, capacity=8)
    assert change(app, app.cohorts.get(cohort.id), capacity=9).version == 2


def test_a_cohort_is_of_a_course_that_is_offered(app: App) -> None:
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_course"):
        prepare(app, course_id="nothing")
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_centre") as refused:
        prepare(app, floors={"centres": [{"centre_id": "aleppo", "seats": 1}]})
    assert refused.value.errors[0].pointer == "/floors/centres/0/centre_id"


def test_the_same_key_gives_the_same_cohort(app: App) -> None:
    command = create_cohort(cohort_request(app))
    both = [cohorts.create_cohort(app, call(RAQQA_DESK, "one"), command) for _ in range(2)]
    assert both[0] == both[1]
    assert found(app, MANAGER) == [both[0].id]


def test_cohorts_are_found_by_filters_and_words(app: App) -> None:
    cohort = announce(app, title={"ar": "إدارة الأزمات", "en": "Crisis management"})
    announce(app)
    assert found(app, VISITOR, search="ادارة الازمات") == [cohort.id]
    assert found(app, VISITOR, course_id=cohort.course_id) == [cohort.id]
    assert len(found(app, VISITOR, status="announced", centre_id="raqqa")) == 2
    assert found(app, VISITOR, centre_id="tabqa") == []


def test_a_repeated_request_of_one_who_lost_the_right_is_refused(app: App) -> None:
    cohort = prepare(app)
    command = add_session({"cohort_id": cohort.id, **session_request(6)})
    added = sessions.add_session(app, call(RAQQA_DESK, "one"), command)
    assert sessions.add_session(app, call(RAQQA_DESK, "one"), command) == added
    announce(app, added)
    former = Caller(id=RAQQA_DESK.id)
    with pytest.raises(errors.Forbidden):
        sessions.add_session(app, call(former, "one"), command)
