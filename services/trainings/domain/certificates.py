"""A certificate: what was issued, which never changes, and what became of it.

A course that is renamed, or a person's other name, alters nothing that was issued. A name is
corrected by a new certificate; the code of the old one then answers "superseded" and shows no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.common.transitions import Transitions


class Kind(StrEnum):
    """What a certificate certifies."""

    COMPLETION = "completion"
    ATTENDANCE = "attendance"


class Status(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Action(StrEnum):
    CORRECT = "correct"
    REVOKE = "revoke"
    EXPIRE = "expire"


class RevocationReason(StrEnum):
    """A closed set: everybody who has the code sees the reason, so nobody words it freely."""

    ISSUED_IN_ERROR = "issued_in_error"
    REQUIREMENTS_NOT_MET = "requirements_not_met"
    MISUSED = "misused"


TRANSITIONS = Transitions[Status, Action](
    {
        (Status.VALID, Action.CORRECT): Status.SUPERSEDED,
        (Status.VALID, Action.REVOKE): Status.REVOKED,
        (Status.VALID, Action.EXPIRE): Status.EXPIRED,
        (Status.EXPIRED, Action.REVOKE): Status.REVOKED,
    },
    first=Status.VALID,
)


class NotAllowedNow(ValueError):
    """The certificate's status does not allow the change.

    Attributes:
        status: its status.
    """

    def __init__(self, status: Status) -> None:
        super().__init__(f"a certificate that is {status} does not allow it")
        self.status = status


class NameErased(ValueError):
    """The person's name is erased, so there is none to correct."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a certificate counts no more.

    Attributes:
        at: when.
        by: the person who decided.
        reason: shown with the code.
        note: for staff alone.
    """

    at: datetime
    by: str
    reason: RevocationReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """That another certificate replaces one.

    Attributes:
        at: when.
        by: the person who corrected it.
        code: of the certificate that replaces it.
    """

    at: datetime
    by: str
    code: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """One person's certificate of one cohort.

    Attributes:
        code: what it is verified by (``certificate_codes.py``).
        person_id, name: as issued; both ``None`` once the person's data is erased.
        kind: what it certifies: that the course was completed, or attended.
        title: of the course as issued, ``{"ar": …, "en": …}``.
        minutes: of training, as issued.
        first_day, last_day: of the cohort, in the centre's zone.
        centre: its name as issued, ``{"ar": …, "en": …}``.
        language: in which it was asked for; the signed statement is in it.
        expires_at: from then on it is expired; ``None`` where it never is.
        revocation: ``None`` while it counts.
        replacement: by which certificate it is superseded.
        supersedes: the code of the certificate that it replaces.
    """

    id: str
    code: str
    person_id: str | None
    name: str | None
    cohort_id: str
    kind: Kind
    title: Mapping[str, str]
    minutes: int
    first_day: date
    last_day: date
    centre_id: str
    centre: Mapping[str, str]
    language: str
    issued_at: datetime
    expires_at: datetime | None = None
    revocation: Revocation | None = None
    replacement: Replacement | None = None
    supersedes: str | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if self.name is not None and not self.name.strip():
            raise ValueError("a certificate has a name")
        if self.minutes <= 0 or self.first_day > self.last_day:
            raise ValueError("a certificate is of some time")
        if self.expires_at is not None and self.expires_at <= self.issued_at:
            raise ValueError("a certificate expires after it was issued")

    @property
    def hours(self) -> int | float:
        """Hours of training, with at most two decimals; whole ones are an ``int``."""
        hours = round(self.minutes / 60, 2)
        return int(hours) if hours.is_integer() else hours

    def issued_on(self, zone: ZoneInfo) -> date:
        """The day on which it was issued, as its centre's clocks have it."""
        return self.issued_at.astimezone(zone).date()

    def valid_until(self, zone: ZoneInfo) -> date | None:
        """The last day on which it is valid; ``None`` where it never expires."""
        if self.expires_at is None:
            return None
        return (self.expires_at - timedelta(milliseconds=1)).astimezone(zone).date()

    @property
    def is_live(self) -> bool:
        """Whether it stands in the way of another one for the same person, cohort and kind: it
        counts, or only time has ended it."""
        return self.person_id is not None and self.withdrawn_at is None

    @property
    def withdrawn_at(self) -> datetime | None:
        """Since when it is on the list of certificates that count no more, if it is."""
        end = self.revocation or self.replacement
        return end.at if end else None

    def status(self, now: datetime) -> Status:
        """What it is at a moment; what a person decided goes before what time did."""
        if self.replacement is not None:
            return Status.SUPERSEDED
        if self.revocation is not None:
            return Status.REVOKED
        if self.expires_at is not None and now >= self.expires_at:
            return Status.EXPIRED
        return Status.VALID


@dataclass(frozen=True, slots=True)
class Verification:
    """What everybody who has a code may see.

    Attributes:
        name: as issued; ``None`` where it is not shown.
        name_withheld: whether the person's data is erased, so that the name is not known any more.
        title, hours, first_day, last_day, centre, kind, issued_at, expires_at: as issued, so that a
            printed page that was altered differs; ``None`` where the certificate counts no more.
        reason: why it was revoked.
    """

    code: str
    status: Status
    name: str | None = None
    name_withheld: bool = False
    kind: Kind | None = None
    title: Mapping[str, str] | None = None
    hours: int | float | None = None
    first_day: date | None = None
    last_day: date | None = None
    centre: Mapping[str, str] | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    reason: RevocationReason | None = None


def verify_certificate(certificate: Certificate, now: datetime) -> Verification:
    """What the code of a certificate answers.

    One that counts no more says only that. The code of the certificate that replaces it is not
    given: it would lead from a person's former name to the present one.
    """
    status = certificate.status(now)
    if certificate.withdrawn_at is not None:
        revocation = certificate.revocation
        return Verification(
            certificate.code, status, reason=revocation.reason if revocation else None
        )
    return Verification(
        certificate.code,
        status,
        name=certificate.name,
        name_withheld=certificate.name is None,
        kind=certificate.kind,
        title=certificate.title,
        hours=certificate.hours,
        first_day=certificate.first_day,
        last_day=certificate.last_day,
        centre=certificate.centre,
        issued_at=certificate.issued_at,
        expires_at=certificate.expires_at,
    )


def revoke_certificate(
    certificate: Certificate,
    *,
    by: str,
    reason: RevocationReason,
    now: datetime,
    note: str | None = None,
) -> Certificate:
    """The certificate once it counts no more.

    Raises:
        NotAllowedNow: if it is revoked or superseded already.
    """
    _require(certificate, Action.REVOKE, now)
    return replace(
        certificate, revocation=Revocation(now, by, reason, note), version=certificate.version + 1
    )


def correct_name(
    certificate: Certificate, name: str, *, id: str, code: str, by: str, now: datetime
) -> tuple[Certificate, Certificate]:
    """The old certificate, superseded, and the new one, which is otherwise as it was issued.

    The new one expires when the old one would have: a correction proves nothing new.

    Args:
        id, code: of the new one.
        by: the person who corrects it.

    Raises:
        NotAllowedNow: if it is not valid.
        NameErased: if its person's data is erased.
        ValueError: if the code is the old one.
    """
    _require(certificate, Action.CORRECT, now)
    if certificate.name is None:
        raise NameErased(certificate.code)
    if code == certificate.code:
        raise ValueError("a corrected certificate has a code of its own")
    old = replace(
        certificate, replacement=Replacement(now, by, code), version=certificate.version + 1
    )
    new = replace(
        certificate,
        id=id,
        code=code,
        name=name,
        issued_at=now,
        supersedes=certificate.code,
        version=1,
    )
    return old, new


def erase_person(certificate: Certificate) -> Certificate:
    """The certificate without its person: its status stays, and its name is withheld. The note of
    a revocation goes too: it may speak of the person."""
    if certificate.name is None and certificate.person_id is None:
        return certificate
    revocation = certificate.revocation and replace(certificate.revocation, note=None)
    return replace(
        certificate,
        person_id=None,
        name=None,
        revocation=revocation,
        version=certificate.version + 1,
    )


def _require(certificate: Certificate, action: Action, now: datetime) -> None:
    status = certificate.status(now)
    if (status, action) not in TRANSITIONS:
        raise NotAllowedNow(status)
