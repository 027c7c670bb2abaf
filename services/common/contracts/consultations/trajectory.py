"""The trajectory of an organisation on the wire.

============== ================= ==========
method         request           result
============== ================= ==========
get_trajectory GetTrajectory     Trajectory
============== ================= ==========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, StrictSchema


class TrajectoryStage(Choice):
    choices = ("relief", "stabilising", "developing", "development")


class GetTrajectory(StrictSchema):
    organisation_id = Id(required=True)


class TrajectoryCounts(Schema):
    """Facts of the 24 months that end with the point."""

    trainings = fields.Integer(
        required=True, metadata={"description": "People who completed a training."}
    )
    milestones = fields.Integer(required=True, metadata={"description": "Reached."})
    meetings = fields.Integer(
        required=True, metadata={"description": "With other organisations, held."}
    )


class TrajectoryTerms(Schema):
    """The terms of the index, each from 0 to 1."""

    capacity = fields.Float(required=True)
    learning = fields.Float(required=True)
    practice = fields.Float(required=True)
    connection = fields.Float(required=True)


class TrajectoryPoint(Schema):
    """Where the organisation stood at the end of a month."""

    month = fields.String(required=True, metadata={"example": "2027-03"})
    counts = fields.Nested(TrajectoryCounts, required=True)
    terms = fields.Nested(
        TrajectoryTerms,
        required=True,
        allow_none=True,
        metadata={"description": "null before the first assessment."},
    )
    index = fields.Float(required=True, allow_none=True, metadata={"description": "0 to 100."})
    stage = TrajectoryStage(required=True, allow_none=True)
    assessment_id = Id(required=True, allow_none=True)
    instrument_id = Id(required=True, allow_none=True)


class TrajectoryWeights(Schema):
    """What each term weighs in the index; together 100."""

    capacity = fields.Integer(required=True)
    learning = fields.Integer(required=True)
    practice = fields.Integer(required=True)
    connection = fields.Integer(required=True)


class Trajectory(Schema):
    """A point for the end of each quarter since the first fact, and one for this month; oldest
    first. It shows what went together, and proves no cause."""

    organisation_id = Id(required=True)
    weights = fields.Nested(TrajectoryWeights, required=True)
    points = fields.List(fields.Nested(TrajectoryPoint), required=True)
