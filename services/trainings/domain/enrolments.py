"""From when to when people have had seats in a cohort, by the histories of their applications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.trainings.domain.application_states import FINISHED, ApplicationStatus
from services.trainings.domain.attendance import Enrolment

SEATED = frozenset({ApplicationStatus.ENROLLED}) | FINISHED
"""In these states a person has a seat. One who is offered a seat does not attend yet."""

Period = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An application has reached a state."""

    at: datetime
    status: ApplicationStatus


def enrolments_of(changes: Mapping[str, Iterable[StatusChange]]) -> dict[str, Enrolment]:
    """When each person has had a seat; people who never had one are left out.

    Args:
        changes: by the person's id, those of one application in the order of its versions.
    """
    found: dict[str, Enrolment] = {}
    for person_id, each in changes.items():
        if periods := _periods(each):
            found[person_id] = Enrolment(person_id, periods)
    return found


def _periods(changes: Iterable[StatusChange]) -> tuple[Period, ...]:
    periods: list[Period] = []
    since: datetime | None = None
    for change in changes:
        if change.status in SEATED:
            since = since or change.at
        elif since is not None:
            periods.append((since, change.at))
            since = None
    if since is not None:
        periods.append((since, None))
    return tuple(periods)
