"""An adviser who takes cases no more: tasks with substitutes about all that the adviser has to do,
for people who can do something about it. Nothing is cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.context import Caller
from services.common.personal_data import Erasure
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.tasks import Task
from services.consultations.operations import advisers, assigning, personal_data, tasks
from services.consultations.operations.identity_events import apply_events
from services.consultations.schemas.advisers import change_adviser
from services.consultations.schemas.assigning import AssignAdviser
from services.consultations.schemas.tasks import CloseTask, list_tasks
from services.consultations.steps.lost_advisers import TRIED_AGAIN_AFTER
from tests.support.adviser_calendars import (
    accept,
    agree,
    ask_visit,
    be_absent,
    make_adviser,
    open_case,
    put_on_case,
)
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.consultations import (
    HUDA,
    JAMAL,
    SALMA,
    advance,
    events_of,
    run_due_deadlines,
    submit_confidential,
)
from tests.support.notifications import person as person_of


def lose_role(app: App, person: Caller = HUDA, version: int = 5) -> None:
    apply_events(app, [person_of(person.id, version=version)])
    run_due_deadlines(app)


def be_active(app: App, active: bool) -> None:
    version = app.advisers.get(HUDA.id).version
    request = {"id": HUDA.id, "expected_version": version, "active": active}
    advisers.change_adviser(app, call(MANAGER), change_adviser(request))
    run_due_deadlines(app)


def open_tasks(app: App, who: Caller = RAQQA_DESK, **query: Any) -> list[Task]:
    return tasks.find_tasks(app, call(who), list_tasks({"open": True, **query}))


def by_subject(found: list[Task]) -> dict[str, tuple[str, Any]]:
    return {each.subject: (each.what.value, each.details.get("substitutes")) for each in found}


@pytest.fixture
def case(app: App) -> Case:
    """An open case of Huda, for whom Jamal could come."""
    make_adviser(app)
    make_adviser(app, JAMAL)
    return open_case(app, speciality="finance")


class TestAnOpenCase:
    @pytest.mark.parametrize("how", ["role", "disabled", "inactive", "erased"])
    def test_of_an_adviser_who_takes_cases_no_more_needs_another(
        self, app: App, case: Case, how: str
    ) -> None:
        made = agree(app, case, "10:00")
        visit = accept(app, ask_visit(app, case, "13:00"))
        for each in open_tasks(app):
            tasks.close_task(app, call(RAQQA_DESK), CloseTask(each.id, each.version))
        if how == "inactive":
            be_active(app, False)
        elif how == "erased":
            app.database.transact(lambda session: _erase(app, session))
            run_due_deadlines(app)
        else:
            roles = () if how == "role" else ("adviser",)
            status = "disabled" if how == "disabled" else "active"
            apply_events(app, [person_of(HUDA.id, version=5, roles=roles, status=status)])
            run_due_deadlines(app)
        assert by_subject(open_tasks(app)) == {
            case.id: ("assign_adviser", [JAMAL.id]),
            made.id: ("adviser_left", [JAMAL.id]),
            visit.id: ("adviser_left", [JAMAL.id]),
        }
        assert app.appointments.get(made.id) == made
        assert app.visits.get(visit.id) == visit
        assert app.cases.get(case.id).adviser_id == HUDA.id

    def test_needs_nobody_when_the_adviser_is_back(self, app: App, case: Case) -> None:
        agree(app, case, "10:00")
        lose_role(app)
        assert len(open_tasks(app)) == 2
        apply_events(app, [person_of(HUDA.id, version=6, roles=("adviser",))])
        run_due_deadlines(app)
        assert open_tasks(app) == []

    def test_is_given_to_another_adviser(self, app: App, case: Case) -> None:
        lose_role(app)
        command = AssignAdviser(case.id, app.cases.get(case.id).version, JAMAL.id, None)
        assigning.assign_adviser(app, call(RAQQA_DESK), command)
        assert open_tasks(app) == []


class TestASealedCase:
    def test_comes_to_another_adviser_of_its_kind(self, app: App) -> None:
        make_adviser(app, specialities=["registration"])
        case = put_on_case(app, submit_confidential(app), HUDA)
        assert case.adviser_ids == {HUDA.id}
        made = agree(app, case, "10:00")
        lose_role(app)
        stored = app.cases.get(case.id)
        assert stored.adviser_ids == {HUDA.id, SALMA.id}
        assert by_subject(open_tasks(app, SALMA)).keys() == {case.id, made.id}
        for who in (RAQQA_DESK, MANAGER, MEMBER, JAMAL):
            assert case.id not in by_subject(open_tasks(app, who))
        told = {each.what for each in app.news.of_recipient(MEMBER.id)}
        assert "adviser_joined" in told
        assert events_of(app, case.id) == []
        command = AssignAdviser(case.id, stored.version, SALMA.id, None)
        assert assigning.assign_adviser(app, call(SALMA), command).adviser_id == SALMA.id
        assert case.id not in by_subject(open_tasks(app, SALMA))

    def test_is_for_another_of_its_advisers_where_there_is_one(self, app: App) -> None:
        make_adviser(app, specialities=["registration"])
        case = put_on_case(app, submit_confidential(app), HUDA, SALMA)
        lose_role(app)
        assert app.cases.get(case.id).version == case.version
        assert list(by_subject(open_tasks(app, SALMA))) == [case.id]

    def test_waits_until_somebody_knows_its_kind(self, app: App) -> None:
        case = submit_confidential(app)
        apply_events(app, [person_of(SALMA.id, version=5)])
        run_due_deadlines(app)
        assert app.cases.get(case.id) == case
        make_adviser(app, JAMAL, specialities=["registration"])
        advance(app, TRIED_AGAIN_AFTER)
        run_due_deadlines(app)
        assert JAMAL.id in app.cases.get(case.id).adviser_ids
        assert list(by_subject(open_tasks(app, JAMAL))) == [case.id]


def test_an_absence_that_covers_many_meetings_is_refused_to_nobody(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal would count the meetings of sealed cases."""
    monkeypatch.setattr("services.consultations.operations.absences.MOST_COVERED", 1)
    make_adviser(app)
    case = open_case(app)
    made = {agree(app, case, clock).id for clock in ("09:00", "10:30", "13:00")}
    be_absent(app, ("08:00", 0), ("16:00", 0))
    run_due_deadlines(app)
    found = open_tasks(app, what="adviser_absent")
    assert {each.subject for each in found} == made


def _erase(app: App, session: Session) -> None:
    personal_data.erase(app, session, Erasure(HUDA.id, 9))
