"""Advisers: their profiles, and the times at which they can be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice

from services.common import errors
from services.common.authorisation import check_is_manager, check_signed_in, is_staff
from services.common.context import Call
from services.common.contracts.consultations.adviser_errors import (
    ALREADY_ADVISER,
    NOT_AN_ADVISER,
)
from services.common.contracts.consultations.calendar_errors import TOO_LONG
from services.common.contracts.consultations.calendar_limits import MOST_DAYS_OF_SLOTS
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE
from services.common.directory.people import ADVISER
from services.common.errors import FieldError
from services.common.history.steps import record_change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from services.common.time.slots import slot_boundary
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.adviser_times import REACH, Buffers, check_order
from services.consultations.domain.advisers import Adviser, check_breaks
from services.consultations.domain.appointments import Mode
from services.consultations.domain.cases import Case
from services.consultations.domain.consulting_hours import Hour, hour_of
from services.consultations.schemas.advisers import (
    AddAdviser,
    ChangeAdviser,
    ListAdvisers,
    ListSlots,
)
from services.consultations.steps.adviser_calendar import (
    diary_of,
    follow_adviser_later,
    hours_at_centre,
    turn_of_adviser,
)


def find_advisers(app: App, call: Call, query: ListAdvisers) -> list[Adviser]:
    """Advisers by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than staff and advisers.
    """
    permissions.check_sees_advisers(call.caller)
    return app.advisers.find(
        centre_id=query.centre_id,
        speciality=query.speciality,
        active=query.active,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_adviser(app: App, call: Call, adviser_id: str) -> Adviser:
    """Raises:
    errors.Unauthenticated, errors.Forbidden: for others than staff and advisers.
    errors.NotFound: if there is none.
    """
    permissions.check_sees_advisers(call.caller)
    return app.advisers.get(adviser_id)


def add_adviser(app: App, call: Call, command: AddAdviser) -> Adviser:
    """Give a person a profile as an adviser; the same key gives the same profile again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers.
        errors.Invalid: ``consultations.not_an_adviser``, ``consultations.unknown_centre``,
            ``consultations.break_outside_hours``.
        errors.Conflict: ``consultations.already_adviser``.
    """
    check_is_manager(call.caller)
    adviser = command.adviser
    request = Request.of(call, "consultations.add_adviser", asdict(adviser))

    def work(session: Session) -> Adviser:
        check_breaks(adviser.working_hours, adviser.breaks)
        _check_centres(app, session, adviser)
        _check_has_role(app, session, adviser.id)
        if app.advisers.look_up(adviser.id, session) is not None:
            raise ALREADY_ADVISER()
        app.advisers.add(session, adviser)
        record_change(app, call.caller, session, adviser, None, adviser.facts)
        return adviser

    def as_it_is_now(kept: Document) -> Adviser:
        return app.advisers.get(kept["id"])

    return app.keys.once(request, work, save=lambda made: {"id": made.id}, load=as_it_is_now)


def _check_has_role(app: App, session: Session, person_id: str) -> None:
    """Raises:
    errors.Invalid: ``consultations.not_an_adviser``, for anybody but an adviser who works now.
    """
    # An erasure comes before it, and finds nothing here, or after it, and empties the profile.
    app.directory.lock_named(session, [person_id])
    person = app.directory.people([person_id], session).get(person_id)
    if person is None or person.disabled or ADVISER not in person.roles:
        raise NOT_AN_ADVISER(errors=[FieldError("/person_id", NOT_AN_ADVISER.code)])


def change_adviser(app: App, call: Call, command: ChangeAdviser) -> Adviser:
    """Change a profile. What is agreed stays as it is, whatever the hours are from now on.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than managers and the adviser.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_centre``, ``consultations.break_outside_hours``.
    """
    permissions.check_sees_advisers(call.caller)

    def work(session: Session) -> Adviser:
        before = app.advisers.get(command.id, session)
        permissions.check_changes_adviser(call.caller, before, frozenset(command.changes))
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(**command.changes)
        if after.centre_ids != before.centre_ids:
            _check_centres(app, session, after)
        app.advisers.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts)
        if after.active is not before.active:
            follow_adviser_later(app, session, after.id)
        return after

    return app.database.transact(work, turn=turn_of_adviser(command.id))


def find_slots(app: App, call: Call, query: ListSlots) -> tuple[list[Period], str]:
    """The times at which an adviser can be met, in order, one more than a page where there are
    more; and the adviser's zone.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such adviser; for others than staff, the adviser, and the
            people of the case that is named, where the adviser is among them.
        errors.Invalid: ``consultations.end_before_start``, ``consultations.too_long``.
    """
    case = _case_to_meet_about(app, call, query)
    adviser = app.advisers.get(query.adviser_id)
    within = _within(app, query)
    if within is None or not adviser.active:
        return [], adviser.time_zone
    kind = None if case is None else app.kinds.get(case.kind_id)
    buffers = adviser.buffers
    if query.visit or query.mode is Mode.ON_SITE:
        after = query.travel if query.visit else max(query.travel, adviser.buffer)
        buffers = Buffers(query.travel, after)
    slots = diary_of(app, adviser, _period_around(within)).slots(
        within,
        query.length,
        buffers,
        spans_breaks=query.visit and kind is not None and kind.spans_breaks,
    )
    hours = _hours_needed(app, query, case, within)
    offered = (
        each
        for each in slots
        if (query.after is None or each.starts_at > query.after)
        and (hours is None or hour_of(hours, each) is not None)
    )
    return list(islice(offered, one_more(query.limit))), adviser.time_zone


def _case_to_meet_about(app: App, call: Call, query: ListSlots) -> Case | None:
    caller = call.caller
    check_signed_in(caller)
    if query.case_id is not None:
        case = app.cases.get_visible(query.case_id, caller, app.clock.now())
        knows = is_staff(caller) or query.adviser_id in case.people
        if not knows:
            raise errors.NotFound()
        return case
    if not (is_staff(caller) or permissions.is_person(caller, query.adviser_id)):
        raise errors.NotFound()
    return None


def _within(app: App, query: ListSlots) -> Period | None:
    """The period that is asked about, as far as it is to come.

    Raises:
        errors.Invalid: ``consultations.end_before_start``, ``consultations.too_long``.
    """
    check_order(query.within)
    days = (query.within.ends_at - query.within.starts_at).days
    if days > MOST_DAYS_OF_SLOTS:
        fault = FieldError("/ends_at", TOO_LONG.code)
        raise TOO_LONG(hours=MOST_DAYS_OF_SLOTS * 24, errors=[fault])
    begin = slot_boundary(max(query.within.starts_at, app.clock.now()))
    return Period(begin, query.within.ends_at) if begin < query.within.ends_at else None


def _period_around(within: Period) -> Period:
    return Period(within.starts_at - REACH, within.ends_at + REACH)


def _hours_needed(
    app: App, query: ListSlots, case: Case | None, within: Period
) -> list[Hour] | None:
    """The consulting hours that an appointment of a sealed case takes place in; ``None`` for any
    other."""
    if case is None or not case.sealed or query.visit or query.mode is not Mode.AT_CENTRE:
        return None
    found = hours_at_centre(app, query.adviser_id, case.centre_id, within)
    return [hour for hours in found.values() for hour in hours]


def _check_centres(app: App, session: Session, adviser: Adviser) -> None:
    """Raises:
    errors.Invalid: ``consultations.unknown_centre``, naming each.
    """
    faults = [
        FieldError(f"/centre_ids/{n}", UNKNOWN_CENTRE.code)
        for n, each in enumerate(adviser.centre_ids)
        if app.centres.look_up(each, session) is None
    ]
    if faults:
        raise UNKNOWN_CENTRE(errors=faults)


def names_of(app: App, values: Sequence[Adviser]) -> dict[str, Mapping[str, str]]:
    """Adviser → name, as far as it is known."""
    return app.directory.names([each.id for each in values])
