"""Requests that are filled in beforehand, from an offer after a training or an assessment."""

from __future__ import annotations

from services.common.context import Call
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_drafts import CaseDraft
from services.consultations.schemas.case_drafts import DraftCase
from services.consultations.steps.case_origins import draft_of


def draft_case(app: App, call: Call, query: DraftCase) -> CaseDraft:
    """What is known of a request from what led to it. Nothing is stored.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than those who may ask for support.
        errors.Invalid: ``consultations.unknown_origin``.
    """
    permissions.check_may_draft(call.caller, query.organisation_id)

    def work(session: Session) -> CaseDraft:
        return draft_of(app, session, query.organisation_id, query.origin, call.language)

    return app.database.transact(work)
