"""What is done when something falls due: each kind of deadline, and its operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.common.storage.deadlines import Handler
from services.notifications.app import App
from services.notifications.domain.deadlines import DeadlineKind
from services.notifications.operations.deliver import deliver


def handlers(app: App) -> Mapping[str, Handler]:
    """Kind of deadline → what is done about one."""
    return {DeadlineKind.DELIVERY: partial(deliver, app)}
