"""Reports about consultations on the wire.

============================ ============================= ==========================
method                       request                       result
============================ ============================= ==========================
report_consultations         ReportConsultations           ConsultationReport
freeze_period                FreezeConsultations (key)      ConsultationPeriod
list_frozen_periods          ListFrozenPeriods             ConsultationPeriodList
get_frozen_period            ById                          FrozenConsultationReport
============================ ============================= ==========================

Staff read the exact figures of any period, of open cases alone. Others read those of frozen
periods, without small cells. Sealed cases are counted in frozen periods alone, without small cells
for staff too.
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

BREAKDOWNS = ("kind", "centre", "status")
MEETING_WAYS = ("at_centre", "on_site", "remote")


class ConsultationBreakdown(Choice):
    choices = BREAKDOWNS


class SupportWay(Choice):
    choices = MEETING_WAYS


class ReportConsultations(Days):
    centre_id = Id(load_default=None, allow_none=True)


class FreezeConsultations(TitledDays):
    pass


def _figure(description: str = "") -> fields.Integer:
    metadata = {"description": description} if description else {}
    return fields.Integer(required=True, allow_none=True, metadata=metadata)


class ConsultationRow(Schema):
    """One category; a number is null where it is hidden."""

    category = fields.String(required=True)
    name = LocalisedText(required=True, allow_none=True)
    cases = _figure()
    by_centre = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        required=True,
        allow_none=True,
        metadata={"description": "Of a kind: its cases by centre; else null."},
    )


class ConsultationTable(Schema):
    by = ConsultationBreakdown(required=True)
    rows = fields.List(fields.Nested(ConsultationRow), required=True)


class TimesRow(Schema):
    """How long it took, in working time."""

    category = fields.String(required=True, metadata={"description": "A kind, or `all`."})
    name = LocalisedText(required=True, allow_none=True)
    cases = _figure("Of how many it is known.")
    median_minutes = _figure()
    in_time = _figure("How many were within their limit.")


class MeetingsRow(Schema):
    way = SupportWay(required=True)
    cases = _figure("How many cases had such meetings.")
    meetings = _figure()
    minutes = _figure()


class ScoresRow(Schema):
    score = fields.Integer(required=True)
    cases = _figure()


class RatingFigures(Schema):
    rated = _figure()
    mean_score = fields.Float(
        required=True, allow_none=True, metadata={"description": "Null where a score is hidden."}
    )
    scores = fields.List(fields.Nested(ScoresRow), required=True)


class ImprovementRow(Schema):
    """Organisations of a calendar year, each once."""

    year = fields.Integer(required=True)
    pursued = _figure(
        "Those that asked for a consultation, completed a training or reached a milestone in the "
        "year, and have an assessment of it to compare with an earlier one."
    )
    improved = _figure("Those of them whose last assessment of the year is better.")


class SealedCases(Schema):
    """Sealed cases, without small cells for anybody."""

    cases = _figure()
    by_kind = fields.Dict(
        keys=fields.String(), values=fields.Integer(allow_none=True), required=True
    )
    by_centre = fields.Dict(
        keys=fields.String(), values=fields.Integer(allow_none=True), required=True
    )


class ConsultationReport(Schema):
    first_day = Day(required=True)
    last_day = Day(required=True)
    centre_id = Id(required=True, allow_none=True)
    suppressed = fields.Boolean(
        required=True, metadata={"description": "Whether cells of 1 to 4 are hidden."}
    )
    cases = _figure("Cases submitted in the period that are not sealed.")
    tables = fields.List(fields.Nested(ConsultationTable), required=True)
    first_answer = fields.List(fields.Nested(TimesRow), required=True)
    resolution = fields.List(fields.Nested(TimesRow), required=True)
    meetings = fields.List(fields.Nested(MeetingsRow), required=True)
    ratings = fields.Nested(RatingFigures, required=True)
    organisations = fields.List(
        fields.Nested(ImprovementRow),
        required=True,
        metadata={"description": "By calendar year; frozen: whole years alone. None of a centre."},
    )
    sealed = fields.Nested(
        SealedCases, required=True, allow_none=True, metadata={"description": "Null if not frozen."}
    )


class ConsultationPeriod(FrozenDays):
    pass


class ConsultationPeriodList(Schema):
    items = fields.List(fields.Nested(ConsultationPeriod), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class FrozenConsultationReport(ConsultationPeriod):
    report = fields.Nested(ConsultationReport, required=True)
