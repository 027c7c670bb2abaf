"""The composition root of the small branch."""

from __future__ import annotations

from services.common.clock import SystemClock
from services.common.config import Settings
from services.common.config import load as check_settings
from services.common.storage.mongo import connect
from tests.support.rooms import Requester

__all__ = ["NAME", "build", "check_settings"]

NAME = "trainings"


def build(settings: Settings) -> Requester:
    return Requester(connect(settings, NAME), SystemClock())
