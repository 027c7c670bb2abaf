"""How the people of a case are reached about it, on the wire: read by its people alone.

============= =============== =============
method        request         result
============= =============== =============
get_contact   OfContact       CaseContact
set_contact   SetContact      CaseContact
============= =============== =============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.limits import LONGEST_NAME
from services.common.contracts.consultations.rpc import ById, Versioned
from services.common.contracts.fields import StrictSchema, person_name, text

LONGEST_PHONE = 40


class OfContact(ById):
    pass


class ContactGiven(StrictSchema):
    name = person_name(LONGEST_NAME, load_default=None, allow_none=True)
    phone = text(LONGEST_PHONE, load_default=None, allow_none=True)


class SetContact(ContactGiven, Versioned):
    pass


class CaseContact(Schema):
    """Whom to call about a case."""

    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "Of the case."})
