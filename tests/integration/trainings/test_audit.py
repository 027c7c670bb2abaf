"""The audit finds what is stored against a rule, and nothing where all is sound."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.common.config import Settings
from services.trainings.app import App
from services.trainings.commands import audit
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations.audit import audit_cohort
from tests.support.applications import admit, apply_in_order, check_sound, withdraw
from tests.support.bookings import MEMBER, RAQQA_DESK, call
from tests.support.mongo import PREFIX
from tests.support.stack import Server
from tests.support.trainings import open_cohort


@pytest.fixture
def seated(app: App) -> tuple[Cohort, list[Application]]:
    """A cohort of two seats that two have, and one waits."""
    cohort = open_cohort(app, capacity=2)
    return cohort, apply_in_order(app, cohort, "first", "second", "third")


def rules_broken(app: App, cohort: Cohort) -> list[str]:
    report = audit_cohort(app, call(RAQQA_DESK), cohort.id)
    return [each.rule.value for each in report.differences]


def tamper(app: App, collection: str, id: str, change: dict[str, Any]) -> None:
    """Change a stored document past all rules."""
    assert app.database.collection(collection).update_one({"_id": id}, change).modified_count == 1


def test_a_sound_cohort_has_no_difference(
    app: App, seated: tuple[Cohort, list[Application]], database: Server
) -> None:
    cohort, (first, _, third) = seated
    withdraw(app, first)
    admit(app, third)
    check_sound(app, cohort)
    settings = Settings("amqp://unused", database.uri, database_prefix=PREFIX)
    assert audit(settings) == []
    with pytest.raises(errors.Forbidden):
        audit_cohort(app, call(MEMBER), cohort.id)


@pytest.mark.parametrize(
    ("collection", "change", "rules"),
    [
        ("cohorts", {"$set": {"roster.capacity": 1}}, ["capacity"]),
        ("cohorts", {"$set": {"roster.capacity": 3}}, ["no_empty_seat"]),
        ("cohorts", {"$set": {"roster.entries.0.person_id": "third"}}, None),
        ("cohorts", {"$set": {"roster.entries.1.organisation_id": "x"}}, ["application_facts"]),
        ("applications", {"$set": {"status": "withdrawn"}}, ["application_state"]),
        ("applications", {"$set": {"version": 9}}, ["history"]),
    ],
)
def test_what_is_stored_against_a_rule_is_found(
    app: App,
    seated: tuple[Cohort, list[Application]],
    collection: str,
    change: dict[str, Any],
    rules: list[str] | None,
) -> None:
    cohort, (first, *_) = seated
    tamper(app, collection, cohort.id if collection == "cohorts" else first.id, change)
    expected = rules or ["person_once", "application_facts"]
    assert rules_broken(app, cohort) == expected


def test_an_event_that_is_missing_is_found_by_the_command(
    app: App, seated: tuple[Cohort, list[Application]], database: Server
) -> None:
    _, (first, *_) = seated
    rows = app.database.collection("outbox")
    rows.delete_one({"event.subject": first.id, "version": 2})
    settings = Settings("amqp://unused", database.uri, database_prefix=PREFIX)
    lines = audit(settings)
    assert len(lines) == 1
    assert f"events {first.id}: expected (2, 2, 'enrolled'), found (1, 1, 'submitted')" in lines[0]
