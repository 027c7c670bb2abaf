"""The data of the events about cases that are not sealed."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Gone(EventData):
    """Of a case that others may not know of any more, nothing is said but that."""

    case_id = Id(required=True)
    version = fields.Integer(required=True)


class Case(EventData):
    """The case as it stands after the fact."""

    case_id = Id(required=True)
    kind_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
