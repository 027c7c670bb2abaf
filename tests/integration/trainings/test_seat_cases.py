"""Seats over the whole way: use cases, timer, erasure and audit give the same answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.trainings.app import App
from services.trainings.domain.admissions import add_staff
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Entry, Rank, Role
from services.trainings.operations import application_lists, cohorts
from services.trainings.operations.assignments import accept_assignment, assign_trainer
from services.trainings.operations.audit import audit_cohort
from services.trainings.schemas.assignments import AnswerAssignment, AssignTrainer
from services.trainings.schemas.cohorts import ChangeCohort
from services.trainings.steps.roster_changes import apply_roster_change
from tests.support.applications import (
    accept,
    admit,
    applicant,
    apply,
    apply_in_order,
    check_sound,
    decisions,
    erase,
    statuses,
    stored,
    withdraw,
)
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import now_is, open_cohort, session_request

TRAINER = Caller(id="trainer", roles=frozenset({"trainer"}))


def teach(app: App, cohort: Cohort) -> None:
    """A trainer who has accepted to teach the cohort."""
    command = AssignTrainer(cohort.id, TRAINER.id, None)
    assignment = assign_trainer(app, call(RAQQA_DESK), command)
    accept_assignment(app, call(TRAINER), AnswerAssignment(assignment.id, assignment.version))


def observe(app: App, cohort: Cohort, name: str) -> None:
    """An observer on the roster."""
    entry = Entry(f"observer-{name}", name, Rank(app.clock.now()), role=Role.OBSERVER)

    def work(session: Any) -> None:
        found = app.cohorts.lock(session, cohort.id)
        assert found.roster is not None
        change = add_staff(found.roster, entry, app.clock.now())
        apply_roster_change(app, RAQQA_DESK, session, found, change)

    app.database.transact(work)


def resize(app: App, cohort: Cohort, capacity: int) -> None:
    version = app.cohorts.get(cohort.id).version
    command = ChangeCohort(cohort.id, version, {"capacity": capacity})
    cohorts.change_cohort(app, call(RAQQA_DESK), command)


def test_nobody_is_promoted_once_the_cohort_has_begun(app: App) -> None:
    """First session Sunday 09:00. Offered at 08:00 for 48 hours, E has until 09:00, not Tuesday.
    D withdraws at 09:15: nobody is promoted. A trainer may still admit by hand, with a reason."""
    cohort = open_cohort(app, capacity=2, offer_hours=48, sessions=[session_request(5)])
    teach(app, cohort)
    starts_at = cohort.starts_at
    assert starts_at is not None
    assert starts_at.strftime("%A %H:%M") == "Sunday 06:00"
    c, d, e, f = apply_in_order(app, cohort, "c", "d", "e", "f")
    now_is(app, starts_at - timedelta(hours=1))
    withdraw(app, c)
    assert stored(app, e).offer_expires_at == starts_at
    now_is(app, starts_at)
    assert decisions(app, e)[-1] == ("offer_expired", "no_answer")
    assert decisions(app, f)[-1] == ("declined", "cohort_started")
    now_is(app, starts_at + timedelta(minutes=15))
    withdraw(app, d)
    assert statuses(app, cohort) == {
        "c": "withdrawn",
        "d": "withdrawn",
        "e": "offer_expired",
        "f": "declined",
    }
    with pytest.raises(errors.Conflict, match=r"trainings\.cohort_started"):
        apply(app, cohort, applicant("g"))
    admitted = admit(app, f, TRAINER, "حضرت الجلسة الأولى")
    assert (admitted.status.value, admitted.reason) == ("enrolled", "by_hand")
    check_sound(app, cohort)


def test_one_figure_for_page_offer_and_audit_also_after_an_erasure(app: App) -> None:
    """Capacity 3: G and K enrolled, one trainer, one observer; F accepts an offer. Taken are 3.
    G is erased: 2 are left, the next is promoted, and G stays in anonymous counts."""
    cohort = open_cohort(app, capacity=3)
    teach(app, cohort)
    observe(app, cohort, "observer")
    g, k, x, f, h = apply_in_order(app, cohort, "g", "k", "x", "f", "h")
    withdraw(app, x)
    assert figures(app, cohort) == {"enrolled": 2, "offered": 1, "taken": 3, "free": 0}
    assert accept(app, f).status.value == "enrolled"
    assert figures(app, cohort) == {"enrolled": 3, "offered": 0, "taken": 3, "free": 0}
    erase(app, g.participant_id)
    assert figures(app, cohort) == {"enrolled": 2, "offered": 1, "taken": 3, "free": 0}
    assert decisions(app, h)[-1] == ("offered", "next_by_rank")
    assert decisions(app, g)[-1] == ("erased", "person_erased")
    roster = check_sound(app, cohort)
    assert [(each.standing.value, each.people) for each in roster.erased] == [("enrolled", 1)]
    assert (roster.entry_of("g"), roster.departures_of("g")) == (None, 0)
    erase(app, g.participant_id)
    assert check_sound(app, cohort) == roster
    assert stored(app, k).status.value == "enrolled"


def figures(app: App, cohort: Cohort) -> dict[str, int]:
    """The seats as the page and the audit count them."""
    count, _ = application_lists.cohort_seats(app, call(RAQQA_DESK), cohort.id)
    report = audit_cohort(app, call(RAQQA_DESK), cohort.id)
    assert report.differences == ()
    assert report.seats_taken == count.taken
    return {
        "enrolled": count.enrolled,
        "offered": count.offered,
        "taken": count.taken,
        "free": count.free,
    }


def test_the_cap_counts_seats_and_live_offers_only(app: App) -> None:
    """Cap 2: X has one seat, and the ranks 1 and 3 in the queue; Y has rank 2. Two free seats go to
    X and Y. A third skips the next of X, by the cap, and goes on down the queue."""
    cohort = open_cohort(app, capacity=3, cap_per_organisation=2)
    x, y = (lambda name, org=org: applicant(name, org) for org in ("x", "y"))
    apply(app, cohort, x("x-seated"))
    apply_in_order(app, cohort, "p", "q")
    first = apply(app, cohort, x("x-first"))
    second = apply(app, cohort, y("y-second"))
    third = apply(app, cohort, x("x-third"))
    fourth = apply(app, cohort, applicant("fourth"))
    resize(app, cohort, 5)
    assert [stored(app, each).status.value for each in (first, second, third, fourth)] == [
        *("offered", "offered"),
        *("waitlisted", "waitlisted"),
    ]
    resize(app, cohort, 6)
    assert decisions(app, third)[-1] == ("changed", "organisation_cap")
    assert decisions(app, fourth)[-1] == ("offered", "next_by_rank")
    assert stored(app, third).status.value == "waitlisted"
    check_sound(app, cohort)
    withdraw(app, first, x("x-first"))
    assert stored(app, third).status.value == "offered"
    check_sound(app, cohort)
