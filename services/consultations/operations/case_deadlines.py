"""What time does to a case: one that is resolved closes."""

from __future__ import annotations

from services.common.context import SYSTEM
from services.common.contracts.consultations import events
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import CaseAction
from services.consultations.steps.case_events import save_case


def run_case_deadline(app: App, deadline: Deadline) -> None:
    """Close a case that was resolved and not reopened since.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.cases.look_up(deadline.subject, session)
        if before is None or before.closes_at is None:
            return
        after = before.after(CaseAction.CLOSE, closed_at=app.clock.now())
        save_case(app, session, SYSTEM, events.CASE_CLOSED, before, after, action="closed")

    app.database.transact(work)
