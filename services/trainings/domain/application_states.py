"""The states of an application: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
A person has one application for a cohort: one who left and applies again continues the same, so
that no person can stand twice in a cohort.

Four states come on top of those of the way to a seat:

- ``completed`` and ``not_completed``: what an enrolment came to. The rule for a certificate asks
  for it, and statistics count it. Attendance that was recorded offline may arrive later and alter
  it, in both directions.
- ``cancelled``: the cohort does not take place. It is no act of the person (``withdrawn``), and no
  judgement on the person (``declined``).
- ``erased``: the person's data are gone; the application remains as a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from services.common.contracts.trainings.roster_errors import APPLICATION_NOT_ALLOWED_NOW
from services.common.transitions import Transitions
from services.trainings.domain.roster import Outcome


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    SHORTLISTED = "shortlisted"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    OFFERED = "offered"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    OFFER_EXPIRED = "offer_expired"
    OFFER_DECLINED = "offer_declined"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    CANCELLED = "cancelled"
    ERASED = "erased"


class ApplicationAction(StrEnum):
    CHANGE = "change"
    SHORTLIST = "shortlist"
    WAITLIST = "waitlist"
    DECLINE = "decline"
    RECONSIDER = "reconsider"
    OFFER = "offer"
    ENROL = "enrol"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    EXPIRE_OFFER = "expire_offer"
    ADMIT_BY_HAND = "admit_by_hand"
    WITHDRAW = "withdraw"
    REAPPLY = "reapply"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    ERASE = "erase"


_STATUS, _ACTION = ApplicationStatus, ApplicationAction

DECIDABLE = frozenset({_STATUS.SUBMITTED, _STATUS.SHORTLISTED, _STATUS.WAITLISTED})
"""No seat yet, and none refused: what reviewers and the queue decide about."""

LEFT = frozenset({_STATUS.WITHDRAWN, _STATUS.OFFER_EXPIRED, _STATUS.OFFER_DECLINED})
"""The person did not want the seat, or did not answer. The person may apply again."""

BEGINS_ANEW = frozenset({_ACTION.REAPPLY, _ACTION.ADMIT_BY_HAND})
"""What an application goes on with whose person had left: a new attempt at a seat."""

HOLDS_A_SEAT = frozenset({_STATUS.OFFERED, _STATUS.ENROLLED})
"""An offer occupies a seat, as an enrolment does."""

FINISHED = frozenset({_STATUS.COMPLETED, _STATUS.NOT_COMPLETED})


def _all(
    states: Iterable[ApplicationStatus], action: ApplicationAction, to: ApplicationStatus
) -> dict[tuple[ApplicationStatus, ApplicationAction], ApplicationStatus]:
    """One row for each state, in the order of the enum so that the diagram stays the same."""
    return {(state, action): to for state in _STATUS if state in set(states)}


TRANSITIONS = Transitions(
    {
        (_STATUS.SUBMITTED, _ACTION.CHANGE): _STATUS.SUBMITTED,
        (_STATUS.SUBMITTED, _ACTION.SHORTLIST): _STATUS.SHORTLISTED,
        (_STATUS.SUBMITTED, _ACTION.WAITLIST): _STATUS.WAITLISTED,
        (_STATUS.SHORTLISTED, _ACTION.WAITLIST): _STATUS.WAITLISTED,
        **_all(DECIDABLE, _ACTION.DECLINE, _STATUS.DECLINED),
        # A decision can be wrong, and is open to an objection.
        (_STATUS.DECLINED, _ACTION.RECONSIDER): _STATUS.SUBMITTED,
        **_all(DECIDABLE, _ACTION.OFFER, _STATUS.OFFERED),
        (_STATUS.SUBMITTED, _ACTION.ENROL): _STATUS.ENROLLED,
        (_STATUS.OFFERED, _ACTION.ACCEPT_OFFER): _STATUS.ENROLLED,
        (_STATUS.OFFERED, _ACTION.DECLINE_OFFER): _STATUS.OFFER_DECLINED,
        (_STATUS.OFFERED, _ACTION.EXPIRE_OFFER): _STATUS.OFFER_EXPIRED,
        **_all(
            DECIDABLE | LEFT | {_STATUS.OFFERED, _STATUS.DECLINED},
            _ACTION.ADMIT_BY_HAND,
            _STATUS.ENROLLED,
        ),
        **_all(DECIDABLE | HOLDS_A_SEAT, _ACTION.WITHDRAW, _STATUS.WITHDRAWN),
        **_all(LEFT, _ACTION.REAPPLY, _STATUS.SUBMITTED),
        **_all({_STATUS.ENROLLED, _STATUS.NOT_COMPLETED}, _ACTION.COMPLETE, _STATUS.COMPLETED),
        **_all({_STATUS.ENROLLED, _STATUS.COMPLETED}, _ACTION.FAIL, _STATUS.NOT_COMPLETED),
        **_all(DECIDABLE | HOLDS_A_SEAT, _ACTION.CANCEL, _STATUS.CANCELLED),
        **_all(frozenset(_STATUS) - {_STATUS.ERASED}, _ACTION.ERASE, _STATUS.ERASED),
    },
    refusal=APPLICATION_NOT_ALLOWED_NOW,
    first=_STATUS.SUBMITTED,
)

OF_OUTCOME: Mapping[Outcome, ApplicationAction] = {
    Outcome.ENROLLED: _ACTION.ENROL,
    Outcome.WAITLISTED: _ACTION.WAITLIST,
    Outcome.OFFERED: _ACTION.OFFER,
    Outcome.OFFER_ACCEPTED: _ACTION.ACCEPT_OFFER,
    Outcome.OFFER_DECLINED: _ACTION.DECLINE_OFFER,
    Outcome.OFFER_EXPIRED: _ACTION.EXPIRE_OFFER,
    Outcome.ADMITTED: _ACTION.ADMIT_BY_HAND,
    Outcome.WITHDRAWN: _ACTION.WITHDRAW,
    Outcome.QUEUE_CLOSED: _ACTION.DECLINE,
    Outcome.CANCELLED: _ACTION.CANCEL,
    Outcome.MERGED: _ACTION.WITHDRAW,
    Outcome.ERASED: _ACTION.ERASE,
}
"""What a decision of the roster does to the application that it names. Decisions with another
outcome leave the application as it is."""
