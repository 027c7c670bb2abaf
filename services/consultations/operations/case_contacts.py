"""How the people of a case are reached about it: they alone read it."""

from __future__ import annotations

from dataclasses import replace

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_access import Reading
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.cases import Case
from services.consultations.schemas.case_contacts import SetContact
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_reading import case_to_write, is_insider, record_reading


def get_contact(app: App, call: Call, case_id: str) -> Case:
    """The case, for its contact.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than its people, and who has a
            break-glass grant.
    """
    check_signed_in(call.caller)
    case = app.cases.get_visible(case_id, call.caller, app.clock.now())
    if not is_insider(app, call.caller, case):
        raise errors.NotFound()
    record_reading(app, call.caller, [case], Reading.CONTACT)
    return case


def set_contact(app: App, call: Call, command: SetContact) -> Case:
    """Say whom to call. The history says that it was changed, and neither from what nor to what.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its people.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.case_not_allowed_now``.
    """

    def work(session: Session) -> Case:
        before = case_to_write(app, call.caller, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        if before.content.contact == command.contact:
            return before
        content = replace(before.content, contact=command.contact)
        after = before.after(CaseAction.CHANGE, content=content)
        save_case(
            app,
            session,
            call.caller,
            events.CASE_CHANGED,
            before,
            after,
            action="contact_changed",
        )
        return after

    return app.database.transact(work)
