"""What comes with the refusals of trainings: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in
``errors.py``.
"""

from __future__ import annotations

from marshmallow import Schema, fields


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    capacity = fields.Integer(metadata={"description": "How many it holds."})
    hours = fields.Integer()
    minutes = fields.Integer()
    most = fields.Integer(metadata={"description": "The limit."})
    seats = fields.Integer(metadata={"description": "Seats that the floors need together."})
    trainer_id = fields.String(metadata={"description": "The one who is taken."})
    state = fields.String(metadata={"description": "The state that does not allow it."})
