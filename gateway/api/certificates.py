"""Certificates: for those who hold them, and for staff of the centre."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import certificate_errors as errors
from services.common.contracts.trainings import certificates as contract
from services.common.contracts.trainings import roster_errors
from services.common.files.checking import TYPES

blueprint = Blueprint("certificates", __name__, description="Certificates of trainings")

_BRANCH = "trainings"
_NOT_STORED = "private, no-store"
_RETRY_SECONDS = 2

CertificatePage = schemas.page_of(contract.Certificate)


@blueprint.route("/v1/me/certificates", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=CertificatePage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_my_certificates(incoming: Incoming) -> Answer:
    """The caller's own certificates, those that count no more too."""
    return branch.listed(incoming, _BRANCH, "list_my_certificates")


@blueprint.route("/v1/cohorts/<id:cohort_id>/certificates", methods=["POST"])
@endpoint(
    body=contract.IssueRequest,
    body_optional=True,
    answer=contract.IssuedCertificates,
    status=201,
    access=SIGNED_IN,
    creates=True,
    dry_run=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW, errors.WITHOUT_SEAT),
    branch=_BRANCH,
    example={"participants": None, "dry_run": True},
)
def issue_certificates(incoming: Incoming, cohort_id: str) -> Answer:
    """Issue certificates to all participants who have earned one, or to the named (staff of the
    centre); with `dry_run` only say who has and who has not, and why.

    A person has one for a cohort, however often it is asked for. A day after the last session those
    who have earned one get it by themselves.
    """
    sent = {name: value for name, value in incoming.body.items() if name != "dry_run"}
    if incoming.body.get("dry_run"):
        found = branch.ask(incoming, _BRANCH, "preview_certificates", cohort_id=cohort_id, **sent)
        return Answer(found, status=200)
    found = branch.ask(incoming, _BRANCH, "issue_certificates", cohort_id=cohort_id, **sent)
    return Answer(found, location=f"/v1/cohorts/{cohort_id}/certificates")


@blueprint.route("/v1/cohorts/<id:cohort_id>/certificates", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=CertificatePage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_cohort_certificates(incoming: Incoming, cohort_id: str) -> Answer:
    """The certificates of a cohort, those that count no more too (staff of the centre)."""
    return branch.listed(incoming, _BRANCH, "list_cohort_certificates", cohort_id=cohort_id)


@blueprint.route("/v1/certificates/<id:certificate_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Certificate,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_certificate(incoming: Incoming, certificate_id: str) -> Answer:
    """One certificate, as it was issued (its holder, staff of the centre)."""
    answer = branch.one(incoming, _BRANCH, "get_certificate", id=certificate_id)
    # It expires without a new version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/certificates/<id:certificate_id>/pdf", methods=["GET"])
@endpoint(
    query=schemas.PdfQuery,
    media=(TYPES[".pdf"],),
    pending=contract.InPreparation,
    access=SIGNED_IN,
    refuses=(
        404,
        errors.CERTIFICATE_NOT_ALLOWED_NOW,
        errors.NAME_WITHHELD,
        errors.CERTIFICATE_UNPRINTABLE,
    ),
    branch=_BRANCH,
)
def certificate_pdf(incoming: Incoming, certificate_id: str) -> Answer:
    """A certificate to print, as PDF: the same bytes each time (its holder, staff of the centre).

    It is made a moment after the certificate was issued; before that the answer is a 202.
    """
    language = incoming.query["language"] or incoming.call.language
    found = branch.ask(incoming, _BRANCH, "certificate_pdf", id=certificate_id, language=language)
    if found["content"] is None:
        return Answer(
            {"name": found["name"]},
            status=202,
            headers={"Retry-After": str(_RETRY_SECONDS)},
            cache_control=_NOT_STORED,
        )
    return branch.file_answer(found)


@blueprint.route("/v1/certificates/<id:certificate_id>/revoke", methods=["POST"])
@endpoint(
    body=contract.Revocation,
    answer=contract.Certificate,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CERTIFICATE_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "issued_in_error", "note": "سُلّمت لشخص آخر بالاسم نفسه"},
)
def revoke_certificate(incoming: Incoming, certificate_id: str) -> Answer:
    """Have a certificate count no more (staff of the centre).

    Everybody who has its code sees the reason; the note is for staff.
    """
    return branch.changed(incoming, _BRANCH, "revoke_certificate", certificate_id, **incoming.body)


@blueprint.route("/v1/certificates/<id:certificate_id>/correct-name", methods=["POST"])
@endpoint(
    body=contract.NameCorrection,
    answer=contract.Certificate,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.CERTIFICATE_NOT_ALLOWED_NOW,
        errors.NAME_WITHHELD,
        errors.NAME_UNCHANGED,
    ),
    branch=_BRANCH,
    example={"name": "محمد عبد الله أحمد الصالح"},
)
def correct_certificate_name(incoming: Incoming, certificate_id: str) -> Answer:
    """Issue a certificate again with another name (staff of the centre).

    The answer is the new certificate, which has a code of its own. The old code answers
    `superseded` from then on, and shows neither name.
    """
    answer = branch.changed(
        incoming, _BRANCH, "correct_certificate_name", certificate_id, **incoming.body
    )
    answer.location = f"/v1/certificates/{answer.data['id']}"
    return answer
