"""Needs studies as documents."""

from __future__ import annotations

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database
from services.consultations.domain.needs_studies import NeedsStudy


class NeedsStudyStore(Aggregates[NeedsStudy]):
    """Needs studies. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("needs_studies"), NeedsStudy)
