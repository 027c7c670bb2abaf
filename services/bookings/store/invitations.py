"""Invitations as documents, and the guest list of each meeting: how many come, counted once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, ReplaceOne
from pymongo.collation import Collation
from pymongo.errors import DuplicateKeyError

from services.bookings.domain.booking import Booking
from services.bookings.domain.invitations import (
    MOST_INVITATIONS,
    OPEN,
    Guest,
    Invitation,
    Standing,
)
from services.common import errors
from services.common.storage.aggregates import Aggregates
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


class InvitationStore:
    """Invitations; and one guest list a meeting, whose count decides who still fits in."""

    def __init__(self, database: Database) -> None:
        self._all = Aggregates(database.collection("invitations"), document_of, invitation_of)
        self._invitations = self._all.collection
        self._lists = database.collection(GUEST_LISTS)
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self._invitations.create_index(
            [("booking_id", ASCENDING), ("invitee", ASCENDING)],
            name=_INVITEES,
            unique=True,
            partialFilterExpression={"invitee": {"$exists": True}},
        )
        self._invitations.create_index([("booking_id", ASCENDING), ("_id", ASCENDING)])
        # Addresses of outside people are not kept for ever; the counts on the lists are.
        self._invitations.create_index("invited_at", expireAfterSeconds=int(KEPT.total_seconds()))
        self._invitations.create_index("until", expireAfterSeconds=0)
        self._invitations.create_index("guest.email", sparse=True, collation=_ANY_CASE)
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

    def add(self, session: Session, invitation: Invitation) -> None:
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
            self._all.add(session, invitation)
        except DuplicateKeyError as error:
            if _INVITEES not in (error.details or {}).get("errmsg", ""):
                raise
            raise AlreadyInvited from error

    def save(self, session: Session, before: Invitation, after: Invitation, room: int) -> None:
        """Put the changed invitation in place, and count it on the meeting's list.

        Args:
            room: how many guests the space holds.

        Raises:
            errors.Stale: if the stored version is another one.
            NoRoom: if more come than before, and they do not fit in.
        """
        self._all.save(session, after, before.version)
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
        result = self._invitations.bulk_write(
            [
                ReplaceOne({"_id": old.id, "version": old.version}, document_of(new))
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

    def get(self, invitation_id: str, session: Session | None = None) -> Invitation:
        """Raises:
        errors.NotFound: if there is none.
        """
        return self._all.get(invitation_id, session)

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
        return self._all.page(query, session=session)

    def of_guests(self, email: str, session: Session | None = None) -> list[Invitation]:
        """The invitations that an address has got, however it is written."""
        found = self._invitations.find(
            {"guest.email": email}, session=session, collation=_ANY_CASE
        ).sort("_id", ASCENDING)
        return [invitation_of(document) for document in found]

    def with_details(self, after: str | None, limit: int) -> list[Invitation]:
        """Invitations of guests whose details are kept, by id, after the one named."""
        return self._all.page({"guest": {"$ne": None}}, after=after, limit=limit)

    def meetings_of(self, organisations: Iterable[str]) -> list[str]:
        """Ids of the bookings to which any of these organisations has said yes."""
        found = self._lists.find({"organisations": {"$in": sorted(organisations)}}, {"_id": 1})
        return [document["_id"] for document in found]


def document_of(invitation: Invitation) -> Document:
    """An invitation as it is stored; also as the answer that is kept with a key."""
    document: dict[str, Any] = {
        "_id": invitation.id,
        "booking_id": invitation.booking_id,
        "organisation_id": invitation.organisation_id,
        "guest": None if invitation.guest is None else asdict(invitation.guest),
        "nonce": invitation.nonce,
        "status": invitation.status.value,
        "people": invitation.people,
        "invited_by": invitation.invited_by,
        "invited_at": invitation.invited_at,
        "updated_at": invitation.updated_at,
        "replied_at": invitation.replied_at,
        "version": invitation.version,
        "until": invitation.until,
    }
    if invitation.status in OPEN:
        document["invitee"] = invitation.invitee
    return document


def invitation_of(document: Document) -> Invitation:
    return Invitation(
        id=document["_id"],
        booking_id=document["booking_id"],
        organisation_id=document["organisation_id"],
        guest=None if document["guest"] is None else Guest(**document["guest"]),
        nonce=document["nonce"],
        status=Standing(document["status"]),
        people=document["people"],
        invited_by=document["invited_by"],
        invited_at=document["invited_at"],
        updated_at=document["updated_at"],
        replied_at=document["replied_at"],
        version=document["version"],
        until=document["until"],
    )
