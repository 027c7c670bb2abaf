"""What every branch answers of a person: the RPC method ``export_person``.

============= ============ =================
method        request      result
============= ============ =================
export_person ExportPerson PersonalData
============= ============ =================
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.fields import Id, StrictSchema

LONGEST_EMAIL = 254


class ExportPerson(StrictSchema):
    person_id = Id(required=True)
    email = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_EMAIL),
        metadata={"description": "By which a branch finds what it holds under no id."},
    )


class PersonalData(Schema):
    """All that a branch holds about a person, by kind."""

    data = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)
