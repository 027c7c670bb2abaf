"""What every list adds to the filters of consultations."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.consultations import cases, kinds, notes, sealing, tasks
from services.common.contracts.fields import Id, Truth

ConsultationKindPage = page_of(kinds.ConsultationKind)
AccessLogPage = page_of(sealing.AccessEntry)
CaseNotePage = page_of(notes.CaseNote)
CasePage = page_of(cases.Case)
ConsultationTaskPage = page_of(tasks.ConsultationTask)


class CasesQuery(ListQuery):
    """Named filters, combined with AND."""

    kind_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    organisation_id = Id(load_default=None)
    adviser_id = Id(load_default=None)
    status = cases.CaseStatus(load_default=None)


class ConsultationTasksQuery(ListQuery):
    """Named filters, combined with AND."""

    centre_id = Id(load_default=None)
    case_id = Id(load_default=None)
    what = tasks.ConsultationTaskKind(load_default=None)
    open = Truth(load_default=None)
