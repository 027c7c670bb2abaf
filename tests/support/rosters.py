"""Situations of a cohort's roster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.trainings.domain.audit import audit_roster
from services.trainings.domain.roster import Change, Entry, Floor, Outcome, Rank, Role, Roster
from services.trainings.domain.roster_limits import new_roster

MONDAY = datetime(2026, 5, 4, 6, tzinfo=UTC)
"""When people apply: 09:00 in Damascus."""

SUNDAY = datetime(2026, 5, 10, 6, tzinfo=UTC)
"""The first session: 09:00 in Damascus."""

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TWO_DAYS = timedelta(hours=48)


def roster(capacity: int, **values: Any) -> Roster:
    return new_roster(
        capacity,
        values.pop("starts_at", SUNDAY),
        values.pop("offer_validity", TWO_DAYS),
        **values,
    )


def person(name: str, place: int = 0, **values: Any) -> Entry:
    """A person who applies.

    Args:
        place: in the order of coming, by the minute.
        values: of the entry; ``score`` and ``gap`` of its rank.
    """
    rank = Rank(MONDAY + place * MINUTE, values.pop("score", None), values.pop("gap", None))
    return Entry(id=f"application-{name}", person_id=name, rank=rank, **values)


def woman(name: str, place: int = 0, **values: Any) -> Entry:
    return person(name, place, woman=True, **values)


def staff(name: str, role: Role) -> Entry:
    return person(name, role=role)


def floor(seats: int, centre_id: str | None = None, release_at: datetime = SUNDAY) -> Floor:
    """Seats for a centre; without one, for women."""
    return Floor(seats, release_at, centre_id)


def of(name: str) -> str:
    """The id of the entry of a person."""
    return f"application-{name}"


def sound(change: Change) -> Roster:
    """The roster that a change leads to, which keeps every rule."""
    assert audit_roster(change.roster) == ()
    return change.roster


def decided(change: Change) -> list[tuple[str, Outcome, str]]:
    """Person, outcome and reason of each decision."""
    return [(each.person_id, each.outcome, each.reason.value) for each in change.decisions]


def people(roster: Roster, standing: str) -> list[str]:
    """Participants of a standing; those who wait in the order of the queue."""
    entries = roster.queue() if standing == "waiting" else roster.entries
    return [
        entry.person_id
        for entry in entries
        if entry.standing == standing and entry.role is Role.PARTICIPANT
    ]
