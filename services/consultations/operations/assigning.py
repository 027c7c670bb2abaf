"""Assigning a case: who is suggested, and who is given it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.adviser_errors import UNKNOWN_ADVISER
from services.common.contracts.consultations.case_errors import (
    ADVISER_NOT_AVAILABLE,
    OVERRIDE_REASON_MISSING,
    WOMAN_ADVISER_WANTED,
)
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.adviser_times import check_order
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.cases import Case
from services.consultations.domain.suggestions import (
    MOST_SUGGESTIONS,
    Need,
    Suggestion,
    is_first,
    may_be_assigned,
)
from services.consultations.domain.tasks import TaskKind
from services.consultations.operations.cases import get_case
from services.consultations.schemas.assigning import AssignAdviser, SuggestAdvisers
from services.consultations.steps.case_events import save_case
from services.consultations.steps.suggestions import (
    candidates_of,
    need_of,
    suggestions_for,
    usual_period,
)
from services.consultations.steps.tasks import close_task_about


@dataclass(frozen=True, slots=True)
class Suggested:
    """Who is suggested, and how they are called."""

    suggestions: tuple[Suggestion, ...]
    names: Mapping[str, Mapping[str, str]]


def suggest_advisers(app: App, call: Call, query: SuggestAdvisers) -> Suggested:
    """The advisers who fit a case, the best first, each with the reasons.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than those who assign.
        errors.Invalid: ``consultations.end_before_start``.
    """
    check_signed_in(call.caller)

    def work(session: Session) -> Suggested:
        case = get_case(app, call, query.id, session)
        permissions.check_assigns(call.caller, case)
        if query.period is not None:
            check_order(query.period)
        period = query.period or usual_period(app.clock.now())
        found = suggestions_for(app, session, need_of(app, session, case), period)
        shown = tuple(found[:MOST_SUGGESTIONS])
        return Suggested(shown, app.directory.names([each.adviser_id for each in shown], session))

    return app.database.transact(work)


def assign_adviser(app: App, call: Call, command: AssignAdviser) -> Case:
    """Give a case to an adviser, or to another one. Who is not suggested first is assigned with
    a reason.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than those who assign.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_adviser``,
            ``consultations.override_reason_missing``.
        errors.Conflict: ``consultations.woman_adviser_wanted``,
            ``consultations.adviser_not_available``, ``consultations.case_not_allowed_now``.
    """
    check_signed_in(call.caller)

    def work(session: Session) -> Case:
        before = get_case(app, call, command.id, session)
        permissions.check_assigns(call.caller, before)
        if before.version != command.expected_version:
            raise errors.Stale()
        if before.adviser_id == command.adviser_id:
            return before
        after = _given_to(before, command.adviser_id, app.clock.now())
        _check_assignable(app, session, before, command)
        event_type = events.CASE_ASSIGNED
        save_case(
            app,
            session,
            call.caller,
            event_type,
            before,
            after,
            action="assigned",
            reason=command.reason,
        )
        close_task_about(app, session, TaskKind.ASSIGN_ADVISER, after.id)
        return after

    return app.database.transact(work)


def _given_to(before: Case, adviser_id: str, now: datetime) -> Case:
    """The case with another adviser, who is on it from now on; the one before is not any more. Of a
    sealed case the adviser who has looked at it first leaves it, too.

    Raises:
        errors.Conflict: ``consultations.case_not_allowed_now``.
    """
    leaving = before.adviser_ids if before.adviser_id is None else frozenset({before.adviser_id})
    return before.after(
        CaseAction.ASSIGN,
        adviser_id=adviser_id,
        adviser_ids=(before.adviser_ids - leaving) | {adviser_id},
        people=(before.people - leaving) | {adviser_id},
        assigned_at=now,
    )


def _check_assignable(app: App, session: Session, case: Case, command: AssignAdviser) -> None:
    """Whether the adviser may be given the case, with the reason that was said.

    Raises:
        errors.Invalid: ``consultations.unknown_adviser``,
            ``consultations.override_reason_missing``.
        errors.Conflict: ``consultations.woman_adviser_wanted``,
            ``consultations.adviser_not_available``.
    """
    # An absence that begins at the same moment comes before this or after it.
    adviser = app.advisers.lock(command.adviser_id, session)
    if adviser is None:
        raise UNKNOWN_ADVISER(errors=[FieldError("/adviser_id", UNKNOWN_ADVISER.code)])
    need = need_of(app, session, case)
    period = usual_period(app.clock.now())
    (candidate,) = candidates_of(app, session, [adviser], period)
    if need.woman and not candidate.is_woman:
        raise WOMAN_ADVISER_WANTED()
    if not may_be_assigned(candidate, need):
        raise ADVISER_NOT_AVAILABLE()
    if command.reason is None and not _is_suggested_first(app, session, need, period, adviser.id):
        raise OVERRIDE_REASON_MISSING(errors=[FieldError("/reason", OVERRIDE_REASON_MISSING.code)])


def _is_suggested_first(
    app: App, session: Session, need: Need, period: Period, adviser_id: str
) -> bool:
    return is_first(adviser_id, suggestions_for(app, session, need, period))
