"""Timelines: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts.trainings import timeline as contract
from services.common.errors import Malformed
from services.common.lists import page_to_wire
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.domain.timeline import Line
from services.trainings.schemas import Request, instant

_of_participant = contract.OfParticipant()
_of_organisation = contract.OfOrganisation()


@dataclass(frozen=True, slots=True)
class TimelineOf:
    """``id`` is of a participant or an organisation; ``None`` for the caller. ``after`` is the
    position of the line where the page before ended."""

    id: str | None
    limit: int = 20
    after: tuple[str, int, str] | None = None


def of_participant(request: Request) -> TimelineOf:
    return _query(_of_participant.load(request))


def of_organisation(request: Request) -> TimelineOf:
    return _query(_of_organisation.load(request))


def _query(data: Mapping[str, Any]) -> TimelineOf:
    match data["after"]:
        case None:
            return TimelineOf(data["id"], data["limit"])
        case [str(at), int(kind), str(cohort_id)]:
            return TimelineOf(data["id"], data["limit"], (at, kind, cohort_id))
    raise Malformed(detail="not a position of this list")


def position_of(line: Line) -> tuple[str, int, str]:
    """The place of a line among others, the earliest first."""
    return clock.to_wire(line.first_at), line.order, line.cohort_id


def timeline_page(
    lines: Sequence[Line],
    cohorts: Mapping[str, Cohort],
    people: Mapping[str, Participant],
    limit: int,
) -> dict[str, Any]:
    def name(participant_id: str) -> str | None:
        found = people.get(participant_id)
        return None if found is None else found.name or None

    def wire(line: Line) -> dict[str, Any]:
        return {
            "kind": line.kind.value,
            "cohort_id": line.cohort_id,
            "title": dict(cohorts[line.cohort_id].title),
            "first_at": instant(line.first_at),
            "last_at": instant(line.last_at),
            "times": line.times,
            "people": [{"id": each, "name": name(each)} for each in line.people],
        }

    return page_to_wire(lines, limit, wire, lambda line: list(position_of(line)))
