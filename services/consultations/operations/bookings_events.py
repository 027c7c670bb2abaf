"""What consultations does when bookings publishes other hours of a centre, or closes it."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.contracts.bookings import events as bookings
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.centre_hours import CentreHours
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.schemas.centre_hours import closure_of, edition_of

HOURS_EVENTS = (
    bookings.CENTRE_HOURS_CHANGED.name,
    bookings.CLOSURE_DECLARED.name,
    bookings.CLOSURE_CHANGED.name,
    bookings.CLOSURE_LIFTED.name,
)


def apply_hours_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take hours and closures of whole centres in, each event once and in any order, and have time
    limits counted anew.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """

    def work(session: Session, fresh: Sequence[CloudEvent]) -> None:
        changed = {_apply(app, session, each) for each in fresh} - {None}
        for centre_id in sorted(each for each in changed if each is not None):
            app.deadlines.set(session, DeadlineKind.RECOUNT_LIMITS, centre_id, app.clock.now())

    known = [each for each in events if each.type in HOURS_EVENTS]
    if known:
        app.inbox.apply_once(known, work)


def _apply(app: App, session: Session, event: CloudEvent) -> str | None:
    """The centre whose working time has changed, if one has."""
    if event.type == bookings.CENTRE_HOURS_CHANGED.name:
        centre_id, edition = edition_of(event)
        hours = app.centre_hours.look_up(centre_id, session) or CentreHours(centre_id, ())
        app.centre_hours.put(session, hours.with_edition(edition))
        return centre_id
    closure = closure_of(event)
    if closure is None:
        return None
    if event.type == bookings.CLOSURE_LIFTED.name:
        closure = closure.lifted(event.time, closure.version)
    app.centre_closures.put(session, closure)
    return closure.centre_id
