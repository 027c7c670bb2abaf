"""Reports about trainees on the wire.

==================== ============================= ====================
method               request                       result
==================== ============================= ====================
report_trainings     ReportTrainings               TrainingReport
freeze_period        FreezePeriod (with key)       FrozenPeriod
list_frozen_periods  ListFrozenPeriods             FrozenPeriodList
get_frozen_period    ById                          FrozenReport
==================== ============================= ====================

Staff read the exact figures of any period. Others read those of frozen periods, without small
cells: with periods of their own choice they could subtract one from the other.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import (
    Choice,
    Id,
    LocalisedText,
)
from services.common.contracts.hours import Day
from services.common.contracts.report_periods import Days, FrozenDays, TitledDays

BREAKDOWNS = ("sex", "age_band", "disability", "centre", "organisation", "topic")


class Breakdown(Choice):
    choices = BREAKDOWNS


class ReportTrainings(Days):
    centre_id = Id(load_default=None, allow_none=True)


class FreezePeriod(TitledDays):
    pass


class Row(Schema):
    """One category; `people` and `attendances` are null where they are hidden."""

    category = fields.String(required=True)
    name = LocalisedText(required=True, allow_none=True)
    people = fields.Integer(required=True, allow_none=True)
    attendances = fields.Integer(required=True, allow_none=True)
    by_sex = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        required=True,
        allow_none=True,
        metadata={"description": "People by sex; null for breakdowns that are not crossed."},
    )


class Table(Schema):
    by = Breakdown(required=True)
    rows = fields.List(fields.Nested(Row), required=True)


class TrainingReport(Schema):
    """People count once in each cell and once in the total; attendances count apart."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    centre_id = Id(required=True, allow_none=True)
    people = fields.Integer(required=True, allow_none=True)
    attendances = fields.Integer(required=True, allow_none=True)
    suppressed = fields.Boolean(
        required=True, metadata={"description": "Whether cells of 1 to 4 people are hidden."}
    )
    tables = fields.List(fields.Nested(Table), required=True)


class FrozenPeriod(FrozenDays):
    pass


class FrozenPeriodList(Schema):
    items = fields.List(fields.Nested(FrozenPeriod), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class FrozenReport(FrozenPeriod):
    report = fields.Nested(TrainingReport, required=True)
