"""Instruments: managers make and publish editions; people read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_is_manager, check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.instruments_errors import (
    NOT_THE_NEWEST_EDITION,
    TOO_MANY_EDITIONS,
)
from services.common.contracts.consultations.instruments_limits import MOST_EDITIONS
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.assessment_permissions import visible_instruments
from services.consultations.domain.instrument_states import InstrumentAction
from services.consultations.domain.instruments import (
    Instrument,
    find_faults,
    find_faults_of_kinds,
    find_faults_of_links,
)
from services.consultations.schemas.instruments import (
    AddInstrument,
    ChangeInstrument,
    ListInstruments,
    MoveInstrument,
)
from services.consultations.steps.instrument_events import record_instrument_event


def find_instruments(app: App, call: Call, query: ListInstruments) -> list[Document]:
    """What a list shows of editions, one more than a page where there are more; drafts to managers
    alone.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.instruments.find(
        visible=visible_instruments(call.caller),
        family=query.family,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_instrument(app: App, call: Call, instrument_id: str) -> Instrument:
    """One edition.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or it is a draft and the caller is no manager.
    """
    check_signed_in(call.caller)
    instrument = app.instruments.get(instrument_id)
    if not (instrument.published or call.caller.is_manager()):
        raise errors.NotFound()
    return instrument


def add_instrument(app: App, call: Call, command: AddInstrument) -> Instrument:
    """Add an edition as a draft; the same key gives the same edition again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: naming what does not fit together.
        errors.Conflict: ``consultations.not_the_newest_edition``,
            ``consultations.too_many_editions``.
    """
    check_is_manager(call.caller)
    request = Request.of(call, "consultations.add_instrument", asdict(command))

    def work(session: Session) -> Instrument:
        newest = app.instruments.newest_of(command.family, session)
        if command.earlier_id != (newest.id if newest else None):
            raise NOT_THE_NEWEST_EDITION()
        edition = newest.edition + 1 if newest else 1
        if edition > MOST_EDITIONS:
            raise TOO_MANY_EDITIONS(most=MOST_EDITIONS)
        instrument = Instrument(
            id=app.new_id(),
            family=command.family,
            edition=edition,
            name=command.name,
            purpose=command.purpose,
            sources=command.sources,
            bands=command.bands,
            domains=command.domains,
            earlier_id=command.earlier_id,
            links=command.links,
            created_at=app.clock.now(),
        )
        _check_sound(app, session, instrument, newest)
        app.instruments.add(session, instrument)
        record_instrument_event(
            app, call.caller, session, events.INSTRUMENT_ADDED, None, instrument
        )
        return instrument

    return app.keys.once(
        request, work, save=app.instruments.document_of, load=app.instruments.aggregate_of
    )


def change_instrument(app: App, call: Call, command: ChangeInstrument) -> Instrument:
    """Change an edition that no assessment has used. A request that changes nothing gives it as it
    is.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: naming what does not fit together.
        errors.Conflict: ``consultations.instrument_not_allowed_now``.
    """
    check_is_manager(call.caller)

    def work(session: Session) -> Instrument:
        before = app.instruments.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(command.changes)
        if after is before:
            return before
        earlier = app.instruments.get(after.earlier_id, session) if after.earlier_id else None
        _check_sound(app, session, after, earlier)
        app.instruments.save(session, after, before.version)
        record_instrument_event(
            app, call.caller, session, events.INSTRUMENT_CHANGED, before, after, command.reason
        )
        return after

    return app.database.transact(work)


def publish_instrument(app: App, call: Call, command: MoveInstrument) -> Instrument:
    """Show an edition to everybody who is signed in; assessments may use it.

    Raises:
        as :func:`change_instrument`.
    """
    return _move(app, call, command, InstrumentAction.PUBLISH, events.INSTRUMENT_PUBLISHED)


def retire_instrument(app: App, call: Call, command: MoveInstrument) -> Instrument:
    """Let no new assessment use an edition; those that do go on.

    Raises:
        as :func:`change_instrument`.
    """
    return _move(app, call, command, InstrumentAction.RETIRE, events.INSTRUMENT_RETIRED)


def instrument_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of an edition, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is none.
    """
    check_is_manager(call.caller)
    instrument = app.instruments.get(query.id)
    return app.history.of(subject_of(instrument), after=query.after, limit=one_more(query.limit))


def _move(
    app: App, call: Call, command: MoveInstrument, action: InstrumentAction, event_type: EventType
) -> Instrument:
    check_is_manager(call.caller)

    def work(session: Session) -> Instrument:
        before = app.instruments.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.moved(action)
        app.instruments.save(session, after, before.version)
        record_instrument_event(app, call.caller, session, event_type, before, after)
        return after

    return app.database.transact(work)


def _check_sound(
    app: App, session: Session, instrument: Instrument, earlier: Instrument | None
) -> None:
    """Raises:
    errors.Invalid: naming each part that does not fit the others.
    """
    kinds = {each.id for each in app.kinds.page(session=session)}
    faults = [
        *find_faults(instrument),
        *find_faults_of_kinds(instrument, kinds),
        *find_faults_of_links(instrument, earlier),
    ]
    if faults:
        raise errors.Invalid(
            errors=[FieldError(_pointer(place), code, code) for place, code in faults]
        )


def _pointer(place: Iterable[str | int]) -> str:
    return "".join(f"/{each}" for each in place)
