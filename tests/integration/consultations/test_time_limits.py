"""Time limits of cases: moments in working time, one warning and one alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.common.context import Caller
from services.common.contracts.bookings.events import (
    CLOSURE_CHANGED,
    CLOSURE_DECLARED,
    CLOSURE_LIFTED,
)
from services.common.errors import NotFound
from services.common.events.envelope import CloudEvent
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.kinds import TimeLimits
from services.consultations.domain.time_limits import Limited, LimitStatus
from services.consultations.operations import case_steps, notes, time_limits
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.notes import AddNote
from services.consultations.service import ConsultationsService
from tests.support.bookings import MEMBER, REPRESENTATIVE, STRANGER, call
from tests.support.consultation_hours import (
    at,
    clock_to,
    closure,
    hear,
    hours_changed,
    limit_of,
    week,
)
from tests.support.consultations import (
    HUDA,
    SALMA,
    events_of,
    run_due_deadlines,
    submit,
    submit_confidential,
)

THURSDAY_15 = at(26, 15)
RAMADAN = {
    "seasons": [
        {
            "name": {"ar": "رمضان"},
            "starts_on": "2026-11-29",
            "ends_on": "2026-12-28",
            "weekly_hours": week("10:00", "14:00"),
        }
    ]
}
HOLIDAY = {"exceptions": [{"date": "2026-11-29", "name": {"ar": "عطلة"}, "hours": []}]}


@pytest.fixture
def opened(app: App) -> App:
    """Raqqa opens from Sunday to Thursday, 09:00 to 16:00; it is Thursday, 15:00. A technical case
    is resolved within four hours; the warning comes an hour before."""
    hear(app, hours_changed(2, at(1, 9)))
    kind = app.kinds.get("technical")
    limits = TimeLimits(first_answer_minutes=120, resolution_minutes=240, warning_minutes=60)
    for each in (kind, app.kinds.get("legal")):
        changed = replace(each, limits=limits, version=each.version + 1)
        app.database.transact(lambda s, c=changed: app.kinds.save(s, c, c.version - 1))  # type: ignore[misc]
    clock_to(app, THURSDAY_15)
    return app


def alarms(app: App, case: Case) -> list[str]:
    """What was sent about the limits of the case, in order."""
    sent = [each["type"] for each in events_of(app, case.id)]
    return [each.rpartition(".")[2] for each in sent if ".limit_" in each]


def assigned(app: App, case: Case) -> Case:
    """The case, in the hands of Huda."""
    stored = app.cases.get(case.id)
    changed = replace(
        stored,
        adviser_id="huda",
        adviser_ids=frozenset({"huda"}),
        people=stored.people | {"huda"},
        version=stored.version + 1,
        status=stored.status.ASSIGNED,
    )
    app.database.transact(lambda session: app.cases.save(session, changed, stored.version))
    return changed


def step(app: App, case: Case, name: str, **values: Any) -> Case:
    """A step that Huda takes."""
    version = app.cases.get(case.id).version
    command = StepOfCase(case.id, version, **values)
    after: Case = getattr(case_steps, name)(app, call(HUDA), command)
    return after


@pytest.mark.parametrize(
    ("heard", "warn", "due"),
    [
        ((), at(29, 11), at(29, 12)),
        ((hours_changed(3, at(26, 14), **RAMADAN),), at(29, 12), at(29, 13)),
        (
            (closure(CLOSURE_DECLARED, 1, at(28, 10), at(29, 0), at(30, 0)),),
            at(30, 11),
            at(30, 12),
        ),
        ((hours_changed(3, at(28, 10), **HOLIDAY),), at(30, 11), at(30, 12)),
    ],
    ids=["as usual", "Ramadan from Sunday", "Sunday closed on Saturday", "Sunday a holiday"],
)
def test_warning_and_alert_come_once_in_working_hours(
    opened: App, heard: Sequence[CloudEvent], warn: datetime, due: datetime
) -> None:
    """CO2: glpi#22678, an early alert at 00:00; zammad#4432, mails at midnight and weekends."""
    case = submit(opened)
    step(opened, assigned(opened, case), "start_case")
    clock_to(opened, at(28, 10))
    hear(opened, *heard)
    limit = limit_of(opened, case.id)
    assert (limit.warn_at, limit.due_at) == (warn, due)
    clock_to(opened, warn - timedelta(seconds=1))
    assert alarms(opened, case) == []
    clock_to(opened, warn)
    assert alarms(opened, case) == ["limit_warned"]
    clock_to(opened, due - timedelta(seconds=1))
    assert alarms(opened, case) == ["limit_warned"]
    clock_to(opened, due)
    assert alarms(opened, case) == ["limit_warned", "limit_passed"]
    clock_to(opened, due + timedelta(days=14))
    assert alarms(opened, case) == ["limit_warned", "limit_passed"]


def test_what_was_sent_is_not_repeated_where_hours_change(opened: App) -> None:
    case = submit(opened)
    step(opened, assigned(opened, case), "start_case")
    clock_to(opened, at(29, 11))
    assert alarms(opened, case) == ["limit_warned"]
    hear(opened, closure(CLOSURE_DECLARED, 1, at(29, 11), at(29, 11, 30), at(30, 0)))
    assert limit_of(opened, case.id).due_at == at(30, 9, 30)
    clock_to(opened, at(30, 9, 15))
    assert alarms(opened, case) == ["limit_warned"]
    clock_to(opened, at(30, 9, 30))
    hear(opened, hours_changed(3, at(30, 9, 40), weekly_hours=week("08:00", "20:00")))
    clock_to(opened, at(30, 19))
    assert alarms(opened, case) == ["limit_warned", "limit_passed"]


def test_a_worker_that_was_away_in_the_night_alarms_in_the_morning(opened: App) -> None:
    case = submit(opened)
    step(opened, assigned(opened, case), "start_case")
    opened.clock.advance(at(29, 22) - THURSDAY_15)  # type: ignore[attr-defined]
    run_due_deadlines(opened)
    assert alarms(opened, case) == []
    clock_to(opened, at(30, 9))
    assert alarms(opened, case) == ["limit_passed"]


def test_closures_come_in_any_order_and_lifted_ones_give_time_back(opened: App) -> None:
    case = submit(opened)
    day = (at(29, 9), at(29, 16))
    changed = closure(
        CLOSURE_CHANGED,
        2,
        at(28, 11),
        *day,
        previous_starts_at="2026-11-30T06:00:00Z",
        previous_ends_at="2026-11-30T13:00:00Z",
    )
    hear(opened, changed)
    hear(opened, closure(CLOSURE_DECLARED, 1, at(28, 10), at(30, 9), at(30, 16)))
    assert limit_of(opened, case.id).due_at == at(30, 12)
    hear(opened, closure(CLOSURE_LIFTED, 3, at(29, 11), *day))
    assert limit_of(opened, case.id).due_at == at(29, 14)
    hear(opened, changed)
    assert limit_of(opened, case.id).due_at == at(29, 14)


def test_a_closure_of_some_spaces_stops_nobody(opened: App) -> None:
    case = submit(opened)
    hear(
        opened,
        closure(CLOSURE_DECLARED, 1, at(26, 15), at(29, 0), at(30, 0), all_spaces=False),
    )
    assert limit_of(opened, case.id).due_at == at(29, 12)


def test_many_limits_are_counted_anew_some_at_a_time(
    opened: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "BATCH", 2)
    cases = [submit(opened) for _ in range(5)]
    hear(opened, closure(CLOSURE_DECLARED, 1, at(26, 15), at(29, 0), at(30, 0)))
    assert {limit_of(opened, each.id).due_at for each in cases} == {at(30, 12)}


class TestPauses:
    def test_waiting_for_the_organisation_stands_still(self, opened: App) -> None:
        case = assigned(opened, submit(opened))
        clock_to(opened, at(26, 15, 30))
        step(opened, case, "ask_organisation", content={"question": "من يوقّع؟"}, reason=None)
        assert limit_of(opened, case.id).status is LimitStatus.PAUSED
        clock_to(opened, at(30, 10))
        assert alarms(opened, case) == []
        step(opened, case, "resume_case")
        limit = limit_of(opened, case.id)
        assert (limit.warn_at, limit.due_at) == (at(30, 12, 30), at(30, 13, 30))

    def test_a_first_answer_is_not_warned_of_after_it_was_given(self, opened: App) -> None:
        case = assigned(opened, submit(opened))
        first = limit_of(opened, case.id, Limited.FIRST_ANSWER)
        assert first.due_at == at(29, 10)
        clock_to(opened, at(29, 9, 30))
        assert alarms(opened, case) == ["limit_warned"]
        step(opened, case, "start_case")
        first = limit_of(opened, case.id, Limited.FIRST_ANSWER)
        assert (first.status, first.took) == (LimitStatus.MET, timedelta(minutes=90))
        clock_to(opened, at(29, 10, 30))
        assert alarms(opened, case) == ["limit_warned"]

    @pytest.mark.parametrize(
        ("who", "sealed", "status"),
        [
            (HUDA, False, LimitStatus.MET),
            (HUDA, True, LimitStatus.RUNNING),
            (MEMBER, False, LimitStatus.RUNNING),
        ],
        ids=["an adviser", "an adviser, sealed", "the organisation"],
    )
    def test_an_open_note_of_an_adviser_is_the_first_answer(
        self, opened: App, who: Caller, sealed: bool, status: LimitStatus
    ) -> None:
        case = assigned(opened, submit(opened))
        clock_to(opened, at(29, 9, 30))
        note = AddNote(case.id, "وصل طلبكم، ونبدأ بالدليل المالي.", sealed)
        notes.add_note(opened, call(who), note)
        first = limit_of(opened, case.id, Limited.FIRST_ANSWER)
        assert first.status is status
        assert limit_of(opened, case.id).status is LimitStatus.RUNNING
        # Another note changes nothing of what was met.
        notes.add_note(opened, call(who), replace(note, text="متى نلتقي؟"))
        assert limit_of(opened, case.id, Limited.FIRST_ANSWER) == first
        clock_to(opened, at(29, 10))
        alerted = limit_of(opened, case.id, Limited.FIRST_ANSWER).alerted_at
        assert alerted == (None if status is LimitStatus.MET else at(29, 10))


class TestEnds:
    def test_a_resolved_case_alarms_nobody_and_a_reopened_one_begins_anew(
        self, opened: App
    ) -> None:
        case = assigned(opened, submit(opened))
        step(opened, case, "start_case")
        clock_to(opened, at(29, 10))
        step(opened, case, "resolve_case", content={"outcome": "دليل"})
        limit = limit_of(opened, case.id)
        assert (limit.status, limit.took) == (LimitStatus.MET, timedelta(hours=2))
        clock_to(opened, at(30, 9))
        assert alarms(opened, case) == []
        version = opened.cases.get(case.id).version
        command = StepOfCase(case.id, version, reason="لم تُحلّ المشكلة")
        case_steps.reopen_case(opened, call(MEMBER), command)
        again = limit_of(opened, case.id)
        assert (again.round, again.due_at) == (2, at(30, 13))

    def test_a_withdrawn_case_alarms_nobody(self, opened: App) -> None:
        case = submit(opened)
        command = StepOfCase(case.id, case.version, reason="لا حاجة")
        case_steps.withdraw_case(opened, call(REPRESENTATIVE), command)
        clock_to(opened, at(30, 9))
        assert {each.status for each in opened.time_limits.of_case(case.id)} == {
            LimitStatus.DROPPED
        }
        assert alarms(opened, case) == []


def test_staff_have_a_task_until_the_case_is_resolved(opened: App) -> None:
    case = assigned(opened, submit(opened))
    step(opened, case, "start_case")
    clock_to(opened, at(29, 12))
    limit = limit_of(opened, case.id)
    tasks = opened.database.collection("tasks")
    (task,) = tasks.find({"what": "limit_passed"})
    assert (task["subject"], task["case_id"], task["open"]) == (limit.id, case.id, True)
    step(opened, case, "resolve_case", content={"outcome": "دليل"})
    (task,) = tasks.find({"what": "limit_passed"})
    assert task["open"] is False


def test_a_sealed_case_alarms_nobody_but_its_people(opened: App) -> None:
    case = submit_confidential(opened)
    clock_to(opened, at(29, 12))
    assert events_of(opened, case.id) == []
    tasks = opened.tasks.page({"what": "limit_passed"})
    assert tasks
    assert {(each.sealed, each.people) for each in tasks} == {(True, frozenset({SALMA.id}))}
    assert limit_of(opened, case.id).alerted_at == at(29, 12)


def test_who_may_read_the_case_reads_its_limits(opened: App) -> None:
    case = submit(opened)
    service = ConsultationsService()
    service.app, service.call = opened, call(MEMBER)
    items = service.list_time_limits({"id": case.id})["items"]
    assert [(each["what"], each["due_at"], each["amount_minutes"]) for each in items] == [
        ("first_answer", "2026-11-29T07:00:00Z", 120),
        ("resolution", "2026-11-29T09:00:00Z", 240),
    ]
    service.call = call(STRANGER)
    with pytest.raises(NotFound):
        service.list_time_limits({"id": case.id})
