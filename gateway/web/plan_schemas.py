"""What every list adds to the filters of action plans, milestones and working documents."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, flag, page_of
from services.common.contracts.consultations import action_plans, milestones, working_documents
from services.common.contracts.fields import Id, StrictSchema, integer

ActionPlanPage = page_of(action_plans.ActionPlan)
PlanEditionPage = page_of(action_plans.PlanEdition)
MilestonePage = page_of(milestones.Milestone)
DocumentTemplatePage = page_of(working_documents.DocumentTemplate)
WorkingDocumentPage = page_of(working_documents.WorkingDocument)
DocumentEditionPage = page_of(working_documents.DocumentEdition)
DocumentCommentPage = page_of(working_documents.DocumentComment)


class ActionPlansQuery(ListQuery):
    case_id = Id(required=True)


class MilestonesQuery(ListQuery):
    """Named filters, combined with AND."""

    case_id = Id(required=True)
    status = milestones.MilestoneStatus(load_default=None)
    overdue = flag(load_default=None)


class DocumentTemplatesQuery(ListQuery):
    kind = working_documents.DocumentKind(load_default=None)


class WorkingDocumentsQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    kind = working_documents.DocumentKind(load_default=None)
    archived = flag(load_default=None)


class PictureQuery(StrictSchema):
    number = integer(
        1, 2**31, load_default=None, metadata={"description": "The edition; the newest by default."}
    )


class DocumentTableQuery(PictureQuery):
    format = working_documents.TableFormat(load_default="xlsx")
