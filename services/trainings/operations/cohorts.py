"""Cohorts: preparing, announcing, changing and cancelling them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from services.common import errors
from services.common.authorisation import is_staff_of
from services.common.context import Call, Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.contracts.trainings.application_errors import MODE_FIXED
from services.common.contracts.trainings.errors import (
    COURSE_RETIRED,
    NO_SESSIONS,
    UNKNOWN_CENTRE,
    UNKNOWN_COURSE,
)
from services.common.contracts.trainings.room_errors import ROOMS_NOT_GRANTED
from services.common.contracts.trainings.roster_errors import COHORT_NOT_ALLOWED_NOW
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.application_states import ApplicationAction
from services.trainings.domain.catalogue import Course
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohort_states import HOLDS_ITS_SESSIONS, CohortAction
from services.trainings.domain.cohort_times import check_application_times, check_session_time
from services.trainings.domain.cohorts import (
    Cohort,
    CohortSession,
    check_floors,
    check_sessions,
)
from services.trainings.domain.rooms import sessions_without_room
from services.trainings.domain.roster import Reason
from services.trainings.domain.roster_limits import cancel_roster
from services.trainings.domain.roster_of_cohort import follow_cohort
from services.trainings.schemas.cohorts import (
    ActOnCohort,
    CancelCohort,
    ChangeCohort,
    CohortShown,
    CreateCohort,
    ListCohorts,
    SessionDetails,
)
from services.trainings.steps.assignments import (
    cohorts_of_trainer,
    is_assigned,
    put_trainers_on_roster,
    withdraw_assignments,
)
from services.trainings.steps.certificate_issue import end_enrolments
from services.trainings.steps.named_in_rules import check_eligibility_values, check_floor_centres
from services.trainings.steps.review_events import record_review_assigned
from services.trainings.steps.rooms import (
    release_rooms,
    request_changed_rooms,
    request_rooms,
)
from services.trainings.steps.roster_changes import apply_roster_change, end_undecided_applications
from services.trainings.steps.save_cohort import save_cohort
from services.trainings.store.cohorts import COHORT, turn_of_cohort


def find_cohorts(app: App, call: Call, query: ListCohorts) -> list[Cohort]:
    """Cohorts by id, one more than a page where there are more; drafts for staff and their
    trainers alone."""
    return app.cohorts.find(
        visible=permissions.visible_cohorts(call.caller, cohorts_of_trainer(app, call.caller)),
        centre_id=query.centre_id,
        topic_id=query.topic_id,
        course_id=query.course_id,
        status=query.status,
        search=query.search,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_cohort(app: App, call: Call, cohort_id: str) -> Cohort:
    """Raises:
    errors.NotFound: if there is none, or it is a draft that the caller may not see.
    """
    cohort = app.cohorts.get(cohort_id)
    check_may_see_cohort(app, call.caller, cohort)
    return cohort


def check_may_see_cohort(
    app: App, caller: Caller, cohort: Cohort, session: Session | None = None
) -> None:
    """Raises:
    errors.NotFound: of one that was never announced, for anybody but staff of its centre and its
        trainers.
    """
    if not cohort.announced:
        assigned = is_assigned(app, caller, cohort.id, session)
        permissions.check_may_see_cohort(caller, cohort, assigned=assigned)


def centres(app: App) -> Mapping[str, Centre]:
    """All centres by id. There are few."""
    return {each.id: each for each in app.centres.page()}


def show_cohorts(app: App, call: Call, found: Sequence[Cohort]) -> list[CohortShown]:
    """Cohorts that the caller may see, with their centres and what the caller may know of their
    rooms."""
    known = centres(app)
    requests = app.rooms.of_many([each.id for each in found])
    taught = set(cohorts_of_trainer(app, call.caller))
    return [
        CohortShown(
            each,
            known[each.centre_id],
            requests.get(each.id),
            inside=is_staff_of(call.caller, each.centre_id) or each.id in taught,
        )
        for each in found
    ]


def create_cohort(app: App, call: Call, command: CreateCohort) -> Cohort:
    """Prepare a cohort, which only staff see; the same key gives the same cohort again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.Invalid: ``trainings.unknown_course``, ``trainings.unknown_centre``,
            ``trainings.closes_before_opening``, ``trainings.floors_too_large``; and as of
            :func:`services.trainings.domain.cohort_times.check_session_time`.
        errors.Conflict: ``trainings.course_retired``, ``trainings.sessions_overlap``.
    """
    permissions.check_runs_cohorts_at(call.caller, command.centre_id)
    request = Request.of(call, "trainings.create_cohort", asdict(command))

    def work(session: Session) -> Cohort:
        course = course_to_offer(app, session, command.course_id)
        if app.centres.look_up(command.centre_id, session) is None:
            raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
        check_floor_centres(app, session, command.floors)
        check_eligibility_values(app, session, command.eligibility)
        cohort = Cohort(
            id=app.new_id(),
            course_id=course.id,
            topic_id=course.topic_id,
            centre_id=command.centre_id,
            title=command.title or course.title,
            hours=course.hours,
            earning=course.earning,
            mode=command.mode,
            language=command.language,
            capacity=command.capacity,
            cap_per_organisation=command.cap_per_organisation,
            floors=command.floors,
            eligibility=command.eligibility,
            offer_hours=command.offer_hours,
            applications_open_at=command.applications_open_at,
            applications_close_at=command.applications_close_at,
            created_by=call.caller.id,
            created_at=app.clock.now(),
            sessions=_new_sessions(app, command.sessions),
        )
        check_application_times(cohort, app.clock.now())
        check_floors(cohort)
        save_cohort(app, call.caller, session, events.COHORT_CREATED, None, cohort)
        request_rooms(app, call.caller, session, cohort)
        return cohort

    made = app.keys.once(request, work, save=COHORT.document_of, load=COHORT.aggregate_of)
    # An earlier answer may be older than what is known of its rooms.
    return app.cohorts.get(made.id)


def change_cohort(app: App, call: Call, command: ChangeCohort) -> Cohort:
    """Change the words or rules of a cohort. A request that changes nothing gives it as it is.

    Raises:
        errors.NotFound: if there is none, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.cohort_not_allowed_now``, ``trainings.mode_fixed``.
        errors.Invalid: ``trainings.closes_before_opening``, ``trainings.floors_too_large``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        after = before.changed(command.changes)
        if after is before:
            return before
        if after.mode is not before.mode and app.applications.has_any_of(before.id, session):
            raise MODE_FIXED()
        check_application_times(after, app.clock.now())
        check_application_times(after.wanted, app.clock.now())
        check_floor_centres(app, session, after.floors)
        if after.eligibility != before.eligibility:
            check_eligibility_values(app, session, after.eligibility)
        check_floors(after)
        change = follow_cohort(before, after, app.clock.now())
        save_cohort(app, call.caller, session, events.COHORT_CHANGED, before, after, command.reason)
        if change is not None:
            after = apply_roster_change(app, call.caller, session, after, change)
        request_changed_rooms(app, call.caller, session, before, after)
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def announce_cohort(app: App, call: Call, command: ActOnCohort) -> Cohort:
    """Show a cohort to everybody. Its rules for the certificate are those of the course now.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``, ``trainings.no_sessions``,
            ``trainings.course_retired``, ``trainings.rooms_not_granted``.
        errors.Invalid: ``trainings.floors_too_large``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        course = course_to_offer(app, session, before.course_id)
        announced = before.after(CohortAction.ANNOUNCE, hours=course.hours, earning=course.earning)
        if not announced.sessions:
            raise NO_SESSIONS()
        for each in announced.sessions:
            check_session_time(each, app.clock.now(), f"/sessions/{each.id}")
        _check_rooms_granted(app, session, announced)
        after = replace(announced, roster=announced.begin_roster())
        after = put_trainers_on_roster(app, session, after)
        save_cohort(app, call.caller, session, events.COHORT_ANNOUNCED, before, after)
        record_review_assigned(app, call.caller, session, after)
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def request_rooms_again(app: App, call: Call, command: ActOnCohort) -> Cohort:
    """Request the rooms of a cohort once more, after some were refused or lost. Nothing happens
    where all are granted or awaited.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        cohort = cohort_to_run(app, call, session, command.id, command.expected_version)
        if cohort.status not in HOLDS_ITS_SESSIONS:
            raise COHORT_NOT_ALLOWED_NOW(state=cohort.status.value)
        request_rooms(app, call.caller, session, cohort)
        return cohort

    return app.database.transact(work)


def open_applications(app: App, call: Call, command: ActOnCohort) -> Cohort:
    """Take applications from now on, whatever was planned.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """
    action = CohortAction.OPEN_APPLICATIONS
    return _act(app, call, command, action, events.APPLICATIONS_OPENED)


def close_applications(app: App, call: Call, command: ActOnCohort) -> Cohort:
    """Take no more applications, whatever was planned.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """
    action = CohortAction.CLOSE_APPLICATIONS
    return _act(app, call, command, action, events.APPLICATIONS_CLOSED)


def close_cohort(app: App, call: Call, command: ActOnCohort) -> Cohort:
    """Finish a completed cohort: it does not change any more, and every enrolment has ended.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        after = before.after(CohortAction.CLOSE)
        save_cohort(app, call.caller, session, events.COHORT_CLOSED, before, after)
        end_enrolments(app, call.caller, session, after)
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def cancel_cohort(app: App, call: Call, command: CancelCohort) -> Cohort:
    """Cancel a cohort: it does not take place, or ends before its last session.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`change_cohort`.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        after = before.after(CohortAction.CANCEL, cancellation_reason=command.reason)
        save_cohort(app, call.caller, session, events.COHORT_CANCELLED, before, after)
        after = withdraw_assignments(app, call.caller, session, after)
        release_rooms(app, call.caller, session, after)
        if after.roster is None:
            return after
        change = cancel_roster(after.roster, app.clock.now())
        after = apply_roster_change(app, call.caller, session, after, change)
        end_undecided_applications(
            app, call.caller, session, after, ApplicationAction.CANCEL, Reason.COHORT_CANCELLED
        )
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def cohort_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a cohort, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: as of :func:`change_cohort`.
    """
    cohort = get_cohort(app, call, query.id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    return app.history.of(subject_of(cohort), after=query.after, limit=one_more(query.limit))


def _act(
    app: App,
    call: Call,
    command: ActOnCohort,
    action: CohortAction,
    event_type: EventType,
) -> Cohort:
    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        after = before.after(action)
        save_cohort(app, call.caller, session, event_type, before, after)
        return after

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def cohort_to_run(
    app: App, call: Call, session: Session, cohort_id: str, expected_version: int | None = None
) -> Cohort:
    """The cohort that staff change.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale
    """
    cohort = app.cohorts.lock(session, cohort_id)
    check_may_see_cohort(app, call.caller, cohort, session)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    if expected_version is not None and cohort.version != expected_version:
        raise errors.Stale()
    return cohort


def course_to_offer(app: App, session: Session, course_id: str) -> Course:
    """Raises:
    errors.Invalid: ``trainings.unknown_course``.
    errors.Conflict: ``trainings.course_retired``.
    """
    course = app.courses.look_up(course_id, session)
    if course is None:
        raise UNKNOWN_COURSE(errors=[FieldError("/course_id", UNKNOWN_COURSE.code)])
    if course.retired:
        raise COURSE_RETIRED(errors=[FieldError("/course_id", COURSE_RETIRED.code)])
    return course


def _check_rooms_granted(app: App, session: Session, cohort: Cohort) -> None:
    """Raises:
    errors.Conflict: ``trainings.rooms_not_granted``, naming each session without its room.
    """
    missing = sessions_without_room(cohort, app.rooms.of(cohort.id, session))
    if missing:
        raise ROOMS_NOT_GRANTED(
            errors=[FieldError(f"/sessions/{each.id}", ROOMS_NOT_GRANTED.code) for each in missing]
        )


def _new_sessions(app: App, details: tuple[SessionDetails, ...]) -> tuple[CohortSession, ...]:
    """The sessions of a cohort, with ids, by start.

    Raises:
        errors.Invalid, errors.Conflict: as of the rules of a session.
    """
    now = app.clock.now()
    sessions = []
    for number, each in enumerate(details):
        session = new_session(app, each)
        check_session_time(session, now, f"/sessions/{number}")
        sessions.append(session)
    ordered = tuple(sorted(sessions, key=lambda each: (each.starts_at, each.id)))
    check_sessions(ordered)
    return ordered


def new_session(app: App, details: SessionDetails) -> CohortSession:
    """A session as staff have described it."""
    return CohortSession(
        id=app.new_id(),
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        title=details.title,
        elsewhere=details.elsewhere,
        space_id=details.space_id,
        features=details.features,
        room_asked_at=app.clock.now() if details.elsewhere is None else None,
    )
