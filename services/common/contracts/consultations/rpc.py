"""What several methods of consultations accept alike."""

from __future__ import annotations

from services.common.contracts.consultations.limits import LONGEST_REASON
from services.common.contracts.fields import Id, StrictSchema, integer, text


class ById(StrictSchema):
    id = Id(required=True)


class Versioned(StrictSchema):
    """A thing at the version that the caller knows."""

    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ReasonGiven(StrictSchema):
    """Why something is done."""

    reason = text(LONGEST_REASON, lines=True, required=True)
