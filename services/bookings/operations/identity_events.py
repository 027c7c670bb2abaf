"""The identity's events → what we know of organisations, and what follows for those who wait."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.bookings.app import App
from services.bookings.operations.personal_data import erase
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import organisation_reinstated
from services.common.directory.projection import OrganisationChange, take_identity_events
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    take_identity_events(
        app,
        app.directory,
        events,
        erase=partial(erase, app),
        on_organisations=partial(_check_who_waits, app),
    )


def _check_who_waits(app: App, session: Session, changes: Sequence[OrganisationChange]) -> None:
    for change in changes:
        before, after = change.before, change.after
        if before is None:
            continue
        if before.approved and not after.approved:
            cause = f"{after.organisation_id}@{after.version}.organisation"
            schedule_offer_check(app, session, cause, organisation_id=after.organisation_id)
        if after.approved and not before.approved:
            # Who waits for it was passed over while it was not.
            organisation_reinstated(app, session, after.organisation_id, after.version)
