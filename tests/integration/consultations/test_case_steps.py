"""The steps of a case: what each side does, what it may not do, and what time does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import SYSTEM, Call, Caller
from services.common.contracts.consultations.limits import MOST_PEOPLE
from services.common.directory.people import Membership
from services.common.history.wire import ListHistory
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import CLOSES_AFTER, REOPENS_WITHIN, Case
from services.consultations.operations import case_steps as steps
from services.consultations.operations.cases import case_history
from services.consultations.schemas.case_steps import PersonOfCase, StepOfCase, TriageCase
from tests.support.bookings import (
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    call,
)
from tests.support.consultations import (
    HUDA,
    SALMA,
    advance,
    events_of,
    know_adviser,
    profile,
    run_due_deadlines,
    submit,
    submit_confidential,
)

Step = Callable[[App, Call, StepOfCase], Case]


def do(app: App, step: Step, who: Caller, case: Case, **said: Any) -> Case:
    return step(app, call(who), StepOfCase(case.id, case.version, **said))


def person(app: App, step: Callable[..., Case], case: Case, person_id: str) -> Case:
    command = PersonOfCase(case.id, case.version, person_id)
    result: Case = step(app, call(REPRESENTATIVE), command)
    return result


def with_adviser(app: App, case: Case, adviser: Caller = HUDA) -> Case:
    """The case, which an adviser was given."""

    def work(session: Session) -> Case:
        after = replace(
            case,
            status=CaseStatus.ASSIGNED,
            adviser_id=adviser.id,
            adviser_ids=frozenset({adviser.id}),
            people=case.people | {adviser.id},
            version=case.version + 1,
        )
        app.cases.save(session, after, case.version)
        return after

    return app.database.transact(work)


def actions(app: App, case: Case, who: Caller = MEMBER) -> list[str]:
    return [each.action for each in case_history(app, call(who), ListHistory(case.id))]


def facts(app: App, case: Case) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, case.id)]


def resolved(app: App, asked: Case | None = None) -> Case:
    case = with_adviser(app, asked or submit(app))
    return do(app, steps.resolve_case, HUDA, case, content={"outcome": "أُعدّ الدليل."})


def test_a_case_waits_for_the_organisation_and_comes_back(app: App) -> None:
    case = do(app, steps.start_case, HUDA, with_adviser(app, submit(app)))
    asked = do(app, steps.ask_organisation, HUDA, case, content={"question": "ما الميزانية؟"})
    assert asked.status is CaseStatus.AWAITING_ORGANISATION
    assert (asked.content.question, asked.asked_at) == ("ما الميزانية؟", app.clock.now())
    back = do(app, steps.resume_case, MEMBER, asked)
    assert (back.status, back.asked_at) == (CaseStatus.IN_PROGRESS, None)
    done = do(app, steps.resolve_case, HUDA, back, content={"outcome": "أُعدّ الدليل."})
    closed = do(app, steps.close_case, REPRESENTATIVE, done)
    assert closed.status is CaseStatus.CLOSED
    assert facts(app, case) == ["submitted", "started", "awaiting", "resumed", "resolved", "closed"]
    assert "أُعدّ" not in str(events_of(app, case.id))


def test_a_resolved_case_closes_by_itself(app: App) -> None:
    case = resolved(app)
    advance(app, CLOSES_AFTER - timedelta(seconds=1))
    run_due_deadlines(app)
    assert app.cases.get(case.id).status is CaseStatus.RESOLVED
    advance(app, timedelta(seconds=1))
    run_due_deadlines(app)
    after = app.cases.get(case.id)
    assert (after.status, after.closed_at) == (CaseStatus.CLOSED, app.clock.now())
    assert facts(app, case)[-1] == "closed"
    assert actions(app, case)[-1] == "closed"


def test_a_reopened_case_does_not_close(app: App) -> None:
    case = do(app, steps.reopen_case, MEMBER, resolved(app), reason="رُفض الدليل")
    assert case.status is CaseStatus.REOPENED
    assert case.adviser_id == HUDA.id
    advance(app, REOPENS_WITHIN)
    run_due_deadlines(app)
    assert app.cases.get(case.id).status is CaseStatus.REOPENED
    assert actions(app, case)[-1] == "reopened"


@pytest.mark.parametrize(
    ("active", "roles", "status", "asked"),
    [
        (True, {"adviser"}, "active", False),
        (False, {"adviser"}, "active", True),
        (True, {"trainer"}, "active", True),
        (True, {"adviser"}, "disabled", True),
    ],
    ids=["works", "inactive", "lost the role", "disabled"],
)
@pytest.mark.parametrize("ask", [submit, submit_confidential], ids=["open", "sealed"])
def test_a_reopened_case_whose_adviser_works_no_more_waits_for_another(
    app: App, ask: Callable[[App], Case], active: bool, roles: set[str], status: str, asked: bool
) -> None:
    case = resolved(app, ask(app))
    app.database.transact(lambda session: app.advisers.add(session, profile(HUDA, active=active)))
    know_adviser(app, HUDA.id, status=status, roles=frozenset(roles))
    reopened = do(app, steps.reopen_case, MEMBER, case, reason="رُفض الدليل")
    assert reopened.status is CaseStatus.REOPENED
    tasks = app.tasks.page({"what": "assign_adviser", "open": True})
    assert [(each.subject, each.sealed) for each in tasks] == (
        [(case.id, case.sealed)] if asked else []
    )
    # Of a sealed one nobody else could assign: another adviser of its kind comes to it.
    whose = frozenset({SALMA.id}) if case.sealed else frozenset()
    assert all(each.people == whose for each in tasks)
    if case.sealed and asked:
        assert app.cases.get_visible(case.id, SALMA, app.clock.now()).version == reopened.version


def test_a_case_is_not_reopened_for_ever(app: App) -> None:
    case = resolved(app)
    advance(app, REOPENS_WITHIN + timedelta(seconds=1))
    run_due_deadlines(app)
    closed = app.cases.get(case.id)
    with pytest.raises(errors.Conflict, match=r"consultations\.reopening_over"):
        do(app, steps.reopen_case, MEMBER, closed, reason="رُفض الدليل")
    assert app.cases.get(case.id) == closed


def test_a_declined_case_needs_nobody(app: App) -> None:
    case = submit(app)
    declined = do(app, steps.decline_case, RAQQA_DESK, case, reason="خارج الاختصاص")
    assert (declined.status, declined.closed_at) == (CaseStatus.DECLINED, app.clock.now())
    (task,) = app.tasks.page({"case_id": case.id})
    assert (task.open, task.closed_by) == (False, SYSTEM.id)
    last = case_history(app, call(MEMBER), ListHistory(case.id))[-1]
    assert (last.reason, last.by) == ("خارج الاختصاص", RAQQA_DESK.id)


def test_the_organisation_withdraws(app: App) -> None:
    case = do(app, steps.withdraw_case, REPRESENTATIVE, submit(app))
    assert case.status is CaseStatus.WITHDRAWN
    with pytest.raises(errors.Forbidden):
        do(app, steps.withdraw_case, OTHER_MEMBER, submit(app))


def test_triage_names_the_speciality(app: App) -> None:
    case = submit(app)
    command = TriageCase(case.id, case.version, {"speciality": "registration"})
    with pytest.raises(errors.Invalid, match=r"consultations\.unknown_speciality"):
        steps.triage_case(app, call(RAQQA_DESK), command)
    command = TriageCase(case.id, case.version, {"speciality": "finance"})
    triaged = steps.triage_case(app, call(RAQQA_DESK), command)
    assert (triaged.status, triaged.speciality) == (CaseStatus.TRIAGED, "finance")


def test_a_step_of_an_older_version_changes_nothing(app: App) -> None:
    before = submit(app)
    case = with_adviser(app, before)
    with pytest.raises(errors.Stale):
        do(app, steps.withdraw_case, MEMBER, before)
    assert app.cases.get(case.id) == case


def test_members_are_added_and_let_go(app: App) -> None:
    case = submit_confidential(app)
    with pytest.raises(errors.NotFound):
        person(app, steps.add_person, case, OTHER_MEMBER.id)
    command = PersonOfCase(case.id, case.version, OTHER_MEMBER.id)
    case = steps.add_person(app, call(MEMBER), command)
    assert OTHER_MEMBER.id in case.people
    again = steps.add_person(app, call(MEMBER), replace(command, expected_version=case.version))
    assert again == case
    assert actions(app, case, OTHER_MEMBER) == ["submit", "changed"]
    let_go = PersonOfCase(case.id, case.version, OTHER_MEMBER.id)
    case = steps.remove_person(app, call(MEMBER), let_go)
    with pytest.raises(errors.NotFound):
        actions(app, case, OTHER_MEMBER)


def test_only_members_are_added_and_not_without_end(app: App) -> None:
    case = submit(app)
    with pytest.raises(errors.Invalid, match=r"consultations\.not_a_member"):
        person(app, steps.add_person, case, STRANGER.id)
    many = [Membership("amal", f"m{n}", 1, "member", active=True) for n in range(MOST_PEOPLE)]
    app.database.transact(lambda session: app.directory.put_memberships(session, many))
    for each in many[:-1]:
        case = person(app, steps.add_person, case, each.person_id)
    with pytest.raises(errors.Conflict, match=r"consultations\.too_many_people") as refused:
        person(app, steps.add_person, case, many[-1].person_id)
    assert refused.value.params == {"most": MOST_PEOPLE}


@pytest.mark.parametrize("person_id", [MEMBER.id, HUDA.id])
def test_requester_and_adviser_stay_on_the_case(app: App, person_id: str) -> None:
    case = with_adviser(app, submit(app))
    with pytest.raises(errors.Conflict, match=r"consultations\.on_the_case_by_office"):
        person(app, steps.remove_person, case, person_id)
    assert app.cases.get(case.id) == case


def test_an_adviser_who_lost_the_role_supports_nobody(app: App) -> None:
    case = with_adviser(app, submit(app))
    with pytest.raises(errors.NotFound):
        do(app, steps.start_case, Caller(id=HUDA.id), case)
