"""How meetings move a case on: it is planned with the first to come, and in work with one held."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import TRANSITIONS, CaseAction
from services.consultations.domain.cases import Case
from services.consultations.steps.case_events import save_case


def plan_case(app: App, session: Session, caller: Caller, before: Case) -> None:
    """A meeting is agreed: the case is planned, unless it has come further."""
    if TRANSITIONS.get((before.status, CaseAction.PLAN)) in (None, before.status):
        return
    after = before.after(CaseAction.PLAN)
    save_case(app, session, caller, events.CASE_PLANNED, before, after, action="plan")


def start_case(app: App, session: Session, caller: Caller, before: Case) -> None:
    """A meeting was held: the case is in work, unless it has come further."""
    if TRANSITIONS.get((before.status, CaseAction.START)) is None:
        return
    after = before.after(CaseAction.START)
    save_case(app, session, caller, events.CASE_STARTED, before, after, action="start")
