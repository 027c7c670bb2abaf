"""The data of the events of bookings, as their contracts have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.series import Scope, Series
from services.bookings.domain.waitlist import Entry, Offer
from services.common import clock
from services.common.context import Caller


def booking_data(booking: Booking, space: Space, centre: Centre, caller: Caller) -> dict[str, Any]:
    """The booking as it now stands, with the names that a message to people needs."""
    series = {} if booking.series_id is None else {"series_id": booking.series_id}
    return series | {
        "booking_id": booking.id,
        "organisation_id": booking.organisation_id,
        "centre_id": booking.centre_id,
        "space_id": booking.space_id,
        "centre_name": dict(centre.name),
        "space_name": dict(space.name),
        "time_zone": booking.time_zone,
        "starts_at": clock.to_wire(booking.period.starts_at),
        "ends_at": clock.to_wire(booking.period.ends_at),
        "title": booking.title,
        "purpose": booking.purpose,
        "status": booking.status.value,
        "version": booking.version,
        "booked_by": booking.booked_by,
        "changed_by": caller.id,
    }


def series_data(
    series: Series,
    concerned: Sequence[Booking],
    scope: Scope,
    whole: bool,
    place: tuple[Space, Centre],
    caller: Caller,
) -> dict[str, Any]:
    """The series as it now stands, and what has happened to how many of its occurrences.

    Args:
        concerned: the occurrences that it has happened to, as they now are.
        whole: whether they are all that are still to come.
        place: its space and centre.
    """
    space, centre = place
    first = min(concerned, key=lambda each: each.period.starts_at)
    follows = {} if series.follows is None else {"follows": series.follows}
    return follows | {
        "series_id": series.id,
        "organisation_id": series.organisation_id,
        "centre_id": centre.id,
        "space_id": space.id,
        "centre_name": dict(centre.name),
        "space_name": dict(space.name),
        "time_zone": first.time_zone,
        "starts_at": clock.to_wire(first.period.starts_at),
        "ends_at": clock.to_wire(first.period.ends_at),
        "title": series.title,
        "purpose": series.purpose,
        "rrule": series.rule,
        "scope": scope.value,
        "occurrences": len(concerned),
        "pending": sum(each.status is Status.PENDING for each in concerned),
        "whole": whole,
        "rejected": len(series.rejected),
        "status": series.status.value,
        "version": series.version,
        "booked_by": series.booked_by,
        "changed_by": caller.id,
    }


def entry_data(entry: Entry, centre: Centre, caller: Caller) -> dict[str, Any]:
    """A waitlist entry as it now stands."""
    return {
        "entry_id": entry.id,
        "organisation_id": entry.organisation_id,
        "centre_id": centre.id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "window_from": clock.to_wire(entry.window.starts_at),
        "window_to": clock.to_wire(entry.window.ends_at),
        "duration_minutes": entry.duration // timedelta(minutes=1),
        "title": entry.title,
        "purpose": entry.purpose,
        "status": entry.status.value,
        "version": entry.version,
        "booked_by": entry.booked_by,
        "changed_by": caller.id,
    }


def offer_data(offer: Offer, space: Space) -> dict[str, Any]:
    """What a waitlist entry is offered."""
    return withdrawn_offer_data(offer, space) | {"expires_at": clock.to_wire(offer.expires_at)}


def withdrawn_offer_data(offer: Offer, space: Space) -> dict[str, Any]:
    """What a waitlist entry was offered, and cannot have."""
    return {
        "booking_id": offer.booking_id,
        "space_id": space.id,
        "space_name": dict(space.name),
        "starts_at": clock.to_wire(offer.period.starts_at),
        "ends_at": clock.to_wire(offer.period.ends_at),
    }


def previous_data(before: Booking, space: Space) -> dict[str, Any]:
    """Where and when a booking was before it was moved.

    Args:
        space: the one it was in.
    """
    return {
        "previous_space_id": space.id,
        "previous_space_name": dict(space.name),
        "previous_starts_at": clock.to_wire(before.period.starts_at),
        "previous_ends_at": clock.to_wire(before.period.ends_at),
    }


def reason_data(reason: str | None, reasons: Mapping[str, str] | None) -> dict[str, Any]:
    """The reason as one text and in each language, as far as it was given."""
    data: dict[str, Any] = {}
    if reason is not None:
        data["reason"] = reason
    if reasons is not None:
        data["reasons"] = dict(reasons)
    return data
