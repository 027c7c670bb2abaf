"""Series as documents; their occurrences are found among the bookings."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING, DESCENDING

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.series import SHARED, Occurrence, Schedule, Series
from services.bookings.store.booking_documents import booking_of
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period

_OCCURRENCE = dict.fromkeys(("starts_at", "ends_at", "status", *SHARED), 1)


SERIES = mapping_of(Series, flat=("period",))
_OCCURRENCES = mapping_of(Occurrence)


class SeriesStore(Aggregates[Series]):
    """Series."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("booking_series"), SERIES)
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self._bookings.create_index(
            [("series_id", ASCENDING), ("starts_at", ASCENDING)],
            name="occurrences",
            partialFilterExpression={"series_id": {"$type": "string"}},
        )
        for owner in ("organisation_id", "centre_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", DESCENDING)])

    def find(
        self, *, visible: Document | None, filters: Document, after: str | None, limit: int
    ) -> list[Series]:
        """Series, the newest first.

        Args:
            visible: what the caller may see, as a query; ``None`` for all.
            filters: fields that must be equal; ``None`` means any.
            after: id of the last one seen.
        """
        return self.page(equal_to(filters), visible, descending=True, after=after, limit=limit)

    def bookings(self, series_id: str, session: Session) -> list[Booking]:
        """The bookings of a series, by start, cancelled ones included: all that a change of them
        needs.
        """
        found = self._bookings.find({"series_id": series_id}, session=session)
        return [booking_of(document) for document in found.sort("starts_at", ASCENDING)]

    def schedule(self, series: Series, session: Session | None = None) -> Schedule:
        """A series with its occurrences; only what the schedule needs is read."""
        found = self._bookings.find({"series_id": series.id}, _OCCURRENCE, session=session)
        return Schedule(
            series, tuple(_occurrence(series, each) for each in found.sort("starts_at", ASCENDING))
        )

    def claimed(
        self,
        session: Session,
        centre_id: str,
        slots: Iterable[str],
        besides: Collection[str] = (),
    ) -> set[str]:
        """Which of these slots are taken: what the unique index will refuse, known before.

        Within a transaction a refused write ends it all; this is how one occurrence can be skipped
        and the others booked. Whether they really can be, the index alone decides.

        Args:
            besides: ids of bookings whose claims do not count.
        """
        wanted = set(slots)
        found = self._bookings.find(
            {
                "centre_id": centre_id,
                "claims": {"$in": sorted(wanted)},
                "_id": {"$nin": list(besides)},
            },
            {"claims": 1},
            session=session,
        )
        return {slot for document in found for slot in document["claims"]} & wanted


def _occurrence(series: Series, document: Document) -> Occurrence:
    period = Period(document["starts_at"], document["ends_at"])
    return Occurrence(
        document["_id"],
        document["space_id"],
        period,
        Status(document["status"]),
        series.differences(document["_id"], period, document),
    )


def answer_of(schedule: Schedule) -> Document:
    """A series with its occurrences as the answer to its creation, kept with the key."""
    return {
        "series": SERIES.document_of(schedule.series),
        "occurrences": [_OCCURRENCES.document_of(each) for each in schedule.occurrences],
    }


def schedule_of(document: Document) -> Schedule:
    """The answer read back."""
    return Schedule(
        SERIES.aggregate_of(document["series"]),
        tuple(_OCCURRENCES.aggregate_of(each) for each in document["occurrences"]),
    )
