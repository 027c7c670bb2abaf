"""The main job of a member as another system would write it, with nothing but the generated client:
sign in, find, book, be refused, take an alternative, move, cancel, read the inbox.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from uuid import uuid4

from masaha_client import AuthenticatedClient, Client
from masaha_client.api.auth import token
from masaha_client.api.bookings import (
    cancel_booking,
    change_booking,
    create_booking,
)
from masaha_client.api.centres import find_availability
from masaha_client.api.inbox import list_inbox
from masaha_client.models.availability import Availability
from masaha_client.models.booking import Booking
from masaha_client.models.booking_changes import BookingChanges
from masaha_client.models.bookings_space_taken_problem import BookingsSpaceTakenProblem
from masaha_client.models.cancellation import Cancellation
from masaha_client.models.create_booking import CreateBooking
from masaha_client.models.message_state import MessageState
from masaha_client.models.notification_page import NotificationPage
from masaha_client.models.password_grant import PasswordGrant
from masaha_client.models.purpose import Purpose
from masaha_client.models.tokens import Tokens


def main(address: str, email: str, password: str, space: str, organisation: str, day: str) -> None:
    signed_in = token.sync(
        client=Client(base_url=address),
        body=PasswordGrant(grant_type="password", email=email, password=password),
    )
    assert isinstance(signed_in, Tokens), signed_in
    client = AuthenticatedClient(base_url=address, token=signed_in.access_token)

    opens = datetime.fromisoformat(day)
    found = find_availability.sync(
        client=client,
        from_=opens,
        to=opens + timedelta(days=7),
        space_id=space,
        duration_minutes=180,
    )
    assert isinstance(found, Availability), found
    starts_at = found.items[0].free[0].starts_at
    hour = timedelta(hours=1)

    def book(space_id: str, begins: datetime, ends: datetime) -> object:
        return create_booking.sync(
            client=client,
            idempotency_key=str(uuid4()),
            body=CreateBooking(
                space_id=space_id,
                organisation_id=organisation,
                starts_at=begins,
                ends_at=ends,
                title="Planning",
                purpose=Purpose.MEETING,
            ),
        )

    booked = book(space, starts_at, starts_at + hour)
    assert isinstance(booked, Booking), booked

    refused = book(space, starts_at, starts_at + hour)
    assert isinstance(refused, BookingsSpaceTakenProblem), refused
    assert refused.code == "bookings.space_taken"
    assert refused.alternatives, refused
    alternative = refused.alternatives[0]
    print(f"instead: {alternative.space_name.en or alternative.space_name.ar}")
    second = book(alternative.space_id, alternative.starts_at, alternative.ends_at)
    assert isinstance(second, Booking), second

    moved = change_booking.sync(
        booked.id,
        client=client,
        if_match=f'"{booked.version}"',
        body=BookingChanges(starts_at=starts_at + 2 * hour, ends_at=starts_at + 3 * hour),
    )
    assert isinstance(moved, Booking), moved

    for each in (moved, second):
        cancelled = cancel_booking.sync(
            each.id,
            client=client,
            if_match=f'"{each.version}"',
            body=Cancellation(reason="The journey is over"),
        )
        assert isinstance(cancelled, Booking), cancelled
        print(f"cancelled: {cancelled.status}")

    inbox = list_inbox.sync(client=client, state=MessageState.UNREAD, limit=5)
    assert isinstance(inbox, NotificationPage), inbox
    print(f"unread: {inbox.unread}")


if __name__ == "__main__":
    main(*sys.argv[1:])
