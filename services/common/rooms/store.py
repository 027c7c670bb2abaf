"""The collection of a branch's requests for rooms; none is ever deleted."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING

from services.common.rooms.requests import RoomRequest
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session


class RoomRequestStore(Aggregates[RoomRequest]):
    """Requests by their own id; an aggregate has one live request at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("room_requests"), RoomRequest)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("subject", ASCENDING)],
            unique=True,
            partialFilterExpression={"released": False},
            name="live",
        )

    def of(self, subject: str, session: Session | None = None) -> RoomRequest | None:
        """The live request of an aggregate, if it has one."""
        return self.first({"subject": subject, "released": False}, session)

    def of_many(self, subjects: Collection[str]) -> list[RoomRequest]:
        """The live requests of these aggregates."""
        if not subjects:
            return []
        return self.page({"subject": {"$in": sorted(subjects)}, "released": False})

    def put(self, session: Session, request: RoomRequest) -> None:
        """Store a request, a new one or a changed one, which this transaction has read."""
        self.collection.replace_one(
            {"_id": request.id}, self.document_of(request), upsert=True, session=session
        )

    def ids(self) -> list[str]:
        """The ids of all requests, released ones too."""
        return [each["_id"] for each in self.collection.find({}, {"_id": 1})]
