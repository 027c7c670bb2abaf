"""Consulting hours as documents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.common.contracts.consultations.calendar_errors import HOURS_OF_MONTH_EXIST
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.consulting_hours import ConsultingHours


class ConsultingHoursStore(Aggregates[ConsultingHours]):
    """Consulting hours; of one adviser at one centre there is one document for a month."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("consulting_hours"), ConsultingHours)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("adviser_id", ASCENDING), ("centre_id", ASCENDING), ("month", ASCENDING)],
            unique=True,
            name="once",
        )
        self.collection.create_index([("centre_id", ASCENDING), ("_id", ASCENDING)])

    def add(self, session: Session, aggregate: ConsultingHours) -> None:
        """Raises:
        errors.Conflict: ``consultations.hours_of_month_exist``.
        """
        try:
            super().add(session, aggregate)
        except DuplicateKeyError as error:
            raise HOURS_OF_MONTH_EXIST() from error

    def find(
        self,
        *,
        visible: Document | None,
        adviser_id: str | None = None,
        centre_id: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[ConsultingHours]:
        """Months by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"adviser_id": adviser_id, "centre_id": centre_id}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)

    def of_months(
        self,
        adviser_id: str,
        centre_id: str,
        months: Collection[date],
        session: Session | None = None,
    ) -> list[ConsultingHours]:
        """The adviser's hours at a centre in these months."""
        wanted = {"$in": sorted(each.isoformat() for each in months)}
        query = {"adviser_id": adviser_id, "centre_id": centre_id, "month": wanted}
        return self.page(query, session=session)
