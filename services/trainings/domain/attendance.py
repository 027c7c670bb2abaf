"""Attendance: marks that phones make offline and send later, and what they add up to.

A mark is never changed. What counts for one person and one session follows from all marks for them,
so the order in which phones send does not matter:

- the same id with the same content is one mark; with other content it is refused, and the stored
  mark stands;
- marks that disagree are a contradiction, which counts as no mark until a person settles it;
- a settlement wins over every mark, later ones too;
- the clock of a phone is not believed, ours is: a mark that arrives before its session begins is
  refused, and one whose phone was wrong is stored and flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from services.common.contracts.trainings.attendance_errors import SESSION_NOT_BEGUN


class Status(StrEnum):
    """What a mark says of a person in a session."""

    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    ABSENT = "absent"


ATTENDED = frozenset({Status.PRESENT, Status.LATE})

#: A phone's clock may be ahead of ours by this.
CLOCK_TOLERANCE = timedelta(minutes=15)
#: People sign in this long before their session begins, so a list may be marked from then on.
MARKED_BEFORE = timedelta(hours=1)
#: An excuse may come this long before its session.
EXCUSED_BEFORE = timedelta(days=180)


class Refusal(StrEnum):
    """Why a mark is not saved; the other marks of its batch are."""

    CONFLICT = "mark_conflict"
    NOT_ENROLLED = "not_enrolled"
    NO_SUCH_SESSION = "session_unknown"
    NOT_BEGUN = "session_not_begun"


class Outcome(StrEnum):
    """What became of a mark."""

    SAVED = "saved"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that takes place; a cancelled one is left out by the caller."""

    id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """When a person has had a seat in the cohort.

    Attributes:
        periods: beginning and end of each seat; the end is ``None`` while the person has it.
    """

    person_id: str
    periods: tuple[tuple[datetime, datetime | None], ...]

    def is_at(self, instant: datetime) -> bool:
        """Whether the person has a seat at this instant."""
        return any(
            begins <= instant and (ends is None or instant < ends) for begins, ends in self.periods
        )

    def touches(self, session: Session) -> bool:
        """Whether the person has a seat at some time of the session."""
        return any(
            begins < session.ends_at and (ends is None or session.starts_at < ends)
            for begins, ends in self.periods
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of an attendance list, as a device made it.

    Attributes:
        id: made by the device.
        marked_at: by the clock of the device.
        marked_by: id of the person who first sent it. Not part of its content: on a phone that
            several people use, one may send what another has marked.
        received_at: when the mark first arrived, by our clock. Not part of its content.
    """

    id: str
    session_id: str
    person_id: str
    status: Status
    marked_at: datetime
    device_id: str
    marked_by: str
    received_at: datetime

    @property
    def content(self) -> tuple[object, ...]:
        """What must be the same for the same id."""
        return (self.session_id, self.person_id, self.status, self.marked_at, self.device_id)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one mark of a batch.

    Attributes:
        mark: the mark that is stored under this id, or the sent one where none is.
        refusal: set if, and only if, the outcome is ``refused``.
        clock_suspect: whether the device's clock cannot have been right.
    """

    mark: Mark
    outcome: Outcome
    refusal: Refusal | None = None
    clock_suspect: bool = False


def opening_of(session: Session, status: Status) -> datetime:
    """From when on such a mark can be true: nobody was in a session, or missed it, before people
    sign in; an excuse may come long before."""
    before = EXCUSED_BEFORE if status is Status.EXCUSED else MARKED_BEFORE
    return session.starts_at - before


def check_begun(session: Session, status: Status, now: datetime) -> None:
    """Raises:
    errors.Conflict: ``trainings.session_not_begun``, if nothing such can be true by now.
    """
    opens_at = opening_of(session, status)
    if now < opens_at:
        raise SESSION_NOT_BEGUN(extra={"opens_at": opens_at})


def is_clock_suspect(mark: Mark, session: Session) -> bool:
    """Whether the mark's time cannot be right: before there was anything to mark, or after it
    arrived."""
    return not (
        opening_of(session, mark.status) <= mark.marked_at <= mark.received_at + CLOCK_TOLERANCE
    )


def lateness(mark: Mark, session: Session) -> timedelta | None:
    """How long after the beginning a late person came; ``None`` where the mark does not say it:
    another status, a suspect clock, or a mark from outside the session's time."""
    if mark.status is not Status.LATE or is_clock_suspect(mark, session):
        return None
    if not session.starts_at <= mark.marked_at <= session.ends_at:
        return None
    return mark.marked_at - session.starts_at


def receive_marks(
    batch: Sequence[Mark],
    known: Mapping[str, Mark],
    sessions: Mapping[str, Session],
    enrolments: Mapping[str, Enrolment],
) -> tuple[Received, ...]:
    """What becomes of each mark of a batch, in its order; those that are saved are to be stored.

    Args:
        known: the stored marks that have ids of the batch, by id.
        sessions: of the cohort, by id.
        enrolments: in the cohort, by the person's id.
    """
    stored = dict(known)
    found: list[Received] = []
    for mark in batch:
        received = _receive(mark, stored.get(mark.id), sessions, enrolments)
        if received.outcome is Outcome.SAVED:
            stored[mark.id] = mark
        found.append(received)
    return tuple(found)


def _receive(
    mark: Mark,
    before: Mark | None,
    sessions: Mapping[str, Session],
    enrolments: Mapping[str, Enrolment],
) -> Received:
    session = sessions.get(mark.session_id)
    if before is not None:
        of_before = sessions.get(before.session_id)
        suspect = of_before is not None and is_clock_suspect(before, of_before)
        if before.content == mark.content:
            return Received(before, Outcome.REPEATED, clock_suspect=suspect)
        return Received(before, Outcome.REFUSED, Refusal.CONFLICT, suspect)
    if session is None:
        return Received(mark, Outcome.REFUSED, Refusal.NO_SUCH_SESSION)
    suspect = is_clock_suspect(mark, session)
    enrolment = enrolments.get(mark.person_id)
    if enrolment is None or not enrolment.touches(session):
        return Received(mark, Outcome.REFUSED, Refusal.NOT_ENROLLED, suspect)
    if mark.received_at < opening_of(session, mark.status):
        return Received(mark, Outcome.REFUSED, Refusal.NOT_BEGUN, suspect)
    return Received(mark, Outcome.SAVED, clock_suspect=suspect)


# -- what the marks say together ------------------------------------------------------------------

#: Ids of a session and of a person.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """A person's decision on a contradiction, or a correction of what the marks say.

    Attributes:
        seen: ids of the marks that the person was shown.
    """

    session_id: str
    person_id: str
    status: Status
    decided_by: str
    reason: str
    decided_at: datetime
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one person in one session.

    Attributes:
        marks: in the order of their ids.
        unseen: ids of marks that disagree with the settlement and that it did not know.
    """

    session_id: str
    person_id: str
    marks: tuple[Mark, ...]
    settlement: Settlement | None = None

    @property
    def status(self) -> Status | None:
        """What counts; ``None`` while the marks contradict each other."""
        if self.settlement is not None:
            return self.settlement.status
        said = {mark.status for mark in self.marks}
        return said.pop() if len(said) == 1 else None

    @property
    def is_contradiction(self) -> bool:
        """Whether a person has to settle it."""
        return self.status is None

    @property
    def unseen(self) -> tuple[str, ...]:
        """Ids of marks that disagree with the settlement and that it did not know."""
        if self.settlement is None:
            return ()
        return tuple(
            mark.id
            for mark in self.marks
            if mark.status is not self.settlement.status and mark.id not in self.settlement.seen
        )


def entries_of(marks: Iterable[Mark], settlements: Iterable[Settlement] = ()) -> dict[Place, Entry]:
    """What is known of each person in each session, for marks in any order.

    Args:
        settlements: of two for one person and session, the one decided later wins.
    """
    by_place: dict[Place, dict[str, Mark]] = defaultdict(dict)
    for mark in marks:
        by_place[mark.session_id, mark.person_id][mark.id] = mark
    decided: dict[Place, Settlement] = {}
    for each in sorted(settlements, key=lambda one: one.decided_at):
        decided[each.session_id, each.person_id] = each
    return {
        place: Entry(
            *place,
            marks=tuple(mark for _, mark in sorted(by_place.get(place, {}).items())),
            settlement=decided.get(place),
        )
        for place in sorted(by_place.keys() | decided.keys())
    }


def contradictions_of(entries: Mapping[Place, Entry]) -> list[Entry]:
    """What a person has to settle, by session and person."""
    return [entry for _, entry in sorted(entries.items()) if entry.is_contradiction]


# -- what it adds up to ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attendance:
    """A person's sessions in one cohort, each in one of the groups, in the order of their times.

    Attributes:
        attended: present or late.
        missed: absent.
        excused: outside the denominator.
        not_enrolled: before or after the person's seat; outside the denominator.
        open: neither marked nor settled, or contradictory.
    """

    attended: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    not_enrolled: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def counted(self) -> int:
        """The denominator: sessions that were attended or missed."""
        return len(self.attended) + len(self.missed)

    @property
    def share(self) -> Fraction | None:
        """Of the counted sessions, the attended ones; ``None`` where none counts."""
        return Fraction(len(self.attended), self.counted) if self.counted else None

    @property
    def least(self) -> Fraction | None:
        """The share if every open session turns out to be missed."""
        of = self.counted + len(self.open)
        return Fraction(len(self.attended), of) if of else None

    @property
    def most(self) -> Fraction | None:
        """The share if every open session turns out to be attended."""
        of = self.counted + len(self.open)
        return Fraction(len(self.attended) + len(self.open), of) if of else None


def attendance_of(
    enrolment: Enrolment, sessions: Iterable[Session], entries: Mapping[Place, Entry]
) -> Attendance:
    """What one person's marks add up to.

    A session in which the person got or lost the seat counts if it was attended, and is
    ``not_enrolled`` otherwise: nobody misses what was not theirs from the beginning.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for session in sorted(sessions, key=lambda one: (one.starts_at, one.id)):
        entry = entries.get((session.id, enrolment.person_id))
        groups[_group_of(enrolment, session, entry)].append(session.id)
    return Attendance(**{name: tuple(ids) for name, ids in groups.items()})


def _group_of(enrolment: Enrolment, session: Session, entry: Entry | None) -> str:
    status = entry.status if entry is not None else None
    if not enrolment.touches(session):
        return "not_enrolled"
    if status in ATTENDED:
        return "attended"
    if not enrolment.is_at(session.starts_at):
        return "not_enrolled"
    if status is None:
        return "open"
    return "excused" if status is Status.EXCUSED else "missed"
