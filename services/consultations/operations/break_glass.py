"""Break-glass access: a manager reads a case for a while, with a reason that its people read."""

from __future__ import annotations

from dataclasses import asdict, replace

from services.common import errors
from services.common.authorisation import check_is_manager
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.case_access import Grant, with_grant
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.cases import Case
from services.consultations.schemas.sealing import BreakGlass
from services.consultations.steps.case_events import save_case


def break_glass(app: App, call: Call, command: BreakGlass) -> tuple[Case, Grant]:
    """Open a case to the caller for a while. Its people get news; its history has the reason.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than managers, whether there is such a
            case or not.
        errors.NotFound: if no case has the id or the number.
    """
    check_is_manager(call.caller)
    request = Request.of(call, "consultations.break_glass", asdict(command))

    def work(session: Session) -> tuple[Case, Grant]:
        before = app.cases.look_up_called(command.case, session)
        if before is None:
            raise errors.NotFound()
        now = app.clock.now()
        grant = Grant(call.caller.id, now, now + command.lasts)
        grants = with_grant(before.grants, grant)
        after = replace(before.after(CaseAction.BREAK_GLASS), grants=grants)
        save_case(
            app,
            session,
            call.caller,
            events.CASE_CHANGED,
            before,
            after,
            action=CaseAction.BREAK_GLASS.value,
            reason=command.reason,
        )
        return after, grant

    def as_it_is_now(kept: Document) -> tuple[Case, Grant]:
        case = app.cases.get(kept["id"])
        mine = [each for each in case.grants if each.person_id == call.caller.id]
        if not mine or not mine[0].holds_at(app.clock.now()):
            # The answer of a key is no way to what is over.
            raise errors.NotFound()
        return case, mine[0]

    return app.keys.once(request, work, save=lambda answer: {"id": answer[0].id}, load=as_it_is_now)
