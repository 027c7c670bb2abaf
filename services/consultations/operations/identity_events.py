"""What consultations does when identity publishes something."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.common.directory.projection import take_identity_events
from services.common.events.envelope import CloudEvent
from services.consultations.app import App
from services.consultations.operations.adviser_changes import follow_people
from services.consultations.operations.personal_data import erase


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take organisations, memberships and people in, and erase; each event once. Older versions
    never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    take_identity_events(
        app, app.directory, events, erase=partial(erase, app), on_people=partial(follow_people, app)
    )
