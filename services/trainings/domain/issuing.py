"""Issuing a certificate: what is copied into it, and until when it counts."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from services.trainings.domain.application_states import ApplicationAction
from services.trainings.domain.attendance import Attendance
from services.trainings.domain.centres import Centre
from services.trainings.domain.certificates import Certificate, Kind
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.earning import Earning, EarningRule, Lack, Shortfall, apply_rule
from services.trainings.domain.participants import Participant
from services.trainings.domain.roster import Role, Standing

OVER = frozenset({CohortStatus.COMPLETED, CohortStatus.CLOSED})
"""In these states the last session has ended, so certificates can be issued."""

ISSUED_AFTER = timedelta(hours=24)
"""How long after the end of a cohort its certificates are issued without being asked for: phones
have sent their marks by then, and staff have settled contradictions."""

ISSUED_UNTIL = timedelta(days=15)
"""How long after the end of a cohort they are issued so, each day; the post-test is over then."""


def issue_certificate(
    cohort: Cohort,
    participant: Participant,
    centre: Centre,
    *,
    id: str,
    code: str,
    kind: Kind,
    valid_months: int | None,
    now: datetime,
) -> Certificate:
    """The certificate of one person, with all that it says copied into it.

    Args:
        cohort: one whose last session has ended.
        valid_months: after which it expires; ``None``: never.
    """
    starts_at, ends_at = cohort.starts_at, cohort.ends_at
    assert starts_at is not None
    assert ends_at is not None
    zone = ZoneInfo(centre.time_zone)
    return Certificate(
        id=id,
        code=code,
        person_id=participant.id,
        name=participant.name,
        cohort_id=cohort.id,
        kind=kind,
        title=dict(cohort.title),
        minutes=cohort.hours * 60,
        first_day=starts_at.astimezone(zone).date(),
        last_day=ends_at.astimezone(zone).date(),
        centre_id=centre.id,
        centre=dict(centre.name),
        language=participant.language,
        issued_at=now,
        expires_at=None if valid_months is None else expiry_of(now, valid_months, zone),
    )


def expiry_of(issued_at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The instant from which a certificate counts no more: so many months after the day of its
    issue, as the day begins in the zone. A month without that day ends earlier: the last day
    counts.
    """
    local = issued_at.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    day = min(local.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day, tzinfo=zone).astimezone(issued_at.tzinfo)


def enrolled_people(cohort: Cohort) -> dict[str, str]:
    """The participants who have a seat: id of the person → id of the application."""
    if cohort.roster is None:
        return {}
    return {
        entry.person_id: entry.id
        for entry in cohort.roster.entries
        if entry.role is Role.PARTICIPANT and entry.standing is Standing.ENROLLED
    }


class IssueOutcome(StrEnum):
    """What became of one participant."""

    ISSUED = "issued"
    ALREADY_ISSUED = "already_issued"
    WITHDRAWN = "withdrawn"
    NOT_EARNED = "not_earned"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class IssueResult:
    """What became of one participant, and why.

    Attributes:
        certificate_id: of the one that the participant has; ``None`` for none.
        shortfalls: every part of the rule that does not hold; empty where it holds.
    """

    participant_id: str
    outcome: IssueOutcome
    certificate_id: str | None = None
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What became of each participant, in the order of their ids.

    Attributes:
        id: of the cohort.
    """

    id: str
    results: tuple[IssueResult, ...]

    @property
    def issued(self) -> int:
        """How many certificates are new."""
        return sum(each.outcome is IssueOutcome.ISSUED for each in self.results)


def present_certificate(certificates: Iterable[Certificate]) -> Certificate | None:
    """Of one person's certificates of a cohort the one that counts, else the last that did."""
    return max(certificates, key=lambda each: (each.is_live, each.issued_at, each.id), default=None)


def earned(kind: Kind, rule: EarningRule, attendance: Attendance, post: Fraction | None) -> Earning:
    """Whether a person has earned a certificate of this kind.

    Args:
        rule: of the cohort; it decides about a completion. Attendance of a session is enough for
            the other kind.
        post: score of the post-test in percent; ``None`` if it was not taken.
    """
    if kind is Kind.COMPLETION:
        return apply_rule(rule, attendance, post)
    if attendance.attended:
        return Earning()
    return Earning((Shortfall(Lack.NO_SESSION_COUNTS, None, None),))


def judge(
    participant_id: str,
    earning: Earning,
    present: Certificate | None,
    *,
    named: bool,
    erased: bool = False,
) -> IssueResult:
    """What is to become of one participant.

    Args:
        present: the certificate of the kind that the participant has, or had last.
        named: whether a person has named the participant: only then is one that was revoked
            replaced.
        erased: whether the record of the participant was erased: no name is left to certify.
    """
    if present is not None and present.is_live:
        return IssueResult(participant_id, IssueOutcome.ALREADY_ISSUED, present.id)
    if erased:
        return IssueResult(participant_id, IssueOutcome.ERASED)
    if present is not None and not named:
        return IssueResult(participant_id, IssueOutcome.WITHDRAWN, present.id)
    if not earning.is_earned:
        return IssueResult(participant_id, IssueOutcome.NOT_EARNED, shortfalls=earning.shortfalls)
    return IssueResult(participant_id, IssueOutcome.ISSUED)


def outcome_of(earning: Earning, *, test_open: bool) -> ApplicationAction | None:
    """How the enrolment of a person ends by it; ``None`` while marks or a test may change that.

    Args:
        test_open: whether the post-test can still be taken.
    """
    if earning.is_earned:
        return ApplicationAction.COMPLETE
    may_change = {Lack.ATTENDANCE_OPEN, *([Lack.TEST_MISSING] if test_open else [])}
    if all(each.lack in may_change for each in earning.shortfalls):
        return None
    return ApplicationAction.FAIL
