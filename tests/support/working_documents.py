"""Situations of working documents of the organisation ``amal``."""

from __future__ import annotations

from typing import Any

from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.working_documents import WorkingDocument
from services.consultations.operations import working_documents
from services.consultations.schemas.working_documents import create_working_document
from tests.support.bookings import MEMBER, call


def document_request(**values: Any) -> dict[str, Any]:
    """What people send to begin a structure."""
    return {"organisation_id": "amal", "kind": "structure", "title": "هيكلية", **values}


def begin_document(app: App, caller: Caller = MEMBER, **values: Any) -> WorkingDocument:
    """A document that the caller has begun."""
    command = create_working_document(document_request(**values))
    return working_documents.create_working_document(app, call(caller), command)
