"""Requests of other branches for rooms: one row for each, never deleted."""

from __future__ import annotations

from dataclasses import asdict

from pymongo.errors import DuplicateKeyError

from services.bookings.domain.room_requests import Outcome, RoomRow
from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document, RetryTransaction, Session


class RoomRequestStore(Aggregates[RoomRow]):
    """Rows by requester and request; the key is unique by being the document's id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("room_requests"), document_of, row_of)

    def put(self, session: Session, row: RoomRow, before: RoomRow | None) -> None:
        """Keep a row in place of the version that it was made from, or of none.

        Raises:
            TryAgain: if another transaction has written it since.
        """
        try:
            if before is None:
                self.add(session, row)
            else:
                self.save(session, row, before.version)
        except (DuplicateKeyError, errors.Stale) as error:
            raise RetryTransaction("the request was answered meanwhile") from error


def document_of(row: RoomRow) -> Document:
    document = asdict(row)
    document["_id"] = document.pop("id")
    document["outcome"] = row.outcome.value
    document["holds"] = list(row.holds)
    document["problems"] = list(document["problems"])
    return document


def row_of(document: Document) -> RoomRow:
    values = dict(document)
    values["id"] = values.pop("_id")
    values["outcome"] = Outcome(values["outcome"])
    values["holds"] = tuple(values["holds"])
    values["problems"] = tuple(values["problems"])
    return RoomRow(**values)
