"""The inbox: a consumer's note of the events it has taken, written with the effect.

An event may arrive any number of times (redelivery, replay, a relay that died before it marked it
sent). Its effect happens once because the note ``(consumer, event id)`` is unique and shares the
effect's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial

from services.common.clock import Clock
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import AlreadyThere, Database, Session, insert_all

# Longer than the longest replay: docs/runbook.md allows replaying up to 90 days.
KEPT = timedelta(days=120)


class _TakenBefore(Exception):
    """One of the events has its note already."""


class ProcessedEvents:
    """The inbox of one consumer.

    Args:
        database: where the effects are.
        consumer: the consumer's name; two consumers may share a database.
    """

    def __init__(self, database: Database, consumer: str, clock: Clock) -> None:
        self._database = database
        self._notes = database.collection("inbox_events")
        self._consumer = consumer
        self._clock = clock

    def ensure_indexes(self) -> None:
        self._notes.create_index("taken_at", expireAfterSeconds=int(KEPT.total_seconds()))

    def apply_once(
        self,
        events: Sequence[CloudEvent],
        effect: Callable[[Session, Sequence[CloudEvent]], None],
    ) -> int:
        """Apply ``effect`` to the events not taken before, in one transaction with the notes.

        Args:
            events: in the order of arrival; one that is in twice is applied once.
            effect: writes through the session only.

        Returns:
            How many events were new.
        """
        unique = {self._note_id(event): event for event in events}

        def with_notes(session: Session, *, look: bool) -> int:
            known = self._known(session, unique) if look else frozenset()
            fresh = {note: event for note, event in unique.items() if note not in known}
            if not fresh:
                return 0
            now = self._clock.now()
            notes = [{"_id": note, "type": e.type, "taken_at": now} for note, e in fresh.items()]
            try:
                insert_all(session, self._notes, notes)
            except AlreadyThere as error:
                raise _TakenBefore from error
            effect(session, list(fresh.values()))
            return len(fresh)

        # Nearly every event is new, so the notes themselves say whether one is not. Then all begins
        # again with a look; also where another process took one between the look and the note.
        look = False
        while True:
            try:
                return self._database.transact(partial(with_notes, look=look))
            except _TakenBefore:
                look = True

    def _known(self, session: Session, notes: Collection[str]) -> frozenset[str]:
        found = self._notes.find({"_id": {"$in": list(notes)}}, {"_id": 1}, session=session)
        return frozenset(note["_id"] for note in found)

    def _note_id(self, event: CloudEvent) -> str:
        return f"{self._consumer}|{event.id}"
