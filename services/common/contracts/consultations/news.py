"""News of cases on the wire.

========= ======== =========
method    request  result
========= ======== =========
get_news  ById     CaseNews
========= ======== =========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant


class CaseNews(Schema):
    """What a message about a consultation is about, for its recipient."""

    id = Id(required=True)
    case_id = Id(required=True)
    case_number = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "7Q4K-9XPD", "description": "Null with a referral."},
    )
    case_title = fields.String(required=True, allow_none=True)
    referral_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "What a person sees to whom the case is referred."},
    )
    what = fields.String(
        required=True, metadata={"description": "The fact.", "example": "resolved"}
    )
    by = Id(required=True, metadata={"description": "Who did it; `system`: time did."})
    at = Instant(required=True)
