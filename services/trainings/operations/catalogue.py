"""Topics and courses: what people see, and what a manager says."""

from __future__ import annotations

from dataclasses import asdict

from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.errors import UNKNOWN_COURSE, UNKNOWN_TOPIC
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.catalogue import Course, Topic, check_prerequisites
from services.trainings.schemas.catalogue import AddCourse, ChangeCourse, ListCourses
from services.trainings.steps.catalogue_events import record_course_event


def find_topics(app: App) -> list[Topic]:
    """All topics, by id. There are few."""
    return app.topics.page()


def find_courses(app: App, query: ListCourses) -> list[Course]:
    """Courses by id, one more than a page where there are more."""
    return app.courses.find(
        topic_id=query.topic_id,
        search=query.search,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_course(app: App, course_id: str) -> Course:
    """Raises:
    errors.NotFound: if there is none.
    """
    return app.courses.get(course_id)


def add_course(app: App, call: Call, command: AddCourse) -> Course:
    """Offer one more course; the same key gives the same course again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``trainings.unknown_topic``, ``trainings.unknown_course``.
        errors.KeyReused: the key came with another request before.
    """
    permissions.check_may_change_catalogue(call.caller)
    request = Request.of(call, "trainings.add_course", asdict(command))

    def work(session: Session) -> Course:
        if app.topics.look_up(command.topic_id, session) is None:
            raise UNKNOWN_TOPIC(errors=[FieldError("/topic_id", UNKNOWN_TOPIC.code)])
        _check_prerequisites_exist(app, session, command.prerequisites)
        course = Course(
            id=app.new_id(),
            added_at=app.clock.now(),
            topic_id=command.topic_id,
            title=command.title,
            summary=command.summary,
            hours=command.hours,
            prerequisites=command.prerequisites,
            earning=command.earning,
            certificate_months=command.certificate_months,
        )
        app.courses.add(session, course)
        record_course_event(app, call.caller, session, events.COURSE_ADDED, None, course)
        return course

    return app.keys.once(request, work, save=app.courses.document_of, load=app.courses.aggregate_of)


def change_course(app: App, call: Call, command: ChangeCourse) -> Course:
    """Change a course, or retire it. A request that changes nothing gives the course as it is.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such course.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``trainings.unknown_course``, ``trainings.prerequisite_circle``.
    """
    permissions.check_may_change_catalogue(call.caller)

    def work(session: Session) -> Course:
        before = app.courses.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(command.changes)
        if after is before:
            return before
        if after.prerequisites != before.prerequisites:
            _check_prerequisites_exist(app, session, after.prerequisites)
            requires = _prerequisites_reached(app, session, after.prerequisites)
            check_prerequisites(after.id, after.prerequisites, requires)
        app.courses.save(session, after, before.version)
        record_course_event(
            app, call.caller, session, events.COURSE_CHANGED, before, after, command.reason
        )
        return after

    return app.database.transact(work)


def course_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a course, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        errors.NotFound: if there is no such course.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
    """
    course = app.courses.get(query.id)
    authorisation.check_is_staff(call.caller)
    return app.history.of(subject_of(course), after=query.after, limit=one_more(query.limit))


def _check_prerequisites_exist(app: App, session: Session, prerequisites: tuple[str, ...]) -> None:
    """Raises:
    errors.Invalid: ``trainings.unknown_course``, naming each.
    """
    known = app.courses.named(prerequisites, session)
    faults = [
        FieldError(f"/prerequisites/{number}", UNKNOWN_COURSE.code)
        for number, each in enumerate(prerequisites)
        if each not in known
    ]
    if faults:
        raise UNKNOWN_COURSE(errors=faults)


def _prerequisites_reached(
    app: App, session: Session, first: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The prerequisites of every course that can be reached from these: one query a level."""
    reached: dict[str, tuple[str, ...]] = {}
    level = set(first)
    while level:
        found = app.courses.named(level, session)
        reached |= {each.id: each.prerequisites for each in found.values()}
        level = {each for course in found.values() for each in course.prerequisites} - set(reached)
    return reached
