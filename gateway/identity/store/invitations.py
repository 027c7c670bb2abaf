"""The collection ``invitations``: who is invited into which organisation."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.identity.domain.invitation import OPEN, Invitation
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document, Session

# After an invitation could be accepted: for how long its organisation sees what became of it.
_KEPT_SECONDS = int(timedelta(days=30).total_seconds())


class InvitationStore(Aggregates[Invitation]):
    """Queries of ``invitations``.

    Reads raise :class:`services.common.errors.Unavailable` when the database is away.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("invitations"), Invitation)

    def ensure_indexes(self) -> None:
        # One open invitation of an address into an organisation, also where two invite at once.
        self.collection.create_index(
            [("organisation_id", 1), ("email", 1)],
            unique=True,
            partialFilterExpression={"status": OPEN},
            name="one_open",
        )
        self.collection.create_index([("organisation_id", 1), ("_id", 1)])
        self.collection.create_index([("email", 1), ("_id", 1)])
        self.collection.create_index([("organisation_id", 1), ("created_at", 1)])
        # An address without an account is erased by nobody, so it goes by itself.
        self.collection.create_index("expires_at", expireAfterSeconds=_KEPT_SECONDS)

    def open_one(self, session: Session, organisation_id: str, email: str) -> Invitation | None:
        """The invitation of an address that is stored as open, expired or not."""
        return self.first(
            {"organisation_id": organisation_id, "email": email, "status": OPEN}, session
        )

    def issued_since(
        self, session: Session, organisation_id: str, since: datetime, *, email: str | None = None
    ) -> list[datetime]:
        """When an organisation has invited after a time, oldest first.

        Args:
            email: only to this address; None for all.
        """
        query: Document = {"organisation_id": organisation_id, "created_at": {"$gt": since}}
        if email is not None:
            query["email"] = email
        found = self.collection.find(query, {"created_at": 1}, session=session)
        return [each["created_at"] for each in found.sort("created_at", 1)]

    def of_organisation(
        self, organisation_id: str, *, open_at: datetime | None, after: str | None, limit: int
    ) -> list[Invitation]:
        """Of one organisation, in the order they were sent.

        Args:
            open_at: only those open at this time; None for all.
        """
        return self._list({"organisation_id": organisation_id}, open_at, after, limit)

    def of_address(
        self, email: str, *, open_at: datetime, after: str | None, limit: int
    ) -> list[Invitation]:
        """Of one address, those open at this time, in the order they were sent."""
        return self._list({"email": email}, open_at, after, limit)

    def all_of_address(self, email: str) -> list[Invitation]:
        """Of one address, answered and withdrawn ones too."""
        return self._list({"email": email}, None, None, 0)

    def erase_address(self, session: Session, email: str) -> None:
        """Erase all that an address was sent."""
        self.collection.delete_many({"email": email}, session=session)

    def _list(
        self, query: Document, open_at: datetime | None, after: str | None, limit: int
    ) -> list[Invitation]:
        if open_at is not None:
            query |= {"status": OPEN, "expires_at": {"$gt": open_at}}
        return self.page(query, after=after, limit=limit)
