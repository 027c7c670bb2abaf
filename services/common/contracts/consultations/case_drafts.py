"""Requests that are filled in beforehand, on the wire.

=========== =========== ===========
method      request     result
=========== =========== ===========
draft_case  DraftCase   CaseDraft
=========== =========== ===========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.cases import CaseOrigin, CaseOriginKind
from services.common.contracts.fields import Id, LanguageCode, StrictSchema


class DraftCase(StrictSchema):
    """What led to the request, and for which organisation it is."""

    organisation_id = Id(required=True)
    origin = CaseOriginKind(required=True)
    origin_id = Id(required=True)


class CaseDraft(Schema):
    """A request as it may be sent; a person looks it through and completes it first."""

    kind_id = Id(required=True, allow_none=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True, allow_none=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    language = LanguageCode(required=True)
    speciality = Id(required=True, allow_none=True)
    origin = fields.Nested(CaseOrigin, required=True)
