"""The inbox: a consumer's note of the events it has taken, written with the effect.

An event may arrive any number of times (redelivery, replay, a relay that died before it marked it
sent). Its effect happens once because the note ``(consumer, event id)`` is unique and shares the
effect's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from services.common.clock import Clock
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Database, Session

# Longer than the longest replay: docs/runbook.md allows replaying up to 90 days.
KEPT = timedelta(days=120)


class Inbox:
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

    def take(
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

        def with_notes(session: Session) -> int:
            known = {
                note["_id"]
                for note in self._notes.find(
                    {"_id": {"$in": list(unique)}}, {"_id": 1}, session=session
                )
            }
            fresh = {note: event for note, event in unique.items() if note not in known}
            if not fresh:
                return 0
            now = self._clock.now()
            self._notes.insert_many(
                [{"_id": note, "type": e.type, "taken_at": now} for note, e in fresh.items()],
                session=session,
            )
            effect(session, list(fresh.values()))
            return len(fresh)

        while True:
            try:
                return self._database.transact(with_notes)
            except DuplicateKeyError as error:
                # Another process took one of them between our look and our note: look again. A
                # duplicate of anything else is the effect's own fault.
                if "inbox_events" not in str(error):
                    raise

    def _note_id(self, event: CloudEvent) -> str:
        return f"{self._consumer}|{event.id}"
