"""Applications: how a person asks for a seat in a cohort, and what was decided.

The roster of the cohort is the truth about seats. The application follows its decisions, and says
to the person what they were and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common import clock
from services.trainings.domain.application_states import (
    BEGINS_ANEW,
    FINISHED,
    LEFT,
    OF_OUTCOME,
    TRANSITIONS,
    ApplicationAction,
    ApplicationStatus,
)
from services.trainings.domain.catalogue import Name
from services.trainings.domain.roster import Decision, Entry, Outcome, Rank, Reason


class Source(StrEnum):
    """How an application came."""

    SELF = "self"
    NOMINATED = "nominated"
    IMPORTED = "imported"
    STAFF = "staff"


class DeclineReason(StrEnum):
    """Why staff decline an application. The texts for people have these codes as their keys."""

    NOT_ELIGIBLE = "not_eligible"
    LOWER_RANK = "lower_rank"
    INCOMPLETE = "incomplete"
    OTHER = "other"


#: What the rules of a roster decide by themselves. A person may have caused the change.
_BY_RULE = frozenset(
    {
        Reason.NEXT_BY_RANK,
        Reason.FULL,
        Reason.ORGANISATION_CAP,
        Reason.RESERVED_SEATS,
        Reason.GROUP_DOES_NOT_FIT,
        Reason.NO_ANSWER,
        Reason.START_MOVED,
        Reason.COHORT_STARTED,
    }
)


@dataclass(frozen=True, slots=True)
class Application:
    """One person's way to a seat in one cohort.

    Attributes:
        participant_id: the person, as :class:`services.trainings.domain.participants.Participant`.
        organisation_id: the one that the person comes for; ``None`` for none.
        cohort_centre_id: of the cohort, whose staff decide.
        centre_id: of the applicant, which a floor may count.
        woman: whether the floor for women counts the person.
        nominated_by: the account that has nominated the person.
        score: of the selection, 0 to 100.
        gap: of the last assessment of the organisation, 0 to 1, as it was known at the ranking.
        group_id: applications with the same one are offered seats together or not at all.
        reason: the code of the last decision: of :class:`Reason` or :class:`DeclineReason`.
        note: what a person has said about the decision, by language.
        decided_at: when it was decided.
        offer_expires_at: until when the offer can be accepted; there if it is ``OFFERED``.
        attempt: 1, and one more each time that the person comes back after leaving. A link belongs
            to the attempt in which it was made.
        submission_id: the answers of the applicant to the form of the cohort.
        merged_into: the application of the same person for this cohort that counts in its place.
    """

    kind: ClassVar[str] = "application"

    id: str
    cohort_id: str
    cohort_centre_id: str
    participant_id: str
    applied_at: datetime
    source: Source
    organisation_id: str | None = None
    centre_id: str | None = None
    woman: bool = False
    nominated_by: str | None = None
    status: ApplicationStatus = ApplicationStatus.SUBMITTED
    score: float | None = None
    gap: float | None = None
    group_id: str | None = None
    reason: str | None = None
    note: Name | None = None
    decided_at: datetime | None = None
    offer_expires_at: datetime | None = None
    submission_id: str | None = None
    attempt: int = 1
    merged_into: str | None = None
    version: int = 1

    # -- reading ----------------------------------------------------------------------------

    @property
    def rank(self) -> Rank:
        """Its place in the queue; how often the person has left is the roster's to add."""
        return Rank(self.applied_at, self.score, self.gap)

    @property
    def entry(self) -> Entry:
        """What comes onto the roster for it."""
        return Entry(
            id=self.id,
            person_id=self.participant_id,
            rank=self.rank,
            organisation_id=self.organisation_id,
            woman=self.woman,
            centre_id=self.centre_id,
            group_id=self.group_id,
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "status": self.status.value,
            "source": self.source.value,
            "organisation_id": self.organisation_id,
            "centre_id": self.centre_id,
            "score": self.score,
            "gap": self.gap,
            "group_id": self.group_id,
            "reason": self.reason,
            "offer_expires_at": _wire(self.offer_expires_at),
        }

    # -- changing ---------------------------------------------------------------------------

    def after(self, action: ApplicationAction, at: datetime, **changes: Any) -> Application:
        """The application after an action, one version further.

        Args:
            changes: further fields; what is said about the decision is empty where it is not named.

        Raises:
            errors.Conflict: ``trainings.application_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        decided: Mapping[str, Any] = {
            "reason": None,
            "note": None,
            "offer_expires_at": None,
            "decided_at": at,
        }
        comes_back = self.status in LEFT and action in BEGINS_ANEW
        return replace(
            self,
            status=status,
            attempt=self.attempt + comes_back,
            version=self.version + 1,
            **{**decided, **changes},
        )

    def without_details(self) -> Application:
        """The application as a number: nothing in it describes the person, and the version stays,
        since nothing was decided."""
        return replace(
            self,
            note=None,
            organisation_id=None,
            nominated_by=None,
            group_id=None,
            submission_id=None,
            score=None,
            gap=None,
        )

    def with_gap(self, gap: float | None) -> Application:
        """The same version of the application, as it stands by what is known of its
        organisation."""
        return self if gap == self.gap else replace(self, gap=gap)

    def changed(self, **changes: Any) -> Application:
        """The application with these changes, one version further; the application itself where
        nothing differs."""
        after = replace(self, **changes)
        return self if after == self else replace(after, version=self.version + 1)

    def decided(self, decision: Decision) -> Application:
        """The application after a decision of the roster; the application itself where that says
        nothing new about it.

        Raises:
            errors.Conflict: ``trainings.application_not_allowed_now``.
        """
        action = OF_OUTCOME.get(decision.outcome)
        if decision.outcome is Outcome.MERGED and self.status in FINISHED:
            # What the enrolment came to stays; the seat is given back all the same.
            return self
        if action is not None:
            return self.after(
                action,
                decision.at,
                reason=decision.reason.value,
                offer_expires_at=decision.expires_at,
            )
        match decision.outcome:
            case Outcome.OFFER_SHORTENED:
                return self.changed(offer_expires_at=decision.expires_at)
            case Outcome.SKIPPED:
                return self.changed(reason=decision.reason.value)
        return self


def is_by_rule(decision: Decision) -> bool:
    """Whether the rules have decided it, and not the person who caused the change."""
    return decision.reason in _BY_RULE


def _wire(instant: datetime | None) -> str | None:
    return None if instant is None else clock.to_wire(instant)
