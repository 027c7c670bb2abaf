"""The in-app inbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from pymongo import DESCENDING, ReturnDocument

from services.common import errors
from services.common.storage.aggregates import beyond
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.notifications.domain import inbox
from services.notifications.domain.messages import Message
from services.notifications.store.inserting import insert_new

NOTIFICATIONS_KEPT = timedelta(days=400)


class Notifications:
    """The in-app inbox."""

    def __init__(self, database: Database) -> None:
        self._notifications = database.collection("notifications")

    def ensure_indexes(self) -> None:
        self._notifications.create_index([("recipient_id", 1), ("event_id", 1)], unique=True)
        # Lists of one or several states, newest first, and the count of what is unread.
        self._notifications.create_index(
            [
                ("recipient_id", 1),
                ("state", 1),
                ("created_at", DESCENDING),
                ("_id", DESCENDING),
            ]
        )

        self._notifications.create_index("names", sparse=True)
        self._notifications.create_index("subject_id")
        self._notifications.create_index(
            "created_at", expireAfterSeconds=int(NOTIFICATIONS_KEPT.total_seconds())
        )

    def add(
        self, session: Session, channel: str, messages: Sequence[Message], *, skip_stored: bool
    ) -> None:
        """Put messages into their recipients' inboxes; those that are there already stay.

        Raises:
            AlreadyThere: if one is there, and nobody looked.
        """
        documents = [
            {
                "_id": message.key(channel),
                "recipient_id": message.recipient_id,
                "event_id": message.event_id,
                "event_type": message.event_type,
                "subject_id": message.subject_id,
                "category": message.category,
                "language": message.language,
                "title": message.text.title,
                "body": message.text.body,
                "state": inbox.State.UNREAD.value,
                "version": 1,
                # The time of the fact: a message that had to wait for its organisation still
                # stands where it belongs, before the cancellation that came after it.
                "created_at": message.occurred_at,
                **_named(message),
            }
            for message in messages
        ]
        insert_new(session, self._notifications, documents, skip_stored=skip_stored)

    def withdraw(self, session: Session, subject_id: str, event_types: Collection[str]) -> None:
        """Let no inbox have a message of these types about a subject."""
        self._notifications.delete_many(
            {"subject_id": subject_id, "event_type": {"$in": sorted(event_types)}}, session=session
        )

    def page(
        self,
        recipient_id: str,
        states: Sequence[inbox.State],
        *,
        limit: int,
        after: tuple[datetime, str] | None,
    ) -> list[inbox.Notification]:
        """Messages in these states, newest first, from the one after the position."""
        clauses: list[Document] = [
            {"recipient_id": recipient_id, "state": {"$in": [state.value for state in states]}}
        ]
        if after is not None:
            clauses += beyond(("created_at", "_id"), after, descending=True)
        with unavailable_when_away():
            found = (
                self._notifications.find({"$and": clauses})
                .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
                .limit(limit)
            )
            return [_notification(document) for document in found]

    def export(self, recipient_id: str) -> list[Document]:
        """All messages of a person, as they are stored."""
        with unavailable_when_away():
            shown = {"names": 0, "anonymous": 0}
            return list(self._notifications.find({"recipient_id": recipient_id}, shown))

    def forget_names(self, session: Session, ids: Sequence[str]) -> None:
        """Let no message name these people and guests any more."""
        self._notifications.update_many(
            {"names": {"$in": list(ids)}},
            [
                {"$set": {"title": "$anonymous.title", "body": "$anonymous.body"}},
                {"$unset": ["names", "anonymous"]},
            ],
            session=session,
        )

    def erase(self, session: Session, recipient_id: str) -> None:
        """Erase all messages of a person."""
        self._notifications.delete_many({"recipient_id": recipient_id}, session=session)

    def unread(self, recipient_id: str) -> int:
        """How many messages the person has not read."""
        with unavailable_when_away():
            return self._notifications.count_documents(
                {"recipient_id": recipient_id, "state": inbox.State.UNREAD.value}
            )

    def get(self, recipient_id: str, notification_id: str) -> inbox.Notification:
        """One of this person's messages.

        Raises:
            errors.NotFound: if there is none; also if it is another person's.
        """
        with unavailable_when_away():
            found = self._notifications.find_one(
                {"_id": notification_id, "recipient_id": recipient_id}
            )
        if found is None:
            raise errors.NotFound()
        return _notification(found)

    def move(
        self, notification: inbox.Notification, state: inbox.State, at: datetime
    ) -> inbox.Notification:
        """Give the message a new state.

        Raises:
            errors.Stale: if it has changed since it was read.
        """
        with unavailable_when_away():
            found = self._notifications.find_one_and_update(
                {"_id": notification.id, "version": notification.version},
                {"$set": {"state": state.value, f"{state.value}_at": at}, "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
            )
        if found is None:
            raise errors.Stale()
        return _notification(found)


def _named(message: Message) -> Document:
    if message.anonymous is None:
        return {}
    without = {"title": message.anonymous.title, "body": message.anonymous.body}
    return {"names": list(message.names), "anonymous": without}


def _notification(document: Document) -> inbox.Notification:
    return inbox.Notification(
        id=document["_id"],
        recipient_id=document["recipient_id"],
        event_id=document["event_id"],
        event_type=document["event_type"],
        subject_id=document["subject_id"],
        category=document["category"],
        language=document["language"],
        title=document["title"],
        body=document["body"],
        state=inbox.State(document["state"]),
        version=document["version"],
        created_at=document["created_at"],
    )
