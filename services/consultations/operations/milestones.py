"""Milestones: the organisation works on them and reports, the adviser confirms; time goes by."""

from __future__ import annotations

from collections.abc import Mapping

from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.errors import FieldError, Invalid
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import plan_access
from services.consultations.domain.action_plan_states import PlanStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.milestone_states import MilestoneAction
from services.consultations.domain.milestones import Milestone, overdue_at
from services.consultations.domain.tasks import TaskKind
from services.consultations.operations.action_plans import case_with_plan
from services.consultations.schemas.milestones import ActOnMilestone, ListMilestones
from services.consultations.steps.plans import OVERDUE, REMIND, next_opening, save_milestone
from services.consultations.steps.tasks import open_task

_EVENTS: Mapping[MilestoneAction, EventType] = {
    MilestoneAction.START: events.MILESTONE_CHANGED,
    MilestoneAction.BLOCK: events.MILESTONE_BLOCKED,
    MilestoneAction.UNBLOCK: events.MILESTONE_CHANGED,
    MilestoneAction.REPORT: events.MILESTONE_REPORTED,
    MilestoneAction.CONFIRM: events.MILESTONE_REACHED,
    MilestoneAction.RETURN: events.MILESTONE_CHANGED,
    MilestoneAction.REOPEN: events.MILESTONE_REOPENED,
}
#: What has to be said with an action.
_SAID: Mapping[MilestoneAction, str] = {
    MilestoneAction.BLOCK: "blocker",
    MilestoneAction.REPORT: "evidence",
    MilestoneAction.RETURN: "reason",
    MilestoneAction.REOPEN: "reason",
}


def find_milestones(app: App, call: Call, query: ListMilestones) -> list[Milestone]:
    """The milestones of a case that the caller may know of, by id; one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated, errors.NotFound: if there is no such case for the caller.
    """
    case = case_with_plan(app, call, query.case_id)
    return app.milestones.find(
        case.id,
        status=query.status,
        overdue=query.overdue,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_milestone(app: App, call: Call, milestone_id: str) -> Milestone:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none that the caller may know of.
    """
    return _milestone(app, call, milestone_id)[1]


def act_on_milestone(app: App, call: Call, command: ActOnMilestone) -> Milestone:
    """Begin, block, report, confirm … a milestone.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_milestone`.
        errors.Forbidden: for anybody but advisers of the case where the action is theirs, and
            people of the case and representatives otherwise.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``required``, naming what has to be said with the action.
        errors.Conflict: ``consultations.milestone_not_allowed_now``,
            ``consultations.plan_frozen``.
    """

    def work(session: Session) -> Milestone:
        case, before = _milestone(app, call, command.id, session)
        plan_access.check_acts_on_milestone(call.caller, case, command.action)
        if before.version != command.expected_version:
            raise errors.Stale()
        wanted = _SAID.get(command.action)
        if wanted is not None and getattr(command, wanted) is None:
            raise Invalid(
                detail=f"{command.action} needs {wanted}",
                errors=[FieldError(f"/{wanted}", "required")],
            )
        plan_access.check_in_force(app.action_plans.get(before.plan_id, session))
        after = before.acted(
            command.action,
            app.clock.now(),
            evidence=command.evidence,
            blocker=command.blocker,
        )
        save_milestone(
            app,
            session,
            call.caller,
            case,
            _EVENTS[command.action],
            before,
            after,
            action=command.action.value,
            reason=command.reason,
        )
        return after

    return app.database.transact(work)


def milestone_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who did what to a milestone, when and why; oldest first, one more than a page where there are
    more.

    Raises:
        as :func:`get_milestone`.
    """
    milestone = get_milestone(app, call, query.id)
    return app.history.of(subject_of(milestone), after=query.after, limit=one_more(query.limit))


def run_milestone_deadline(app: App, deadline: Deadline) -> None:
    """Raise a milestone whose due date has passed: an event and a task, once for each due date, in
    the working time of its centre.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.milestones.get(deadline.subject, session)
        plan = app.action_plans.get(before.plan_id, session)
        after = before.overdue_since(before.planned.due_on)
        if plan.status is PlanStatus.CLOSED or after is before:
            return
        now = app.clock.now()
        opening = next_opening(app, session, before.centre_id, now)
        if opening > now:
            app.deadlines.set(session, DeadlineKind.MILESTONE, before.id, opening)
            return
        case = app.cases.get(before.case_id, session)
        save_milestone(
            app,
            session,
            SYSTEM,
            case,
            events.MILESTONE_OVERDUE,
            before,
            after,
            action=OVERDUE,
        )
        open_task(
            app,
            session,
            TaskKind.MILESTONE_OVERDUE,
            subject=after.id,
            centre_id=after.centre_id,
            case=case,
            people=case.adviser_ids,
            details={"plan_id": after.plan_id, "due_on": after.planned.due_on.isoformat()},
        )

    app.database.transact(work)


def remind_of_milestone(app: App, deadline: Deadline) -> None:
    """Remind those who see to a milestone that its due date is near: once for each due date, in the
    working time of its centre. Where the centre does not open before that date has passed, nobody
    is reminded; what is overdue is raised.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.milestones.get(deadline.subject, session)
        plan = app.action_plans.get(before.plan_id, session)
        after = before.reminded()
        if plan.status is PlanStatus.CLOSED or after is before:
            return
        now = app.clock.now()
        zone = app.centres.get(before.centre_id, session).time_zone
        opening = next_opening(app, session, before.centre_id, now)
        if opening >= overdue_at(before.planned.due_on, zone):
            return
        if opening > now:
            app.deadlines.set(session, DeadlineKind.MILESTONE_REMINDER, before.id, opening)
            return
        case = app.cases.get(before.case_id, session)
        save_milestone(
            app, session, SYSTEM, case, events.MILESTONE_REMINDED, before, after, action=REMIND
        )

    app.database.transact(work)


def _milestone(
    app: App, call: Call, milestone_id: str, session: Session | None = None
) -> tuple[Case, Milestone]:
    """A milestone and its case. Whether the caller may know of the case is asked before the
    milestone is read."""
    case_id = app.milestones.case_of(milestone_id, session)
    case = case_with_plan(app, call, case_id, session, item_id=milestone_id)
    return case, app.milestones.get(milestone_id, session)
