"""Attendance: the marks of phones, and what a person decides where they disagree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call, Caller
from services.common.history.changes import Change
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import attendance, permissions
from services.trainings.domain.attendance import (
    Enrolment,
    Entry,
    Mark,
    Received,
    attendance_of,
    check_begun,
    contradictions_of,
)
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.settlements import (
    StoredSettlement,
    entry_version,
    settlement_id,
)
from services.trainings.operations.cohorts import check_may_see_cohort
from services.trainings.schemas.attendance import (
    KnownEntry,
    KnownPerson,
    ListContradictions,
    Place,
    RecordMarks,
    SettleAttendance,
)
from services.trainings.steps.assignments import trains
from services.trainings.steps.current_participant import current_id_of
from services.trainings.steps.enrolments import enrolments_in
from services.trainings.steps.known_attendance import attendance_in
from services.trainings.steps.marks import save_marks, sessions_of
from services.trainings.steps.settlements import save_settlement


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a cohort's attendance, or of a part of it."""

    sessions: Mapping[str, attendance.Session]
    enrolments: Mapping[str, Enrolment]
    entries: Mapping[attendance.Place, Entry]
    settlements: Mapping[attendance.Place, tuple[StoredSettlement, ...]]


def record_marks(app: App, call: Call, command: RecordMarks) -> tuple[Received, ...]:
    """Store the marks of a batch that are new; what becomes of each, in the order of the batch.

    Marks are taken after the cohort's end, too: a phone may be without a connection for weeks.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff and trainers of the cohort.
    """
    now = app.clock.now()
    batch = [
        Mark(
            id=each.id,
            session_id=each.session_id,
            person_id=each.person_id,
            status=each.status,
            marked_at=each.marked_at,
            device_id=command.device_id,
            marked_by=call.caller.id,
            received_at=now,
        )
        for each in command.marks
    ]

    def work(session: Session) -> tuple[Received, ...]:
        cohort = cohort_to_mark(app, call.caller, command.cohort_id, session)
        return save_marks(app, call.caller, session, cohort, batch)

    return app.database.transact(work)


def cohort_to_mark(
    app: App, caller: Caller, cohort_id: str, session: Session | None = None
) -> Cohort:
    """The cohort whose attendance the caller keeps.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden
    """
    cohort = app.cohorts.get(cohort_id, session)
    check_may_see_cohort(app, caller, cohort, session)
    teaches = trains(app, caller, cohort.id, session)
    permissions.check_teaches(caller, cohort, trains=teaches)
    return cohort


def session_attendance(app: App, call: Call, cohort_id: str, session_id: str) -> list[KnownEntry]:
    """What is known of each person in a session: of all who have a seat at some time of it, and of
    all who were marked. By name.

    Raises:
        errors.NotFound: if there is no such cohort or session.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff and trainers of the cohort.
    """
    cohort = cohort_to_mark(app, call.caller, cohort_id)
    known = _known(app, cohort, session_id=session_id)
    session = known.sessions.get(session_id)
    marked = {person_id for _, person_id in known.entries}
    if session is None:
        raise errors.NotFound()
    seated = {each.person_id for each in known.enrolments.values() if each.touches(session)}
    places = [(session_id, person_id) for person_id in marked | seated]
    found = _entries(app, known, places)
    return sorted(found, key=lambda each: (each.name or "", each.person_id))


def cohort_attendance(app: App, call: Call, cohort_id: str) -> list[KnownPerson]:
    """What the marks of each person who has or had a seat add up to, by name.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff and trainers of the cohort.
    """
    cohort = cohort_to_mark(app, call.caller, cohort_id)
    known = _known(app, cohort)
    names = _names(app, known.enrolments)
    found = [
        KnownPerson(
            each.person_id,
            names.get(each.person_id),
            attendance_of(each, known.sessions.values(), known.entries),
        )
        for each in known.enrolments.values()
    ]
    return sorted(found, key=lambda each: (each.name or "", each.person_id))


def my_attendance(app: App, call: Call, cohort_id: str) -> KnownPerson:
    """What the caller's own marks add up to.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort, or the caller never had a seat in it.
    """
    check_signed_in(call.caller)
    cohort = app.cohorts.get(cohort_id)
    own_id = current_id_of(app, call.caller.id)
    known = _known(app, cohort, person_id=own_id)
    enrolment = known.enrolments.get(own_id)
    if enrolment is None:
        raise errors.NotFound()
    names = _names(app, [own_id])
    own = attendance_of(enrolment, known.sessions.values(), known.entries)
    return KnownPerson(own_id, names.get(own_id), own)


def find_contradictions(app: App, call: Call, query: ListContradictions) -> list[KnownEntry]:
    """What a person has to settle, by session and person; one more than a page where there are
    more.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: as of :func:`cohort_attendance`.
    """
    cohort = cohort_to_mark(app, call.caller, query.cohort_id)
    known = _known(app, cohort)
    places = [(each.session_id, each.person_id) for each in contradictions_of(known.entries)]
    beyond = [each for each in places if query.after is None or each > query.after]
    return _entries(app, known, beyond[: one_more(query.limit)])


def get_attendance(app: App, call: Call, place: Place) -> KnownEntry:
    """What is known of one person in one session.

    Raises:
        errors.NotFound: if there is no such cohort or session, or the person neither had a seat at
            some time of it nor was marked.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff and trainers of the cohort.
    """
    return _entry_at(app, call.caller, place, None)[1]


def settle_attendance(app: App, call: Call, command: SettleAttendance) -> KnownEntry:
    """Decide what counts for one person in one session: where marks disagree, where they are wrong,
    or where there is none.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: as of :func:`get_attendance`.
        errors.Stale: a mark or a settlement has come since it was read.
        errors.Conflict: ``trainings.session_not_begun``.
    """
    place = command.place

    def work(session: Session) -> None:
        _, known = _entry_at(app, call.caller, place, session)
        if known.version != command.expected_version:
            raise errors.Stale()
        if known.session is not None:
            check_begun(known.session, command.status, app.clock.now())
        seen = () if known.entry is None else tuple(each.id for each in known.entry.marks)
        said = (command.status, call.caller.id, command.reason, app.clock.now(), seen)
        # Of the record that counts: one of a merged record stays as it was decided.
        key = settlement_id(place.session_id, known.person_id)
        before = app.settlements.look_up(key, session)
        after = (
            before.next(*said)
            if before is not None
            else StoredSettlement(
                key,
                place.cohort_id,
                place.session_id,
                known.person_id,
                *said,
            )
        )
        save_settlement(app, call.caller, session, before, after)

    app.database.transact(work)
    return get_attendance(app, call, place)


def attendance_history(app: App, call: Call, place: Place, query: ListHistory) -> list[Change]:
    """Who settled what of one person in one session, when and why; oldest first, one more than a
    page where there are more.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: as of :func:`get_attendance`.
    """
    get_attendance(app, call, place)
    subject = f"{StoredSettlement.kind}/{query.id}"
    return app.history.of(subject, after=query.after, limit=one_more(query.limit))


def _entry_at(
    app: App, caller: Caller, place: Place, session: Session | None
) -> tuple[Cohort, KnownEntry]:
    cohort = cohort_to_mark(app, caller, place.cohort_id, session)
    person_id = current_id_of(app, place.person_id, session)
    known = _known(app, cohort, session, session_id=place.session_id, person_id=person_id)
    of = known.sessions.get(place.session_id)
    if of is None:
        raise errors.NotFound()
    key = (place.session_id, person_id)
    enrolment = known.enrolments.get(person_id)
    if key not in known.entries and (enrolment is None or not enrolment.touches(of)):
        raise errors.NotFound()
    return cohort, _entries(app, known, [key])[0]


def _known(
    app: App,
    cohort: Cohort,
    session: Session | None = None,
    *,
    session_id: str | None = None,
    person_id: str | None = None,
) -> _Known:
    found = attendance_in(app, cohort.id, session, session_id=session_id, person_id=person_id)
    return _Known(
        sessions_of(cohort),
        enrolments_in(app, cohort.id, session, person_id=person_id),
        found.entries,
        found.settlements,
    )


def _entries(app: App, known: _Known, places: Collection[attendance.Place]) -> list[KnownEntry]:
    names = _names(app, {person_id for _, person_id in places})
    return [
        KnownEntry(
            session_id=place[0],
            person_id=place[1],
            name=names.get(place[1]),
            entry=known.entries.get(place),
            session=known.sessions.get(place[0]),
            settled=next(reversed(known.settlements.get(place, ())), None),
            version=entry_version(known.entries.get(place), known.settlements.get(place, ())),
        )
        for place in places
    ]


def _names(app: App, people: Collection[str]) -> dict[str, str]:
    """Of those whose data are not erased."""
    found = app.participants.named(people)
    return {each.id: each.name for each in found.values() if not each.erased}
