"""Every kind of deadline of trainings, with what the worker does when one falls due."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.storage.deadlines import Handler
from services.trainings.app import App


def handlers(app: App) -> Mapping[str, Handler]:
    """What is done about a deadline of each kind."""
    return {}
