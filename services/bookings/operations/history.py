"""Noting who has changed what of the things that can be booked, beside the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.bookings.app import App
from services.bookings.domain.history import Change, differing
from services.common.context import Caller
from services.common.storage.mongo import Session


def note(
    app: App,
    caller: Caller,
    session: Session,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    version: int,
    reason: str | None = None,
) -> None:
    """Keep one entry of the subject's history.

    Args:
        before, after: its facts in wire form; nothing before where it is new.
        version: that the change has made.
    """
    action = "add" if before is None else "change"
    changes = differing(before, after)
    entry = Change(app.clock.now(), caller.id, action, reason, changes, version)
    app.history.add(session, subject, entry)
