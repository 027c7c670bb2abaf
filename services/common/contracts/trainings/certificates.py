"""Certificates on the wire.

============================ ================================ =======================
method                       request                          result
============================ ================================ =======================
preview_certificates         IssueCertificates                IssuedCertificates
issue_certificates           IssueCertificates (with key)     IssuedCertificates
list_cohort_certificates     ListCohortCertificates           CertificateList
list_my_certificates         Page                             CertificateList
get_certificate              ById                             Certificate
certificate_pdf              CertificatePdf                   PdfFile
revoke_certificate           RevokeCertificate                Certificate
correct_certificate_name     CorrectCertificateName           Certificate: the new one
verify_certificate           VerifyCertificate                Verification
certificate_keys             nothing                          a JSON Web Key Set
withdrawn_certificates       nothing                          WithdrawnCertificates
============================ ================================ =======================

The last three are for everybody. What is signed is described in ``docs/certificates.md``.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    printed_name,
    text,
)
from services.common.contracts.hours import Day
from services.common.contracts.trainings.limits import LONGEST_NAME, LONGEST_REASON, MOST_SEATS

LONGEST_CODE = 100


class CertificateKind(Choice):
    choices = ("completion", "attendance")


class CertificateStatus(Choice):
    choices = ("valid", "expired", "revoked", "superseded")


class RevocationReason(Choice):
    choices = ("issued_in_error", "requirements_not_met", "misused")


class IssueOutcome(Choice):
    choices = ("issued", "already_issued", "withdrawn", "not_earned", "erased")


class Lack(Choice):
    choices = (
        "attendance_short",
        "attendance_open",
        "no_session_counts",
        "test_missing",
        "score_short",
    )


def _each_once(value: list[str] | None) -> None:
    if value is not None and len(set(value)) < len(value):
        raise ValidationError("each_once")


class Issue(StrictSchema):
    participants = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=[validate.Length(min=1, max=MOST_SEATS), _each_once],
        metadata={"description": "Whom to issue one; null: all who have earned it."},
    )
    kind = CertificateKind(
        load_default="completion",
        metadata={
            "description": "`completion`: the rule of the cohort holds. `attendance`: the person "
            "attended a session; only for named participants."
        },
    )

    @validates_schema
    def _attendance_is_for_named_people(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == "attendance" and data["participants"] is None:
            raise ValidationError("required", "participants")


class IssueRequest(Issue):
    dry_run = Truth(load_default=False, metadata={"description": "Only say what would be."})


class IssueCertificates(Issue):
    cohort_id = Id(required=True)


class Shortfall(Schema):
    """One part of the rule that does not hold."""

    lack = Lack(required=True)
    required = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Percent; null where a test alone is asked for."},
    )
    reached = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Percent, with two decimals; null where there is none yet."},
    )
    open_sessions = fields.List(
        Id(),
        required=True,
        metadata={"description": "Sessions without a mark, or with a contradiction."},
    )


class IssueResult(Schema):
    participant_id = Id(required=True)
    outcome = IssueOutcome(
        required=True,
        metadata={
            "description": "`withdrawn`: the person had one that counts no more, and is not named "
            "in the request. `erased`: the record of the person was erased, and has no name."
        },
    )
    certificate_id = Id(required=True, allow_none=True)
    shortfalls = fields.List(fields.Nested(Shortfall), required=True)


class IssuedCertificates(Schema):
    """What became of each participant; with `dry_run`, what would become."""

    cohort_id = Id(required=True)
    issued = fields.Integer(required=True, metadata={"description": "How many are new."})
    items = fields.List(fields.Nested(IssueResult), required=True)


class RevocationShown(Schema):
    at = Instant(required=True)
    by = Id(required=True)
    reason = RevocationReason(required=True)
    note = fields.String(
        required=True, allow_none=True, metadata={"description": "For staff; null for others."}
    )


class Certificate(Schema):
    id = Id(required=True)
    code = fields.String(required=True)
    status = CertificateStatus(required=True)
    kind = CertificateKind(required=True)
    participant_id = Id(required=True, allow_none=True)
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As issued; null where the person's data is erased."},
    )
    cohort_id = Id(required=True)
    title = LocalisedText(required=True, metadata={"description": "Of the course, as issued."})
    hours = fields.Float(required=True, metadata={"description": "Of training, as issued."})
    first_day = Day(required=True)
    last_day = Day(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedText(required=True, metadata={"description": "As issued."})
    language = LanguageCode(required=True, metadata={"description": "Of the signed statement."})
    issued_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    revocation = fields.Nested(RevocationShown, required=True, allow_none=True)
    superseded_at = Instant(required=True, allow_none=True)
    supersedes = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Code of the certificate that it replaces."},
    )
    version = fields.Integer(required=True)


class CertificateList(Schema):
    items = fields.List(fields.Nested(Certificate), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListCohortCertificates(Page):
    cohort_id = Id(required=True)


class CertificatePdf(StrictSchema):
    id = Id(required=True)
    language = LanguageCode(required=True)


class PdfFile(Schema):
    """``content`` is null while the document is being made, then base64 (RFC 4648)."""

    name = fields.String(required=True)
    content_type = fields.String(required=True)
    content = fields.String(required=True, allow_none=True)


class InPreparation(Schema):
    """The document is being made; ask again in a moment."""

    name = fields.String(required=True, metadata={"description": "Of the file that it will be."})


class Revocation(StrictSchema):
    reason = RevocationReason(
        required=True, metadata={"description": "Everybody who has the code sees it."}
    )
    note = text(
        LONGEST_REASON,
        lines=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "For staff."},
    )


class NameCorrection(StrictSchema):
    name = printed_name(
        LONGEST_NAME, required=True, metadata={"description": "Whole, in one field."}
    )


class _OfVersion(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class RevokeCertificate(Revocation, _OfVersion):
    pass


class CorrectCertificateName(NameCorrection, _OfVersion):
    pass


class VerifyCertificate(StrictSchema):
    code = text(LONGEST_CODE, required=True)


class Verification(Schema):
    """What everybody who has a code may see. Of one that counts no more only the status, and the
    reason of a revocation."""

    code = fields.String(required=True, metadata={"description": "As it is printed."})
    status = CertificateStatus(required=True)
    name = fields.String(required=True, allow_none=True)
    name_withheld = Truth(
        required=True,
        metadata={"description": "Whether it counts, and its holder's data is erased."},
    )
    kind = CertificateKind(required=True, allow_none=True)
    title = LocalisedText(required=True, allow_none=True)
    hours = fields.Float(required=True, allow_none=True)
    first_day = Day(required=True, allow_none=True)
    last_day = Day(required=True, allow_none=True)
    centre_name = LocalisedText(required=True, allow_none=True)
    issued_on = Day(required=True, allow_none=True)
    valid_until = Day(
        required=True, allow_none=True, metadata={"description": "The last day; null: for good."}
    )
    reason = RevocationReason(required=True, allow_none=True)


class WithdrawnCertificates(Schema):
    statement = fields.String(
        required=True,
        metadata={"description": "A JSON Web Signature (RFC 7515), as documented."},
    )
