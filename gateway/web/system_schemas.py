"""What the gateway says of itself: problem documents, health and keys."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice


class ProblemFault(Schema):
    pointer = fields.String(
        required=True, metadata={"description": "JSON pointer (RFC 6901) into body or query."}
    )
    code = fields.String(required=True)
    detail = fields.String(required=True)


class Problem(Schema):
    """RFC 9457 problem details; further members, such as `alternatives`, depend on the code."""

    class Meta:
        unknown = "include"

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; act upon this."})
    trace_id = fields.String(required=True, allow_none=True)
    errors = fields.List(
        fields.Nested(ProblemFault),
        metadata={"description": "What is wrong with single values; the first hundred faults."},
    )


class ProblemType(Schema):
    code = fields.String(required=True)
    status = fields.Integer(required=True)
    title = fields.String(required=True)
    meaning = fields.String(required=True)


class ReadinessStatus(Choice):
    choices = ("ready", "not_ready")


class Health(Schema):
    status = fields.String(required=True, metadata={"example": "ok"})
    version = fields.String(
        required=True, metadata={"description": "Of the release.", "example": "1.0.0"}
    )


class Readiness(Schema):
    status = ReadinessStatus(required=True)
    broker = fields.String(required=True)
    database = fields.String(required=True)
    branches = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class JsonWebKeys(Schema):
    keys = fields.List(fields.Dict(), required=True)
