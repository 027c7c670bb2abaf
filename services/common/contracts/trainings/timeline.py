"""Timelines on the wire: what people applied for, attended and earned.

====================== ================== ============
method                 request            result
====================== ================== ============
participant_timeline   OfParticipant      Timeline
organisation_timeline  OfOrganisation     Timeline
====================== ================== ============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, Instant, LocalisedText, Page

KINDS = ("applied", "attended", "earned")


class TimelineKind(Choice):
    choices = KINDS


class OfParticipant(Page):
    id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "null: the caller."},
    )


class OfOrganisation(Page):
    id = Id(required=True)


class PersonOnTimeline(Schema):
    id = Id(required=True)
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "null once it is erased."}
    )


class TimelineLine(Schema):
    """All steps of one kind in one cohort."""

    kind = TimelineKind(required=True)
    cohort_id = Id(required=True)
    title = LocalisedText(required=True, metadata={"description": "Of the cohort."})
    first_at = Instant(required=True)
    last_at = Instant(required=True)
    times = fields.Integer(
        required=True,
        metadata={"description": "Applications, attended sessions, or certificates."},
    )
    people = fields.List(fields.Nested(PersonOnTimeline), required=True)


class Timeline(Schema):
    items = fields.List(fields.Nested(TimelineLine), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
