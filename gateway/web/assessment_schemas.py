"""What every list adds to the filters of instruments, assessments and recommendations."""

from __future__ import annotations

from marshmallow import fields

from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.consultations import (
    assessments,
    instruments,
    recommendations,
    trajectory,
)
from services.common.contracts.fields import Id, StrictSchema

InstrumentPage = page_of(instruments.InstrumentSummary)
AssessmentPage = page_of(assessments.AssessmentSummary)
RecommendationPage = page_of(recommendations.Recommendation)


class InstrumentsQuery(ListQuery):
    """Named filters, combined with AND."""

    family = Id(load_default=None)
    status = instruments.InstrumentState(load_default=None)


class AssessmentsQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    family = Id(load_default=None)
    status = assessments.AssessmentState(load_default=None)


class ComparisonQuery(StrictSchema):
    earlier_id = Id(required=True)


class RecommendationsQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    status = recommendations.RecommendationState(load_default=None)
    origin_id = Id(load_default=None)
    help = recommendations.RecommendedHelp(load_default=None)


class TrajectoryWithNote(trajectory.Trajectory):
    """A trajectory, and what it is not."""

    note = fields.String(
        required=True, metadata={"description": "What it shows and does not prove, for people."}
    )
