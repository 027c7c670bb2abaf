"""What comes with the refusals of consultations: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in the files of
the codes.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    assessment_id = Id(metadata={"description": "The one that is there."})
    answers_close_at = Instant(metadata={"description": "Until when the form is answered."})
    days = fields.Integer()
    missing_items = fields.List(Id(), metadata={"description": "Items without a score."})
    alternatives = fields.List(
        fields.Dict(), metadata={"description": "What could be had instead, best first."}
    )
    hours = fields.Integer()
    minutes = fields.Integer()
    months = fields.Integer()
    most = fields.Integer(metadata={"description": "The limit."})
    state = fields.String(metadata={"description": "The state that does not allow it."})
    to = fields.String(metadata={"description": "The state, or the step, that was wanted."})
    edition = fields.Integer(metadata={"description": "The number of the newest edition."})
    plan_id = Id(metadata={"description": "The plan that the case has."})
    years = fields.Integer()
