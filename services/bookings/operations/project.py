"""The gateway's events → what we know of organisations."""

from __future__ import annotations

from collections.abc import Sequence

from services.bookings.app import App
from services.bookings.domain.organisations import Organisation
from services.bookings.operations.releasing import waits
from services.bookings.schemas import organisations as schemas
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session


def project(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    known = [event for event in events if event.type in schemas.TOLD_BY]
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
            if after[organisation_id].approved and not before[organisation_id].approved:
                _look_again(app, session, after[organisation_id])

    app.inbox.take(known, effect)


def _look_again(app: App, session: Session, organisation: Organisation) -> None:
    """Whoever waits in line for an organisation was passed over while it was not approved."""
    for entry in app.waitlist.waiting_of(organisation.organisation_id, session):
        waits(app, session, entry, f"{entry.id}@{organisation.version}.organisation")
