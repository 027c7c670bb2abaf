"""Offers after trainings, and requests that are filled in beforehand."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations.case_drafts import CaseDraft
from services.common.contracts.consultations.case_errors import UNKNOWN_ORIGIN

blueprint = Blueprint("consultation_offers", __name__, description="Offers after trainings")

_BRANCH = "consultations"


@blueprint.route("/v1/consultation-offers", methods=["GET"])
@endpoint(
    query=consultation_schemas.OffersQuery,
    answer=consultation_schemas.ConsultationOfferPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_consultation_offers(incoming: Incoming) -> Answer:
    """What my organisations may go on with after a training; for staff those of their centre. The
    trainers are named first as advisers."""
    return branch.listed(incoming, _BRANCH, "list_offers")


@blueprint.route("/v1/case-drafts", methods=["GET"])
@endpoint(
    query=consultation_schemas.CaseDraftQuery,
    answer=CaseDraft,
    access=SIGNED_IN,
    refuses=(403, UNKNOWN_ORIGIN),
    branch=_BRANCH,
)
def draft_case(incoming: Incoming) -> Answer:
    """A request as it may be sent, from a completed training, an assessment or a recommendation of
    my organisation. Nothing is stored."""
    said = {name: incoming.query[name] for name in ("organisation_id", "origin", "origin_id")}
    return branch.unstored(Answer(branch.ask(incoming, _BRANCH, "draft_case", **said)))
