"""Frozen periods of reports about consultations as documents."""

from __future__ import annotations

from services.common.storage.frozen_periods import FrozenPeriods
from services.common.storage.mongo import Database
from services.consultations.domain.statistics import FrozenPeriod


class FrozenPeriodStore(FrozenPeriods[FrozenPeriod]):
    """Frozen periods with their figures."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, FrozenPeriod)
