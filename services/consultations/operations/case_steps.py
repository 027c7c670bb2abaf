"""The steps of a case: what its people and staff of its centre do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call, Caller
from services.common.contracts.consultations import events
from services.common.contracts.consultations.case_errors import (
    NOT_A_MEMBER,
    ON_THE_CASE_BY_OFFICE,
    TOO_MANY_PEOPLE,
    UNKNOWN_SPECIALITY,
)
from services.common.contracts.consultations.limits import MOST_PEOPLE
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_states import OPEN, CaseAction, CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.operations.cases import get_case
from services.consultations.schemas.case_steps import (
    ChangeCase,
    PersonOfCase,
    StepOfCase,
    TriageCase,
)
from services.consultations.steps.case_events import save_case
from services.consultations.steps.lost_advisers import follow_lost_adviser
from services.consultations.steps.tasks import close_tasks_of_case

Check = Callable[[Caller, Case], None]


def change_case(app: App, call: Call, command: ChangeCase) -> Case:
    """Say otherwise what is asked for. A request that changes nothing gives the case as it is.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the requester and
            representatives.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_speciality``.
        errors.Conflict: ``consultations.case_not_allowed_now``.
    """

    def decide(session: Session, before: Case) -> Case:
        _check_speciality(app, session, before, command.changes.get("speciality"))
        content = replace(before.content, **command.content)
        if replace(before, content=content, **command.changes) == before:
            return before
        return before.after(CaseAction.CHANGE, content=content, **command.changes)

    step = StepOfCase(command.id, command.expected_version)
    check = permissions.check_speaks_for_organisation
    return _change(app, call, step, check, events.CASE_CHANGED, decide)


def triage_case(app: App, call: Call, command: TriageCase) -> Case:
    """Look a new case through: it is for the centre, and what it is about is clear.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than those who assign.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_speciality``.
        errors.Conflict: ``consultations.case_not_allowed_now``.
    """

    def decide(session: Session, before: Case) -> Case:
        _check_speciality(app, session, before, command.changes.get("speciality"))
        return before.after(CaseAction.TRIAGE, **command.changes)

    step = StepOfCase(command.id, command.expected_version)
    return _change(app, call, step, permissions.check_assigns, events.CASE_TRIAGED, decide)


def decline_case(app: App, call: Call, command: StepOfCase) -> Case:
    """Not take a case on, with a reason.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale, errors.Conflict: as
            of :func:`triage_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_assigns,
        CaseAction.DECLINE,
        events.CASE_DECLINED,
        closed_at=app.clock.now(),
    )


def withdraw_case(app: App, call: Call, command: StepOfCase) -> Case:
    """The organisation needs no support any more.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the requester and
            representatives.
        errors.Stale, errors.Conflict: as of :func:`triage_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_speaks_for_organisation,
        CaseAction.WITHDRAW,
        events.CASE_WITHDRAWN,
        closed_at=app.clock.now(),
    )


def start_case(app: App, call: Call, command: StepOfCase) -> Case:
    """An adviser begins to work on it.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than its advisers.
        errors.Stale, errors.Conflict: as of :func:`triage_case`.
    """
    check = permissions.check_supports
    return _step(app, call, command, check, CaseAction.START, events.CASE_STARTED)


def ask_organisation(app: App, call: Call, command: StepOfCase) -> Case:
    """An adviser needs something of the organisation first; time limits rest meanwhile.

    Raises:
        As of :func:`start_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_supports,
        CaseAction.ASK_ORGANISATION,
        events.CASE_AWAITING,
        asked_at=app.clock.now(),
    )


def resume_case(app: App, call: Call, command: StepOfCase) -> Case:
    """The organisation has answered: its people say so, or the adviser.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than people of the
            case and representatives.
        errors.Stale, errors.Conflict: as of :func:`triage_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_takes_part,
        CaseAction.RESUME,
        events.CASE_RESUMED,
        asked_at=None,
    )


def resolve_case(app: App, call: Call, command: StepOfCase) -> Case:
    """The support is done; an adviser says what came of it. The case closes by itself after a
    while.

    Raises:
        As of :func:`start_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_supports,
        CaseAction.RESOLVE,
        events.CASE_RESOLVED,
        resolved_at=app.clock.now(),
        asked_at=None,
    )


def close_case(app: App, call: Call, command: StepOfCase) -> Case:
    """The organisation is content: no need to wait until the case closes by itself.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the requester and
            representatives.
        errors.Stale, errors.Conflict: as of :func:`triage_case`.
    """
    return _step(
        app,
        call,
        command,
        permissions.check_speaks_for_organisation,
        CaseAction.CLOSE,
        events.CASE_CLOSED,
        closed_at=app.clock.now(),
    )


def reopen_case(app: App, call: Call, command: StepOfCase) -> Case:
    """The support did not help: the same case goes on. Where its adviser takes no cases any more,
    it waits for another one.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the requester and
            representatives.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.case_not_allowed_now``, ``consultations.reopening_over``.
    """
    return _change(
        app,
        call,
        command,
        permissions.check_speaks_for_organisation,
        events.CASE_REOPENED,
        lambda _session, before: before.reopened(app.clock.now()),
    )


def add_person(app: App, call: Call, command: PersonOfCase) -> Case:
    """Let one more member of the organisation take part; who is on it already stays.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the requester and
            representatives.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.not_a_member``.
        errors.Conflict: ``consultations.too_many_people``, ``consultations.case_not_allowed_now``.
    """

    def decide(session: Session, before: Case) -> Case:
        if not app.directory.is_member(
            before.organisation_id, command.person_id, caller=call.caller, session=session
        ):
            raise NOT_A_MEMBER(errors=[FieldError("/person_id", NOT_A_MEMBER.code)])
        people = before.people | {command.person_id}
        if len(people) > MOST_PEOPLE:
            raise TOO_MANY_PEOPLE(most=MOST_PEOPLE)
        return _with_people(before, people)

    return _change_people(app, call, command, decide)


def remove_person(app: App, call: Call, command: PersonOfCase) -> Case:
    """Let a member of the organisation take part no more.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`add_person`.
        errors.Conflict: ``consultations.on_the_case_by_office``,
            ``consultations.case_not_allowed_now``.
    """

    def decide(session: Session, before: Case) -> Case:
        by_office = command.person_id in (before.requester_id, before.adviser_id)
        if by_office or command.person_id in before.adviser_ids:
            raise ON_THE_CASE_BY_OFFICE()
        return _with_people(before, before.people - {command.person_id})

    return _change_people(app, call, command, decide)


def _check_speciality(app: App, session: Session, case: Case, speciality: str | None) -> None:
    """Raises:
    errors.Invalid: ``consultations.unknown_speciality``.
    """
    kind = app.kinds.get(case.kind_id, session)
    if speciality is not None and not kind.has_speciality(speciality):
        raise UNKNOWN_SPECIALITY(errors=[FieldError("/speciality", UNKNOWN_SPECIALITY.code)])


def _with_people(before: Case, people: frozenset[str]) -> Case:
    return before if people == before.people else before.after(CaseAction.CHANGE, people=people)


def _change_people(
    app: App, call: Call, command: PersonOfCase, decide: Callable[[Session, Case], Case]
) -> Case:
    step = StepOfCase(command.id, command.expected_version)
    check = permissions.check_speaks_for_organisation
    return _change(app, call, step, check, events.CASE_CHANGED, decide)


def _step(
    app: App,
    call: Call,
    command: StepOfCase,
    check: Check,
    action: CaseAction,
    event_type: EventType,
    **changes: Any,
) -> Case:
    def decide(_session: Session, before: Case) -> Case:
        return before.after(action, **changes)

    return _change(app, call, command, check, event_type, decide)


def _change(
    app: App,
    call: Call,
    command: StepOfCase,
    check: Check,
    event_type: EventType,
    decide: Callable[[Session, Case], Case],
) -> Case:
    check_signed_in(call.caller)

    def work(session: Session) -> Case:
        before = get_case(app, call, command.id, session)
        check(call.caller, before)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = decide(session, before)
        if after is before:
            return before
        if command.content is not None:
            after = replace(after, content=replace(after.content, **command.content))
        save_case(
            app,
            session,
            call.caller,
            event_type,
            before,
            after,
            action=event_type.name.rpartition(".")[2],
            reason=command.reason,
        )
        if after.status not in OPEN:
            close_tasks_of_case(app, session, after)
        if after.status is CaseStatus.REOPENED and before.status is not CaseStatus.REOPENED:
            after = follow_lost_adviser(app, session, after)
        return after

    return app.database.transact(work)
