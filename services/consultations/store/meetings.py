"""Appointments, visits and trips as documents. Who may know of the case is part of every query;
what people wrote is encrypted with the key of the case."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ASCENDING

from services.common import errors
from services.common.context import Caller
from services.common.storage.aggregates import Aggregates, beyond, equal_to
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import DocumentMapping, mapping_of
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.consultations.domain import appointment_states, visit_states
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.trips import Trip
from services.consultations.domain.visits import Visit
from services.consultations.store.case_access import visible_to
from services.consultations.store.case_keys import CaseKeys

T = TypeVar("T", bound=Appointment | Visit)

_BY_TIME = ("starts_at", "_id")
# Of open cases, too.
_SECRETS = ("content",)
_APPOINTMENT = mapping_of(Appointment, flat=("period",))
_VISIT = mapping_of(Visit, flat=("period",))


class MeetingStore(Aggregates[T]):
    """Meetings of one kind. What people wrote is encrypted with the key of the case.

    Args:
        live: the states in which one is to come.
    """

    def __init__(
        self,
        database: Database,
        keys: CaseKeys,
        name: str,
        stored: DocumentMapping[T],
        live: Collection[str],
    ) -> None:
        mapping = encrypted(stored, _SECRETS, keys.of_document)
        super().__init__(database.collection(name), mapping)
        self._cases = database.collection("cases")
        self._keys = keys
        self._live = {"status": {"$in": sorted(live)}}

    def ensure_indexes(self) -> None:
        self.collection.create_index([("case_id", ASCENDING), ("starts_at", ASCENDING)])
        self.collection.create_index([("adviser_id", ASCENDING), ("starts_at", ASCENDING)])
        self.collection.create_index([("starts_at", ASCENDING), ("_id", ASCENDING)])

    def get_visible(
        self, meeting_id: str, caller: Caller, now: datetime, session: Session | None = None
    ) -> T:
        """A meeting of a case that the caller may know of.

        Raises:
            errors.NotFound: if there is none, or the caller may not know of its case.
        """
        found = self._of_visible_cases([{"_id": meeting_id}], caller, now, 1, session)
        if not found:
            raise errors.NotFound()
        return found[0]

    def find(
        self,
        *,
        caller: Caller,
        now: datetime,
        ends_after: datetime | None = None,
        starts_before: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int,
        **wanted: Any,
    ) -> list[T]:
        """Meetings of cases that the caller may know of, by time, after a position.

        Args:
            wanted: fields that are equal; ``None`` is any.
        """
        clauses: list[Document] = [equal_to(wanted)]
        if ends_after is not None:
            clauses.append({"ends_at": {"$gt": ends_after}})
        if starts_before is not None:
            clauses.append({"starts_at": {"$lt": starts_before}})
        if after is not None:
            clauses += beyond(_BY_TIME, after, descending=False)
        clauses += self._near(caller, now)
        return self._of_visible_cases(clauses, caller, now, limit)

    def all_to_come(self, session: Session) -> list[T]:
        """All meetings that are to come."""
        return self.page(self._live, session=session)

    def to_come(self, case_id: str, session: Session) -> list[T]:
        """The meetings of a case that are to come, by time."""
        return self.page({"case_id": case_id}, self._live, order=_BY_TIME, session=session)

    def of_cases(self, case_ids: Collection[str], since: datetime, *, limit: int) -> list[T]:
        """The meetings of these cases that have not ended before a moment; by time."""
        whose = {"case_id": {"$in": sorted(case_ids)}}
        return self.page(whose, {"ends_at": {"$gt": since}}, order=_BY_TIME, limit=limit)

    def ids_of_case(self, case_id: str, session: Session) -> list[str]:
        """The ids of all meetings of a case."""
        found: list[str] = self.collection.distinct("_id", {"case_id": case_id}, session=session)
        return found

    def named(self, ids: Collection[str], session: Session) -> dict[str, T]:
        """These meetings by id."""
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def _near(self, caller: Caller, now: datetime) -> list[Document]:
        """The conditions that leave out most of what the caller cannot see, before the case of each
        is asked for: else who sees little would have all meetings looked through for a page.

        A manager sees most; so does the front desk, of its centres.
        """
        if caller.is_manager():
            return []
        seen = visible_to(replace(caller, centres=frozenset()), now)
        with unavailable_when_away():
            ids = self._cases.distinct("_id", seen)
        ways: list[Document] = [{"case_id": {"$in": sorted(ids)}}]
        if caller.desks:
            ways.append({"centre_id": {"$in": sorted(caller.desks)}})
        return [{"$or": ways}]

    def _of_visible_cases(
        self,
        clauses: list[Document],
        caller: Caller,
        now: datetime,
        limit: int,
        session: Session | None = None,
    ) -> list[T]:
        wanted = [each for each in clauses if each]
        case: list[Document] = [{"$match": visible_to(caller, now)}, {"$project": {"_id": 1}}]
        steps: list[Document] = [
            {"$match": {"$and": wanted} if wanted else {}},
            {"$sort": {"starts_at": ASCENDING, "_id": ASCENDING}},
            {
                "$lookup": {
                    "from": "cases",
                    "localField": "case_id",
                    "foreignField": "_id",
                    "pipeline": case,
                    "as": "visible",
                }
            },
            {"$match": {"visible": {"$ne": []}}},
            {"$limit": limit},
        ]
        with unavailable_when_away() if session is None else nullcontext():
            found = list(self.collection.aggregate(steps, session=session))
        self._keys.load(each["case_id"] for each in found)
        return [self.aggregate_of(each) for each in found]


class AppointmentStore(MeetingStore[Appointment]):
    """Appointments."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        super().__init__(database, keys, "appointments", _APPOINTMENT, appointment_states.LIVE)

    def ensure_indexes(self) -> None:
        super().ensure_indexes()
        self.collection.create_index([("hours_id", ASCENDING), ("starts_at", ASCENDING)])

    def in_hours(self, hours_id: str, session: Session) -> list[Appointment]:
        """The appointments to come that take place in these consulting hours, by time."""
        return self.page({"hours_id": hours_id}, self._live, order=_BY_TIME, session=session)


class VisitStore(MeetingStore[Visit]):
    """Visits."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        super().__init__(database, keys, "visits", _VISIT, visit_states.LIVE)


class TripStore(Aggregates[Trip]):
    """Trips."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("trips"), Trip)

    def ensure_indexes(self) -> None:
        for owner in ("adviser_id", "centre_id", "visit_ids"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def with_visits(self, visit_ids: Collection[str], session: Session) -> list[Trip]:
        """The trips, dissolved ones too, that show any of these visits; by id."""
        return self.page({"visit_ids": {"$in": sorted(visit_ids)}}, session=session)

    def find(
        self,
        *,
        visible: Document | None,
        adviser_id: str | None = None,
        centre_id: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Trip]:
        """Trips by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"adviser_id": adviser_id, "centre_id": centre_id, "status": status}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)
