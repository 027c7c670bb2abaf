"""What is checked before the meetings of a case are arranged, in the transaction that does it."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.adviser_errors import NOT_ON_CASE
from services.common.contracts.consultations.calendar_errors import (
    MOVE_AWAITED,
    TOO_MANY_APPOINTMENTS,
)
from services.common.contracts.consultations.calendar_limits import MOST_TO_COME
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain import case_states
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.cases import Case
from services.consultations.domain.engagements import Meeting
from services.consultations.steps.adviser_calendar import adviser_to_meet


def case_to_arrange(app: App, call: Call, case_id: str, session: Session | None = None) -> Case:
    """A case whose meetings the caller arranges.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none that the caller may know of.
        errors.Forbidden: for others than its people, and of an open one representatives of the
            organisation and staff of the centre.
    """
    check_signed_in(call.caller)
    case = app.cases.get_visible(case_id, call.caller, app.clock.now(), session)
    permissions.check_arranges(call.caller, case)
    return case


def adviser_of_case(
    app: App, session: Session, case: Case, adviser_id: str | None, *, counts: bool = True
) -> Adviser:
    """The adviser who is met about a case, locked until the transaction ends.

    Args:
        adviser_id: the one who is responsible for the case, where nobody is named.
        counts: whether it is about one meeting more.

    Raises:
        errors.Invalid: ``consultations.unknown_adviser``.
        errors.Conflict: ``consultations.case_not_allowed_now``,
            ``consultations.adviser_not_on_case``, ``consultations.too_many_appointments``.
    """
    case_states.TRANSITIONS.after(case.status, CaseAction.PLAN)
    wanted = adviser_id or case.adviser_id
    if wanted is None or wanted not in case.adviser_ids:
        raise NOT_ON_CASE()
    adviser = adviser_to_meet(app, session, wanted)
    if counts:
        to_come = [
            *app.appointments.to_come(case.id, session),
            *app.visits.to_come(case.id, session),
        ]
        if len(to_come) >= MOST_TO_COME:
            raise TOO_MANY_APPOINTMENTS(most=MOST_TO_COME)
    return adviser


def check_settled(appointment: Appointment) -> None:
    """A second move could be refused after the first was granted.

    Raises:
        errors.Conflict: ``consultations.move_awaited``.
    """
    if appointment.pending is not None:
        raise MOVE_AWAITED()


def check_version(meeting: Meeting, expected_version: int) -> None:
    """Raises:
    errors.Stale: it is not at the expected version any more.
    """
    if meeting.version != expected_version:
        raise errors.Stale()
