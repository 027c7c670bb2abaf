"""Action plans to print: an edition as PDF, for all who may read it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from services.common.context import Call
from services.consultations.app import App
from services.consultations.documents.plan_sheet import PlanNames, render_plan
from services.consultations.domain.action_plans import ActionPlan, PlanEdition
from services.consultations.operations.action_plans import (
    case_with_plan,
    get_action_plan,
    get_plan_edition,
)
from services.consultations.schemas.action_plans import OfPlanEdition, PrintOfPlan


def print_plan_edition(app: App, call: Call, query: PrintOfPlan) -> tuple[str, bytes]:
    """Name and bytes of an edition as PDF. It is kept nowhere, so that of a sealed case no copy is
    left.

    Raises:
        as :func:`get_plan_edition`; and errors.Unavailable: if it was not made in time.
    """
    plan = get_action_plan(app, call, query.id)
    edition = get_plan_edition(app, call, OfPlanEdition(query.id, query.number))
    centre = app.centres.get(plan.centre_id)
    data = render_plan(
        plan, edition, _names(app, call, plan, edition), query.language, ZoneInfo(centre.time_zone)
    )
    return f"action-plan-{plan.id}-{edition.number}-{query.language}.pdf", data


def _names(app: App, call: Call, plan: ActionPlan, edition: PlanEdition) -> PlanNames:
    organisation = app.directory.organisation(plan.organisation_id)
    return PlanNames(
        case_number=case_with_plan(app, call, plan.case_id, item_id=plan.id).number,
        centre=app.centres.get(plan.centre_id).name,
        organisation={} if organisation is None else organisation.name,
        people=app.directory.names([each.by for each in edition.signatures]),
        items=_items(app, edition.content.assessment_id),
    )


def _items(app: App, assessment_id: str | None) -> dict[str, Mapping[str, str]]:
    if assessment_id is None:
        return {}
    assessment = app.assessments.get(assessment_id)
    items = app.instruments.get(assessment.instrument_id).items
    return {each.id: each.statement for each in items.values()}
