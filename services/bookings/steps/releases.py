"""Time that is free again: the entries that wait for it are looked for, and no operation can forget
it.

Every release goes through here: the time that a booking gives up, because ``save_booking`` stores
every change, and other released time by :func:`time_released`. It leaves a deadline that is due at
once, in the transaction of the release; the worker then offers the time to the waitlist.

A budget is released too: who waits for a time that is free, but not within the week's limits, is
looked for when there is more left (:func:`budget_freed`).
"""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import differences
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.rules import bookable
from services.bookings.domain.waitlist import Entry
from services.common import clock
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.weeks import surrounding_period


@dataclass(frozen=True, slots=True)
class Release:
    """What has become free.

    Attributes:
        centre_id: where; ``None`` for each centre at which the organisation waits.
        organisation_id: of the only one for which anything has changed; ``None`` if for all.
        entry_id: of the only entry for which anything has changed; ``None`` if for all.
    """

    period: Period
    centre_id: str | None = None
    organisation_id: str | None = None
    entry_id: str | None = None


def after_change(app: App, session: Session, before: Booking, after: Booking) -> None:
    """Look for the entries that wait for the time that the booking has given up, if any."""
    if before.claim is None:
        return
    kept = () if after.claim is None else after.claim.slots
    if set(before.claim.slots).difference(kept):
        cause = f"{after.id}@{after.version}"
        time_released(app, session, before.centre_id, before.claim.period, cause)
    given_back = [
        w for w, more in differences(before.counts, after.counts).items() if (-more).grows
    ]
    if not given_back:
        return
    budget = app.budgets.get(after.owner, session)
    if not budget.limits(app.weekly_limits).none:
        for week in given_back:
            cause = f"{after.id}@{after.version}|{week}"
            budget_freed(app, session, after.owner, surrounding_period(week), cause)


def budget_freed(
    app: App, session: Session, organisation_id: str, period: Period, cause: str
) -> None:
    """An organisation has more of its budget left in a period than before: the time that it waits
    for, at any centre, may be free for it already. For anybody else nothing has changed.

    Whether it waits at all is asked by the match, not here: who joins in this very moment is not
    seen here yet, and may have been refused by what the budget was.

    Args:
        cause: as :func:`time_released`.
    """
    _leave(app, session, period, cause, organisation_id=organisation_id)


def organisation_reinstated(app: App, session: Session, organisation_id: str, version: int) -> None:
    """An organisation may use the centre again: all that is free may be free for it. Whether it
    waits is asked by the match, as in :func:`budget_freed`.

    Args:
        version: of the organisation, by which it may.
    """
    cause = f"{organisation_id}@{version}.organisation"
    period = bookable(app.clock.now())
    _leave(app, session, period, cause, organisation_id=organisation_id)


def time_released(app: App, session: Session, centre_id: str, period: Period, cause: str) -> None:
    """Time at a centre is free again.

    Args:
        cause: what has released it, of its own for each release: releases that happen at once
            must not write the same document.
    """
    _leave(app, session, period, cause, centre_id=centre_id)


def entry_waits(app: App, session: Session, entry: Entry, cause: str) -> None:
    """An entry waits that did not before, or can be offered something again: what it waits for may
    be free already. For anybody else nothing has changed.

    Args:
        cause: as :func:`time_released`.
    """
    narrowed = {"centre_id": entry.centre_id, "entry_id": entry.id}
    _leave(app, session, entry.window, cause, **narrowed)


def release_of(deadline: Deadline) -> Release:
    """What was released, and for whom."""
    data = deadline.data
    return Release(
        period=Period(clock.from_wire(data["starts_at"]), clock.from_wire(data["ends_at"])),
        centre_id=data.get("centre_id"),
        organisation_id=data.get("organisation_id"),
        entry_id=data.get("entry_id"),
    )


def _leave(app: App, session: Session, period: Period, cause: str, **narrowed: str) -> None:
    data = {
        "starts_at": clock.to_wire(period.starts_at),
        "ends_at": clock.to_wire(period.ends_at),
        **narrowed,
    }
    app.deadlines.set(session, DeadlineKind.WAITLIST_MATCH, cause, app.clock.now(), data)
