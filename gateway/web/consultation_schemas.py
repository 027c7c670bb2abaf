"""What every list adds to the filters of consultations."""

from __future__ import annotations

from marshmallow import fields

from gateway.web.schemas import ListQuery, Selection, flag, page_of
from services.common.contracts.consultations import (
    cases,
    kinds,
    news,
    notes,
    offers,
    sealing,
    tasks,
)
from services.common.contracts.fields import Id, Instant

ConsultationKindPage = page_of(kinds.ConsultationKind)
AccessLogPage = page_of(sealing.AccessEntry)
CaseNotePage = page_of(notes.CaseNote)
CasePage = page_of(cases.Case)
ConsultationTaskPage = page_of(tasks.ConsultationTask)


ConsultationOfferPage = page_of(offers.ConsultationOffer)


class ConsultationKindsQuery(ListQuery):
    """Named filters, combined with AND."""

    retired = flag(
        load_default=None,
        metadata={"description": "Those for which no new case can be opened, in place of others."},
    )


class OffersQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)


class CaseDraftQuery(Selection):
    """What led to the request, and for which organisation it is."""

    organisation_id = Id(required=True)
    origin = cases.CaseOriginKind(required=True)
    origin_id = Id(required=True)


class SuggestionsQuery(Selection):
    """The time in which an absence counts; without it, the next 24 hours."""

    starts_at = Instant(load_default=None)
    ends_at = Instant(load_default=None)


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
    open = flag(load_default=None)


class CaseNewsInWords(news.CaseNews):
    """What a message about a consultation is about, in words too."""

    text = fields.String(
        required=True, metadata={"description": "The fact, in the language of the request."}
    )
