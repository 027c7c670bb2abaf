"""What notifications holds about a person, and what it erases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.common.context import Call
from services.common.personal_data import Erasure, check_may_export
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.domain import rules


def export(app: App, call: Call, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that is held about a person, by kind; of messages that only their recipient may know of,
    others get none.

    Raises:
        errors.Unauthenticated, errors.Forbidden: neither the person nor a manager asks.
    """
    check_may_export(call.caller, person_id)
    own = call.caller.kind == "person" and call.caller.id == person_id

    def shown(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in found if own or not rules.is_sealed(each["event_type"])]

    return {
        "contacts": app.directory.export(person_id),
        "messages": shown(app.notifications.export(person_id)),
        "deliveries": shown(app.deliveries.export(person_id)),
    }


def erase(app: App, session: Session, erasure: Erasure) -> None:
    """Erase what is held about a person. What became of mails stays, by id; one that waits is due
    at once, and not sent (:meth:`services.notifications.domain.delivery.Case.why_not`)."""
    app.directory.erase(session, erasure.person_id, erasure.version)
    forget_names(app, session, [erasure.person_id])
    app.notifications.erase(session, erasure.person_id)
    app.deliveries.send_now(session, erasure.person_id, app.clock.now())


def forget_names(app: App, session: Session, ids: Sequence[str]) -> None:
    """Let no message to others name these people and guests any more."""
    app.notifications.forget_names(session, ids)
    app.deliveries.forget_names(session, ids)
