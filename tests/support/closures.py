"""Closures in tests: made, looked at slot by slot, and taken bit by bit by a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.bookings.app import App
from services.bookings.deadlines import handlers
from services.bookings.domain.closures import Kind
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import closures
from services.bookings.schemas.closures import PlanClosure
from services.common.context import Caller
from services.common.storage.deadlines import Deadline, DeadlineRunner, Handler
from services.common.time.period import Period
from services.common.time.slots import slots_of
from tests.support.bookings import RAQQA_DESK, call, period, tomorrow

REASON = {"ar": "صيانة الكهرباء", "en": "Electrical maintenance"}
ALL_DAY = period(9, 17)
# Of the whole centre, far too much for one request.
LONG = Period(tomorrow(0), tomorrow(0) + timedelta(days=20))


def plan(**values: Any) -> PlanClosure:
    return PlanClosure(
        **{
            "centre_id": "raqqa",
            "space_ids": ("raqqa-meeting",),
            "period": ALL_DAY,
            "kind": Kind.MAINTENANCE,
            "reason": REASON,
            **values,
        }
    )


def close(app: App, caller: Caller = RAQQA_DESK, **values: Any) -> dict[str, Any]:
    return closures.close(app, call(caller), plan(**values))


def seen(app: App, closure_id: str) -> dict[str, Any]:
    """A closure as the front desk sees it now."""
    return closures.get(app, call(RAQQA_DESK), closure_id)


def outcomes(closure: dict[str, Any]) -> dict[str, str]:
    return {each["booking_id"]: each["outcome"] for each in closure["affected"]}


def let_worker_work(app: App, most: int = 1_000) -> int:
    """Do what is due, so many steps at most; returns how many there were, but for the looks at
    offers that each change leaves."""
    steps: list[str] = []

    def counted(kind: str, handler: Handler) -> Handler:
        def do(deadline: Deadline) -> None:
            steps.extend([kind] if kind != DeadlineKind.WAITLIST_OFFERS else [])
            handler(deadline)

        return do

    kinds = {kind: counted(kind, handler) for kind, handler in handlers(app).items()}
    runner = DeadlineRunner("bookings", app.deadlines, kinds, app.clock)
    while len(steps) < most and runner.step():
        pass
    return len(steps)


def check_slots(app: App, *closure_ids: str) -> None:
    """Every slot of these closures is held once: by one of them, or by an affected booking."""
    wanted: set[str] = set()
    for closure_id in closure_ids:
        closure = app.closures.get(closure_id)
        wanted.update(slots_of(closure.leaves, closure.period))
    held: list[str] = []
    for document in app.database.collection("bookings").find({"claims": {"$exists": True}}):
        marks = [each["closure_id"] for each in document.get("affected_by", ())]
        slots = wanted.intersection(document["claims"])
        if slots:
            assert not {document.get("closure_id"), *marks}.isdisjoint(closure_ids)
            held += slots
        if document.get("closure_id") in closure_ids:
            assert slots == set(document["claims"]), "it holds more than it should"
    assert sorted(held) == sorted(wanted)
