"""What people do with series: book many times at once, change them together, try again.

All occurrences that a request books or changes are written in one transaction. What one of them may
not have is found out before anything is written for it, because in a transaction a refused write
ends everything; where somebody else was faster all the same, the whole request starts again knowing
that this occurrence is lost. So each round of a race has a winner, and the number of rounds is that
of the occurrences at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking, Claim
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.hours import Period
from services.bookings.domain.series import (
    CHANGEABLE,
    MOST_HELPED,
    OnConflict,
    Rejected,
    Schedule,
    Scope,
    Series,
    SeriesStatus,
    check_begins,
    on_the_wall,
    repeated,
    shifted,
    targets,
)
from services.bookings.domain.slots import SLOT, SLOT_MINUTES
from services.bookings.operations import budgets
from services.bookings.operations.alternatives import Wanted, offering_alternatives
from services.bookings.operations.bookings import call_off, change_details, reschedule
from services.bookings.operations.equipment import known_of, units_for
from services.bookings.operations.facts import series_fact
from services.bookings.operations.placing import Wish, place, place_of
from services.bookings.operations.recurrence import starts_of
from services.bookings.operations.telling import part_of
from services.bookings.schemas.series import (
    CancelSeries,
    ChangeSeries,
    CreateSeries,
    ListSeries,
    RetrySeries,
)
from services.bookings.schemas.series import rejected as wire_of_rejected
from services.bookings.store.bookings import SpaceTaken, visible_to
from services.bookings.store.series import answer_of, schedule_of
from services.common import clock, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import OFF_RASTER, SERIES_REFUSED, SPACE_TAKEN
from services.common.contracts.registry import EventType
from services.common.errors import Conflict, FieldError, Invalid, MasahaError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

T = TypeVar("T")

# Booking id, or start of the occurrence → the refusal that a race has brought it.
Lost = dict[str, MasahaError]


class _LostRace(Exception):
    """Somebody else was faster with one occurrence; the transaction has to start again."""

    def __init__(self, key: str, refusal: MasahaError) -> None:
        super().__init__(key)
        self.key = key
        self.refusal = refusal


class _Rehearsed(Exception):
    """Everything was tried; raised so that nothing of it is committed."""

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
    request = Request.of(call, "bookings.create_series", asdict(command))

    def book(session: Session, lost: Lost) -> Schedule:
        schedule = _book(app, call, session, command, lost)
        rejected = schedule.series.rejected
        if not schedule.occurrences or (rejected and command.on_conflict is OnConflict.REFUSE):
            raise _refused(rejected)
        return schedule

    return _until_decided(
        lambda lost: app.keys.once(
            request, lambda session: book(session, lost), save=answer_of, load=schedule_of
        )
    )


def preview(app: App, call: Call, command: CreateSeries) -> Schedule:
    """What :func:`create` would book and what not, with the same work in a transaction that is
    never committed.

    Raises:
        errors.Invalid, errors.Forbidden: as :func:`create`.
    """

    def rehearse(session: Session, lost: Lost) -> Schedule:
        raise _Rehearsed(_book(app, call, session, command, lost))

    try:
        return _until_decided(
            lambda lost: app.database.transact(lambda session: rehearse(session, lost))
        )
    except _Rehearsed as rehearsed:
        return rehearsed.schedule


def _book(app: App, call: Call, session: Session, command: CreateSeries, lost: Lost) -> Schedule:
    rules.check_shape(command.period)
    space, centre = place_of(app, command.space_id, session)
    permissions.check_may_book(call.caller, command.organisation_id, centre.id)
    now = app.clock.now()
    check_begins(command.period, now)
    zone = centre.time_zone
    starts = starts_of(command.rule, on_the_wall(command.period.starts_at, zone), zone)
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
    known_of(app, centre.id, command.equipment, session)
    attempt = _Attempt(app, call, session, lost)
    here = (space, centre)
    periods = repeated(command.period, starts, zone)
    attempt.look_at([(here, period) for period in periods])
    for period in periods:
        attempt.place(series, here, period, clock.to_wire(period.starts_at))
    booked = attempt.changed
    series = replace(series, rejected=tuple(attempt.rejected))
    app.series.add(session, series)
    if booked:
        _tell(app, call, session, events.SERIES_CREATED, series, booked, Scope.ALL)
    return Schedule.of(series, booked)


# -- reading -------------------------------------------------------------------------------------


def get(app: App, call: Call, series_id: str) -> Schedule:
    """A series with its occurrences, whatever has become of them.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    series = app.series.get(series_id)
    permissions.check_may_see(call.caller, series)
    return Schedule.of(series, app.series.occurrences(series_id))


def find(app: App, call: Call, query: ListSeries) -> list[Series]:
    """The series that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    caller = call.caller
    if caller.kind == "visitor":
        raise errors.Unauthenticated()
    centres = caller.branches if "front_desk" in caller.roles else frozenset[str]()
    return app.series.find(
        visible=None if caller.is_manager() else visible_to(caller.organisations, centres),
        filters=dict(query.filters),
        after=query.after,
        limit=query.limit + 1,
    )


# -- changing ------------------------------------------------------------------------------------


def change(app: App, call: Call, command: ChangeSeries) -> Schedule:
    """Move occurrences by the clock on the wall, to another space, or change what is said of them.

    Returns:
        The series; for "this and the following" the new one that they have become.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it, or the shift is off the raster.
        errors.Conflict: ``bookings.series_refused`` as :func:`create`; ``bookings.series_over``.
    """
    for name, length in (("shift", command.shift), ("duration", command.length)):
        if length is not None and length % SLOT:
            fault = FieldError(f"/{name}_minutes", OFF_RASTER.code)
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[fault])
    return _until_decided(
        lambda lost: app.database.transact(
            lambda session: _change(app, call, session, command, lost)
        )
    )


def _change(app: App, call: Call, session: Session, command: ChangeSeries, lost: Lost) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.occurrences(before.id, session)
    found = targets(bookings, command.scope, command.booking_id, now)
    place = place_of(app, command.space_id, session) if command.space_id else None
    wanted = [_Move.of(app, session, each, command, place) for each in found]
    if not any(each.changes for each in wanted):
        return Schedule.of(before, bookings)

    splits = command.scope is Scope.FOLLOWING
    shared = _shared(before, command, place)
    if splits:
        pivot = found[0].period
        after = replace(
            before,
            **shared,
            id=app.new_id(),
            follows=before.id,
            period=shifted(pivot, before.time_zone, command.shift, command.length),
            rejected=before.rejected_from(pivot.starts_at),
            version=1,
            created_at=now,
            updated_at=now,
        )
    elif command.scope is Scope.ALL:
        first = shifted(before.period, before.time_zone, command.shift, command.length)
        after = before.changed(now, **shared, period=first)
    else:
        after = before.changed(now)

    # A change of one occurrence is told by its own event, that of many by the series'.
    bulk = None if command.scope is Scope.THIS else before.id
    attempt = _Attempt(app, call, session, lost)
    attempt.look_at([(each.place, each.period) for each in wanted], besides=found)
    # Where they all move later the last goes first, so that none is in the way of the one before.
    for each in reversed(wanted) if command.shift > timedelta(0) else wanted:
        attempt.move(each, after.id, bulk)
    if attempt.rejected and command.on_conflict is OnConflict.REFUSE:
        raise _refused(attempt.rejected)
    if not attempt.changed:
        raise _refused(attempt.rejected)

    after = replace(after, rejected=after.with_rejected(*attempt.rejected))
    if splits:
        earlier = before.changed(now, rejected=before.rejected_before(found[0].period.starts_at))
        app.series.save(session, earlier, before.version)
        app.series.add(session, after)
        _tell(app, call, session, events.SERIES_CHANGED, earlier, attempt.changed, command.scope)
        created = events.SERIES_CREATED
        _tell(app, call, session, created, after, attempt.changed, Scope.ALL, told_by=before.id)
    else:
        app.series.save(session, after, before.version)
        told_by = command.booking_id if command.scope is Scope.THIS else None
        kind = events.SERIES_CHANGED
        _tell(app, call, session, kind, after, attempt.changed, command.scope, told_by=told_by)
    return Schedule.of(after, app.series.occurrences(after.id, session))


def cancel(app: App, call: Call, command: CancelSeries) -> Schedule:
    """Call occurrences off; their time is free at once. "All" ends the series.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Invalid: the booking is no occurrence of it.
        errors.Conflict: ``bookings.series_over``.
    """

    def work(session: Session) -> Schedule:
        now = app.clock.now()
        before = _load_for_change(app, call, command.id, command.expected_version, session)
        before.check_goes_on()
        bookings = app.series.occurrences(before.id, session)
        found = targets(bookings, command.scope, command.booking_id, now)
        bulk = None if command.scope is Scope.THIS else before.id
        gone = [call_off(app, call, session, each, command.reason, bulk=bulk) for each in found]
        match command.scope:
            case Scope.ALL:
                after = before.changed(now, status=SeriesStatus.CANCELLED)
            case Scope.FOLLOWING:
                kept = before.rejected_before(found[0].period.starts_at)
                after = before.changed(now, rejected=kept)
            case Scope.THIS:
                after = before.changed(now)
        app.series.save(session, after, before.version)
        told_by = command.booking_id if command.scope is Scope.THIS else None
        _tell(
            app,
            call,
            session,
            events.SERIES_CANCELLED,
            after,
            gone,
            command.scope,
            told_by=told_by,
            reason=command.reason,
        )
        return Schedule.of(after, app.series.occurrences(after.id, session))

    return app.database.transact(work)


def retry(app: App, call: Call, command: RetrySeries) -> Schedule:
    """Try the rejected occurrences again; those that still cannot be had stay, with their reason
    of today. Where none can, nothing changes.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the series is not at the expected version any more.
        errors.Conflict: ``bookings.series_over`` if it was cancelled.
    """
    return _until_decided(
        lambda lost: app.database.transact(
            lambda session: _retry(app, call, session, command, lost)
        )
    )


def _retry(app: App, call: Call, session: Session, command: RetrySeries, lost: Lost) -> Schedule:
    now = app.clock.now()
    before = _load_for_change(app, call, command.id, command.expected_version, session)
    before.check_goes_on()
    bookings = app.series.occurrences(before.id, session)
    by_id = {each.id: each for each in bookings if each.status in CHANGEABLE}
    places = {id: place_of(app, id, session) for id in {r.space_id for r in before.rejected}}
    attempt = _Attempt(app, call, session, lost)
    staying = [by_id[r.booking_id] for r in before.rejected if r.booking_id in by_id]
    attempt.look_at([(places[r.space_id], r.period) for r in before.rejected], besides=staying)
    for each in before.rejected:
        if each.booking_id is None:
            attempt.place(before, places[each.space_id], each.period, each.id)
        elif each.booking_id in by_id:
            move = _Move(by_id[each.booking_id], places[each.space_id], each.period, {})
            attempt.move(move, before.id, before.id)
    if not attempt.changed:
        return Schedule.of(before, bookings)
    after = before.changed(now, rejected=tuple(attempt.rejected))
    app.series.save(session, after, before.version)
    _tell(app, call, session, events.SERIES_CHANGED, after, attempt.changed, Scope.ALL)
    return Schedule.of(after, app.series.occurrences(after.id, session))


def _load_for_change(
    app: App, call: Call, series_id: str, expected_version: int, session: Session
) -> Series:
    series = app.series.get(series_id, session)
    permissions.check_may_change(call.caller, series)
    if series.version != expected_version:
        raise errors.Stale()
    return series


def _shared(
    before: Series, command: ChangeSeries, place: tuple[Space, Centre] | None
) -> dict[str, Any]:
    values: dict[str, Any] = dict(command.details)
    if place is not None:
        space, centre = place
        values |= {
            "space_id": space.id,
            "centre_id": centre.id,
            "time_zone": centre.time_zone,
        }
    return values


# -- one occurrence after the other ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Move:
    """What an occurrence is to become."""

    before: Booking
    place: tuple[Space, Centre]
    period: Period
    details: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        app: App,
        session: Session,
        booking: Booking,
        command: ChangeSeries,
        place: tuple[Space, Centre] | None,
    ) -> _Move:
        return cls(
            booking,
            place or place_of(app, booking.space_id, session),
            shifted(booking.period, booking.time_zone, command.shift, command.length),
            {k: v for k, v in command.details.items() if getattr(booking, k) != v},
        )

    @property
    def moves(self) -> bool:
        before = self.before
        return self.place[0].id != before.space_id or self.period != before.period

    @property
    def changes(self) -> bool:
        return self.moves or bool(self.details)


@dataclass(slots=True)
class _Attempt:
    """Occurrences placed and moved one by one, in one transaction; what cannot be is kept apart.

    Attributes:
        lost: what a race has already cost.
        taken: slots that somebody else has, as the transaction sees them.
        own: slots of the occurrences that are to move, where they now are.
        changed: what was placed or changed.
        rejected: what was not.
    """

    app: App
    call: Call
    session: Session
    lost: Lost
    taken: set[str] = field(default_factory=set)
    own: dict[str, set[str]] = field(default_factory=dict)
    changed: list[Booking] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def look_at(
        self,
        wanted: Sequence[tuple[tuple[Space, Centre], Period]],
        besides: Sequence[Booking] = (),
    ) -> None:
        """Find out what is taken of all that is wanted: one query for each centre."""
        slots: dict[str, set[str]] = {}
        for (space, centre), period in wanted:
            slots.setdefault(centre.id, set()).update(Claim.on(space, period).slots)
        ids = [each.id for each in besides]
        for centre_id, these in slots.items():
            self.taken |= self.app.series.claimed(self.session, centre_id, these, ids)
        self.own = {each.id: set(each.claim.slots) for each in besides if each.claim is not None}

    def place(self, series: Series, place_: tuple[Space, Centre], period: Period, key: str) -> None:
        """Book an occurrence, if it can be had.

        Args:
            key: by which the attempt after a lost race knows it again.
        """
        space, centre = place_
        try:
            self._check(series, place_, period, key, None)
        except (Conflict, Invalid) as refusal:
            self._reject(refusal, space, period)
            return
        wish = Wish(
            space=space,
            centre=centre,
            organisation_id=series.organisation_id,
            period=period,
            title=series.title,
            purpose=series.purpose,
            people=series.people,
            series_id=series.id,
            equipment=series.equipment,
            booked_by=series.booked_by,
            part_of=series.id,
        )
        with _racing(key):
            booking = place(self.app, self.call, self.session, wish)
        self.taken.update(booking.claim.slots if booking.claim else ())
        self.changed.append(booking)

    def move(self, move: _Move, series_id: str, bulk: str | None) -> None:
        """Change an occurrence, in one piece; where it cannot be it stays as it is."""
        before, (space, _) = move.before, move.place
        joins = {} if before.series_id == series_id else {"series_id": series_id}
        details = {**move.details, **joins}
        try:
            if move.moves:
                self._check(before, move.place, move.period, before.id, before)
            elif move.details:
                rules.check_people(space, move.details.get("people"))
        except (Conflict, Invalid) as refusal:
            self._reject(refusal, space, move.period, before)
            # It stays as it was, but as an occurrence of the series that it now belongs to.
            details, moves = joins, False
        else:
            moves = move.moves
            if not (moves or details):
                return
        same = (self.app, self.call, self.session, before)
        with _racing(before.id):
            if moves:
                after = reschedule(*same, space.id, move.period, details, bulk=bulk)
            elif details:
                after = change_details(*same, details, bulk=bulk)
            else:
                return
        self.own[before.id] = set(after.claim.slots if after.claim else ())
        if moves or move.details:
            self.changed.append(after)

    def _check(
        self,
        owner: Series | Booking,
        place_: tuple[Space, Centre],
        period: Period,
        key: str,
        before: Booking | None,
    ) -> None:
        """All that could refuse it, before anything is written for it.

        Raises:
            errors.Invalid, errors.Conflict: as ``placing.place``.
        """
        if key in self.lost:
            raise self.lost[key]
        app, (space, centre) = self.app, place_
        rules.check_shape(period)
        with self._helping(Wanted(space, centre, period, owner.people, owner.equipment)):
            rules.check_time(space, centre, period, app.clock.now())
            rules.check_people(space, owner.people)
            slots = set(Claim.on(space, period).slots)
            others = (own for id, own in self.own.items() if before is None or id != before.id)
            if slots & self.taken or any(slots & own for own in others):
                raise SpaceTaken
            units_for(app, self.session, space, period, owner.equipment, before)
        limits = budgets.limits_of(app, self.session, owner.organisation_id)
        if not limits.none:
            old = before.charge if before else None
            new = Charge.of(period, centre.time_zone)
            budgets.check_left(app, self.session, owner.organisation_id, old, new, limits)

    @contextmanager
    def _helping(self, wanted: Wanted) -> Iterator[None]:
        if len(self.rejected) < MOST_HELPED:
            with offering_alternatives(self.app, wanted):
                yield
            return
        try:
            yield
        except SpaceTaken as taken:
            raise SPACE_TAKEN() from taken

    def _reject(
        self, refusal: MasahaError, space: Space, period: Period, before: Booking | None = None
    ) -> None:
        self.rejected.append(
            Rejected(
                id=self.app.new_id(),
                space_id=space.id,
                period=period,
                code=refusal.code,
                params=refusal.params,
                alternatives=tuple(refusal.extra.get("alternatives", ())),
                rejected_at=self.app.clock.now(),
                booking_id=before.id if before else None,
            )
        )


@contextmanager
def _racing(key: str) -> Iterator[None]:
    """What is refused in here was refused by a write, so the transaction cannot go on.

    Raises:
        _LostRace: instead of the refusal.
    """
    try:
        yield
    except Conflict as refusal:
        raise _LostRace(key, refusal) from refusal


def _until_decided(work: Callable[[Lost], T]) -> T:
    """Start again after each lost race, knowing what it has cost."""
    lost: Lost = {}
    while True:
        try:
            return work(lost)
        except _LostRace as race:
            lost[race.key] = race.refusal


def _refused(rejected: Sequence[Rejected]) -> MasahaError:
    return SERIES_REFUSED(
        count=len(rejected), extra={"rejected": [wire_of_rejected(each) for each in rejected]}
    )


def _tell(
    app: App,
    call: Call,
    session: Session,
    event_type: EventType,
    series: Series,
    concerned: Sequence[Booking],
    scope: Scope,
    *,
    told_by: str | None = None,
    **more: Any,
) -> None:
    """Record the event of the series' present version.

    Args:
        concerned: the occurrences that it is about, as they now are.
        told_by: what tells people instead, see ``telling.part_of``.
    """
    first = min(concerned, key=lambda each: each.period.starts_at)
    place_ = place_of(app, first.space_id, session)
    fact = series_fact(series, first, len(concerned), scope, place_, call.caller)
    app.outbox.record(
        session,
        event_type,
        subject=series.id,
        version=series.version,
        data=fact | part_of(told_by) | more,
        caller=call.caller,
    )
