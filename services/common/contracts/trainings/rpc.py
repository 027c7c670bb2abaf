"""What several methods of trainings accept alike."""

from __future__ import annotations

from services.common.contracts.fields import Id, StrictSchema


class ById(StrictSchema):
    id = Id(required=True)
