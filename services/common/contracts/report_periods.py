"""The periods that reports of branches are about, and that are frozen for donors."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, Page, StrictSchema, name_text
from services.common.contracts.hours import Day

LONGEST_DAYS = 800
"""How many days a period has at most."""
_LONGEST_TITLE = 120


class Days(StrictSchema):
    """Dates of each centre's own zone, both included."""

    first_day = Day(required=True)
    last_day = Day(required=True)


class TitledDays(Days):
    """A period to be frozen."""

    title = name_text(
        _LONGEST_TITLE, required=True, metadata={"description": "Such as the donor's name for it."}
    )


class ListFrozenPeriods(Page):
    pass


class FrozenDays(Schema):
    """A frozen period without its figures."""

    id = Id(required=True)
    title = fields.String(required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)
    frozen_at = Instant(required=True)
    version = fields.Integer(required=True)
