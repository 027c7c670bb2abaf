"""The data of the events about certificates and about how enrolments ended: ids, no names."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact


class Certificate(EventData):
    """The certificate as it stands after the fact. Its code is left out: it opens a name."""

    certificate_id = Id(required=True)
    person_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The account of the holder; null: none, or erased."},
    )
    cohort_id = Id(required=True)
    centre_id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "`completion` or `attendance`."})
    title = LocalisedFact(required=True, metadata={"description": "Of the course, as issued."})
    issued_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Issued(Certificate):
    supersedes = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The certificate that it replaces, with another name."},
    )


class Revoked(Certificate):
    reason = fields.String(
        required=True,
        metadata={"description": "`issued_in_error`, `requirements_not_met` or `misused`."},
    )


class Superseded(Certificate):
    superseded_by = Id(required=True, metadata={"description": "The certificate in its place."})
