"""Withdrawing offers that nobody could accept any more, for any cause.

An offer is made in a transaction of its own, which may have read what was changed meanwhile. So
each cause is answered twice: at once, and when no transaction of then can be open any more.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.waitlist import Entry, EntryStatus
from services.bookings.steps import holds
from services.bookings.steps.closure_checks import closure_over
from services.bookings.steps.event_data import reason_data
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.waitlist_entries import RECHECKED_AFTER, held_for, withdraw_offer
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session

_BY_ITSELF = Call(caller=SYSTEM)
_AGAIN = "again"


def withdraw_void_offers(app: App, deadline: Deadline) -> None:
    """Withdraw the offers that have become impossible, each in a transaction of its own.

    Raises:
        LeaseLost: if another worker has the deadline by now; what was withdrawn stays.
    """
    where = {key: value for key, value in deadline.data.items() if key != _AGAIN}
    for entry_id in app.waitlist.offered_at(**where):
        app.database.transact(partial(_withdraw_if_void, app, entry_id))

    def finish(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        if _AGAIN not in deadline.data:
            due_at = app.clock.now() + RECHECKED_AFTER
            app.deadlines.set(
                session,
                DeadlineKind.WAITLIST_OFFERS,
                deadline.subject,
                due_at,
                where | {_AGAIN: "yes"},
            )

    app.database.transact(finish)


def _withdraw_if_void(app: App, entry_id: str, session: Session) -> None:
    entry = app.waitlist.get(entry_id, session)
    held = held_for(app, entry, session) if entry.status is EntryStatus.OFFERED else None
    if held is None:
        return
    reason = reason_void(app, session, held)
    if reason is not None:
        end_void(app, session, entry, held, reason)


def end_void(
    app: App, session: Session, entry: Entry, held: Booking, reason: dict[str, Any]
) -> Booking:
    """Give back a held time that could not be accepted; the entry waits again, in its old place.

    Args:
        reason: as ``facts.why`` says it.
    """
    after = holds.expire(app, session, held, part_of=entry.id)
    withdraw_offer(app, SYSTEM, session, held, reason)
    return after


def reason_void(app: App, session: Session, held: Booking) -> dict[str, Any] | None:
    """Why a held time cannot be accepted now, as ``facts.why`` says it; ``None`` if it can be
    accepted.
    """
    try:
        holds.check_acceptable(
            app, _BY_ITSELF, session, held, space_and_centre(app, held.space_id, session)
        )
    except (errors.Conflict, errors.Invalid) as refusal:
        closure = closure_over(app, session, held)
        if closure is not None:
            return reason_data(closure.text(), closure.texts())
        key = f"withdrawn.{refusal.code.partition('.')[2]}"
        known = [each for each in app.texts.languages if app.texts.has(key, each)]
        texts = {language: app.texts.text(key, language) for language in known}
        return reason_data(texts.get("ar"), texts or None)
    return None
