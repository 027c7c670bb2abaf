"""The stored settlement of one person's attendance in one session, and the version of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from services.trainings.domain.attendance import Entry, Settlement, Status


@dataclass(frozen=True, slots=True)
class StoredSettlement:
    """What counts, as a person has last decided.

    Attributes:
        id: of the session and the person together.
        reason: ``None`` once the person's data are erased.
        seen: ids of the marks that the deciding person was shown.
        version: how often it was decided.
    """

    kind: ClassVar[str] = "attendance"

    id: str
    cohort_id: str
    session_id: str
    person_id: str
    status: Status
    decided_by: str
    reason: str | None
    decided_at: datetime
    seen: tuple[str, ...] = ()
    version: int = 1

    @property
    def settlement(self) -> Settlement:
        """As the rules of attendance take it."""
        return Settlement(
            session_id=self.session_id,
            person_id=self.person_id,
            status=self.status,
            decided_by=self.decided_by,
            reason=self.reason or "",
            decided_at=self.decided_at,
            seen=frozenset(self.seen),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {"status": self.status.value, "seen": list(self.seen)}

    def next(
        self, status: Status, decided_by: str, reason: str, at: datetime, seen: tuple[str, ...]
    ) -> StoredSettlement:
        """The settlement that takes its place."""
        return replace(
            self,
            status=status,
            decided_by=decided_by,
            reason=reason,
            decided_at=at,
            seen=seen,
            version=self.version + 1,
        )


def settlement_id(session_id: str, person_id: str) -> str:
    """The id of the settlement for a person and a session."""
    return f"{session_id}.{person_id}"


def entry_version(entry: Entry | None, settlements: Iterable[StoredSettlement]) -> int:
    """The version of what is known of one person in one session.

    Marks are never removed and settlements only follow each other, so every change raises it.

    Args:
        settlements: of all records of the person.
    """
    marks = 0 if entry is None else len(entry.marks)
    return 1 + marks + sum(each.version for each in settlements)
