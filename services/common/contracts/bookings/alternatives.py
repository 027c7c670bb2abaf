"""Ways on after a refusal: in a problem's ``alternatives``, and of a rejected occurrence."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, Instant, LocalisedText


class AlternativeKind(Choice):
    choices = ("other_time", "other_space", "other_centre")


class Alternative(Schema):
    """A time in a space that the caller can book; only booking it makes it theirs."""

    kind = AlternativeKind(required=True)
    space_id = Id(required=True)
    centre_id = Id(required=True)
    space_name = LocalisedText(required=True)
    needs_approval = fields.Boolean(
        required=True, metadata={"description": "Whether the front desk decides on the booking."}
    )
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
