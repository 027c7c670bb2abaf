"""Counting for reports: done where the bookings are, by the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from services.bookings.domain.closures import LONGEST_DAYS
from services.bookings.domain.invitations import JOINT_MEETING
from services.bookings.domain.rules import LONGEST
from services.bookings.store.invitations import GUEST_LISTS
from services.common.storage.mongo import Database, Document
from services.common.time.period import Period

# The row of the centre's own use, for every grouping.
OWN_USE = "own_use"
LONGEST_CLOSED = timedelta(days=LONGEST_DAYS)
_USED = ["confirmed", "checked_in", "completed"]
_CAME = ["checked_in", "completed"]
_OF_ORGANISATION = {"$gt": ["$organisation_id", None]}
_MILLISECONDS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of one space, for one organisation or purpose where the report asks so."""

    space_id: str
    key: str | None
    bookings: int
    minutes: float
    came: int
    no_shows: int
    cancelled: int
    cancelled_late: int
    met: int
    headcounts: int
    women: int
    men: int


class StatisticsStore:
    """Reads of bookings as sums."""

    def __init__(self, database: Database) -> None:
        self._bookings = database.collection("bookings")
        self._closures = database.collection("closures")

    def closed(self, centre_id: str, within: Period) -> Iterator[tuple[str, Period]]:
        """The closures of a centre that reach into the period, leaf by leaf; a lifted one until
        it was lifted."""
        found = self._closures.find(
            {
                "centre_id": centre_id,
                "starts_at": {"$gt": within.starts_at - LONGEST_CLOSED, "$lt": within.ends_at},
                "ends_at": {"$gt": within.starts_at},
            },
            {"leaves": 1, "starts_at": 1, "ends_at": 1, "lifted_at": 1},
        )
        for document in found:
            end = min(document["ends_at"], document.get("lifted_at") or document["ends_at"])
            if end > document["starts_at"]:
                for leaf in document["leaves"]:
                    yield leaf, Period(document["starts_at"], end)

    def counts(self, centre_id: str, within: Period, by: str | None) -> Iterator[Counts]:
        """The sums of each space of a centre.

        A booking is counted in the period in which it begins; its time is counted where it lies,
        so that neighbouring periods together have all of it, once. The index on centre and start
        bounds what is read.

        Args:
            by: a field to divide further by, such as ``purpose``.
        """
        met = {
            (group["_id"]["space"], group["_id"].get("key")): group["met"]
            for group in self._bookings.aggregate(meetings(centre_id, within, by))
        }
        for document in self._bookings.aggregate(sums(centre_id, within, by)):
            group = document.pop("_id")
            place = (group["space"], group.get("key"))
            yield Counts(*place, met=met.get(place, 0), **document)


def sums(centre_id: str, within: Period, by: str | None) -> list[Document]:
    """All that a booking's own document contains."""
    begins = {"$gte": ["$starts_at", within.starts_at]}
    cancelled = {"$eq": ["$status", "cancelled"]}
    return [
        {
            "$match": {
                "centre_id": centre_id,
                "starts_at": {"$gt": within.starts_at - LONGEST, "$lt": within.ends_at},
                "ends_at": {"$gt": within.starts_at},
            }
        },
        {
            "$group": {
                "_id": _group(by),
                "bookings": _count(begins, {"$in": ["$status", _USED]}),
                "minutes": {"$sum": {"$cond": [{"$in": ["$status", _USED]}, _minutes(within), 0]}},
                "came": _count(
                    begins,
                    {"$in": ["$status", _CAME]},
                    # For the centre's own use nobody is expected at the door.
                    _OF_ORGANISATION,
                ),
                "no_shows": _count(begins, {"$eq": ["$status", "no_show"]}),
                "cancelled": _count(begins, cancelled),
                "cancelled_late": _count(begins, cancelled, {"$eq": ["$cancelled_late", True]}),
                "headcounts": _count(begins, {"$gt": ["$headcount", None]}),
                "women": {"$sum": {"$cond": [begins, "$headcount.women", 0]}},
                "men": {"$sum": {"$cond": [begins, "$headcount.men", 0]}},
            }
        },
    ]


def meetings(centre_id: str, within: Period, by: str | None) -> list[Document]:
    """Joint meetings that took place with an organisation beside the host.

    Apart, because each has its guest list looked up, and most bookings have none.
    """
    return [
        {
            "$match": {
                "centre_id": centre_id,
                "starts_at": {"$gte": within.starts_at, "$lt": within.ends_at},
                "purpose": JOINT_MEETING,
                "status": {"$in": _CAME},
            }
        },
        {
            "$lookup": {
                "from": GUEST_LISTS,
                "localField": "_id",
                "foreignField": "_id",
                "as": "guests",
            }
        },
        {"$match": {"guests.organisations.0": {"$exists": True}}},
        {"$group": {"_id": _group(by), "met": {"$sum": 1}}},
    ]


def _group(by: str | None) -> Document:
    key = {"$cond": [_OF_ORGANISATION, f"${by}", OWN_USE]}
    return {"space": "$space_id"} | ({"key": key} if by else {})


def _count(*conditions: Document) -> Document:
    return {"$sum": {"$cond": [{"$and": list(conditions)}, 1, 0]}}


def _minutes(within: Period) -> Document:
    """The minutes of a booking that lie in the period."""
    begin = {"$max": ["$starts_at", within.starts_at]}
    end = {"$min": ["$ends_at", within.ends_at]}
    return {"$divide": [{"$subtract": [end, begin]}, _MILLISECONDS_PER_MINUTE]}
