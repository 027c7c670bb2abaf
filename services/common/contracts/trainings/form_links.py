"""Links by which a form of a cohort is answered without an account.

================= =================== ===========
method            request             result
================= =================== ===========
make_form_link    MakeFormLink        FormLink
open_form_link    OpenFormLink        LinkedForm
answer_by_link    AnswerByLink        Submission
================= =================== ===========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, LocalisedText, StrictSchema
from services.common.contracts.trainings.answers import Occasion
from services.common.contracts.trainings.forms import CohortAnswers, Form


class WantedLink(StrictSchema):
    occasion = Occasion(required=True)


class MakeFormLink(WantedLink):
    id = Id(required=True, metadata={"description": "Of the application."})


class FormLink(Schema):
    token = fields.String(required=True, metadata={"description": "The last part of the link."})
    expires_at = Instant(required=True)


class OpenFormLink(StrictSchema):
    token = Id(required=True)


class AnswerByLink(CohortAnswers):
    token = Id(required=True)


class LinkedForm(Schema):
    """What the holder of a link is shown; no part of it says whose link it is."""

    occasion = Occasion(required=True)
    cohort_title = LocalisedText(required=True)
    expires_at = Instant(required=True)
    answered = fields.Boolean(required=True)
    form = fields.Nested(Form, required=True)
