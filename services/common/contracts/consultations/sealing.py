"""Sealing a case, and what opens it for a while, on the wire.

=============== ======================== ==============
method          request                  result
=============== ======================== ==============
seal_case       SealCase                 Case
unseal_case     SealCase                 Case
break_glass     BreakGlass (with key)    AccessGrant
list_access     ListAccess               AccessLogList
=============== ======================== ==============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.case_steps import ReasonAllowed
from services.common.contracts.consultations.rpc import ReasonGiven, Versioned
from services.common.contracts.fields import Choice, Id, Instant, Page, integer

LONGEST_GRANT_MINUTES = 60


class SealCase(ReasonAllowed, Versioned):
    pass


class GlassBroken(ReasonGiven):
    minutes = integer(
        1,
        LONGEST_GRANT_MINUTES,
        load_default=LONGEST_GRANT_MINUTES,
        metadata={"description": "How long the case is to be read."},
    )


class BreakGlass(GlassBroken):
    case = Id(required=True, metadata={"description": "The id of the case, or its number."})


class AccessGrant(Schema):
    """A case is open to its reader until then."""

    case_id = Id(required=True)
    case_number = fields.String(required=True, metadata={"example": "7Q4K-9XPD"})
    until = Instant(required=True)


READINGS = (
    "case",
    "list",
    "history",
    "note",
    "notes",
    "attachment",
    "attachments",
    "news",
    "contact",
    "rating",
    "referral",
    "referrals",
    "time_limits",
)


class CaseReading(Choice):
    choices = READINGS


class AccessWay(Choice):
    choices = ("on_the_case", "break_glass", "open_to", "referred")


class AccessEntry(Schema):
    id = Id(required=True)
    person_id = Id(required=True)
    read = CaseReading(required=True)
    item_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The note or the file; null for the case itself."},
    )
    way = AccessWay(required=True, metadata={"description": "How the reader came to it."})
    at = Instant(required=True)


class AccessLogList(Schema):
    items = fields.List(fields.Nested(AccessEntry), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListAccess(Page):
    id = Id(required=True)
