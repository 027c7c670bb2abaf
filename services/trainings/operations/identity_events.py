"""What trainings does when identity publishes something."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.common.events.envelope import CloudEvent
from services.common.personal_data import erase_all
from services.trainings.app import App
from services.trainings.operations.personal_data import erase


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Apply each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    erase_all(app.database, events, partial(erase, app))
