"""What the trajectory of an organisation is made of: facts from the events of all branches.

==================== ==========================================================================
fact                 from
==================== ==========================================================================
an assessment        ``consultations.assessment.agreed``, ``verified``, ``withdrawn``
a training completed ``trainings.application.completed``, taken back by ``not_completed``
milestones reached   of the plan of a case: ``consultations.milestone.reached``, taken back by
                     ``reopened``, ``dropped``; and by ``consultations.case.gone`` while it is
                     sealed
a joint meeting held ``bookings.booking.counted`` and ``bookings.invitation.*``: people were
                     counted, and another organisation had accepted
==================== ==========================================================================

A fact is made from the newest version of each aggregate that reports it, so events may arrive in
any order and any number of times. Nothing else goes in, no clock and no id of ours: the same logs
give the same facts. Appointments and visits add nothing, and a case that is sealed later takes its
milestones with it, so no detail of a sealed case can be seen in a trajectory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

APPLICATION_COMPLETED = "trainings.application.completed"
BOOKING_COUNTED = "bookings.booking.counted"
INVITATION = "bookings.invitation."
MILESTONE = "consultations.milestone."
MILESTONE_REACHED = "consultations.milestone.reached"
CASE_GONE = "consultations.case.gone"

_JOINT_MEETING = "joint_meeting"
_ACCEPTED = "yes"
_COUNTS = frozenset({"agreed", "verified"})


class FactKind(StrEnum):
    ASSESSMENT = "assessment"
    TRAINING = "training"
    MILESTONE = "milestone"
    MEETING = "meeting"


_REPORTS: Mapping[str, tuple[FactKind, str | None]] = {
    APPLICATION_COMPLETED: (FactKind.TRAINING, None),
    "trainings.application.not_completed": (FactKind.TRAINING, None),
    BOOKING_COUNTED: (FactKind.MEETING, None),
    "bookings.invitation.replied": (FactKind.MEETING, "booking_id"),
    "bookings.invitation.revoked": (FactKind.MEETING, "booking_id"),
    "bookings.invitation.called_off": (FactKind.MEETING, "booking_id"),
    "consultations.assessment.agreed": (FactKind.ASSESSMENT, None),
    "consultations.assessment.verified": (FactKind.ASSESSMENT, None),
    "consultations.assessment.withdrawn": (FactKind.ASSESSMENT, None),
    MILESTONE_REACHED: (FactKind.MILESTONE, "case_id"),
    "consultations.milestone.reopened": (FactKind.MILESTONE, "case_id"),
    "consultations.milestone.dropped": (FactKind.MILESTONE, "case_id"),
    CASE_GONE: (FactKind.MILESTONE, None),
    "consultations.case.unsealed": (FactKind.MILESTONE, None),
}
"""Event → the kind of fact that it reports, and the member of its data that names the aggregate;
``None``: its subject."""
TYPES = tuple(_REPORTS)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as a log holds it, without its envelope.

    Attributes:
        version: of its aggregate.
        at: when the fact was committed.
    """

    type: str
    subject: str
    version: int
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AssessedLevel:
    """What an assessment came to.

    Attributes:
        mean: the mean of the whole in ten-thousandths, from 10,000 to 40,000.
    """

    instrument_id: str
    mean: int


@dataclass(frozen=True, slots=True)
class Invited:
    """An organisation that was asked to a meeting, by the newest version of its invitation."""

    invitation_id: str
    organisation_id: str
    accepted: bool
    version: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone of a case, by the newest version that says whether it is reached.

    Attributes:
        at: when; ``None`` while it is not.
    """

    milestone_id: str
    organisation_id: str
    at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, of one aggregate of one branch.

    Attributes:
        id: kind and id of the aggregate.
        version: of the aggregate that it was made from; 0 where only its parts are known.
        organisation_ids: those whose trajectory it belongs to; empty while it does not count.
        at: when it happened; ``None`` while that is not known.
        months: in which it counts, by UTC, ``2027-03``; of milestones one for each.
        host_id: of a meeting.
        invited: of a meeting.
        reached: of a case.
        gone: whether the case is sealed.
    """

    kind: ClassVar[str] = "trajectory_fact"

    id: str
    of: FactKind
    version: int = 0
    organisation_ids: tuple[str, ...] = ()
    at: datetime | None = None
    months: tuple[str, ...] = ()
    level: AssessedLevel | None = None
    host_id: str | None = None
    invited: tuple[Invited, ...] = ()
    reached: tuple[Reached, ...] = ()
    gone: bool = False


def key_of(event: RecordedEvent) -> tuple[FactKind, str] | None:
    """The kind and the id of the fact that an event reports; ``None`` if it reports none."""
    kind, member = _REPORTS.get(event.type, (None, None))
    if event.type == BOOKING_COUNTED and event.data["purpose"] != _JOINT_MEETING:
        return None
    if kind is None:
        return None
    return kind, f"{kind.value}/{event.subject if member is None else event.data[member]}"


def fold_event(fact: Fact, event: RecordedEvent) -> Fact:
    """The fact after one more event; the fact itself where the event says nothing newer."""
    if event.type.startswith(INVITATION):
        return _with_invitation(fact, event)
    if event.type.startswith(MILESTONE):
        return _with_milestone(fact, event)
    if event.version <= fact.version:
        return fact
    return _FOLDS[fact.of](replace(fact, version=event.version), event)


def _fold_training(fact: Fact, event: RecordedEvent) -> Fact:
    completed = event.type == APPLICATION_COMPLETED
    return _happened(fact, event.at, event.data["organisation_id"] if completed else None)


def _fold_assessment(fact: Fact, event: RecordedEvent) -> Fact:
    data = event.data
    if data["status"] not in _COUNTS:
        return replace(_happened(fact, None), level=None)
    held_at = datetime.fromisoformat(data["held_on"]).replace(tzinfo=UTC)
    level = AssessedLevel(data["instrument_id"], round(data["mean"] * 10_000))
    return replace(_happened(fact, held_at, data["organisation_id"]), level=level)


def _fold_case(fact: Fact, event: RecordedEvent) -> Fact:
    return _worked(replace(fact, gone=event.type == CASE_GONE))


def _with_milestone(fact: Fact, event: RecordedEvent) -> Fact:
    known = {each.milestone_id: each for each in fact.reached}
    before = known.get(event.subject)
    if before is not None and before.version >= event.version:
        return fact
    at = event.at if event.type == MILESTONE_REACHED else None
    organisation_id = event.data["organisation_id"]
    known[event.subject] = Reached(event.subject, organisation_id, at, event.version)
    return _worked(replace(fact, reached=tuple(known[each] for each in sorted(known))))


def _worked(fact: Fact) -> Fact:
    """The milestones of a case with those for whom they count: nobody while it is sealed."""
    reached = [each for each in fact.reached if each.at is not None and not fact.gone]
    return replace(
        fact,
        organisation_ids=tuple(sorted({each.organisation_id for each in reached})),
        months=tuple(sorted(_month_of(each.at) for each in reached if each.at is not None)),
    )


def _fold_meeting(fact: Fact, event: RecordedEvent) -> Fact:
    starts_at = datetime.fromisoformat(event.data["starts_at"])
    known = replace(fact, host_id=event.data["organisation_id"], at=starts_at)
    return _met(known)


def _with_invitation(fact: Fact, event: RecordedEvent) -> Fact:
    organisation_id = event.data["invited_organisation_id"]
    if organisation_id is None:
        return fact
    known = {each.invitation_id: each for each in fact.invited}
    before = known.get(event.subject)
    if before is not None and before.version >= event.version:
        return fact
    accepted = event.data.get("answer") == _ACCEPTED
    known[event.subject] = Invited(event.subject, organisation_id, accepted, event.version)
    return _met(replace(fact, invited=tuple(known[each] for each in sorted(known))))


def _met(fact: Fact) -> Fact:
    """The meeting with those for whom it counts: its host, and the others that had accepted."""
    others = {each.organisation_id for each in fact.invited if each.accepted} - {fact.host_id}
    if fact.host_id is None or not others:
        return replace(fact, organisation_ids=(), months=())
    return _happened(fact, fact.at, fact.host_id, *others)


def _happened(fact: Fact, at: datetime | None, *organisation_ids: str | None) -> Fact:
    """The fact with those for whom it counts; without any, it does not count."""
    counts = tuple(sorted(each for each in organisation_ids if each is not None))
    if not counts or at is None:
        return replace(fact, organisation_ids=(), at=None, months=())
    return replace(fact, organisation_ids=counts, at=at, months=(_month_of(at),))


def _month_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"


_FOLDS: Mapping[FactKind, Callable[[Fact, RecordedEvent], Fact]] = {
    FactKind.TRAINING: _fold_training,
    FactKind.ASSESSMENT: _fold_assessment,
    FactKind.MILESTONE: _fold_case,
    FactKind.MEETING: _fold_meeting,
}
