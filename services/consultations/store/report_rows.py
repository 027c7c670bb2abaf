"""What reports count, read without the texts: only fields that are not encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from pymongo import ASCENDING
from pymongo.collection import Collection

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.consultations.domain.appointment_states import AppointmentStatus
from services.consultations.domain.assessment_states import COUNTS
from services.consultations.domain.trajectory_facts import FactKind
from services.consultations.domain.visit_states import VisitStatus
from services.consultations.store.trajectory_facts import COLLECTION

_OF_CASE = dict.fromkeys(
    ("kind_id", "centre_id", "organisation_id", "status", "sealed", "submitted_at"), 1
)
_OF_MEETING = dict.fromkeys(
    ("case_id", "centre_id", "mode", "starts_at", "ends_at", "report.lasted"), 1
)
#: One query names at most so many ids.
_PART = 1_000
HELD = [AppointmentStatus.DONE.value]
VISITED = [each.value for each in (VisitStatus.DONE, VisitStatus.REPORTED, VisitStatus.APPROVED)]


class ReportRows:
    """Rows of cases and what belongs to them."""

    def __init__(self, database: Database) -> None:
        self._cases = database.collection("cases")
        self._assessments = database.collection("assessments")
        self._appointments = database.collection("appointments")
        self._visits = database.collection("visits")
        self._facts = database.collection(COLLECTION)

    def ensure_indexes(self) -> None:
        self._cases.create_index([("submitted_at", ASCENDING)])
        self._assessments.create_index([("held_on", ASCENDING)])

    def cases_between(
        self,
        after: datetime,
        before: datetime,
        centre_id: str | None,
        *,
        sealed: bool,
        limit: int | None = None,
        session: Session | None = None,
    ) -> list[Document]:
        """The sealed cases, or the others, that were submitted within a time, by id.

        Args:
            limit: at most so many.
        """
        query: Document = {"submitted_at": {"$gte": after, "$lt": before}, "sealed": sealed}
        if centre_id is not None:
            query["centre_id"] = centre_id
        with unavailable_when_away():
            found = self._cases.find(query, _OF_CASE, session=session)
            return list(found.sort("_id", ASCENDING).limit(limit or 0))

    def meetings_between(
        self,
        after: datetime,
        before: datetime,
        centre_id: str | None,
        *,
        limit: int,
        session: Session | None = None,
    ) -> list[Document]:
        """The appointments and visits of open cases that took place within a time. A visit has no
        ``mode``.

        Args:
            limit: at most so many of each.
        """
        query: Document = {"starts_at": {"$gte": after, "$lt": before}}
        if centre_id is not None:
            query["centre_id"] = centre_id
        found: list[Document] = []
        with unavailable_when_away():
            for collection, held in ((self._appointments, HELD), (self._visits, VISITED)):
                rows = collection.find(
                    {**query, "status": {"$in": held}}, _OF_MEETING, session=session
                ).sort([("starts_at", 1), ("_id", 1)])
                found += islice(self._of_open_cases(rows, session), limit)
        return found

    def _of_open_cases(
        self, meetings: Iterator[Document], session: Session | None
    ) -> Iterator[Document]:
        while part := list(islice(meetings, _PART)):
            case_ids = sorted({each["case_id"] for each in part})
            query = {"_id": {"$in": case_ids}, "sealed": False}
            known = {each["_id"] for each in self._cases.find(query, {"_id": 1}, session=session)}
            yield from (each for each in part if each["case_id"] in known)

    def assessed_in(
        self, years: range, *, limit: int, session: Session | None = None
    ) -> list[Document]:
        """The assessments that count and were held in these years, by day: ids of the assessment
        and its organisation, instrument and day.

        Args:
            limit: at most so many.
        """
        query = {
            "status": {"$in": sorted(COUNTS)},
            "held_on": {"$gte": f"{years.start}-01-01", "$lt": f"{years.stop}-01-01"},
        }
        fields = dict.fromkeys(("organisation_id", "family", "held_on"), 1)
        with unavailable_when_away():
            found = self._assessments.find(query, fields, session=session)
            return list(found.sort([("held_on", 1), ("_id", 1)]).limit(limit))

    def asked_in(self, years: range, session: Session | None = None) -> list[tuple[str, int]]:
        """The organisations that have asked for open consultations, and the years in which they
        did, by UTC."""
        begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (years.start, years.stop))
        match = {"sealed": False, "submitted_at": {"$gte": begin, "$lt": end}}
        key = {"organisation_id": "$organisation_id", "year": {"$year": "$submitted_at"}}
        return self._pairs(self._cases, [{"$match": match}], key, session)

    def moved_in(self, years: range, session: Session | None = None) -> list[tuple[str, int]]:
        """The organisations whose people completed a training or that reached a milestone, and the
        years in which they did, by UTC."""
        within = {"$gte": f"{years.start}-01", "$lt": f"{years.stop}-01"}
        steps: list[Document] = [
            {"$match": {"of": {"$in": [FactKind.MILESTONE.value, FactKind.TRAINING.value]}}},
            {"$unwind": "$months"},
            {"$match": {"months": within}},
            {"$unwind": "$organisation_ids"},
        ]
        year = {"$toInt": {"$substrBytes": ["$months", 0, 4]}}
        key = {"organisation_id": "$organisation_ids", "year": year}
        return self._pairs(self._facts, steps, key, session)

    def _pairs(
        self,
        collection: Collection[Document],
        steps: list[Document],
        key: Document,
        session: Session | None,
    ) -> list[tuple[str, int]]:
        with unavailable_when_away():
            found = collection.aggregate([*steps, {"$group": {"_id": key}}], session=session)
            return [(each["_id"]["organisation_id"], each["_id"]["year"]) for each in found]


def in_parts(ids: list[str], size: int = _PART) -> Iterator[list[str]]:
    """The ids in parts that one query can name."""
    for begin in range(0, len(ids), size):
        yield ids[begin : begin + size]
