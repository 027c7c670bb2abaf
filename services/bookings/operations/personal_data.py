"""What bookings holds about a person, and what it erases.

Bookings, series and places in line stay the organisation's, and say by id who made them. A person
has links to calendar feeds here, answers under idempotency keys, and everything that came under the
address as a guest.
"""

from __future__ import annotations

from typing import Any

from services.bookings.app import App
from services.bookings.operations.guests import erase_guest
from services.common.context import SYSTEM, Call
from services.common.personal_data import Erasure, check_may_export
from services.common.storage.mongo import Session


def export(
    app: App, call: Call, person_id: str, email: str | None
) -> dict[str, list[dict[str, Any]]]:
    """All that is held about a person, by kind.

    Raises:
        errors.Unauthenticated, errors.Forbidden: neither the person nor a manager asks.
    """
    check_may_export(call.caller, person_id)
    held = app.personal_data
    as_guest = [] if email is None else app.invitations.of_guests(email)
    return {
        "bookings": held.booked_by("bookings", person_id),
        "series": held.booked_by("booking_series", person_id),
        "waitlist_entries": held.booked_by("waitlist_entries", person_id),
        "changes": held.changes_by(person_id),
        "catalogue_changes": app.history.changes_by(person_id),
        "invitations_sent": held.invitations_by(person_id),
        "calendars": held.calendars_of(person_id),
        "invitations_as_guest": [
            {
                "id": each.id,
                "booking_id": each.booking_id,
                "name": each.guest.name,
                "email": each.guest.email,
                "language": each.guest.language,
                "status": each.status.value,
                "invited_at": each.invited_at,
            }
            for each in as_guest
            if each.guest is not None
        ],
    }


def erase(app: App, session: Session, erasure: Erasure) -> None:
    """Erase what is held about a person; ids in bookings and histories stay."""
    app.personal_data.erase_calendars(session, erasure.person_id)
    app.keys.forget(session, caller_id=erasure.person_id)
    if erasure.email is not None:
        erase_guest(app, session, erasure.email, SYSTEM)
