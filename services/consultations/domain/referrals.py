"""Referrals: another adviser or an outside body takes part in a case, with recorded consent.

Nothing of a case goes to anybody before the organisation's side has consented, and a referral ends
when that consent is taken back. What came of it returns to the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.consultations.referral_errors import (
    CONSENT_MISSING,
    CONSENT_NOT_THEIRS,
    CONSENT_WITHDRAWN,
    REFERRAL_NOT_ALLOWED_NOW,
    REFERRED_NOWHERE,
)
from services.common.errors import FieldError
from services.common.transitions import Transitions

MOST_OF_A_CASE = 20


class ReferralStatus(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RETURNED = "returned"
    """What came of it is recorded."""
    WITHDRAWN = "withdrawn"


class ReferralAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    RETURN = "return"
    WITHDRAW = "withdraw"


TRANSITIONS = Transitions(
    {
        (ReferralStatus.MADE, ReferralAction.ACCEPT): ReferralStatus.ACCEPTED,
        (ReferralStatus.MADE, ReferralAction.DECLINE): ReferralStatus.DECLINED,
        (ReferralStatus.MADE, ReferralAction.WITHDRAW): ReferralStatus.WITHDRAWN,
        (ReferralStatus.ACCEPTED, ReferralAction.RETURN): ReferralStatus.RETURNED,
        (ReferralStatus.ACCEPTED, ReferralAction.WITHDRAW): ReferralStatus.WITHDRAWN,
    },
    refusal=REFERRAL_NOT_ALLOWED_NOW,
    first=ReferralStatus.MADE,
)


class ConsentMeans(StrEnum):
    """How consent was given."""

    WRITTEN = "written"
    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    BY_MESSAGE = "by_message"


@dataclass(frozen=True, slots=True)
class Consent:
    """That the organisation's side agrees to a referral.

    Attributes:
        given_by: the person on the case; ``None`` for a signed paper of a person without an
            account.
        given_at: when; who makes the referral records it.
    """

    means: ConsentMeans
    given_at: datetime
    given_by: str | None = None


class Result(StrEnum):
    """What came of a referral."""

    HELPED = "helped"
    HELPED_PARTLY = "helped_partly"
    NOT_HELPED = "not_helped"


@dataclass(frozen=True, slots=True)
class Referral:
    """A case as it is given to another adviser or an outside body.

    Attributes:
        adviser_id: of the centres' own adviser; ``None`` where it goes to an outside body.
        body: what the outside body is called, and how it is reached.
        reason: why, for whom it goes to.
        result, outcome: what came of it, in a word and in a text.
        consent_withdrawn: whether it ended because the organisation's side took its consent back.
    """

    kind: ClassVar[str] = "referral"

    id: str
    case_id: str
    adviser_id: str | None
    body: str | None
    reason: str
    consent: Consent
    made_by: str
    made_at: datetime
    status: ReferralStatus = ReferralStatus.MADE
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: Result | None = None
    outcome: str | None = None
    consent_withdrawn: bool = False
    version: int = 1

    @property
    def waits(self) -> bool:
        """Whether it is not answered yet: its adviser, who is not on the case, knows of it."""
        return self.status is ReferralStatus.MADE

    def after(self, action: ReferralAction, now: datetime, **changes: Any) -> Referral:
        """The referral after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.referral_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        if action in (ReferralAction.ACCEPT, ReferralAction.DECLINE):
            changes["answered_at"] = now
        if status in TRANSITIONS.ends:
            changes["ended_at"] = now
        return replace(self, status=status, version=self.version + 1, **changes)


def check_target(adviser_id: str | None, body: str | None, on_case: Collection[str]) -> None:
    """Whether a referral goes to one adviser or body that is not on the case already.

    Args:
        on_case: ids of the people on the case.

    Raises:
        errors.Invalid: ``consultations.referred_nowhere``.
    """
    if (adviser_id is None) == (body is None) or adviser_id in on_case:
        raise REFERRED_NOWHERE(errors=[FieldError("/adviser_id", REFERRED_NOWHERE.code)])


def check_consent(
    consent: Consent | None, on_their_side: Collection[str], now: datetime
) -> Consent:
    """The consent, if it is one.

    Args:
        on_their_side: ids of the people of the organisation who are on the case.

    Raises:
        errors.Invalid: ``consultations.consent_missing`` where there is none or it lies ahead,
            ``consultations.consent_not_theirs`` where another person has given it.
    """
    if consent is None:
        raise CONSENT_MISSING(errors=[FieldError("/consent", CONSENT_MISSING.code)])
    if consent.given_at > now:
        raise CONSENT_MISSING(errors=[FieldError("/consent/given_at", CONSENT_MISSING.code)])
    if consent.given_by is None and consent.means is ConsentMeans.WRITTEN:
        return consent
    if consent.given_by not in on_their_side:
        raise CONSENT_NOT_THEIRS(errors=[FieldError("/consent/given_by", CONSENT_NOT_THEIRS.code)])
    return consent


def check_consent_stands(consent: Consent, earlier: Iterable[Referral]) -> None:
    """Whether a consent was given after the last one that was taken back: nobody goes on with what
    the organisation's side has ended.

    Args:
        earlier: the referrals of the case.

    Raises:
        errors.Conflict: ``consultations.consent_withdrawn``.
    """
    for each in earlier:
        ended_at = each.ended_at
        if each.consent_withdrawn and ended_at is not None and consent.given_at <= ended_at:
            fault = FieldError("/consent/given_at", CONSENT_WITHDRAWN.code)
            raise CONSENT_WITHDRAWN(errors=[fault])
