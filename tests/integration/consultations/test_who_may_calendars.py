"""Who may do what in the calendars of advisers: every RPC method, called by every kind of caller.

The letters are those of ``tests/support/who_may.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.common.context import VISITOR, Caller
from services.consultations.app import App
from services.consultations.service import ConsultationsService
from services.consultations.service.absences import AbsenceMethods
from services.consultations.service.advisers import AdviserMethods
from services.consultations.service.appointments import AppointmentMethods
from services.consultations.service.consulting_hours import ConsultingHoursMethods
from services.consultations.service.trips import TripMethods
from services.consultations.service.visits import VisitMethods
from tests.support.adviser_calendars import (
    accept,
    adviser_request,
    agree,
    ask_visit,
    be_absent,
    make_adviser,
    open_case,
    plan_trip_of,
    put_on_case,
    set_up_hours,
    time,
)
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    call,
)
from tests.support.consultations import HUDA, JAMAL, submit_confidential
from tests.support.who_may import NEVER, Row, methods_of, outcome

CALLERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "requester": MEMBER,
    "other member": OTHER_MEMBER,
    "representative": REPRESENTATIVE,
    "its adviser": HUDA,
    "another adviser": JAMAL,
    "desk elsewhere": TABQA_DESK,
    "desk here": RAQQA_DESK,
    "manager": MANAGER,
}
OF_CALENDARS = (
    AbsenceMethods,
    AdviserMethods,
    AppointmentMethods,
    ConsultingHoursMethods,
    TripMethods,
    VisitMethods,
)

#   visitor stranger requester member representative adviser another elsewhere here manager
SEEN = "S H Y Y Y Y H H Y Y"
ARRANGES = "S H Y F Y Y H H Y Y"
HOLDS = "S H F F F Y H H Y Y"
ADVISER_ALONE = "S H F F F Y H H F F"
CHECKS = "S H F F F F H H Y Y"
PLANS = "S H H H H Y H H Y Y"
SEALED = "S H Y H H Y H H H H"


class Situation:
    """A case of Huda's with one thing of each kind in her calendar."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.service = ConsultationsService()
        self.service.app = app
        make_adviser(app)
        make_adviser(app, JAMAL)
        self.case = open_case(app)
        self.hours = set_up_hours(app, time("13:00", 2))
        self.absence = be_absent(app, ("09:00", 6), ("16:00", 6))
        self.appointment = agree(app, self.case, "10:00")
        self.visit = ask_visit(app, self.case, "13:00")
        grouped = accept(app, ask_visit(app, self.case, "10:00", 1))
        self.trip = plan_trip_of(app, grouped)
        sealed = put_on_case(app, submit_confidential(app), HUDA)
        self.sealed = agree(app, sealed, "14:30", 1)
        self.sealed_visit = ask_visit(app, sealed, "14:30", 2)

    def ask(self, who: Caller, method: str, request: dict[str, Any]) -> Any:
        """What the method answers this caller, as over RPC but for the wire."""
        self.service.call = call(who)
        return getattr(self.service, method)(request)


def stale(name: str, **more: Any) -> Callable[[Situation], dict[str, Any]]:
    """A change of one of these things at a version that nothing has."""
    return lambda s: {"id": getattr(s, name).id, "expected_version": NEVER, **more}


def of(name: str) -> Callable[[Situation], dict[str, Any]]:
    return lambda s: {"id": getattr(s, name).id}


def id_of(name: str) -> Callable[[Situation], str]:
    return lambda s: str(getattr(s, name).id)


def nothing(_: Situation) -> dict[str, Any]:
    return {}


TIMES = time("15:00", 1)
REPORT = {**time("09:00", -1), "women": 1, "men": 1, "text": "راجعنا الهيكلية."}
SLOTS = {"starts_at": TIMES["starts_at"], "ends_at": TIMES["ends_at"]}

ROWS: dict[str, Row[Situation]] = {
    "list_advisers": Row("S F F F F Y Y Y Y Y", nothing, lambda _: HUDA.id),
    "get_adviser": Row("S F F F F Y Y Y Y Y", lambda _: {"id": HUDA.id}),
    "add_adviser": Row("S F F F F F F F F Y", lambda _: adviser_request(HUDA.id)),
    "change_adviser": Row(
        "S F F F F Y F F F Y",
        lambda _: {"id": HUDA.id, "expected_version": NEVER, "languages": ["ar", "en"]},
    ),
    "list_slots": Row(
        "S H Y Y Y Y H H Y Y", lambda s: {"adviser_id": HUDA.id, "case_id": s.case.id, **SLOTS}
    ),
    "list_absences": Row("S y y y y Y y y y Y", nothing, id_of("absence")),
    "get_absence": Row("S H H H H Y H H H Y", of("absence")),
    "enter_absence": Row(
        "S F F F F Y F F F Y", lambda _: {"adviser_id": HUDA.id, **time("09:00", -2)}
    ),
    "change_absence": Row("S H H H H Y H H H Y", stale("absence", **time("09:00", 7))),
    "withdraw_absence": Row("S H H H H Y H H H Y", stale("absence")),
    "list_appointments": Row("S y Y Y Y Y y y Y Y", nothing, id_of("appointment")),
    "get_appointment": Row(SEEN, of("appointment")),
    "agree_appointment": Row(
        ARRANGES, lambda s: {"case_id": s.case.id, "mode": "remote", **time("03:00")}
    ),
    "move_appointment": Row(ARRANGES, stale("appointment", **TIMES)),
    "hand_over_appointment": Row(HOLDS, stale("appointment", adviser_id=JAMAL.id)),
    "complete_appointment": Row(HOLDS, stale("appointment")),
    "miss_appointment": Row(HOLDS, stale("appointment")),
    "cancel_appointment": Row(ARRANGES, stale("appointment")),
    "appointment_calendar": Row(SEEN, of("appointment")),
    "calendar_entries": Row("S y Y y y Y y y y y", nothing, id_of("appointment")),
    "list_visits": Row("S y Y Y Y Y y y Y Y", nothing, id_of("visit")),
    "get_visit": Row(SEEN, of("visit")),
    "request_visit": Row(
        ARRANGES, lambda s: {"case_id": s.case.id, "place": "حي المشلب", **time("03:00")}
    ),
    "move_visit": Row(ARRANGES, stale("visit", **TIMES)),
    # Huda has asked; the organisation accepts.
    "accept_visit": Row("S H Y F Y F H H F F", stale("visit")),
    "decline_visit": Row("S H Y F Y F H H F F", stale("visit")),
    "hand_over_visit": Row(HOLDS, stale("visit", adviser_id=JAMAL.id)),
    "complete_visit": Row(HOLDS, stale("visit")),
    "report_visit": Row(ADVISER_ALONE, stale("visit", **REPORT)),
    "return_report": Row(CHECKS, stale("visit", remark="ينقصه ما اتُّفق عليه.")),
    "approve_report": Row(CHECKS, stale("visit")),
    "call_off_visit": Row(ARRANGES, stale("visit", cause="unsafe")),
    "visit_calendar": Row(SEEN, of("visit")),
    "list_trips": Row("S y y y y Y y y Y Y", nothing, id_of("trip")),
    "get_trip": Row(PLANS, of("trip")),
    "plan_trip": Row(
        # A visit that the caller may not know of is no part of a trip.
        "S Y F F F Y Y Y Y Y",
        lambda s: {"visit_ids": [s.visit.id], "ways_minutes": [0, 0]},
    ),
    "change_trip": Row(
        PLANS, lambda s: stale("trip", visit_ids=[s.visit.id], ways_minutes=[0, 0])(s)
    ),
    "dissolve_trip": Row(PLANS, stale("trip")),
    "list_consulting_hours": Row("S y y y y Y y y Y Y", nothing, id_of("hours")),
    "get_consulting_hours": Row(PLANS, of("hours")),
    "set_up_consulting_hours": Row(
        "S F F F F Y F F Y Y",
        lambda _: {"adviser_id": HUDA.id, "centre_id": "raqqa", "month": "2026-11", "hours": []},
    ),
    "change_consulting_hours": Row(PLANS, stale("hours", hours=[])),
}
SEALED_ROWS: list[tuple[str, Row[Situation]]] = [
    ("list_appointments", Row("S y Y y y Y y y y y", nothing, id_of("sealed"))),
    ("list_visits", Row("S y Y y y Y y y y y", nothing, id_of("sealed_visit"))),
    *(
        (method, Row(SEALED, row.request))
        for method, row in (
            ("get_appointment", Row("", of("sealed"))),
            ("appointment_calendar", Row("", of("sealed"))),
            ("move_appointment", Row("", stale("sealed", **TIMES))),
            ("cancel_appointment", Row("", stale("sealed"))),
            ("get_visit", Row("", of("sealed_visit"))),
            ("move_visit", Row("", stale("sealed_visit", **TIMES))),
            ("call_off_visit", Row("", stale("sealed_visit", cause="unsafe"))),
        )
    ),
    ("complete_appointment", Row("S H F H H Y H H H H", stale("sealed"))),
    ("approve_report", Row("S H Y H H F H H H H", stale("sealed_visit"))),
]


def test_every_method_of_calendars_has_a_row() -> None:
    assert set(ROWS) == set().union(*map(methods_of, OF_CALENDARS))


def check(app: App, row: Row[Situation], method: str) -> None:
    situation = Situation(app)
    expected = dict(zip(CALLERS, row.who.split(), strict=True))
    request, shown = row.request(situation), row.shows(situation)
    found = {
        name: outcome(lambda who=who: situation.ask(who, method, request), shown)
        for name, who in CALLERS.items()
    }
    assert found == expected


@pytest.mark.parametrize("method", ROWS)
def test_who_may(app: App, method: str) -> None:
    check(app, ROWS[method], method)


@pytest.mark.parametrize(("method", "row"), SEALED_ROWS, ids=[each for each, _ in SEALED_ROWS])
def test_who_may_of_a_sealed_case(app: App, method: str, row: Row[Situation]) -> None:
    check(app, row, method)
