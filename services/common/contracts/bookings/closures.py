"""Closures on the wire.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
preview_closure       PlanClosure                    Preview
create_closure        PlanClosure (with key)         ClosureWithAffected
list_closures         ListClosures                   ClosureList
get_closure           rpc.ById                       ClosureWithAffected
resolve_closure       ResolveClosure                 Resolution
change_closure        ChangeClosure                  ClosureWithAffected
lift_closure          LiftClosure                    ClosureWithAffected
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.bookings.rpc import STATUSES, BookingStatus, OfOrganisation
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    integer,
    text,
)

KINDS = ("maintenance", "event", "security")
STANDING = ("standing", "lifted")
STATES = ("closing", "in_force", "lifted")
MOST_SPACES = 100
MOST_RESOLVED = 25
OUTCOMES = ("waiting", "moved", "kept", *STATUSES)


class ClosureKind(Choice):
    choices = KINDS


class ClosureStatus(Choice):
    choices = STANDING


class ClosureState(Choice):
    choices = STATES


class AffectedOutcome(Choice):
    choices = OUTCOMES


class ResolutionAction(Choice):
    choices = ("cancel", "move")


class Reason(fields.Field[Any]):
    """A text as a person writes it, or one in each language: ``{"ar": …, "en": …}``."""

    def __init__(self, **kwargs: Any) -> None:
        self.plain = text(LONGEST_REASON, lines=True)
        self.localised = LocalisedText(limit=LONGEST_REASON, lines=True)
        super().__init__(
            metadata={
                "description": "Shown to the people affected; plain, or in each language.",
                "examples": [{"ar": "صيانة الكهرباء", "en": "Electrical maintenance"}],
            },
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return self.localised.deserialize(value)
        return self.plain.deserialize(value)


class ClosurePlan(StrictSchema):
    """What is to be closed."""

    space_ids = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_SPACES),
        metadata={"description": "Spaces of the centre; null or left out: all that it has now."},
    )
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, metadata={"description": "At most 90 days after the start."})
    kind = ClosureKind(required=True)
    reason = Reason(load_default=None, allow_none=True)


class PlanClosure(ClosurePlan):
    centre_id = Id(required=True)


class AffectedBooking(Schema):
    """A booking that stood in the way when the closure was made, and what became of it."""

    booking_id = Id(required=True)
    organisation_id = OfOrganisation(required=True)
    booked_by = Id(required=True)
    title = fields.String(required=True)
    people = fields.Integer(required=True, allow_none=True)
    space_id = Id(required=True, metadata={"description": "Where it was then."})
    starts_at = Instant(required=True, metadata={"description": "When it was then."})
    ends_at = Instant(required=True)
    outcome = AffectedOutcome(
        required=True,
        metadata={
            "description": "`waiting` for a decision, `moved`, `kept` since the closure was "
            "lifted, or the status in which the booking has ended."
        },
    )
    now_space_id = Id(required=True)
    now_starts_at = Instant(required=True)
    now_ends_at = Instant(required=True)
    status = BookingStatus(required=True)
    version = fields.Integer(required=True)


class Closure(Schema):
    id = Id(required=True)
    centre_id = Id(required=True)
    space_ids = fields.List(Id(), required=True)
    kind = ClosureKind(required=True)
    reason = Reason(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    status = ClosureStatus(required=True)
    state = ClosureState(
        required=True,
        metadata={
            "description": "A large closure is `closing` for some seconds: nobody gets any of its "
            "time from its answer on, and bookings that were being made just then are still "
            "found and listed. Then it is `in_force`."
        },
    )
    all_spaces = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the whole centre is closed, with any space that it gets later."
        },
    )
    closed_by = Id(required=True)
    lifted_by = Id(required=True, allow_none=True)
    lifted_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class Progress(Schema):
    """How far a closure has got that is `closing`, in spaces × days."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class ClosureWithAffected(Closure):
    progress = fields.Nested(
        Progress,
        required=True,
        allow_none=True,
        metadata={"description": "While it is `closing`; null otherwise."},
    )
    affected = fields.List(fields.Nested(AffectedBooking), required=True)


class ClosureList(Schema):
    items = fields.List(fields.Nested(Closure), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class Preview(Schema):
    """What a closure would do, if it were made now."""

    centre_id = Id(required=True)
    space_ids = fields.List(Id(), required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    affected = fields.List(fields.Nested(AffectedBooking), required=True)


class ClosureFilters(StrictSchema):
    status = ClosureStatus(load_default=None, allow_none=True)
    ends_after = Instant(load_default=None, allow_none=True)


class ListClosures(ClosureFilters, Page):
    """Ordered by start, then id."""

    centre_id = Id(required=True)


class Decision(StrictSchema):
    """What is to become of affected bookings that wait."""

    action = ResolutionAction(required=True)
    booking_ids = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_RESOLVED),
        metadata={"description": f"Left out: the next {MOST_RESOLVED} that wait."},
    )
    space_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Move one booking into this space; left out: where it fits."},
    )
    starts_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "Move one booking to this time; left out: the nearest."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _a_place_is_for_one(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("space_id", "starts_at"):
            if data.get(name) is None:
                continue
            if data["action"] != "move" or len(data.get("booking_ids") or ()) != 1:
                raise ValidationError({name: ["only_moving_one"]})


class ResolveClosure(Decision):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Refused(Schema):
    booking_id = Id(required=True)
    code = fields.String(required=True, metadata={"description": "Why it still waits."})


class Resolution(ClosureWithAffected):
    refused = fields.List(
        fields.Nested(Refused),
        required=True,
        metadata={"description": "Of this request: bookings that could not be helped so."},
    )


class LiftClosure(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ClosureChanges(StrictSchema):
    """Any of these may be changed; what is left out stays."""

    starts_at = Instant(
        metadata={"description": "Of a closure that has begun it stays as it is."},
    )
    ends_at = Instant(
        metadata={"description": "In the future, at most 90 days after the start."},
    )
    reason = Reason(allow_none=True)


class ChangeClosure(ClosureChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
