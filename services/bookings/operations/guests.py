"""Guests without an account: name and address, which travel as state and are kept for a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from services.bookings.app import App
from services.bookings.domain.invitations import Invitation
from services.common import clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.bookings.events import GUEST_DETAILS
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session

_AT_ONCE = 500


def put_guest_states(
    app: App, session: Session, invitations: Sequence[Invitation], caller: Caller
) -> None:
    """Send the details of these guests as they now are; none where they are erased."""
    app.outbox.put_states(
        session,
        GUEST_DETAILS,
        [
            Fact(
                each.id,
                each.version,
                {
                    "invitation_id": each.id,
                    "version": each.version,
                    "until": clock.to_wire(each.until),
                    "details": None if each.guest is None else asdict(each.guest),
                },
            )
            for each in invitations
            if each.until is not None
        ],
        caller=caller,
    )


def erase_guest(app: App, session: Session, email: str, caller: Caller) -> int:
    """Erase name and address of a guest from every invitation that the address has got.

    Standings and numbers of people stay; the links are void.

    Returns:
        From how many.
    """
    before = app.invitations.of_guests(email, session)
    now = app.clock.now()
    after = [each.erased(app.new_id(), now) for each in before]
    app.invitations.save_all(session, before, after)
    put_guest_states(app, session, after, caller)
    app.keys.forget(session, guest__email=email)
    return len(after)


def republish(app: App) -> int:
    """Send the details of all guests again, for a subscriber that is new or was restored.

    Returns:
        Of how many.
    """
    sent, last = 0, None
    while page := app.invitations.with_details(last, _AT_ONCE):
        app.database.transact(partial(_put, app, page))
        sent, last = sent + len(page), page[-1].id
    return sent


def _put(app: App, invitations: Sequence[Invitation], session: Session) -> None:
    put_guest_states(app, session, invitations, SYSTEM)
