"""What calendar feeds and mails both say of a booking to calendar programs."""

from __future__ import annotations


def event_uid(booking_id: str) -> str:
    """The UID of a booking (RFC 5545, 3.8.4.7): the same wherever a program meets it."""
    return f"{booking_id}@masaha"
