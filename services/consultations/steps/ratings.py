"""Asking for a rating when a case is closed."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.ratings import request_of


def request_rating(app: App, session: Session, before: Case | None, after: Case) -> None:
    """Let a case that has just been closed be rated, once for this closing."""
    if before is None or after.status is not CaseStatus.CLOSED or before.status is after.status:
        return
    number = len(app.ratings.of_case(after.id, session)) + 1
    rating = request_of(app.new_id(), after.id, after.centre_id, number, app.clock.now())
    app.ratings.add(session, rating)
