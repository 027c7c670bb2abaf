"""Reports about consultations, live and frozen."""

from __future__ import annotations

from datetime import date

from services.consultations.app import App
from services.consultations.domain.statistics import FrozenPeriod
from services.consultations.operations import statistics
from services.consultations.schemas.statistics import FreezeConsultations
from tests.support.bookings import MANAGER, call


def freeze(app: App, first_day: str, last_day: str, key: str = "key") -> FrozenPeriod:
    """A period that a manager has frozen."""
    command = FreezeConsultations("Q", date.fromisoformat(first_day), date.fromisoformat(last_day))
    return statistics.freeze(app, call(MANAGER, key), command)


def freeze_first_half(app: App) -> FrozenPeriod:
    """The first half of 2026, frozen."""
    return freeze(app, "2026-01-01", "2026-06-30")
