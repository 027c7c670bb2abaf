"""Who may do what: every RPC method of the branch, walked by every kind of caller.

One row a method, one column a caller, on the real database through the real entrypoints. A method
without a row fails, so that its author says who may.

======  ===========================================================================================
Y       let in: answered, or refused by a rule that comes after permission (stale, taken, full)
y       answered, but the thing is not in the list
S       asked to sign in (401)
H       answered that there is none (404)
F       forbidden (403)
C       asked for the door code
======  ===========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.equipment import Equipment
from services.bookings.service import BookingsService
from services.common.clock import to_wire
from services.common.context import VISITOR, Caller
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    WORKING_WEEK,
    call,
    open_centre,
    tomorrow,
)
from tests.support.stack import Server
from tests.support.who_may import NEVER, Row, methods_of, outcome

#: The columns. MEMBER is the one who booked; staff come last, because one of them checks in.
CALLERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "other member": OTHER_MEMBER,
    "who booked": MEMBER,
    "representative": REPRESENTATIVE,
    "desk elsewhere": TABQA_DESK,
    "desk here": RAQQA_DESK,
    "manager": MANAGER,
}

#          visitor  stranger  other member  who booked  representative  elsewhere  here  manager
EVERYBODY = "Y Y Y Y Y Y Y Y"
SIGNED_IN = "S Y Y Y Y Y Y Y"
MANAGER_ONLY = "S F F F F F F Y"
STAFF_HERE = "S F F F F F Y Y"
STAFF_HERE_HIDDEN = "S H H H H H Y Y"
STAFF_ANYWHERE = "S F F F F Y Y Y"
MAY_BOOK = "S F Y Y Y F Y Y"
MAY_SEE = "H H Y Y Y H Y Y"
MAY_CHANGE = "H H F Y Y H Y Y"
MAY_DECIDE = "H H F F F H Y Y"
MAY_LIST = "S y Y Y Y y Y Y"
MAY_SEE_BUDGET = "S H Y Y Y Y Y Y"
MAY_SET_BUDGET = "S H F F F F F Y"
OWNER_HIDDEN = "H H H Y H H H H"
THEMSELVES = "S F F Y F F F Y"


def request_of(service: BookingsService, who: Caller, method: str, request: dict[str, Any]) -> Any:
    """What the method answers this caller, as over RPC but for the wire."""
    service.call = call(who)
    return getattr(service, method)(request)


class Situation:
    """One thing of each kind, of `amal` at the centre `raqqa`; booked by MEMBER."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.service = BookingsService()
        self.service.app = app
        app.equipment.seed([Equipment("raqqa-projector", "raqqa", {"ar": "جهاز عرض"}, 2)])
        self.booking = self.do("create_booking", self.booking_at(tomorrow(10)))["id"]
        self.soon = self.do("create_booking", self.booking_at(NOW + timedelta(minutes=15)))
        meeting = self.do("create_booking", self.booking_at(tomorrow(12), purpose="joint_meeting"))
        self.meeting = meeting["id"]
        self.invitation = self.do(
            "invite", {"booking_id": self.meeting, "organisation_id": "furat"}
        )["id"]
        kept = app.invitations.get(self.invitation)
        self.reply_token = app.links.reply_token(kept.id, kept.nonce)
        self.closure = self.do("create_closure", self.closure_in(20), MANAGER)["id"]
        self.series = self.do("create_series", self.series_at(tomorrow(14)))["id"]
        self.entry = self.do("join_waitlist", self.wish())["id"]

    def do(self, method: str, request: dict[str, Any], who: Caller = MEMBER) -> Any:
        return request_of(self.service, who, method, request)

    # -- requests -----------------------------------------------------------------------------

    def nothing(self) -> dict[str, Any]:
        return {}

    def stale(self, thing: str, **more: Any) -> dict[str, Any]:
        return {"id": thing, "expected_version": NEVER, **more}

    def booking_at(self, start: datetime, **more: Any) -> dict[str, Any]:
        return {
            "space_id": "raqqa-meeting",
            "organisation_id": "amal",
            "starts_at": to_wire(start),
            "ends_at": to_wire(start + timedelta(minutes=30)),
            "title": "Planning",
            "purpose": "meeting",
            **more,
        }

    def series_at(self, start: datetime) -> dict[str, Any]:
        return {**self.booking_at(start), "rrule": "FREQ=WEEKLY;COUNT=2"}

    def closure_in(self, days: int) -> dict[str, Any]:
        start = tomorrow(10) + timedelta(days=days)
        return {
            "centre_id": "raqqa",
            "starts_at": to_wire(start),
            "ends_at": to_wire(start + timedelta(hours=1)),
            "kind": "maintenance",
        }

    def wish(self) -> dict[str, Any]:
        return {
            "space_id": "raqqa-meeting",
            "organisation_id": "amal",
            "window_from": to_wire(tomorrow(10)),
            "window_to": to_wire(tomorrow(10) + timedelta(minutes=30)),
            "duration_minutes": 30,
            "title": "Waiting",
            "purpose": "meeting",
        }

    def calendar(self) -> dict[str, Any]:
        """MEMBER's own calendar, made again if it was deleted."""
        found = self.do("list_calendars", {})["items"]
        if found:
            return {"id": str(found[0]["id"])}
        return {"id": str(self.do("create_calendar", {"kind": "person"})["id"])}

    def calendar_token(self) -> dict[str, Any]:
        return {"token": self.app.links.calendar_token(self.calendar()["id"])}

    def free_time(self) -> dict[str, Any]:
        return {"starts_at": to_wire(tomorrow(9)), "ends_at": to_wire(tomorrow(17))}


ROWS: dict[str, Row[Situation]] = {
    # Public: what there is, and when it is free.
    "list_centres": Row(EVERYBODY, Situation.nothing),
    "get_centre": Row(EVERYBODY, lambda _: {"id": "raqqa"}),
    "list_spaces": Row(EVERYBODY, Situation.nothing),
    "get_space": Row(EVERYBODY, lambda _: {"id": "raqqa-meeting"}),
    "list_equipment": Row(EVERYBODY, Situation.nothing),
    "get_equipment": Row(EVERYBODY, lambda _: {"id": "raqqa-projector"}),
    "find_availability": Row(EVERYBODY, Situation.free_time),
    # How a centre works.
    "add_space": Row(
        MANAGER_ONLY, lambda _: {"centre_id": "raqqa", "name": {"ar": "غرفة"}, "capacity": 5}
    ),
    "change_space": Row(MANAGER_ONLY, lambda s: s.stale("raqqa-meeting", capacity=5)),
    "space_history": Row(STAFF_HERE, lambda _: {"id": "raqqa-meeting"}),
    "add_equipment": Row(
        MANAGER_ONLY, lambda _: {"centre_id": "raqqa", "name": {"ar": "سمّاعة"}, "quantity": 1}
    ),
    "change_equipment": Row(MANAGER_ONLY, lambda s: s.stale("raqqa-projector", quantity=1)),
    "equipment_history": Row(STAFF_HERE, lambda _: {"id": "raqqa-projector"}),
    "set_hours": Row(MANAGER_ONLY, lambda s: s.stale("raqqa", weekly_hours=WORKING_WEEK)),
    "set_space_hours": Row(MANAGER_ONLY, lambda s: s.stale("raqqa-meeting", weekly_hours=None)),
    "list_outside_hours": Row(STAFF_HERE, lambda _: {"centre_id": "raqqa"}),
    "resolve_outside_hours": Row(STAFF_HERE, lambda s: s.stale("raqqa", action="cancel")),
    "set_space_approval": Row(
        MANAGER_ONLY, lambda s: s.stale("raqqa-meeting", needs_approval=True)
    ),
    "preview_closure": Row(STAFF_HERE, lambda s: s.closure_in(30)),
    "create_closure": Row(STAFF_HERE, lambda s: s.closure_in(40)),
    "list_closures": Row(STAFF_HERE, lambda _: {"centre_id": "raqqa"}, lambda s: s.closure),
    "get_closure": Row(STAFF_HERE_HIDDEN, lambda s: {"id": s.closure}),
    "resolve_closure": Row(STAFF_HERE_HIDDEN, lambda s: s.stale(s.closure, action="cancel")),
    "change_closure": Row(STAFF_HERE_HIDDEN, lambda s: s.stale(s.closure, reason="Painters")),
    "lift_closure": Row(STAFF_HERE_HIDDEN, lambda s: s.stale(s.closure)),
    "day_sheet": Row(STAFF_HERE, lambda _: {"centre_id": "raqqa", "date": "2026-11-24"}),
    "day_sheets": Row(
        STAFF_HERE,
        lambda _: {
            "centre_id": "raqqa",
            "first_day": "2026-11-24",
            "last_day": "2026-11-25",
        },
    ),
    "export_person": Row(THEMSELVES, lambda _: {"person_id": MEMBER.id, "email": None}),
    "report_utilisation": Row(
        STAFF_ANYWHERE, lambda _: {"first_day": "2026-11-01", "last_day": "2026-11-30"}
    ),
    # Bookings.
    "create_booking": Row(MAY_BOOK, lambda s: s.booking_at(tomorrow(16))),
    "get_booking": Row(MAY_SEE, lambda s: {"id": s.booking}),
    "list_bookings": Row(MAY_LIST, Situation.nothing, lambda s: s.booking),
    "booking_history": Row(MAY_SEE, lambda s: {"id": s.booking}),
    "change_booking": Row(MAY_CHANGE, lambda s: s.stale(s.booking, title="Other")),
    "cancel_booking": Row(MAY_CHANGE, lambda s: s.stale(s.booking)),
    "approve_booking": Row(MAY_DECIDE, lambda s: s.stale(s.booking)),
    "reject_booking": Row(MAY_DECIDE, lambda s: s.stale(s.booking, reason="No")),
    "check_in": Row(
        "H H C C C H Y Y", lambda s: {"id": s.soon["id"], "expected_version": s.soon["version"]}
    ),
    "end_booking": Row(MAY_CHANGE, lambda s: s.stale(s.booking)),
    "undo_check_in": Row(MAY_CHANGE, lambda s: s.stale(s.booking)),
    "correct_no_show": Row(MAY_DECIDE, lambda s: s.stale(s.booking, reason="They were there")),
    "count_heads": Row(MAY_CHANGE, lambda s: s.stale(s.booking, women=1, men=1)),
    # Budgets.
    "get_budget": Row(MAY_SEE_BUDGET, lambda _: {"id": "amal"}),
    "get_budget_week": Row(MAY_SEE_BUDGET, lambda _: {"organisation_id": "amal"}),
    "set_budget": Row(MAY_SET_BUDGET, lambda s: s.stale("amal", hours=1, bookings=1)),
    "grant_budget": Row(
        MAY_SET_BUDGET,
        lambda _: {"organisation_id": "amal", "week": "2026-W48", "hours": 1, "reason": "Feast"},
    ),
    # Joint meetings. Who has the link needs no account.
    "invite": Row(MAY_CHANGE, lambda s: {"booking_id": s.meeting, "organisation_id": "jisr"}),
    "list_invitations": Row(
        MAY_CHANGE, lambda s: {"booking_id": s.meeting}, lambda s: s.invitation
    ),
    "revoke_invitation": Row(MAY_CHANGE, lambda s: s.stale(s.invitation, booking_id=s.meeting)),
    "get_meeting": Row(EVERYBODY, lambda s: {"token": s.reply_token}),
    "reply_to_invitation": Row(EVERYBODY, lambda s: {"token": s.reply_token, "answer": "no"}),
    # Calendars: one's own. The link says whose it is; the gateway then asks as that person.
    "create_calendar": Row(SIGNED_IN, lambda _: {"kind": "person"}),
    "list_calendars": Row("S y y Y y y y y", Situation.nothing, lambda s: str(s.calendar()["id"])),
    "delete_calendar": Row("S H H Y H H H H", Situation.calendar),
    "calendar_owner": Row(EVERYBODY, Situation.calendar_token),
    "calendar_feed": Row(OWNER_HIDDEN, Situation.calendar_token),
    # Series.
    "create_series": Row(MAY_BOOK, lambda s: s.series_at(tomorrow(15))),
    "preview_series": Row(MAY_BOOK, lambda s: s.series_at(tomorrow(15))),
    "get_series": Row(MAY_SEE, lambda s: {"id": s.series}),
    "list_series": Row(MAY_LIST, Situation.nothing, lambda s: s.series),
    "change_series": Row(MAY_CHANGE, lambda s: s.stale(s.series, scope="all", title="Other")),
    "preview_series_change": Row(
        MAY_CHANGE, lambda s: s.stale(s.series, scope="all", title="Other")
    ),
    "cancel_series": Row(MAY_CHANGE, lambda s: s.stale(s.series, scope="all")),
    "preview_series_cancel": Row(MAY_CHANGE, lambda s: s.stale(s.series, scope="all")),
    "retry_series": Row(MAY_CHANGE, lambda s: s.stale(s.series)),
    # The waitlist.
    "join_waitlist": Row(MAY_BOOK, Situation.wish),
    "get_waitlist_entry": Row(MAY_SEE, lambda s: {"id": s.entry}),
    "list_waitlist_entries": Row(MAY_LIST, Situation.nothing, lambda s: s.entry),
    "accept_offer": Row(MAY_CHANGE, lambda s: s.stale(s.entry)),
    "decline_offer": Row(MAY_CHANGE, lambda s: s.stale(s.entry)),
    "cancel_waitlist_entry": Row(MAY_CHANGE, lambda s: s.stale(s.entry)),
}


def without_a_row(names: set[str]) -> list[str]:
    """Methods without a row that says who may call them."""
    return sorted(names - set(ROWS))


def found_for(situation: Situation, method: str, who: Caller) -> str:
    """What becomes of this caller, as one of the letters above."""
    row = ROWS[method]
    request, shown = row.request(situation), row.shows(situation)
    return outcome(
        lambda: situation.do(method, request, who), shown, {"bookings.door_code_needed": "C"}
    )


@pytest.fixture(scope="module")
def situation(database: Server) -> Iterator[Situation]:
    with contextmanager(open_centre)(database.uri) as app:
        yield Situation(app)


def test_each_method_has_a_row() -> None:
    missing = without_a_row(methods_of(BookingsService))
    assert not missing, f"{missing}: say in ROWS who may call it, and with which request"
    assert set(ROWS) == methods_of(BookingsService)


def test_a_method_without_a_row_is_seen() -> None:
    assert without_a_row({"get_booking", "open_all_doors"}) == ["open_all_doors"]


@pytest.mark.parametrize("method", ROWS)
def test_who_may(situation: Situation, method: str) -> None:
    expected = dict(zip(CALLERS, ROWS[method].who.split(), strict=True))
    found = {name: found_for(situation, method, who) for name, who in CALLERS.items()}
    assert found == expected
