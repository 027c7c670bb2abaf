"""Sealing a case: from then on only its people know of it. What others have read stays known."""

from __future__ import annotations

from dataclasses import replace

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.need_to_know_errors import KIND_STAYS_SEALED
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.cases import Case
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.steps.case_events import save_case
from services.consultations.steps.tasks import seal_tasks_of_case


def seal_case(app: App, call: Call, command: StepOfCase) -> Case:
    """Seal a case; one that is sealed stays as it is. Its notes are sealed or open for themselves.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of it.
        errors.Forbidden: for others than its people.
        errors.Stale: it is not at the expected version any more.
    """
    return _set_sealed(app, call, command, sealed=True)


def unseal_case(app: App, call: Call, command: StepOfCase) -> Case:
    """Open a case that was sealed by hand; its sealed notes stay sealed.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`seal_case`.
        errors.Conflict: ``consultations.kind_stays_sealed``.
    """
    return _set_sealed(app, call, command, sealed=False)


def _set_sealed(app: App, call: Call, command: StepOfCase, *, sealed: bool) -> Case:
    check_signed_in(call.caller)

    def work(session: Session) -> Case:
        before = app.cases.get_visible(command.id, call.caller, app.clock.now(), session)
        permissions.check_on_case(call.caller, before)
        if before.version != command.expected_version:
            raise errors.Stale()
        if before.sealed is sealed:
            return before
        if not sealed and app.kinds.get(before.kind_id, session).sealed:
            raise KIND_STAYS_SEALED()
        action = CaseAction.SEAL if sealed else CaseAction.UNSEAL
        after = replace(before.after(action), sealed=sealed)
        event_type = events.CASE_GONE if sealed else events.CASE_UNSEALED
        save_case(
            app,
            session,
            call.caller,
            event_type,
            before,
            after,
            action=action.value,
            reason=command.reason,
        )
        seal_tasks_of_case(app, session, after)
        return after

    return app.database.transact(work)
