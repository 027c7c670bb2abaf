"""Action plans: both sides write them, both sides sign the same edition."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.action_plans_errors import (
    PLAN_EXISTS,
    UNKNOWN_ASSESSMENT,
)
from services.common.contracts.consultations.working_documents_errors import UNKNOWN_DOCUMENT
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.wall_clock import to_local_time
from services.consultations.app import App
from services.consultations.domain import permissions, plan_access
from services.consultations.domain.action_plan_states import PlanStatus
from services.consultations.domain.action_plans import (
    ActionPlan,
    PlanContent,
    PlanEdition,
    PlannedMilestone,
    check_content,
    check_items,
    check_owners,
    make_edition,
    new_owners,
)
from services.consultations.domain.case_access import Reading
from services.consultations.domain.cases import Case
from services.consultations.domain.milestones import check_reached
from services.consultations.schemas.action_plans import (
    ChangeActionPlan,
    CloseActionPlan,
    CreateActionPlan,
    ListActionPlans,
    OfPlan,
    OfPlanEdition,
    SaidMilestone,
    SignActionPlan,
)
from services.consultations.steps.case_people import readers_among
from services.consultations.steps.case_reading import read_case
from services.consultations.steps.plans import apply_agreement, save_plan, stop_milestones


def find_action_plans(app: App, call: Call, query: ListActionPlans) -> list[ActionPlan]:
    """The plan of a case that the caller may know of, if it has one.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`case_with_plan`.
    """
    case = case_with_plan(app, call, query.case_id)
    plan = app.action_plans.of_case(case.id)
    return [] if plan is None or query.after is not None else [plan]


def get_action_plan(app: App, call: Call, plan_id: str) -> ActionPlan:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none that the caller may know of.
    """
    return _plan(app, call, plan_id)[1]


def create_action_plan(app: App, call: Call, command: CreateActionPlan) -> ActionPlan:
    """Write the first edition of a case's plan; the same key gives the same plan again, as it is
    now.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`case_with_plan`.
        errors.Forbidden: for others than people of the case and representatives.
        errors.Invalid: ``consultations.unknown_milestone``, ``consultations.unfit_due_date``,
            ``consultations.unfit_owner``, ``consultations.unknown_document``,
            ``consultations.unknown_assessment``, ``consultations.unknown_item``.
        errors.Conflict: ``consultations.plan_exists``, ``consultations.plan_frozen``.
    """
    permissions.check_takes_part(call.caller, case_with_plan(app, call, command.case_id))
    request = Request.of(call, "consultations.create_action_plan", asdict(command))

    def work(session: Session) -> ActionPlan:
        case = case_with_plan(app, call, command.case_id, session)
        permissions.check_takes_part(call.caller, case)
        plan_access.check_not_frozen(case)
        found = app.action_plans.of_case(case.id, session)
        if found is not None:
            raise PLAN_EXISTS(extra={"plan_id": found.id})
        milestones, new_ids = _with_ids(app, command.milestones)
        content = PlanContent(command.goal, milestones, command.assessment_id)
        _check_content(app, session, case, content, None, new_ids)
        now, plan_id = app.clock.now(), app.new_id()
        plan = ActionPlan(
            id=plan_id,
            case_id=case.id,
            organisation_id=case.organisation_id,
            centre_id=case.centre_id,
            made_at=now,
            current=make_edition(plan_id, 1, content, call.caller.id, now),
        )
        save_plan(app, session, call.caller, case, events.PLAN_MADE, None, plan, action="make")
        return plan

    def as_it_is_now(kept: Document) -> ActionPlan:
        return get_action_plan(app, call, kept["id"])

    return app.keys.once(request, work, save=_id_of, load=as_it_is_now)


def change_action_plan(app: App, call: Call, command: ChangeActionPlan) -> ActionPlan:
    """Write one more edition, which both sides are asked to sign. A request that changes nothing
    gives the plan as it is, with its signatures.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Invalid: as of
            :func:`create_action_plan`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.plan_frozen``, ``consultations.milestone_reached``,
            ``consultations.editions_used_up``.
    """

    def work(session: Session) -> ActionPlan:
        case, before = _plan(app, call, command.id, session)
        permissions.check_takes_part(call.caller, case)
        if before.version != command.expected_version:
            raise errors.Stale()
        plan_access.check_not_frozen(case)
        plan_access.check_in_force(before)
        was = before.current.content
        milestones, new_ids = was.milestones, frozenset[str]()
        if command.milestones is not None:
            milestones, new_ids = _with_ids(app, command.milestones)
        said = command.said
        content = PlanContent(
            goal=said.get("goal") or was.goal,
            milestones=milestones,
            assessment_id=said.get("assessment_id", was.assessment_id),
        )
        _check_content(app, session, case, content, was, new_ids)
        check_reached(content, app.milestones.of_plan(before.id, session).values())
        after = before.changed(content, call.caller.id, app.clock.now())
        if after is not before:
            save_plan(
                app,
                session,
                call.caller,
                case,
                events.PLAN_REVISED,
                before,
                after,
                action="revise",
                reason=command.reason,
            )
        return after

    return app.database.transact(work)


def sign_action_plan(app: App, call: Call, command: SignActionPlan) -> ActionPlan:
    """Sign the newest edition for the caller's side; the same key, and a side that has signed it,
    give the plan as it is. With the second signature its milestones are in force.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`case_with_plan`.
        errors.Forbidden: for anybody but advisers of the case and representatives.
        errors.Conflict: ``consultations.plan_changed``, ``consultations.plan_frozen``,
            ``consultations.same_signer``, ``consultations.milestone_reached``.
    """
    case, _ = _plan(app, call, command.id)
    plan_access.side_of(call.caller, case)
    request = Request.of(call, "consultations.sign_action_plan", asdict(command))

    def work(session: Session) -> ActionPlan:
        case, before = _plan(app, call, command.id, session)
        side = plan_access.side_of(call.caller, case)
        plan_access.check_not_frozen(case)
        after = before.signed(
            side,
            call.caller.id,
            app.clock.now(),
            edition=command.edition,
            content_hash=command.content_hash,
        )
        if after is before:
            return before
        agreed = after.status is PlanStatus.AGREED
        if agreed:
            # One may have been reached since this edition was written.
            known = app.milestones.of_plan(after.id, session)
            check_reached(after.current.content, known.values())
        event_type = events.PLAN_AGREED if agreed else events.PLAN_SIGNED
        save_plan(app, session, call.caller, case, event_type, before, after, action="sign")
        if agreed:
            apply_agreement(app, session, call.caller, case, after)
        return after

    def as_it_is_now(kept: Document) -> ActionPlan:
        return get_action_plan(app, call, kept["id"])

    return app.keys.once(request, work, save=_id_of, load=as_it_is_now)


def close_action_plan(app: App, call: Call, command: CloseActionPlan) -> ActionPlan:
    """End the work on a plan; neither it nor its milestones change any more.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`sign_action_plan`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.plan_frozen``, where it is closed.
    """

    def work(session: Session) -> ActionPlan:
        case, before = _plan(app, call, command.id, session)
        plan_access.side_of(call.caller, case)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.closed(app.clock.now())
        save_plan(
            app,
            session,
            call.caller,
            case,
            events.PLAN_CLOSED,
            before,
            after,
            action="close",
            reason=command.reason,
        )
        stop_milestones(app, session, after)
        return after

    return app.database.transact(work)


def find_plan_editions(app: App, call: Call, query: OfPlan) -> list[PlanEdition]:
    """The editions of a plan with their signatures, the newest first; one more than a page where
    there are more.

    Raises:
        as :func:`get_action_plan`.
    """
    current = get_action_plan(app, call, query.id).current
    before = current.number + 1 if query.after is None else query.after
    newest = [current] if current.number < before else []
    limit = one_more(query.limit) - len(newest)
    return [*newest, *app.plan_editions.find(query.id, before=before, limit=limit)]


def get_plan_edition(app: App, call: Call, query: OfPlanEdition) -> PlanEdition:
    """One edition of a plan with its signatures.

    Raises:
        as :func:`get_action_plan`; and errors.NotFound: if it has no such edition.
    """
    plan = get_action_plan(app, call, query.id)
    if query.number == plan.current.number:
        return plan.current
    found = app.plan_editions.look_up(plan.id, query.number)
    if found is None:
        raise errors.NotFound()
    return found


def action_plan_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed, signed and closed a plan, when and why; oldest first, one more than a page where
    there are more.

    Raises:
        as :func:`get_action_plan`.
    """
    plan = get_action_plan(app, call, query.id)
    return app.history.of(subject_of(plan), after=query.after, limit=one_more(query.limit))


def case_with_plan(
    app: App,
    call: Call,
    case_id: str,
    session: Session | None = None,
    *,
    item_id: str | None = None,
) -> Case:
    """A case whose plan or milestones the caller reads, which the log of a sealed one notes; in a
    transaction, whose plan changes.

    Args:
        item_id: of the plan or the milestone.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such case for the caller.
    """
    if session is None:
        return read_case(app, call.caller, case_id, Reading.PLAN, item_id=item_id)
    check_signed_in(call.caller)
    return app.cases.get_visible(case_id, call.caller, app.clock.now(), session)


def _plan(
    app: App, call: Call, plan_id: str, session: Session | None = None
) -> tuple[Case, ActionPlan]:
    """A plan and its case. Whether the caller may know of the case is asked before the plan is
    read."""
    case_id = app.action_plans.case_of(plan_id, session)
    case = case_with_plan(app, call, case_id, session, item_id=plan_id)
    return case, app.action_plans.get(plan_id, session)


def _with_ids(
    app: App, said: Iterable[SaidMilestone]
) -> tuple[tuple[PlannedMilestone, ...], frozenset[str]]:
    """The milestones under their ids, and the ids that new ones were given."""
    planned = [each.planned(each.id or app.new_id()) for each in said]
    new = {mine.id for mine, each in zip(planned, said, strict=True) if each.id is None}
    return tuple(planned), frozenset(new)


def _check_content(
    app: App,
    session: Session,
    case: Case,
    content: PlanContent,
    before: PlanContent | None,
    new_ids: frozenset[str],
) -> None:
    zone = app.centres.get(case.centre_id, session).time_zone
    today = to_local_time(app.clock.now(), zone).date()
    check_content(content, before, new_ids=new_ids, today=today)
    check_items(content, _items_of(app, session, case, content))
    owners = new_owners(content, before)
    check_owners(owners, readers_among(app, session, case, owners.values()))
    for number, each in enumerate(content.milestones):
        if each.document_id is None:
            continue
        document = app.working_documents.look_up(each.document_id, session)
        if document is None or document.organisation_id != case.organisation_id:
            pointer = f"/milestones/{number}/document_id"
            raise UNKNOWN_DOCUMENT(errors=[FieldError(pointer, UNKNOWN_DOCUMENT.code)])


def _items_of(app: App, session: Session, case: Case, content: PlanContent) -> Collection[str]:
    """The items of the assessment that a plan names; none where it names none.

    Raises:
        errors.Invalid: ``consultations.unknown_assessment``.
    """
    if content.assessment_id is None:
        return ()
    assessment = app.assessments.look_up(content.assessment_id, session)
    if assessment is None or assessment.organisation_id != case.organisation_id:
        raise UNKNOWN_ASSESSMENT(errors=[FieldError("/assessment_id", UNKNOWN_ASSESSMENT.code)])
    return app.instruments.get(assessment.instrument_id, session).items


def _id_of(plan: ActionPlan) -> Document:
    return {"id": plan.id}
