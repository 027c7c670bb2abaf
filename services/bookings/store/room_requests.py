"""Requests of other branches for rooms: one row for each, never deleted."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from services.bookings.domain.room_requests import RoomRow
from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, RetryTransaction, Session


class RoomRequestStore(Aggregates[RoomRow]):
    """Rows by requester and request; the key is unique by being the document's id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("room_requests"), RoomRow)

    def put(self, session: Session, row: RoomRow, before: RoomRow | None) -> None:
        """Keep a row in place of the version that it was made from, or of none.

        Raises:
            RetryTransaction: if another transaction has written it since.
        """
        try:
            if before is None:
                self.add(session, row)
            else:
                self.save(session, row, before.version)
        except (DuplicateKeyError, errors.Stale) as error:
            raise RetryTransaction("the request was answered meanwhile") from error
