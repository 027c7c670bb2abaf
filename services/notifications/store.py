"""Queries, indexes, and documents to domain and back. The only place here that knows MongoDB."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING, ReturnDocument, UpdateOne
from pymongo.collection import Collection as MongoCollection

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.notifications.domain import delivery as deliveries
from services.notifications.domain import inbox
from services.notifications.domain.messages import Message, Text
from services.notifications.domain.people import Contact, Membership, Organisation

EARLY_KEPT = timedelta(days=1)
DELIVERIES_KEPT = timedelta(days=400)

Position = tuple[datetime, str]


class People:
    """Contacts, organisations and memberships, projected from the gateway's events."""

    def __init__(self, database: Database) -> None:
        self._contacts = database.collection("contacts")
        self._organisations = database.collection("organisations")
        self._memberships = database.collection("memberships")

    def ensure_indexes(self) -> None:
        self._memberships.create_index([("organisation_id", 1), ("person_id", 1)])
        # Guests only: the contact of a person with an account has no such date.
        self._contacts.create_index("until", expireAfterSeconds=0)

    def project(
        self,
        session: Session,
        contacts: Iterable[Contact],
        organisations: Iterable[Organisation],
        memberships: Iterable[Membership],
    ) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        _put(session, self._contacts, {c.person_id: c for c in _newest(contacts, "person_id")})
        _put(
            session,
            self._organisations,
            {o.organisation_id: o for o in _newest(organisations, "organisation_id")},
        )
        _put(session, self._memberships, {m.id: m for m in _newest(memberships, "id")})

    def members_of(self, organisation_ids: Collection[str]) -> dict[str, set[str]]:
        """Ids of the present members of each organisation.

        An organisation that nobody was ever known to belong to is not in the answer; one that all
        have left is there with an empty set.
        """
        members: defaultdict[str, set[str]] = defaultdict(set)
        if organisation_ids:
            with unavailable_when_away():
                for found in self._memberships.find(
                    {"organisation_id": {"$in": list(organisation_ids)}},
                    {"_id": 0, "organisation_id": 1, "person_id": 1, "active": 1},
                ):
                    known = members[found["organisation_id"]]
                    if found["active"]:
                        known.add(found["person_id"])
        return dict(members)

    def contacts(self, person_ids: Collection[str]) -> dict[str, Contact]:
        """The contacts that are known, by person."""
        found = _find(self._contacts, person_ids)
        return {
            document["_id"]: Contact(
                person_id=document["_id"],
                version=document["version"],
                name=document["name"],
                email=document["email"],
                language=document["language"],
                until=document.get("until"),
            )
            for document in found
        }

    def organisation_names(self, organisation_ids: Collection[str]) -> dict[str, dict[str, str]]:
        """The names that are known, by organisation, each by language."""
        found = _find(self._organisations, organisation_ids, {"name": 1})
        return {document["_id"]: document["name"] for document in found}


class EarlyEvents:
    """Events that came before their organisation, with the time they were first seen."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection("early_events")

    def ensure_indexes(self) -> None:
        self._events.create_index("since", expireAfterSeconds=int(EARLY_KEPT.total_seconds()))

    def first_seen(self, event_id: str, now: datetime) -> datetime:
        """When the event first came too early: now, unless it has before."""
        with unavailable_when_away():
            document = self._events.find_one_and_update(
                {"_id": event_id},
                {"$setOnInsert": {"since": now}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        since: datetime = document["since"]
        return since


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

    def add(self, session: Session, channel: str, messages: Sequence[Message]) -> None:
        """Put messages into their recipients' inboxes; those that are there already stay."""
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
            }
            for message in messages
        ]
        _insert_new(session, self._notifications, documents)

    def page(
        self,
        recipient_id: str,
        states: Sequence[inbox.State],
        *,
        limit: int,
        after: Position | None,
    ) -> list[inbox.Notification]:
        """Messages in these states, newest first, from the one after the position."""
        query: Document = {
            "recipient_id": recipient_id,
            "state": {"$in": [state.value for state in states]},
        }
        if after is not None:
            instant, last_id = after
            query["created_at"] = {"$lte": instant}
            query["$or"] = [{"created_at": {"$lt": instant}}, {"_id": {"$lt": last_id}}]
        with unavailable_when_away():
            found = (
                self._notifications.find(query)
                .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
                .limit(limit)
            )
            return [_notification(document) for document in found]

    def unread(self, recipient_id: str) -> int:
        """How many messages the person has not read."""
        with unavailable_when_away():
            return self._notifications.count_documents(
                {"recipient_id": recipient_id, "state": inbox.State.UNREAD.value}
            )

    def get(self, recipient_id: str, notification_id: str) -> inbox.Notification | None:
        """The message, if it is this person's."""
        with unavailable_when_away():
            found = self._notifications.find_one(
                {"_id": notification_id, "recipient_id": recipient_id}
            )
        return None if found is None else _notification(found)

    def move(
        self, notification: inbox.Notification, state: inbox.State, at: datetime
    ) -> inbox.Notification | None:
        """Give the message a new state; None if it has changed since it was read."""
        with unavailable_when_away():
            found = self._notifications.find_one_and_update(
                {"_id": notification.id, "version": notification.version},
                {"$set": {"state": state.value, f"{state.value}_at": at}, "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _notification(found)


class Deliveries:
    """Messages that leave the house, over any channel."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database.collection("deliveries")

    def ensure_indexes(self) -> None:
        self._deliveries.create_index(
            [("recipient_id", 1), ("event_id", 1), ("channel", 1)], unique=True
        )
        self._deliveries.create_index(
            "queued_at", expireAfterSeconds=int(DELIVERIES_KEPT.total_seconds())
        )

    def add(
        self, session: Session, channel: str, messages: Sequence[Message], now: datetime
    ) -> list[str]:
        """Queue messages that are not queued yet.

        Returns:
            The ids of the new deliveries.
        """
        documents = [
            {
                "_id": message.key(channel),
                "recipient_id": message.recipient_id,
                "event_id": message.event_id,
                "event_type": message.event_type,
                "subject_id": message.subject_id,
                "channel": channel,
                "category": message.category,
                "urgency": message.urgency,
                "language": message.language,
                "text": {
                    "title": message.text.title,
                    "body": message.text.body,
                    "details": [list(detail) for detail in message.text.details],
                    "link": message.text.link,
                },
                "state": deliveries.State.QUEUED.value,
                "attempts": 0,
                "version": 0,
                "queued_at": now,
                "traceparent": message.traceparent,
                "trail": [{"state": deliveries.State.QUEUED.value, "at": now}],
            }
            for message in messages
        ]
        return _insert_new(session, self._deliveries, documents)

    def get(self, delivery_id: str) -> deliveries.Delivery | None:
        with unavailable_when_away():
            found = self._deliveries.find_one({"_id": delivery_id})
        return None if found is None else _delivery(found)

    def begin(self, delivery: deliveries.Delivery, at: datetime) -> bool:
        """Note that an attempt begins; false if somebody else has changed the delivery."""
        state = deliveries.State.ATTEMPTING
        with unavailable_when_away():
            result = self._deliveries.update_one(
                _unchanged(delivery, state), _moved(state, at, attempts=delivery.attempts + 1)
            )
        return result.matched_count == 1

    def settle(
        self,
        session: Session,
        delivery: deliveries.Delivery,
        state: deliveries.State,
        at: datetime,
        *,
        attempts: int,
        reason: str,
        over: bool,
    ) -> bool:
        """Note what became of an attempt; false if a later attempt has begun meanwhile.

        Args:
            attempts: the number to store; the delivery given names the one it is held against.
            over: nothing more will happen: the text is dropped.
        """
        change = _moved(state, at, attempts=attempts, reason=reason)
        if over:
            change["$unset"] = {"text": ""}
            if state in (deliveries.State.SENT, deliveries.State.FAILED):
                change["$set"]["version"] = delivery.version + 1
        result = self._deliveries.update_one(_unchanged(delivery, state), change, session=session)
        return result.matched_count == 1


def _unchanged(delivery: deliveries.Delivery, target: deliveries.State) -> Document:
    return {
        "_id": delivery.id,
        "attempts": delivery.attempts,
        "state": {"$in": [state.value for state in deliveries.sources(target)]},
    }


def _moved(state: deliveries.State, at: datetime, *, attempts: int, reason: str = "") -> Document:
    entry = {"state": state.value, "at": at} | ({"reason": reason} if reason else {})
    return {
        "$set": {"state": state.value, "attempts": attempts, "reason": reason},
        "$push": {"trail": entry},
    }


def _newest(facts: Iterable[Any], key: str) -> list[Any]:
    newest: dict[str, Any] = {}
    for fact in facts:
        known = newest.get(getattr(fact, key))
        if known is None or fact.version > known.version:
            newest[getattr(fact, key)] = fact
    return list(newest.values())


def _put(session: Session, collection: MongoCollection[Document], facts: Mapping[str, Any]) -> None:
    """Store facts by id, each unless a newer one is there, in one round trip."""
    if not facts:
        return
    changes = []
    for fact_id, fact in facts.items():
        newer = {"$gt": [fact.version, {"$ifNull": ["$version", 0]}]}
        # $literal: a name that begins with a dollar sign is a name, not an expression.
        document = {"$literal": {"_id": fact_id, **asdict(fact)}}
        changes.append(
            UpdateOne(
                {"_id": fact_id},
                [{"$replaceWith": {"$cond": [newer, document, "$$ROOT"]}}],
                upsert=True,
            )
        )
    collection.bulk_write(changes, ordered=False, session=session)


def _insert_new(
    session: Session, collection: MongoCollection[Document], documents: Sequence[Document]
) -> list[str]:
    """Insert the documents that are not there; the inbox of events makes that all, nearly always.

    The unique index stands behind it: should two writers race, the transaction of one fails.
    """
    if not documents:
        return []
    by_id = {document["_id"]: document for document in documents}
    known = collection.find({"_id": {"$in": list(by_id)}}, {"_id": 1}, session=session)
    for document in known:
        del by_id[document["_id"]]
    if by_id:
        collection.insert_many(list(by_id.values()), ordered=False, session=session)
    return list(by_id)


def _find(
    collection: MongoCollection[Document],
    ids: Collection[str],
    projection: Mapping[str, Any] | None = None,
) -> list[Document]:
    if not ids:
        return []
    with unavailable_when_away():
        return list(collection.find({"_id": {"$in": list(ids)}}, projection))


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


def _delivery(document: Document) -> deliveries.Delivery:
    text = document.get("text")
    return deliveries.Delivery(
        id=document["_id"],
        recipient_id=document["recipient_id"],
        event_id=document["event_id"],
        event_type=document["event_type"],
        subject_id=document["subject_id"],
        channel=document["channel"],
        category=document["category"],
        language=document["language"],
        text=None
        if text is None
        else Text(
            title=text["title"],
            body=text["body"],
            details=tuple((label, value) for label, value in text["details"]),
            link=text.get("link"),
        ),
        state=deliveries.State(document["state"]),
        attempts=document["attempts"],
        version=document["version"],
        queued_at=document["queued_at"],
        # Those queued by an earlier version have none.
        traceparent=document.get("traceparent"),
    )
