"""Certificates: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.common.clock import to_wire
from services.common.contracts.fields import Page
from services.common.contracts.trainings import certificates as contract
from services.common.files.checking import TYPES
from services.common.files.wire import file_to_wire
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.domain.certificates import (
    Certificate,
    Kind,
    Revocation,
    RevocationReason,
    Verification,
)
from services.trainings.domain.earning import Shortfall
from services.trainings.domain.issuing import IssueReport, IssueResult
from services.trainings.schemas import Request, instant

PDF = TYPES[".pdf"]

_issue = contract.IssueCertificates()
_list_of_cohort = contract.ListCohortCertificates()
_page = Page()
_pdf = contract.CertificatePdf()
_revoke = contract.RevokeCertificate()
_correct = contract.CorrectCertificateName()
_verify = contract.VerifyCertificate()


@dataclass(frozen=True, slots=True)
class IssueCertificates:
    cohort_id: str
    participants: tuple[str, ...] | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class ListCohortCertificates:
    cohort_id: str
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ListMyCertificates:
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class CertificatePdf:
    id: str
    language: str


@dataclass(frozen=True, slots=True)
class RevokeCertificate:
    id: str
    expected_version: int
    reason: RevocationReason
    note: str | None


@dataclass(frozen=True, slots=True)
class CorrectCertificateName:
    id: str
    expected_version: int
    name: str


@dataclass(frozen=True, slots=True)
class PdfFile:
    """``data`` is ``None`` while the document is being made."""

    name: str
    data: bytes | None = None


def issue_certificates(request: Request) -> IssueCertificates:
    data = _issue.load(request)
    named = data["participants"]
    return IssueCertificates(
        data["cohort_id"], None if named is None else tuple(named), Kind(data["kind"])
    )


def list_cohort_certificates(request: Request) -> ListCohortCertificates:
    data = _list_of_cohort.load(request)
    return ListCohortCertificates(**data | {"after": after_id(data["after"])})


def list_my_certificates(request: Request) -> ListMyCertificates:
    data = _page.load(request)
    return ListMyCertificates(**data | {"after": after_id(data["after"])})


def certificate_pdf(request: Request) -> CertificatePdf:
    return CertificatePdf(**_pdf.load(request))


def revoke_certificate(request: Request) -> RevokeCertificate:
    data = _revoke.load(request)
    return RevokeCertificate(**data | {"reason": RevocationReason(data["reason"])})


def correct_certificate_name(request: Request) -> CorrectCertificateName:
    return CorrectCertificateName(**_correct.load(request))


def typed_code(request: Request) -> str:
    code: str = _verify.load(request)["code"]
    return code


# -- wire form -------------------------------------------------------------------------------------


def certificate(value: Certificate, now: datetime, *, for_staff: bool) -> dict[str, Any]:
    return {
        "id": value.id,
        "code": value.code,
        "status": value.status(now).value,
        "kind": value.kind.value,
        "participant_id": value.person_id,
        "name": value.name,
        "cohort_id": value.cohort_id,
        "title": dict(value.title),
        "hours": value.hours,
        "first_day": value.first_day.isoformat(),
        "last_day": value.last_day.isoformat(),
        "centre_id": value.centre_id,
        "centre_name": dict(value.centre),
        "language": value.language,
        "issued_at": to_wire(value.issued_at),
        "expires_at": instant(value.expires_at),
        "revocation": _revocation(value.revocation, for_staff=for_staff),
        "superseded_at": instant(value.replacement.at if value.replacement else None),
        "supersedes": value.supersedes,
        "version": value.version,
    }


def _revocation(value: Revocation | None, *, for_staff: bool) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "at": to_wire(value.at),
        "by": value.by,
        "reason": value.reason.value,
        "note": value.note if for_staff else None,
    }


def certificate_page(
    values: Sequence[Certificate], now: datetime, limit: int, *, for_staff: bool
) -> dict[str, Any]:
    def wire(each: Certificate) -> dict[str, Any]:
        return certificate(each, now, for_staff=for_staff)

    return page_to_wire(values, limit, wire, by_id)


def issued(value: IssueReport) -> dict[str, Any]:
    return {
        "cohort_id": value.id,
        "issued": value.issued,
        "items": [_result(each) for each in value.results],
    }


def _result(value: IssueResult) -> dict[str, Any]:
    return {
        "participant_id": value.participant_id,
        "outcome": value.outcome.value,
        "certificate_id": value.certificate_id,
        "shortfalls": [_shortfall(each) for each in value.shortfalls],
    }


def _shortfall(value: Shortfall) -> dict[str, Any]:
    return {
        "lack": value.lack.value,
        "required": value.required,
        "reached": None if value.reached is None else round(float(value.reached), 2),
        "open_sessions": list(value.open),
    }


def pdf_file(value: PdfFile) -> dict[str, Any]:
    if value.data is None:
        return {"name": value.name, "content_type": PDF, "content": None}
    return file_to_wire(value.name, PDF, value.data)


def verification(value: Verification, zone: ZoneInfo) -> dict[str, Any]:
    """What everybody sees; days are those of the centre's zone."""
    return {
        "code": value.code,
        "status": value.status.value,
        "name": value.name,
        "name_withheld": value.name_withheld,
        "kind": None if value.kind is None else value.kind.value,
        "title": _localised(value.title),
        "hours": value.hours,
        "first_day": None if value.first_day is None else value.first_day.isoformat(),
        "last_day": None if value.last_day is None else value.last_day.isoformat(),
        "centre_name": _localised(value.centre),
        "issued_on": _day(value.issued_at, zone),
        "valid_until": _day(
            value.expires_at and value.expires_at - timedelta(milliseconds=1), zone
        ),
        "reason": None if value.reason is None else value.reason.value,
    }


def _localised(value: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if value is None else dict(value)


def _day(value: datetime | None, zone: ZoneInfo) -> str | None:
    return None if value is None else value.astimezone(zone).date().isoformat()
