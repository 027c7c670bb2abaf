"""The audit finds what is stored against a rule, and nothing where all is sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.common.storage.mongo import Document
from services.consultations.app import App
from services.consultations.domain.audit import Rule
from services.consultations.domain.cases import Case
from services.consultations.operations import case_steps
from services.consultations.operations.audit import audit_all
from services.consultations.schemas.case_steps import StepOfCase
from tests.support.adviser_calendars import agree, ask_visit, make_adviser
from tests.support.bookings import MEMBER, call
from tests.support.consultation_hours import at, clock_to, hear, hours_changed, limit_of
from tests.support.consultation_referrals import given_to_huda
from tests.support.consultations import submit, submit_confidential

Tamper = Callable[[App, Case], None]


def change(collection: str, found: Document, update: Document) -> Tamper:
    """A change of a stored document past all rules."""

    def tamper(app: App, case: Case) -> None:
        wanted = {key: case.id if value == "the case" else value for key, value in found.items()}
        assert app.database.collection(collection).update_one(wanted, update).modified_count == 1

    return tamper


def rules_broken(app: App) -> set[Rule]:
    return {each.rule for each in audit_all(app)}


@pytest.fixture
def worked(app: App) -> Case:
    """An open case with a meeting and a visit, that waits for the organisation no more; a sealed
    one; and one that is withdrawn."""
    hear(app, hours_changed(2, at(1, 9)))
    make_adviser(app)
    case = given_to_huda(app, submit(app))
    agree(app, case)
    ask_visit(app, app.cases.get(case.id), "13:00")
    submit_confidential(app)
    gone = submit(app)
    case_steps.withdraw_case(app, call(MEMBER), StepOfCase(gone.id, gone.version))
    return app.cases.get(case.id)


def test_what_is_sound_has_no_difference(app: App, worked: Case) -> None:
    assert list(audit_all(app)) == []
    clock_to(app, limit_of(app, worked.id).due_at or at(30, 9))
    assert list(audit_all(app)) == []


@pytest.mark.parametrize(
    ("rule", "tamper"),
    [
        (Rule.HISTORY, change("history", {"action": "submit"}, {"$set": {"version": 77}})),
        (Rule.OPEN_LOG, change("cases", {"_id": "the case"}, {"$set": {"sealed": True}})),
        (Rule.OPEN_LOG, change("cases", {"sealed": True}, {"$set": {"sealed": False}})),
        (Rule.SEALED_TASK, change("tasks", {"sealed": True}, {"$set": {"sealed": False}})),
        (Rule.LIMITS, change("cases", {"_id": "the case"}, {"$set": {"status": "resolved"}})),
        (Rule.LIMITS, change("time_limits", {"case_id": "the case"}, {"$set": {"case_id": "x"}})),
        (
            Rule.LIMIT_MOMENTS,
            change(
                "time_limits",
                {"case_id": "the case", "what": "resolution"},
                {"$set": {"amount": 60.0}},
            ),
        ),
        (Rule.CALENDAR, change("engagements", {"what": "visit"}, {"$set": {"adviser_id": "x"}})),
    ],
    ids=lambda value: value.value if isinstance(value, Rule) else "",
)
def test_what_is_not_is_found(app: App, worked: Case, rule: Rule, tamper: Tamper) -> None:
    tamper(app, worked)
    assert rule in rules_broken(app)


def test_a_case_without_its_key_is_found(app: App, worked: Case) -> None:
    stored = app.database.collection("cases").find_one({"_id": worked.id})
    assert stored is not None
    secret = bytes(stored["secret"][:-1]) + bytes([stored["secret"][-1] ^ 1])
    change("cases", {"_id": "the case"}, {"$set": {"secret": secret}})(app, worked)
    assert rules_broken(app) == {Rule.KEY}


def test_an_alarm_that_was_not_sent_is_found(app: App, worked: Case) -> None:
    due_at = limit_of(app, worked.id).due_at
    assert due_at is not None
    app.clock.advance(due_at + timedelta(minutes=3) - app.clock.now())  # type: ignore[attr-defined]
    assert Rule.ALARM in rules_broken(app)
