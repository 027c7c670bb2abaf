"""What an operator has done by hand: ``python -m services.bookings audit | republish``."""

from __future__ import annotations

from services.bookings.app import build
from services.bookings.domain.budgets import Amount
from services.bookings.operations import guests
from services.bookings.operations.budgets import audit_budgets
from services.common.config import Settings


def audit(settings: Settings) -> list[str]:
    """Recompute the counters of fair use from the bookings.

    Returns:
        a line for each organisation and week whose counter says something else; none if all is
        sound.
    """
    app = build(settings)
    try:
        return [
            f"{each.organisation_id} {each.week}: "
            f"expected {_shown(each.booked)}, found {_shown(each.counted)}"
            for each in audit_budgets(app)
        ]
    finally:
        app.close()


def republish(settings: Settings) -> int:
    """Send the details of all guests again; returns of how many."""
    app = build(settings)
    try:
        return guests.republish(app)
    finally:
        app.close()


def _shown(amount: Amount) -> str:
    return f"{amount.minutes} min in {amount.bookings} bookings"
