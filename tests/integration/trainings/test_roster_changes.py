"""What is decided on a roster reaches the applications, with an event and its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.common.context import Caller
from services.trainings.app import App
from services.trainings.domain.admissions import enrol, offer_seats
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.audit import audit_applications, audit_roster
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Roster
from services.trainings.operations import cohorts
from services.trainings.schemas.cohorts import CancelCohort, change_cohort
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import events_of, now_is, open_cohort


def put_on_roster(app: App, cohort: Cohort, *names: str, by: Any = offer_seats) -> Cohort:
    """Applications of these people, and what the roster decides about them."""

    def work(session: Any) -> Cohort:
        stored = app.cohorts.get(cohort.id, session)
        assert stored.roster is not None
        added = []
        for minute, name in enumerate(names):
            at = app.clock.now() + timedelta(minutes=minute)
            application = Application(f"by-{name}", cohort.id, "raqqa", name, at, Source.SELF)
            save_application(app, Caller(id=name), session, stored, None, application)
            added.append(application.entry)
        change = by(stored.roster, added, app.clock.now())
        return apply_roster_change(app, Caller(id=names[0]), session, stored, change)

    return app.database.transact(work)


def change(app: App, cohort: Cohort, **changes: Any) -> Cohort:
    command = change_cohort({"id": cohort.id, "expected_version": cohort.version, **changes})
    return cohorts.change_cohort(app, call(RAQQA_DESK), command)


def statuses(app: App, cohort: Cohort) -> dict[str, str]:
    return {
        each.participant_id: each.status.value for each in app.applications.of_cohort(cohort.id)
    }


def reasons(app: App, name: str) -> list[tuple[str, str | None]]:
    """Event and reason, one by one."""
    return [
        (each["type"].rpartition(".")[2], each["data"]["reason"])
        for each in events_of(app, f"by-{name}")
    ]


def check_sound(app: App, cohort: Cohort) -> Roster:
    """The stored roster, which keeps every rule and says the same as the applications."""
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    found = {each.id: each.status for each in app.applications.of_cohort(cohort.id)}
    assert audit_roster(roster, app.clock.now()) == ()
    assert audit_applications(roster, found) == ()
    return roster


def test_more_seats_are_offered_to_those_who_wait(app: App) -> None:
    cohort = put_on_roster(app, open_cohort(app, capacity=1), "first", "second", "third")
    assert statuses(app, cohort) == {
        "first": "offered",
        "second": "waitlisted",
        "third": "waitlisted",
    }
    cohort = change(app, cohort, capacity=2)
    assert statuses(app, cohort)["second"] == "offered"
    assert reasons(app, "second") == [
        ("submitted", None),
        ("waitlisted", "full"),
        ("offered", "next_by_rank"),
    ]
    offered = app.applications.get("by-second")
    assert offered.offer_expires_at == app.clock.now() + timedelta(hours=48)
    history = app.history.of("application/by-second", after=None, limit=9)
    assert [(each.action, each.by) for each in history] == [
        ("submitted", "second"),
        ("waitlisted", "system"),
        ("offered", "system"),
    ]
    check_sound(app, cohort)


def test_an_offer_that_ends_goes_to_the_next(app: App) -> None:
    cohort = put_on_roster(app, open_cohort(app, capacity=1), "first", "second")
    now_is(app, app.clock.now() + timedelta(hours=48))
    assert statuses(app, cohort) == {"first": "offer_expired", "second": "offered"}
    assert reasons(app, "first")[-1] == ("offer_expired", "no_answer")
    check_sound(app, cohort)


def test_a_cancelled_cohort_ends_every_application(app: App) -> None:
    cohort = put_on_roster(app, open_cohort(app, capacity=1), "first", "second", by=enrol)
    assert statuses(app, cohort) == {"first": "enrolled", "second": "waitlisted"}
    selected = Application("by-third", cohort.id, "raqqa", "third", app.clock.now(), Source.SELF)
    app.database.transact(
        lambda session: save_application(app, Caller(id="third"), session, cohort, None, selected)
    )
    command = CancelCohort(cohort.id, cohort.version, {"ar": "سبب"})
    cohort = cohorts.cancel_cohort(app, call(RAQQA_DESK), command)
    assert set(statuses(app, cohort).values()) == {"cancelled"}
    for name in ("first", "second", "third"):
        assert reasons(app, name)[-1] == ("cancelled", "cohort_cancelled")
        *before, last = events_of(app, f"by-{name}")
        assert last["data"]["reasons"] == {"ar": "سبب"}
        assert not any("reasons" in each["data"] for each in before)
    check_sound(app, cohort)


def test_the_start_ends_the_queue_and_what_is_undecided(app: App) -> None:
    cohort = put_on_roster(app, open_cohort(app, capacity=1), "first", "second", by=enrol)
    assert cohort.starts_at is not None
    now_is(app, cohort.starts_at)
    assert statuses(app, cohort) == {"first": "enrolled", "second": "declined"}
    assert reasons(app, "second")[-1] == ("declined", "cohort_started")
    assert app.applications.get("by-second").status is ApplicationStatus.DECLINED
    check_sound(app, cohort)
