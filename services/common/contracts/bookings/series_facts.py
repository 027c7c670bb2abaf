"""The data of the events about series.

Each occurrence has events of its own; where a series changes as a whole these are part of the
series' own event, which informs people of all of them.
"""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact


class Series(EventData):
    """The series as it stands after the fact, and the first of the occurrences concerned."""

    series_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    space_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    space_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    rrule = fields.String(required=True, metadata={"description": "As it was asked for."})
    scope = fields.String(
        required=True,
        metadata={
            "description": "What was asked for: `this`, `following` or `all`; not all of that may "
            "have been had, see `whole`."
        },
    )
    occurrences = fields.Integer(
        required=True, metadata={"description": "How many occurrences this fact concerns."}
    )
    pending = fields.Integer(
        metadata={
            "description": "How many of these wait for the front desk's approval; their time is "
            "held until then."
        }
    )
    whole = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether these are all that are still to come, so that nothing that was "
            "said of the series before is true any more."
        },
    )
    rejected = fields.Integer(
        required=True, metadata={"description": "How many occurrences could not be had so far."}
    )
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    booked_by = Id(required=True, metadata={"description": "The person who made the series."})
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
    follows = Id(metadata={"description": "The series that it was split from, if it was."})
    part_of = Id(
        metadata={
            "description": "Id of the booking or series whose own event informs people, so a "
            "sender of messages leaves this one out."
        }
    )


class Cancelled(Series):
    reason = fields.String(required=True, allow_none=True)
