"""The waitlist on the wire.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
join_waitlist         JoinWaitlist (with key)        WaitlistEntry
get_waitlist_entry    rpc.ById                       WaitlistEntry
list_waitlist_entries ListWaitlistEntries            WaitlistEntryList
cancel_waitlist_entry ChangeWaitlistEntry            WaitlistEntry
accept_offer          ChangeWaitlistEntry            WaitlistEntry
decline_offer         ChangeWaitlistEntry            WaitlistEntry
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.bookings.equipment import Need, needs
from services.common.contracts.bookings.rpc import LONGEST_TITLE, MOST_PEOPLE, Purpose
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    integer,
    name_text,
    text,
)

ENTRY_STATUSES = ("waiting", "offered", "accepted", "declined", "expired", "cancelled")
MOST_FEATURES = 10
_LONGEST_MINUTES = 12 * 60
_LONGEST_FEATURE = 40


class WaitlistStatus(Choice):
    choices = ENTRY_STATUSES


class JoinWaitlist(StrictSchema):
    """A space, or any of a centre's spaces that fits."""

    space_id = Id(load_default=None, allow_none=True)
    centre_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Instead of a space: any of the centre's that fits."},
    )
    organisation_id = Id(required=True)
    window_from = Instant(
        required=True, metadata={"description": "The time that is offered lies within the window."}
    )
    window_to = Instant(required=True)
    duration_minutes = integer(
        15, _LONGEST_MINUTES, required=True, metadata={"description": "A multiple of 15."}
    )
    title = name_text(LONGEST_TITLE, required=True)
    purpose = Purpose(required=True)
    people = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)
    features = fields.List(
        text(_LONGEST_FEATURE),
        load_default=list,
        validate=validate.Length(max=MOST_FEATURES),
        metadata={"description": "What any fitting space must have, such as `projector`."},
    )
    equipment = needs(load_default=list)


class ChangeWaitlistEntry(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class WaitlistFilters(StrictSchema):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    status = WaitlistStatus(load_default=None, allow_none=True)


class ListWaitlistEntries(WaitlistFilters, Page):
    """In the order in which they came."""


class Offer(Schema):
    """A time that is held for the organisation alone."""

    booking_id = Id(required=True, metadata={"description": "The booking that holds it."})
    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    expires_at = Instant(required=True, metadata={"description": "Accept it before then."})


class WaitlistEntry(Schema):
    """A place in line."""

    id = Id(required=True)
    space_id = Id(required=True, allow_none=True)
    centre_id = Id(required=True)
    organisation_id = Id(required=True)
    booked_by = Id(required=True, metadata={"description": "The person who waits."})
    window_from = Instant(required=True)
    window_to = Instant(required=True)
    duration_minutes = fields.Integer(required=True)
    title = fields.String(required=True)
    purpose = Purpose(required=True)
    people = fields.Integer(required=True, allow_none=True)
    features = fields.List(fields.String(), required=True)
    equipment = fields.List(fields.Nested(Need), required=True)
    status = WaitlistStatus(required=True)
    offer = fields.Nested(
        Offer, required=True, allow_none=True, metadata={"description": "What is or was offered."}
    )
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class WaitlistEntryList(Schema):
    items = fields.List(fields.Nested(WaitlistEntry), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
