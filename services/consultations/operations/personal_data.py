"""What consultations holds about a person, and what it erases."""

from __future__ import annotations

from typing import Any

from services.common.context import Call
from services.common.personal_data import Erasure, check_may_export
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.schemas.cases import case


def export(
    app: App, call: Call, person_id: str, email: str | None
) -> dict[str, list[dict[str, Any]]]:
    """All that is held about a person, by kind.

    Raises:
        errors.Unauthenticated, errors.Forbidden: neither the person nor a manager asks.
    """
    check_may_export(call.caller, person_id)
    return {
        "directory": app.directory.export(person_id),
        "cases": [case(each) for each in app.cases.of_requester(person_id)],
        "changes": app.history.changes_by(person_id),
    }


def erase(app: App, session: Session, erasure: Erasure) -> None:
    """Erase what is held about a person; ids in cases and histories stay: they are the
    organisation's."""
    app.directory.erase(session, erasure.person_id, erasure.version)
    app.keys.forget(session, caller_id=erasure.person_id)
