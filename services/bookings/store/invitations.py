"""Invitations as documents, and the guest list of each meeting: how many come, counted once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pymongo import ASCENDING, ReplaceOne
from pymongo.collation import Collation
from pymongo.errors import DuplicateKeyError

from services.bookings.domain.booking import Booking
from services.bookings.domain.invitations import (
    MOST_INVITATIONS,
    OPEN,
    Invitation,
    Standing,
)
from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session

GUEST_LISTS = "guest_lists"
KEPT = timedelta(days=730)
_INVITEES = "invitees"
_ANY_CASE = Collation("en", strength=2)


class AlreadyInvited(Exception):
    """The unique index refused: who is asked was asked before, and that invitation is open."""


class ListFull(Exception):
    """The meeting has as many open invitations as one may have."""


class NoRoom(Exception):
    """More would come than the space holds.

    Attributes:
        left: how many more may come.
    """

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class InvitationStore(Aggregates[Invitation]):
    """Invitations; and one guest list a meeting, whose count decides who still fits in."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database.collection("invitations"), mapping_of(Invitation, extra=_open_invitee)
        )
        self._lists = database.collection(GUEST_LISTS)
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("booking_id", ASCENDING), ("invitee", ASCENDING)],
            name=_INVITEES,
            unique=True,
            partialFilterExpression={"invitee": {"$exists": True}},
        )
        self.collection.create_index([("booking_id", ASCENDING), ("_id", ASCENDING)])
        # Addresses of outside people are not kept for ever; the counts on the lists are.
        self.collection.create_index("invited_at", expireAfterSeconds=int(KEPT.total_seconds()))
        self.collection.create_index("until", expireAfterSeconds=0)
        self.collection.create_index("guest.email", sparse=True, collation=_ANY_CASE)
        # Which meetings an organisation goes to, for its people's calendars.
        self._lists.create_index("organisations")

    def lock_guest_list(self, session: Session, booking: Booking) -> None:
        """Let nobody change the booking while this transaction counts on it as it was read.

        Both write to its document, so the database lets one of them begin again. The field says
        nothing, and goes with the booking's next change.

        Raises:
            errors.Stale: if it has been changed already.
        """
        result = self._bookings.update_one(
            {"_id": booking.id, "version": booking.version}, {"$inc": {"held": 1}}, session=session
        )
        if result.matched_count != 1:
            raise errors.Stale()

    def invite(self, session: Session, invitation: Invitation) -> None:
        """Raises:
        AlreadyInvited, ListFull
        """
        try:
            self._lists.update_one(
                {"_id": invitation.booking_id, "open": {"$lte": MOST_INVITATIONS - 1}},
                {"$inc": {"open": 1}, "$setOnInsert": {"accepted": 0, "organisations": []}},
                upsert=True,
                session=session,
            )
        except DuplicateKeyError as error:
            # There is a list, but not one with a place left: the upsert found nothing to change.
            raise ListFull from error
        try:
            self.add(session, invitation)
        except DuplicateKeyError as error:
            if _INVITEES not in (error.details or {}).get("errmsg", ""):
                raise
            raise AlreadyInvited from error

    def save_reply(
        self, session: Session, before: Invitation, after: Invitation, room: int
    ) -> None:
        """Put the changed invitation in place, and count it on the meeting's list.

        Args:
            room: how many guests the space holds.

        Raises:
            errors.Stale: if the stored version is another one.
            NoRoom: if more come than before, and they do not fit in.
        """
        self.save(session, after, before.version)
        more = after.people - before.people
        counted: Document = {"_id": after.booking_id}
        if more > 0:
            counted["accepted"] = {"$lte": room - more}
        closed = before.status in OPEN and after.status not in OPEN
        change: Document = {"$inc": {"accepted": more, "open": -1 if closed else 0}}
        if after.organisation_id is not None:
            comes = after.status is Standing.ACCEPTED
            change["$addToSet" if comes else "$pull"] = {"organisations": after.organisation_id}
        if self._lists.update_one(counted, change, session=session).matched_count != 1:
            raise NoRoom(max(0, room - self.coming(after.booking_id, session)))

    def save_all(
        self, session: Session, before: Sequence[Invitation], after: Sequence[Invitation]
    ) -> None:
        """Put the changed invitations of a meeting in place, in the same order; its list stays as
        it was.

        Raises:
            errors.Stale: if a stored version is another one.
        """
        if not before:
            return
        result = self.collection.bulk_write(
            [
                ReplaceOne({"_id": old.id, "version": old.version}, self.document_of(new))
                for old, new in zip(before, after, strict=True)
            ],
            session=session,
        )
        if result.matched_count != len(before):
            raise errors.Stale()

    def empty(self, session: Session, booking_id: str) -> None:
        """Let nobody be on a meeting's list any more."""
        self._lists.update_one(
            {"_id": booking_id},
            {"$set": {"open": 0, "accepted": 0, "organisations": []}},
            session=session,
        )

    def coming(self, booking_id: str, session: Session | None = None) -> int:
        """How many guests have accepted."""
        found = self._lists.find_one({"_id": booking_id}, {"accepted": 1}, session=session)
        return 0 if found is None else int(found["accepted"])

    def of_booking(
        self,
        booking_id: str,
        session: Session | None = None,
        standings: Iterable[Standing] | None = None,
    ) -> list[Invitation]:
        """The invitations to a meeting, in the order in which they were sent."""
        query: Document = {"booking_id": booking_id}
        if standings is not None:
            query["status"] = {"$in": sorted(each.value for each in standings)}
        return self.page(query, session=session)

    def of_guests(self, email: str, session: Session | None = None) -> list[Invitation]:
        """The invitations that an address has got, however it is written."""
        found = self.collection.find(
            {"guest.email": email}, session=session, collation=_ANY_CASE
        ).sort("_id", ASCENDING)
        return [self.aggregate_of(document) for document in found]

    def with_details(self, after: str | None, limit: int) -> list[Invitation]:
        """Invitations of guests whose details are kept, by id, after the one named."""
        return self.page({"guest": {"$ne": None}}, after=after, limit=limit)

    def meetings_of(self, organisations: Iterable[str]) -> list[str]:
        """Ids of the bookings to which any of these organisations has said yes."""
        found = self._lists.find({"organisations": {"$in": sorted(organisations)}}, {"_id": 1})
        return [document["_id"] for document in found]


def _open_invitee(invitation: Invitation) -> Document:
    """Who is asked, for the unique index, while the invitation is open."""
    return {"invitee": invitation.invitee} if invitation.status in OPEN else {}
