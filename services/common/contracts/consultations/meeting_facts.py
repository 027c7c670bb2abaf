"""The data of the events about appointments and visits of cases that are not sealed."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant


class Meeting(EventData):
    """The meeting as it stands after the fact."""

    case_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    adviser_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Appointment(Meeting):
    """The appointment as it stands after the fact."""

    appointment_id = Id(required=True)
    mode = fields.String(required=True)


class Visit(Meeting):
    """The visit as it stands after the fact."""

    visit_id = Id(required=True)
    cause = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was called off."}
    )
    minutes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How long it took, as reported."}
    )
