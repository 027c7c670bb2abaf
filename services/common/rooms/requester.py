"""Asking for rooms: what a branch calls inside its own transactions, and the deadline that repeats.

Everything here writes through the session of its caller: the request, its event and its deadline
commit together with the aggregate that needs the rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING

from services.common.clock import Clock, from_wire, to_wire
from services.common.context import SYSTEM, Caller
from services.common.contracts.rooms import room_released, room_requested
from services.common.events.envelope import CloudEvent
from services.common.events.outbox import Outbox
from services.common.ids import NewId
from services.common.rooms.requests import (
    TASK_AFTER,
    Answer,
    Item,
    Name,
    Outcome,
    Place,
    RoomRequest,
    Status,
)
from services.common.storage.deadlines import Deadline, Deadlines
from services.common.storage.mongo import Database, Document, Session

REPEAT_REQUEST = "rooms.ask"
"""The kind of the deadline at which a request is published again."""

#: The pattern with which a subscriber gets the answers.
ANSWERS = ("bookings.room.*",)


@dataclass(frozen=True, slots=True)
class Change:
    """What an answer has changed, for the branch to act upon in the same transaction."""

    before: RoomRequest
    after: RoomRequest

    @property
    def is_settled(self) -> bool:
        """Whether the request came to rest with it, other than it was."""
        return self.after.status is not Status.AWAITING and (
            self.after.status is not self.before.status or self.after.answer != self.before.answer
        )


class RoomRequests:
    """The requests of one branch.

    Args:
        requester: the branch's name, as it publishes.
        database, outbox, deadlines, clock, new_id: the branch's own.
    """

    def __init__(
        self,
        requester: str,
        database: Database,
        outbox: Outbox,
        deadlines: Deadlines,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._requester = requester
        self._requested = room_requested(requester)
        self._released = room_released(requester)
        self._database = database
        self._requests = database.collection("room_requests")
        self._outbox = outbox
        self._deadlines = deadlines
        self._clock = clock
        self._new_id = new_id

    def ensure_indexes(self) -> None:
        # An aggregate has one request at a time.
        self._requests.create_index(
            [("subject", ASCENDING)],
            unique=True,
            partialFilterExpression={"released": False},
            name="live",
        )

    def of(self, subject: str, session: Session | None = None) -> RoomRequest | None:
        """The live request of an aggregate, if it has one."""
        found = self._requests.find_one({"subject": subject, "released": False}, session=session)
        return request_of(found) if found else None

    def get(self, request_id: str, session: Session | None = None) -> RoomRequest | None:
        """A request by its own id, a released one too."""
        found = self._requests.find_one({"_id": request_id}, session=session)
        return request_of(found) if found else None

    # -- what a person wants -----------------------------------------------------------------------

    def request_rooms(
        self, session: Session, subject: str, label: Name, items: Sequence[Item], caller: Caller
    ) -> RoomRequest | None:
        """Request these rooms, and no others, for an aggregate.

        Args:
            items: an empty sequence releases all.
            label: what staff of the centre see; bookings shows it, it names nobody.

        Returns:
            The request as it is now; ``None`` where nothing was or is wanted.
        """
        before = self.of(subject, session)
        if not items:
            return self.release_rooms(session, subject, caller)
        if before is not None and before.is_over:
            self._record_request(session, before.given_back(), caller)
            before = None
        if before is None:
            return self._record_request(
                session, RoomRequest(self._new_id(), subject, label, tuple(items)), caller
            )
        after = before.with_items(tuple(items))
        return before if after is before else self._record_request(session, after, caller)

    def release_rooms(self, session: Session, subject: str, caller: Caller) -> RoomRequest | None:
        """Give all rooms of an aggregate back, for good; nothing happens where it has none."""
        before = self.of(subject, session)
        return (
            None if before is None else self._record_request(session, before.given_back(), caller)
        )

    # -- what bookings answers ---------------------------------------------------------------------

    def apply_answer(self, session: Session, event: CloudEvent) -> Change | None:
        """Keep an answer of bookings if it is news for this branch.

        Returns:
            What it changed; ``None`` for an answer to another branch, to a request that is not
            known, or that is older than the one that is kept.
        """
        if event.data["requester"] != self._requester:
            return None
        before = self.get(event.data["request_id"], session)
        if before is None:
            return None
        after = before.answered(answer_of(event))
        if after is before:
            return None
        if after.request_version != before.request_version:
            self._record_request(session, after, SYSTEM)
        else:
            self._save(session, after, asked=1)
        return Change(before, after)

    # -- what time does ----------------------------------------------------------------------------

    def repeat_request(
        self,
        deadline: Deadline,
        unanswered: Callable[[Session, RoomRequest], None] = lambda session, request: None,
    ) -> None:
        """The handler of :data:`REPEAT_REQUEST`: publish the same version once more, word for word.

        Args:
            unanswered: gives staff a task, in the same transaction, when a request has waited long.
        """

        def work(session: Session) -> None:
            self._deadlines.finish(session, deadline)
            request = self.get(deadline.subject, session)
            if request is None:
                return
            asked = int(deadline.data.get("asked", 1)) + 1
            self._record_request(session, request.repeated(), SYSTEM, asked=asked)
            if request.status is Status.AWAITING and asked == TASK_AFTER:
                unanswered(session, request)

        self._database.transact(work)

    def repeat_all_requests(self, above: int) -> int:
        """After a restore of either side: publish every request once more, released ones too, in
        versions above all that were ever published (rule 8). Returns how many there were.
        """
        asked = 0
        for document in self._requests.find({}, {"_id": 1}):

            def work(session: Session, key: str = document["_id"]) -> None:
                request = self.get(key, session)
                assert request is not None
                self._record_request(session, request.raised_above(above), SYSTEM)

            self._database.transact(work)
            asked += 1
        return asked

    def _record_request(
        self, session: Session, request: RoomRequest, caller: Caller, asked: int = 1
    ) -> RoomRequest:
        """Store a request, publish it, and set the moment at which it is published again."""
        event_type = self._released if request.released else self._requested
        self._outbox.record(
            session,
            event_type,
            subject=request.id,
            version=request.version,
            data=released_data(request) if request.released else requested_data(request),
            caller=caller,
        )
        self._save(session, request, asked)
        return request

    def _save(self, session: Session, request: RoomRequest, asked: int) -> None:
        self._requests.replace_one(
            {"_id": request.id}, document_of(request), upsert=True, session=session
        )
        due_at = request.next_repeat_at(self._clock.now(), asked)
        if due_at is None:
            self._deadlines.clear(session, REPEAT_REQUEST, request.id)
        else:
            self._deadlines.set(session, REPEAT_REQUEST, request.id, due_at, {"asked": asked})


# -- wire and documents ----------------------------------------------------------------------------


def requested_data(request: RoomRequest) -> dict[str, Any]:
    """What ``<requester>.room.requested`` says."""
    return {
        "request_id": request.id,
        "request_version": request.request_version,
        "seen": request.seen,
        "label": dict(request.label),
        "items": [
            {
                "item_id": item.item_id,
                "centre_id": item.centre_id,
                "starts_at": to_wire(item.starts_at),
                "ends_at": to_wire(item.ends_at),
                "space_id": item.space_id,
                "people": item.people,
                "features": list(item.features),
                "equipment": [
                    {"equipment_id": name, "quantity": quantity}
                    for name, quantity in item.equipment.items()
                ],
            }
            for item in request.items
        ],
    }


def released_data(request: RoomRequest) -> dict[str, Any]:
    """What ``<requester>.room.released`` says."""
    return {"request_id": request.id, "request_version": request.request_version}


def answer_of(event: CloudEvent) -> Answer:
    """The answer that an event of bookings is."""
    data = event.data
    return Answer(
        request_version=data["request_version"],
        version=event.aggregate_version,
        outcome=Outcome(event.type.rpartition(".")[2]),
        places=tuple(map(_place_of, data["places"])),
        code=data["code"],
        problems=tuple(data["problems"]),
        reason=data["reason"],
    )


def _place_of(data: Mapping[str, Any]) -> Place:
    return Place(
        item_id=data["item_id"],
        booking_id=data["booking_id"],
        space_id=data["space_id"],
        space_name=data["space_name"],
        starts_at=from_wire(data["starts_at"]),
        ends_at=from_wire(data["ends_at"]),
    )


def document_of(request: RoomRequest) -> Document:
    """The request as a document: as it was published, and the newest answer."""
    answer = request.answer
    return {
        "_id": request.id,
        "subject": request.subject,
        "released": request.released,
        "version": request.version,
        "told": requested_data(request),
        "answer": None
        if answer is None
        else {
            "request_version": answer.request_version,
            "version": answer.version,
            "outcome": answer.outcome.value,
            "places": [
                {
                    "item_id": each.item_id,
                    "booking_id": each.booking_id,
                    "space_id": each.space_id,
                    "space_name": dict(each.space_name),
                    "starts_at": to_wire(each.starts_at),
                    "ends_at": to_wire(each.ends_at),
                }
                for each in answer.places
            ],
            "code": answer.code,
            "problems": [dict(each) for each in answer.problems],
            "reason": answer.reason,
        },
    }


def request_of(document: Document) -> RoomRequest:
    """The request that a document holds."""
    told, answer = document["told"], document["answer"]
    return RoomRequest(
        id=document["_id"],
        subject=document["subject"],
        label=told["label"],
        items=tuple(
            Item(
                item_id=each["item_id"],
                centre_id=each["centre_id"],
                starts_at=from_wire(each["starts_at"]),
                ends_at=from_wire(each["ends_at"]),
                people=each["people"],
                space_id=each["space_id"],
                features=tuple(each["features"]),
                equipment={n["equipment_id"]: n["quantity"] for n in each["equipment"]},
            )
            for each in told["items"]
        ),
        request_version=told["request_version"],
        seen=told["seen"],
        released=document["released"],
        version=document["version"],
        answer=None
        if answer is None
        else Answer(
            request_version=answer["request_version"],
            version=answer["version"],
            outcome=Outcome(answer["outcome"]),
            places=tuple(map(_place_of, answer["places"])),
            code=answer["code"],
            problems=tuple(answer["problems"]),
            reason=answer["reason"],
        ),
    )
