"""The identity's events → what we know of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.bookings.app import App
from services.bookings.operations.personal_data import erase
from services.bookings.schemas import organisations as schemas
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import organisation_reinstated
from services.common.events.envelope import CloudEvent
from services.common.personal_data import erase_all
from services.common.storage.mongo import Session


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    erase_all(app.database, events, partial(erase, app))
    known = [event for event in events if event.type in schemas.ORGANISATION_EVENTS]
    if not known:
        return
    organisations = [schemas.organisation(event) for event in known]
    ids = sorted({each.organisation_id for each in organisations})

    def effect(session: Session, _fresh: Sequence[CloudEvent]) -> None:
        before = app.organisations.find(ids, session)
        # The versions decide, so that events taken before may be in it too.
        app.organisations.project(session, organisations)
        after = app.organisations.find(ids, session)
        for organisation_id in before.keys() & after.keys():
            if before[organisation_id].approved and not after[organisation_id].approved:
                cause = f"{organisation_id}@{after[organisation_id].version}.organisation"
                schedule_offer_check(app, session, cause, organisation_id=organisation_id)
            if after[organisation_id].approved and not before[organisation_id].approved:
                # Who waits for it was passed over while it was not.
                organisation_reinstated(
                    app, session, organisation_id, after[organisation_id].version
                )

    app.inbox.apply_once(known, effect)
