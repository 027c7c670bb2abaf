"""Referrals: a case goes to another adviser or an outside body, with recorded consent."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.consultations import referral_errors as refusals
from services.common.contracts.consultations import referrals as contract

blueprint = Blueprint("referrals", __name__, description="Referrals of cases")

_BRANCH = "consultations"
_NEVER_KEPT = "private, no-store"

ReferralPage = page_of(contract.Referral)


@blueprint.route("/v1/cases/<id:case_id>/referrals", methods=["POST"])
@endpoint(
    body=contract.WantedReferral,
    answer=contract.Referral,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        refusals.CONSENT_MISSING,
        refusals.CONSENT_NOT_THEIRS,
        refusals.CONSENT_WITHDRAWN,
        refusals.REFERRED_NOWHERE,
        refusals.TOO_MANY_REFERRALS,
    ),
    branch=_BRANCH,
    example={
        "body": "نقابة المحامين، هاتف 022 123456",
        "reason": "تحتاج المنظمة إلى تمثيل أمام المحكمة.",
        "consent": {"means": "written", "given_at": "2026-11-24T08:00:00Z"},
    },
)
def make_referral(incoming: Incoming, case_id: str) -> Answer:
    """Refer a case to another adviser or to an outside body (an adviser of the case).

    Nothing of the case goes to anybody without recorded consent. The other adviser sees the
    referral alone until they accept it.
    """
    answer = branch.one(incoming, _BRANCH, "make_referral", case_id=case_id, **incoming.body)
    answer.location = f"/v1/referrals/{answer.data['id']}"
    answer.cache_control = _NEVER_KEPT
    return answer


@blueprint.route("/v1/cases/<id:case_id>/referrals", methods=["GET"])
@endpoint(query=ListQuery, answer=ReferralPage, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def list_referrals(incoming: Incoming, case_id: str) -> Answer:
    """The referrals of a case (who may read the case)."""
    answer = branch.listed(incoming, _BRANCH, "list_referrals", case_id=case_id)
    answer.cache_control = _NEVER_KEPT
    return answer


@blueprint.route("/v1/referrals", methods=["GET"])
@endpoint(query=ListQuery, answer=ReferralPage, access=SIGNED_IN, branch=_BRANCH)
def list_my_referrals(incoming: Incoming) -> Answer:
    """The referrals that go to me and have not ended (an adviser)."""
    answer = branch.listed(incoming, _BRANCH, "list_referrals")
    answer.cache_control = _NEVER_KEPT
    return answer


@blueprint.route("/v1/referrals/<id:referral_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Referral,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_referral(incoming: Incoming, referral_id: str) -> Answer:
    """One referral (who may read its case, and the adviser to whom it goes)."""
    answer = branch.one(incoming, _BRANCH, "get_referral", id=referral_id)
    answer.cache_control = _NEVER_KEPT
    return answer


@blueprint.route("/v1/referrals/<id:referral_id>/accept", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Referral,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, refusals.REFERRAL_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def accept_referral(incoming: Incoming, referral_id: str) -> Answer:
    """Take part in the case (the adviser to whom it goes); of an outside body, an adviser of the
    case says so."""
    return _changed(incoming, "accept_referral", referral_id)


@blueprint.route("/v1/referrals/<id:referral_id>/decline", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Referral,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, refusals.REFERRAL_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def decline_referral(incoming: Incoming, referral_id: str) -> Answer:
    """Not take part (as for accepting)."""
    return _changed(incoming, "decline_referral", referral_id)


@blueprint.route("/v1/referrals/<id:referral_id>/return", methods=["POST"])
@endpoint(
    body=contract.ReferralOutcome,
    answer=contract.Referral,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, refusals.REFERRAL_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"result": "helped", "outcome": "حصلت المنظمة على الترخيص."},
)
def return_referral(incoming: Incoming, referral_id: str) -> Answer:
    """Record what came of it (the adviser to whom it went, and the advisers of the case)."""
    return _changed(incoming, "return_referral", referral_id)


@blueprint.route("/v1/referrals/<id:referral_id>/withdraw", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Referral,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, refusals.REFERRAL_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def withdraw_referral(incoming: Incoming, referral_id: str) -> Answer:
    """Take a referral, or the consent to it, back (the people on the case)."""
    return _changed(incoming, "withdraw_referral", referral_id)


def _changed(incoming: Incoming, method: str, referral_id: str) -> Answer:
    answer = branch.changed(incoming, _BRANCH, method, referral_id, **incoming.body)
    answer.cache_control = _NEVER_KEPT
    return answer
