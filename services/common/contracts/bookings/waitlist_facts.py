"""The data of the events about the waitlist."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact

_REASONS = "The reason in each language, where it was given so."


class WaitlistEntry(EventData):
    """A place in line as it stands after the fact."""

    entry_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    window_from = Instant(required=True)
    window_to = Instant(required=True)
    duration_minutes = fields.Integer(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    booked_by = Id(required=True, metadata={"description": "The person who waits."})
    changed_by = Id(required=True, metadata={"description": "Who caused this fact."})


class WaitlistOffer(WaitlistEntry):
    """A time that is held for the organisation alone, for a while."""

    booking_id = Id(required=True, metadata={"description": "The booking that holds the time."})
    space_id = Id(required=True)
    space_name = LocalisedFact(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    expires_at = Instant(required=True, metadata={"description": "Until when it can be accepted."})


class WaitlistWithdrawn(WaitlistEntry):
    """What was offered cannot be had; the entry waits again."""

    booking_id = Id(required=True, metadata={"description": "The booking that held the time."})
    space_id = Id(required=True)
    space_name = LocalisedFact(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = fields.String(metadata={"description": "The reason, where a person gave one."})
    reasons = LocalisedFact(metadata={"description": _REASONS}, limit=LONGEST_REASON)
