"""What a person, or an organisation's people, applied for, attended and earned, in one timeline.

Steps come from applications, attendance and certificates, in any order and more than once; a line
joins the steps of one kind in one cohort.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.trainings.domain.merging import current_id


class Kind(StrEnum):
    """What was done, in the order in which it is done."""

    APPLIED = "applied"
    ATTENDED = "attended"
    EARNED = "earned"


_ORDER = {kind: n for n, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one person did.

    Attributes:
        source_id: of the application, the session or the certificate.
        at: of an application when it was sent, of a session its beginning, of a certificate its
            issue.
        organisation_id: the organisation for which the person did it.
    """

    kind: Kind
    source_id: str
    cohort_id: str
    person_id: str
    at: datetime
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The steps of one kind in one cohort.

    Attributes:
        people: ids, in order.
        times: number of applications, attended sessions or certificates.
    """

    kind: Kind
    cohort_id: str
    first_at: datetime
    last_at: datetime
    people: tuple[str, ...]
    times: int

    @property
    def order(self) -> int:
        """The place of its kind among the kinds."""
        return _ORDER[self.kind]


def timeline_of_person(
    steps: Iterable[Step], person_id: str, merged_into: Mapping[str, str]
) -> list[Line]:
    """A person's lines, the earliest first, those of merged records among them."""
    wanted = current_id(person_id, merged_into)
    return _lines(
        [each for each in steps if current_id(each.person_id, merged_into) == wanted], merged_into
    )


def timeline_of_organisation(
    steps: Iterable[Step], organisation_id: str, merged_into: Mapping[str, str]
) -> list[Line]:
    """The lines of all who acted for an organisation, the earliest first."""
    return _lines([each for each in steps if each.organisation_id == organisation_id], merged_into)


def _lines(steps: Iterable[Step], merged_into: Mapping[str, str]) -> list[Line]:
    # One person in one session counts once, under whichever records and however often it is said.
    groups: dict[tuple[str, Kind], dict[tuple[str, str], datetime]] = defaultdict(dict)
    for step in steps:
        place = (current_id(step.person_id, merged_into), step.source_id)
        group = groups[step.cohort_id, step.kind]
        group[place] = min(step.at, group.get(place, step.at))
    lines = [
        Line(
            kind,
            cohort,
            min(group.values()),
            max(group.values()),
            tuple(sorted({person for person, _ in group})),
            len(group),
        )
        for (cohort, kind), group in groups.items()
    ]
    return sorted(lines, key=lambda line: (line.first_at, line.order, line.cohort_id))
