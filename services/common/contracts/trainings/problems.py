"""What comes with the refusals of trainings: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in
``errors.py``.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, LocalisedText
from services.common.contracts.trainings.applications import FailedRule


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    application_id = Id(metadata={"description": "The one that is there."})
    answers_close_at = Instant(metadata={"description": "Until when the form is answered."})
    answers_open_at = Instant(metadata={"description": "From when on the form is answered."})
    capacity = fields.Integer(metadata={"description": "How many it holds."})
    closed_at = Instant(metadata={"description": "When applications closed."})
    failed_rules = fields.List(
        fields.Nested(FailedRule), metadata={"description": "Every rule that is not met."}
    )
    hours = fields.Integer()
    minutes = fields.Integer()
    most = fields.Integer(metadata={"description": "The limit."})
    opens_at = Instant(
        metadata={"description": "When applications open, or attendance may be taken."}
    )
    seats = fields.Integer(metadata={"description": "Seats that the floors need together."})
    trainer_id = fields.String(metadata={"description": "The one who is taken."})
    state = fields.String(metadata={"description": "The state that does not allow it."})
    criterion = LocalisedText(metadata={"description": "The label of the criterion."})
    criterion_id = fields.String(metadata={"description": "As it was sent."})
    days = fields.Integer()
    lowest = fields.Integer()
    highest = fields.Integer()
