"""Asking for rooms: what a branch calls inside its own transactions, and the deadline that repeats.

Everything here writes through the session of its caller: the request, its event and its deadline
commit together with the aggregate that needs the rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from services.common.clock import Clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.rooms import room_released, room_requested
from services.common.events.envelope import CloudEvent
from services.common.events.outbox import Outbox
from services.common.ids import NewId
from services.common.rooms.requests import TASK_AFTER, Item, Name, RoomRequest, Status
from services.common.rooms.store import RoomRequestStore
from services.common.rooms.wire import answer_of, released_data, requested_data
from services.common.storage.deadlines import Deadline, Deadlines
from services.common.storage.mongo import Database, Session

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
        self._requests = RoomRequestStore(database)
        self._outbox = outbox
        self._deadlines = deadlines
        self._clock = clock
        self._new_id = new_id

    def ensure_indexes(self) -> None:
        self._requests.ensure_indexes()

    def of(self, subject: str, session: Session | None = None) -> RoomRequest | None:
        """The live request of an aggregate, if it has one."""
        return self._requests.of(subject, session)

    def of_many(self, subjects: Collection[str]) -> dict[str, RoomRequest]:
        """The live requests of these aggregates, by aggregate."""
        return {each.subject: each for each in self._requests.of_many(subjects)}

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
        before = self._requests.look_up(event.data["request_id"], session)
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
            request = self._requests.look_up(deadline.subject, session)
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
        for request_id in self._requests.ids():

            def work(session: Session, key: str = request_id) -> None:
                request = self._requests.look_up(key, session)
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
        self._requests.put(session, request)
        due_at = request.next_repeat_at(self._clock.now(), asked)
        if due_at is None:
            self._deadlines.clear(session, REPEAT_REQUEST, request.id)
        else:
            self._deadlines.set(session, REPEAT_REQUEST, request.id, due_at, {"asked": asked})
