"""What people do with series: book many times at once, and look at what they have booked. How it is
changed says ``series_changes.py``.

All occurrences that a request books or changes are written in one transaction; how, one after the
other, says ``occurrences.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.rejected import Rejected
from services.bookings.domain.series import (
    OnConflict,
    Schedule,
    Scope,
    Series,
    check_begins,
    concerns_all,
)
from services.bookings.schemas.series import (
    CreateSeries,
    ListSeries,
)
from services.bookings.schemas.series import rejected as wire_of_rejected
from services.bookings.steps.booking_events import reported_in
from services.bookings.steps.equipment_units import known_equipment, lock_stock
from services.bookings.steps.event_data import series_data
from services.bookings.steps.feasibility import Feasibility
from services.bookings.steps.occurrences import Attempt, LostOccurrences, until_decided
from services.bookings.steps.recurrence import starts_of
from services.bookings.steps.reservation import check_may_book, load_context, space_and_centre
from services.bookings.store.series import answer_of, schedule_of
from services.common import authorisation, clock
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import SERIES_REFUSED
from services.common.contracts.registry import EventType
from services.common.errors import MasahaError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.wall_clock import repeat_period, to_local_time


class _Previewed(Exception):
    """Everything was tried; raised so that the transaction commits nothing."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule


# -- booking -------------------------------------------------------------------------------------


def create(app: App, call: Call, command: CreateSeries) -> Schedule:
    """Book every occurrence, or those that can be had; the same key gives the same series again.

    Raises:
        errors.Invalid: a rule without end, too long or unreadable; as for a booking otherwise.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Conflict: the first occurrence is past or too far ahead;
            ``bookings.series_refused``, with every occurrence that cannot be had in
            ``extra['rejected']``: one is enough where nothing is to be skipped; where it is, all.
        errors.KeyReused: the key came with another request before.
    """
    check_may_book(app, call, command.organisation_id, command.space_id)
    request = Request.of(call, "bookings.create_series", asdict(command))

    def book(session: Session, lost: LostOccurrences) -> Schedule:
        lock_stock(app, session, command.equipment)
        schedule = _book(app, call, session, command, lost)
        rejected = schedule.series.rejected
        if not schedule.occurrences or (rejected and command.on_conflict is OnConflict.REFUSE):
            raise refused(rejected)
        return schedule

    return until_decided(
        app,
        lambda lost: app.keys.once(
            request, lambda session: book(session, lost), save=answer_of, load=schedule_of
        ),
    )


def preview(app: App, call: Call, command: CreateSeries) -> Schedule:
    """What :func:`create` would book and what not, with the same work in a transaction that is
    never committed. It lends nothing, so it keeps nobody from equipment.

    Raises:
        errors.Invalid, errors.Forbidden: as :func:`create`.
    """
    return run_without_commit(app, lambda session, lost: _book(app, call, session, command, lost))


def run_without_commit(app: App, work: Callable[[Session, LostOccurrences], Schedule]) -> Schedule:
    """What the work would make, in a transaction that is never committed."""

    def work_and_undo(session: Session, lost: LostOccurrences) -> Schedule:
        raise _Previewed(work(session, lost))

    try:
        return until_decided(
            app, lambda lost: app.database.transact(lambda session: work_and_undo(session, lost))
        )
    except _Previewed as made:
        return made.schedule


def _book(
    app: App, call: Call, session: Session, command: CreateSeries, lost: LostOccurrences
) -> Schedule:
    rules.check_shape(command.period)
    space, centre, party = load_context(
        app, call, session, command.space_id, command.organisation_id
    )
    now = app.clock.now()
    check_begins(command.period, now)
    zone = centre.time_zone
    starts = starts_of(command.rule, to_local_time(command.period.starts_at, zone), zone)
    series = Series(
        id=app.new_id(),
        space_id=space.id,
        centre_id=centre.id,
        organisation_id=command.organisation_id,
        booked_by=call.caller.id,
        period=command.period,
        time_zone=zone,
        rule=command.rule,
        title=command.title,
        purpose=command.purpose,
        people=command.people,
        created_at=now,
        updated_at=now,
        equipment=command.equipment,
    )
    known_equipment(app, centre.id, command.equipment, session)
    here = (space, centre)
    periods = repeat_period(command.period, starts, zone)
    wanted = [(here, period) for period in periods]
    feasibility = Feasibility.of(app, session, party, wanted)
    attempt = Attempt(app, call, session, feasibility, lost)
    plan = {
        attempt.book(series, here, period, clock.to_wire(period.starts_at)): start
        for start, period in zip(starts, periods, strict=True)
    }
    attempt.find_alternatives()
    booked = attempt.changed
    series = replace(series, rejected=tuple(attempt.rejected), plan=plan)
    app.series.add(session, series)
    if booked:
        record_series_event(
            app, call, session, events.SERIES_CREATED, series, booked, booked, Scope.ALL
        )
    return Schedule.of(series, booked)


# -- reading -------------------------------------------------------------------------------------


def get(app: App, call: Call, series_id: str) -> Schedule:
    """A series with its occurrences, cancelled ones included.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    series = app.series.get(series_id)
    authorisation.check_may_see(call.caller, series)
    return app.series.schedule(series)


def find(app: App, call: Call, query: ListSeries) -> list[Series]:
    """The series that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    authorisation.check_signed_in(call.caller)
    return app.series.find(
        visible=authorisation.visible_to(call.caller),
        filters=dict(query.filters),
        after=query.after,
        limit=one_more(query.limit),
    )


# -- events of a series ---------------------------------------------------------------------------


def refused(rejected: Sequence[Rejected]) -> MasahaError:
    """The refusal of all, for what could not be had of it."""
    return SERIES_REFUSED(
        count=len(rejected), extra={"rejected": [wire_of_rejected(each) for each in rejected]}
    )


def record_series_event(
    app: App,
    call: Call,
    session: Session,
    event_type: EventType,
    series: Series,
    concerned: Sequence[Booking],
    bookings: Sequence[Booking],
    scope: Scope,
    *,
    part_of: str | None = None,
    **more: Any,
) -> None:
    """Record the event of the series' present version.

    Args:
        concerned: the occurrences that it is about, as they now are.
        bookings: all of the series, see ``concerns_all``.
        part_of: what informs people instead, see ``booking_events.reported_in``.
    """
    first = min(concerned, key=lambda each: each.period.starts_at)
    place_ = space_and_centre(app, first.space_id, session)
    # A change that one booking's own event reports is no news of its series.
    whole = scope is not Scope.THIS and concerns_all(concerned, bookings, app.clock.now())
    fact = series_data(series, concerned, scope, whole, place_, call.caller)
    app.outbox.record(
        session,
        event_type,
        subject=series.id,
        version=series.version,
        data=fact | reported_in(part_of) | more,
        caller=call.caller,
    )
