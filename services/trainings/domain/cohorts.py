"""Cohorts: one scheduled delivery of a course, with its sessions and its roster.

The rules about seats belong to the cohort from its first draft. The roster, which decides by them,
begins with the announcement: before that there is no first session, and nobody is on it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.common import clock
from services.common.contracts.trainings.errors import SESSIONS_OVERLAP, TOO_MANY_SESSIONS
from services.common.contracts.trainings.limits import MOST_SESSIONS
from services.common.time.period import Period
from services.trainings.domain.catalogue import Name
from services.trainings.domain.cohort_states import TRANSITIONS, CohortAction, CohortStatus
from services.trainings.domain.earning import EarningRule
from services.trainings.domain.eligibility import Rule
from services.trainings.domain.roster import Floor, Roster
from services.trainings.domain.roster_limits import new_roster
from services.trainings.domain.selection import Selection, selection_to_wire


class Mode(StrEnum):
    """How people get a seat."""

    FIRST_COME = "first_come"
    SELECTION = "selection"


@dataclass(frozen=True, slots=True)
class Move:
    """A time and a room that a session is to have and has not: bookings decides.

    Attributes:
        space_id, features: as of the session.
        since: when it was requested.
        refused: whether bookings has refused it; the session stays where it is.
        code, alternatives: why, and what could be had instead.
    """

    starts_at: datetime
    ends_at: datetime
    space_id: str | None
    features: tuple[str, ...]
    since: datetime
    refused: bool = False
    code: str | None = None
    alternatives: tuple[Mapping[str, Any], ...] = ()

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class CohortSession:
    """One meeting of a cohort.

    Attributes:
        starts_at, ends_at: the time in force.
        elsewhere: where it is, by language, if not in a room of the centre.
        space_id: the room that is wanted; ``None``: any that fits.
        features: what the room must have.
        move: what awaits its room, or was refused; ``None`` for nothing.
        room_asked_at: when a room was requested for it first.
    """

    id: str
    starts_at: datetime
    ends_at: datetime
    title: Name | None = None
    elsewhere: Name | None = None
    space_id: str | None = None
    features: tuple[str, ...] = ()
    move: Move | None = None
    room_asked_at: datetime | None = None

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    @property
    def awaits_room(self) -> bool:
        """Whether a move awaits its room."""
        return self.move is not None and not self.move.refused

    @property
    def moved(self) -> CohortSession:
        """The session after its move."""
        move = self.move
        assert move is not None
        return replace(
            self,
            starts_at=move.starts_at,
            ends_at=move.ends_at,
            elsewhere=None,
            space_id=move.space_id,
            features=move.features,
            move=None,
        )

    @property
    def wanted(self) -> CohortSession:
        """The session as it is to be: after the move that awaits its room."""
        return self.moved if self.awaits_room else self

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "title": None if self.title is None else dict(self.title),
            "starts_at": clock.to_wire(self.starts_at),
            "ends_at": clock.to_wire(self.ends_at),
            "elsewhere": None if self.elsewhere is None else dict(self.elsewhere),
            "space_id": self.space_id,
            "features": list(self.features),
        }

    @property
    def history_facts(self) -> dict[str, Any]:
        """The same with the move that awaits its room, or was refused."""
        move = self.move
        if move is None:
            return self.facts
        asked = {
            "starts_at": clock.to_wire(move.starts_at),
            "ends_at": clock.to_wire(move.ends_at),
            "space_id": move.space_id,
            "features": list(move.features),
            "refused": move.code if move.refused else None,
        }
        return {**self.facts, "move": asked}


@dataclass(frozen=True, slots=True)
class CentreFloor:
    """Seats that are kept for people of one centre."""

    centre_id: str
    seats: int


@dataclass(frozen=True, slots=True)
class Floors:
    """Seats that are kept for some people.

    Attributes:
        women: how many for women.
        released_at: from then on they are for all; ``None``: the first session.
    """

    women: int = 0
    centres: tuple[CentreFloor, ...] = ()
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """One scheduled delivery of a course at a centre.

    Attributes:
        hours, earning: those of the course, as they were when the cohort was announced.
        cap_per_organisation: most seats and live offers of one organisation; ``None``: no cap.
        eligibility: who may apply, beside the prerequisites of the course.
        sessions: by start.
        forms: purpose → form, of the forms that it uses.
        selection: how applications are scored; ``None``: they are not.
        reviewers: the people who score them.
        roster: ``None`` until the cohort is announced.
        roster_version: rises with every change of the roster, which is not a change of the
            cohort that people edit.
        version: rises with every change that people see of the cohort.
    """

    kind: ClassVar[str] = "cohort"

    id: str
    course_id: str
    topic_id: str
    centre_id: str
    title: Name
    hours: int
    earning: EarningRule
    mode: Mode
    language: str
    capacity: int
    created_by: str
    created_at: datetime
    cap_per_organisation: int | None = None
    floors: Floors | None = None
    eligibility: tuple[Rule, ...] = ()
    offer_hours: int = 48
    sessions: tuple[CohortSession, ...] = ()
    status: CohortStatus = CohortStatus.DRAFT
    applications_open_at: datetime | None = None
    applications_close_at: datetime | None = None
    cancellation_reason: Name | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    selection: Selection | None = None
    reviewers: tuple[str, ...] = ()
    roster: Roster | None = None
    roster_version: int = 0
    version: int = 1

    # -- reading ----------------------------------------------------------------------------

    @property
    def announced(self) -> bool:
        """Whether visitors see it: it has a roster since it was announced. A draft that is
        cancelled has none."""
        return self.roster is not None

    @property
    def starts_at(self) -> datetime | None:
        """The start of the first session."""
        return self.sessions[0].starts_at if self.sessions else None

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last session."""
        return max((each.ends_at for each in self.sessions), default=None)

    def session(self, session_id: str) -> CohortSession | None:
        """The session with this id."""
        return next((each for each in self.sessions if each.id == session_id), None)

    @property
    def due_at(self) -> datetime | None:
        """When time changes the cohort next; ``None`` if it does not any more."""
        waits_for: list[datetime | None] = []
        match self.status:
            case CohortStatus.ANNOUNCED:
                waits_for = [self.applications_open_at, self.starts_at]
            case CohortStatus.APPLICATIONS_OPEN:
                waits_for = [self.applications_close_at, self.starts_at]
            case CohortStatus.APPLICATIONS_CLOSED:
                waits_for = [self.starts_at]
            case CohortStatus.RUNNING:
                waits_for = [self.ends_at]
        if self.roster is not None:
            waits_for.append(self.roster.due_at)
        return min((each for each in waits_for if each is not None), default=None)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "title": dict(self.title),
            "mode": self.mode.value,
            "language": self.language,
            "status": self.status.value,
            "capacity": self.capacity,
            "cap_per_organisation": self.cap_per_organisation,
            "floors": floors_to_wire(self.floors),
            "eligibility": eligibility_to_wire(self.eligibility),
            "offer_hours": self.offer_hours,
            "applications_open_at": _wire(self.applications_open_at),
            "applications_close_at": _wire(self.applications_close_at),
            "sessions": {each.id: each.history_facts for each in self.sessions},
            "forms": dict(self.forms),
            "selection": selection_to_wire(self.selection),
            "reviewers": list(self.reviewers),
        }

    # -- changing ---------------------------------------------------------------------------

    def after(self, action: CohortAction, **changes: Any) -> Cohort:
        """The cohort after an action, one version further.

        Raises:
            errors.Conflict: ``trainings.cohort_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def changed(self, changes: Mapping[str, Any]) -> Cohort:
        """The cohort with these changes; the cohort itself where nothing differs.

        Raises:
            errors.Conflict: ``trainings.cohort_not_allowed_now``.
        """
        after = replace(self, **changes)
        return self if after == self else self.after(CohortAction.CHANGE, **changes)

    def with_sessions(self, sessions: Sequence[CohortSession]) -> Cohort:
        """The cohort with these sessions in place of its own, by start.

        Raises:
            errors.Conflict: ``trainings.cohort_not_allowed_now``, ``trainings.sessions_overlap``,
                ``trainings.too_many_sessions``.
        """
        ordered = tuple(sorted(sessions, key=lambda each: (each.starts_at, each.id)))
        check_sessions(ordered)
        after = self.changed({"sessions": ordered})
        check_sessions(after.wanted.sessions)
        return after

    @property
    def wanted(self) -> Cohort:
        """The cohort as it is to be, after the moves that await their rooms."""
        wanted = [each.wanted for each in self.sessions]
        ordered = tuple(sorted(wanted, key=lambda each: (each.starts_at, each.id)))
        return replace(self, sessions=ordered)

    def begin_roster(self) -> Roster:
        """The empty roster of a cohort that is announced.

        Raises:
            errors.Invalid: ``trainings.floors_too_large``.
        """
        starts_at = self.starts_at
        assert starts_at is not None, "a cohort is announced with a session"
        return new_roster(
            self.capacity,
            starts_at,
            timedelta(hours=self.offer_hours),
            cap=self.cap_per_organisation,
            floors=roster_floors(self.floors, starts_at),
        )


def check_floors(cohort: Cohort) -> None:
    """Check that a draft's floors need no more seats than it has, so that it can be announced.

    Raises:
        errors.Invalid: ``trainings.floors_too_large``.
    """
    if cohort.roster is None and cohort.sessions:
        cohort.begin_roster()


def roster_floors(floors: Floors | None, starts_at: datetime) -> tuple[Floor, ...]:
    """The floors as a roster has them; none that is released after the first session."""
    if floors is None:
        return ()
    release_at = min(floors.released_at or starts_at, starts_at)
    women = (Floor(floors.women, release_at),) if floors.women else ()
    return women + tuple(
        Floor(each.seats, release_at, centre_id=each.centre_id) for each in floors.centres
    )


def floors_to_wire(floors: Floors | None) -> dict[str, Any] | None:
    if floors is None:
        return None
    return {
        "women": floors.women,
        "centres": [{"centre_id": each.centre_id, "seats": each.seats} for each in floors.centres],
        "released_at": _wire(floors.released_at),
    }


def eligibility_to_wire(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [{"kind": each.kind.value, "values": list(each.values)} for each in rules]


def _wire(instant: datetime | None) -> str | None:
    return None if instant is None else clock.to_wire(instant)


# -- rules -----------------------------------------------------------------------------------------


def check_sessions(sessions: Sequence[CohortSession]) -> None:
    """Check the sessions of a cohort together.

    Args:
        sessions: by start.

    Raises:
        errors.Conflict: ``trainings.sessions_overlap``, ``trainings.too_many_sessions``.
    """
    if len(sessions) > MOST_SESSIONS:
        raise TOO_MANY_SESSIONS(most=MOST_SESSIONS)
    for before, after in itertools.pairwise(sessions):
        if before.period.overlaps(after.period):
            raise SESSIONS_OVERLAP()
