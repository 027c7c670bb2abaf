"""What an operator does with bookings: ``python -m services.bookings republish``."""

from __future__ import annotations

from services.bookings.app import build
from services.bookings.operations import guests
from services.common.config import Settings


def republish(settings: Settings) -> int:
    """Send the details of all guests again; returns of how many."""
    app = build(settings)
    try:
        return guests.republish(app)
    finally:
        app.close()
