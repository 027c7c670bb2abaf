"""What the open events of cases say: those that are published, and those that wait to be."""

from __future__ import annotations

from collections.abc import Collection

from services.common.events.audience import OPEN
from services.common.storage.mongo import Database, Session
from services.consultations.domain.audit import LastEvent
from services.consultations.domain.deadlines import DeadlineKind

_OF_CASES = {"$regex": r"^consultations\.case\."}
_SHOWN = {"event.type": 1, "event.subject": 1, "event.data.version": 1}


class RecordedFacts:
    """The events of the open log and of its outbox together, and what waits to be counted anew."""

    def __init__(self, database: Database) -> None:
        self._events = [database.collection(name) for name in (OPEN.log, OPEN.outbox)]
        self._deadlines = database.collection("deadlines")

    def last_of_cases(self, session: Session) -> dict[str, LastEvent]:
        """The last open event of each case that has any. All of them are read.

        Args:
            session: sees one moment, so that no event is missed on its way to the log.
        """
        found: dict[str, LastEvent] = {}
        for collection in self._events:
            for row in collection.find({"event.type": _OF_CASES}, _SHOWN, session=session):
                event = row["event"]
                version = event["data"]["version"]
                known = found.get(event["subject"])
                if known is None or known.version < version:
                    found[event["subject"]] = LastEvent(event["type"], version)
        return found

    def centres_to_count(self, session: Session) -> Collection[str]:
        """The centres whose limits are still to be counted anew."""
        waiting = {"kind": DeadlineKind.RECOUNT_LIMITS.value}
        rows = self._deadlines.find(waiting, {"subject": 1}, session=session)
        return {each["subject"] for each in rows}
