"""What the events of this branch say: those that are published, and those that wait to be."""

from __future__ import annotations

from services.common.events.event_log import COLLECTION as EVENT_LOG
from services.common.events.outbox import COLLECTION as OUTBOX
from services.common.storage.mongo import Database, Session
from services.trainings.domain.audit import Record

_OF_APPLICATIONS = {"event.type": {"$regex": r"^trainings\.application\."}}
_SHOWN = {"event.data.application_id": 1, "event.data.version": 1, "event.data.status": 1}


class RecordedFacts:
    """The events of the log and of the outbox together."""

    def __init__(self, database: Database) -> None:
        self._collections = [database.collection(name) for name in (EVENT_LOG, OUTBOX)]

    def of_applications(self, session: Session) -> dict[str, Record]:
        """What the events say of each application. All of them are read.

        Args:
            session: sees one moment, so that no event is missed on its way from the outbox to the
                log.
        """
        found: dict[str, Record] = {}
        for collection in self._collections:
            for row in collection.find(_OF_APPLICATIONS, _SHOWN, session=session):
                data = row["event"]["data"]
                known = found.get(data["application_id"], Record())
                newer = data["version"] > known.newest
                found[data["application_id"]] = Record(
                    known.versions + 1,
                    max(known.newest, data["version"]),
                    data["status"] if newer else known.status,
                )
        return found
