"""Opening hours and closures of centres, as bookings has published them."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Session, unavailable_when_away
from services.common.storage.projections import put_newest
from services.consultations.domain.centre_hours import CentreClosure, CentreHours

_HOURS = mapping_of(CentreHours, extra=lambda hours: {"version": hours.version})


class CentreHoursStore(Aggregates[CentreHours]):
    """The hours that centres have had. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("centre_hours"), _HOURS)

    def seed(self, hours: Iterable[CentreHours]) -> None:
        """Add what is not there yet."""
        with unavailable_when_away():
            for each in hours:
                self.collection.update_one(
                    {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
                )

    def put(self, session: Session, hours: CentreHours) -> None:
        """Store hours in place of those that are there."""
        self.collection.replace_one(
            {"_id": hours.id}, self.document_of(hours), upsert=True, session=session
        )


class CentreClosureStore(Aggregates[CentreClosure]):
    """The times in which whole centres are closed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("centre_closures"), CentreClosure)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("centre_id", ASCENDING), ("starts_at", ASCENDING)])

    def put(self, session: Session, closure: CentreClosure) -> None:
        """Store a closure unless one as new is there."""
        put_newest(session, self.collection, [self.document_of(closure)])

    def of_centre(self, centre_id: str, session: Session | None = None) -> list[CentreClosure]:
        """The closures of a centre, by start."""
        return self.page({"centre_id": centre_id}, order=("starts_at", "_id"), session=session)
