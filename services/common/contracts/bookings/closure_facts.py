"""What the events of closures say."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant


class Closure(EventData):
    """Spaces that are out of use for a time. The reason is not included: it may be about people's
    safety.
    """

    closure_id = Id(required=True)
    centre_id = Id(required=True)
    space_ids = fields.List(Id(), required=True)
    all_spaces = fields.Boolean(
        metadata={"description": "Whether the whole centre is closed; then nobody works there."}
    )
    kind = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class ClosureChanged(Closure):
    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)
