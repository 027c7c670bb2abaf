"""What comes with the refusals of consultations: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in the files of
the codes.
"""

from __future__ import annotations

from marshmallow import Schema, fields


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    days = fields.Integer()
    most = fields.Integer(metadata={"description": "The limit."})
    state = fields.String(metadata={"description": "The state that does not allow it."})
    to = fields.String(metadata={"description": "The state, or the step, that was wanted."})
