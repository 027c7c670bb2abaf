"""What is held about a person, in all collections."""

from __future__ import annotations

from typing import Any

from services.common.storage.mongo import Database, Document, Session

_OF_EACH: Document = {
    "organisation_id": 1,
    "centre_id": 1,
    "space_id": 1,
    "title": 1,
    "purpose": 1,
    "status": 1,
    "starts_at": 1,
    "ends_at": 1,
    "created_at": 1,
}


_BY_PERSON = (
    ("bookings", "history.by"),
    ("booking_series", "booked_by"),
    ("waitlist_entries", "booked_by"),
    ("invitations", "invited_by"),
)


class PersonalDataStore:
    """Questions by person, over all collections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure_indexes(self) -> None:
        for collection, field in _BY_PERSON:
            self._database.collection(collection).create_index(field)

    def booked_by(self, collection: str, person_id: str) -> list[Document]:
        """What the person has booked, repeated or waited for."""
        return self._find(collection, {"booked_by": person_id}, _OF_EACH)

    def changes_by(self, person_id: str) -> list[Document]:
        """What the person has done with bookings of all people."""
        found = self._database.collection("bookings").aggregate(
            [
                {"$match": {"history.by": person_id}},
                {"$unwind": "$history"},
                {"$match": {"history.by": person_id}},
                {
                    "$project": {
                        "_id": 0,
                        "booking_id": "$_id",
                        "at": "$history.at",
                        "action": "$history.action",
                        "reason": "$history.reason",
                    }
                },
            ]
        )
        return list(found)

    def invitations_by(self, person_id: str) -> list[Document]:
        """The invitations that the person has sent, without who was invited."""
        shown = {"booking_id": 1, "invited_at": 1, "status": 1}
        return self._find("invitations", {"invited_by": person_id}, shown)

    def calendars_of(self, person_id: str) -> list[Document]:
        """The person's links to feeds, without what opens them."""
        shown = {"kind": 1, "subject_id": 1, "created_at": 1}
        return self._find("calendars", {"owner_id": person_id}, shown)

    def erase_calendars(self, session: Session, person_id: str) -> None:
        """Make the person's links to feeds void, at once."""
        for collection, field in (("calendars", "owner_id"), ("calendar_owners", "_id")):
            self._database.collection(collection).delete_many({field: person_id}, session=session)

    def _find(self, collection: str, query: Document, shown: Document) -> list[Document]:
        found = self._database.collection(collection).find(query, shown)
        return [_with_id(document) for document in found]


def _with_id(document: Document) -> dict[str, Any]:
    if "_id" not in document:
        return document
    return {"id": document["_id"], **{k: v for k, v in document.items() if k != "_id"}}
