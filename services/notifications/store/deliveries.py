"""Messages that leave the house, with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from services.common.directory.people import Person
from services.common.directory.store import MEMBERSHIPS, PEOPLE, person_of
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.notifications.domain import delivery as deliveries
from services.notifications.domain.messages import Appointment, Message, Text
from services.notifications.store.inserting import insert_new
from services.notifications.store.subjects import SUBJECTS

DELIVERIES = "deliveries"
# What a claim puts on a delivery (see :mod:`.due`), to be taken off.
UNCLAIMED: Document = {"token": "", "claims": ""}
DELIVERIES_KEPT = timedelta(days=400)


class Deliveries:
    """Messages that leave the house, over any channel."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database.collection(DELIVERIES)

    def ensure_indexes(self) -> None:
        self._deliveries.create_index(
            [("recipient_id", 1), ("event_id", 1), ("channel", 1)], unique=True
        )
        self._deliveries.create_index(
            "queued_at", expireAfterSeconds=int(DELIVERIES_KEPT.total_seconds())
        )
        # Those that are not over: only they have a text. There are few, so it costs little.
        self._deliveries.create_index("names", sparse=True)
        self._deliveries.create_index(
            "aggregate", name="not_over", partialFilterExpression=_NOT_OVER
        )

    def add(
        self,
        session: Session,
        channel: str,
        messages: Sequence[Message],
        now: datetime,
        *,
        skip_stored: bool,
    ) -> None:
        """Queue messages that are not queued yet, to be sent at once.

        Raises:
            AlreadyThere: if one is queued, and ``skip_stored`` is false.
        """
        documents = [
            {
                "_id": message.key(channel),
                "recipient_id": message.recipient_id,
                "sender": message.sender,
                "event_id": message.event_id,
                "event_type": message.event_type,
                "subject_id": message.subject_id,
                "aggregate": message.aggregate,
                "aggregate_version": message.aggregate_version,
                "channel": channel,
                "membership": message.membership,
                "duty": message.duty and asdict(message.duty),
                "category": message.category,
                "urgency": message.urgency,
                "language": message.language,
                "text": _text_document(message.text),
                "state": deliveries.State.QUEUED.value,
                "due_at": now,
                "attempts": 0,
                "version": 0,
                "occurred_at": message.occurred_at,
                "queued_at": now,
                "traceparent": message.traceparent,
                "trail": [{"state": deliveries.State.QUEUED.value, "at": now}],
                **_named(message),
            }
            for message in messages
        ]
        insert_new(session, self._deliveries, documents, skip_stored=skip_stored)

    def read_case(self, delivery_id: str) -> deliveries.Case | None:
        """The delivery with all that decides whether it is sent now, in one round trip."""
        with unavailable_when_away():
            found = next(self._deliveries.aggregate([_this(delivery_id), *_CASE]), None)
        return None if found is None else _case(found)

    def export(self, recipient_id: str) -> list[Document]:
        """All deliveries to a person, as they are stored."""
        with unavailable_when_away():
            shown = {"names": 0, "anonymous": 0, "token": 0}
            return list(self._deliveries.find({"recipient_id": recipient_id}, shown))

    def forget_names(self, session: Session, ids: Sequence[str]) -> None:
        """Let nothing that waits name these people and guests any more."""
        self._deliveries.update_many(
            {"names": {"$in": list(ids)}},
            [{"$set": {"text": "$anonymous"}}, {"$unset": ["names", "anonymous"]}],
            session=session,
        )

    def send_now(self, session: Session, recipient_id: str, now: datetime) -> None:
        """Let all that waits for a person be due at once."""
        self._deliveries.update_many(
            {"recipient_id": recipient_id, "due_at": {"$gt": now}},
            {"$set": {"due_at": now}},
            session=session,
        )

    def begin(self, delivery: deliveries.Delivery, at: datetime) -> bool:
        """Note that an attempt begins; false if another process has changed the delivery."""
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
        again_at: datetime | None,
    ) -> bool:
        """Note what became of an attempt; false if a later attempt has begun meanwhile.

        Args:
            attempts: the number to store; the delivery given names the version that must be stored.
            again_at: when it is due again; ``None`` if it is over: then its text is dropped.
        """
        change = _moved(state, at, attempts=attempts, reason=reason)
        # For the process that has claimed it now: what was seen to happen is true even if the claim
        # ran out.
        change["$unset"] = dict(UNCLAIMED)
        if again_at is None:
            change["$unset"] |= {"text": "", "due_at": "", "names": "", "anonymous": ""}
            if state in deliveries.TRANSITIONS.ends:
                change["$set"]["version"] = delivery.version + 1
        else:
            change["$set"]["due_at"] = again_at
        result = self._deliveries.update_one(_unchanged(delivery, state), change, session=session)
        return result.matched_count == 1


_NOT_OVER: Document = {"text": {"$exists": True}}

_CASE: Sequence[Document] = (
    {
        "$lookup": {
            "from": PEOPLE,
            "localField": "recipient_id",
            "foreignField": "_id",
            "as": "contacts",
        }
    },
    {
        "$lookup": {
            "from": MEMBERSHIPS,
            "localField": "membership",
            "foreignField": "_id",
            "as": "memberships",
        }
    },
    {
        "$lookup": {
            "from": SUBJECTS,
            "localField": "aggregate",
            "foreignField": "_id",
            "as": "subjects",
        }
    },
    {
        "$lookup": {
            "from": DELIVERIES,
            "localField": "aggregate",
            "foreignField": "aggregate",
            "let": {
                "recipient": "$recipient_id",
                "channel": "$channel",
                "version": "$aggregate_version",
            },
            "pipeline": [
                {
                    "$match": {
                        **_NOT_OVER,
                        "$expr": {
                            "$and": [
                                {"$eq": ["$recipient_id", "$$recipient"]},
                                {"$eq": ["$channel", "$$channel"]},
                                {"$lt": ["$aggregate_version", "$$version"]},
                            ]
                        },
                    }
                }
            ],
            "as": "earlier",
        }
    },
)


def _this(delivery_id: str) -> Document:
    return {"$match": {"_id": delivery_id}}


def _unchanged(delivery: deliveries.Delivery, target: deliveries.State) -> Document:
    return {
        "_id": delivery.id,
        "attempts": delivery.attempts,
        "state": {"$in": sorted(deliveries.TRANSITIONS.sources(target))},
    }


def _moved(state: deliveries.State, at: datetime, *, attempts: int, reason: str = "") -> Document:
    entry = {"state": state.value, "at": at} | ({"reason": reason} if reason else {})
    return {
        "$set": {"state": state.value, "attempts": attempts, "reason": reason},
        "$push": {"trail": entry},
    }


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
            link=text["link"],
            page=text["page"],
            appointment=text["appointment"] and Appointment(**text["appointment"]),
        ),
        state=deliveries.State(document["state"]),
        attempts=document["attempts"],
        version=document["version"],
        queued_at=document["queued_at"],
        occurred_at=document["occurred_at"],
        aggregate=document["aggregate"],
        aggregate_version=document["aggregate_version"],
        traceparent=document["traceparent"],
    )


def _text_document(text: Text) -> Document:
    return {
        "title": text.title,
        "body": text.body,
        "details": [list(detail) for detail in text.details],
        "link": text.link,
        "page": text.page,
        "appointment": text.appointment and asdict(text.appointment),
    }


def _named(message: Message) -> Document:
    if message.anonymous is None:
        return {}
    return {"names": list(message.names), "anonymous": _text_document(message.anonymous)}


def _gone(contact: Document) -> bool:
    return bool(contact.get("erased"))


def _belongs(document: Document, contact: Person | None) -> bool:
    """Whether the recipient still is what the message was made for them as."""
    if document["duty"] is not None:
        return contact is not None and contact.works_as(**document["duty"])
    as_member = document["membership"] is not None
    return not as_member or any(each["active"] for each in document["memberships"])


def _case(document: Document) -> deliveries.Case:
    contact = next((person_of(each) for each in document["contacts"] if not _gone(each)), None)
    return deliveries.Case(
        delivery=_delivery(document),
        contact=contact,
        erased=any(map(_gone, document["contacts"])),
        belongs=_belongs(document, contact),
        holds_from=max((subject["holds_from"] for subject in document["subjects"]), default=0),
        earlier=tuple(map(_delivery, document["earlier"])),
    )
