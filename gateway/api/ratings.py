"""Ratings of consultations, by a link that is for that alone."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import rating_errors as refusals
from services.common.contracts.consultations import ratings as contract

blueprint = Blueprint("ratings", __name__, description="Ratings of consultations")

_BRANCH = "consultations"
_NEVER_KEPT = "private, no-store"
_OF_LINK = (404, refusals.RATING_LINK_UNKNOWN, refusals.RATING_LINK_EXPIRED)


@blueprint.route("/v1/cases/<id:case_id>/rating-links", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.RatingLink,
    access=SIGNED_IN,
    refuses=(403, 404, refusals.NOTHING_TO_RATE),
    branch=_BRANCH,
)
def make_rating_link(incoming: Incoming, case_id: str) -> Answer:
    """One's own link by which a closed case is rated (people of the organisation).

    It is valid for 30 days from the closing, as long as the person belongs to the organisation.
    """
    found = branch.ask(incoming, _BRANCH, "make_rating_link", id=case_id)
    return Answer(found, cache_control=_NEVER_KEPT)


@blueprint.route("/v1/cases/<id:case_id>/rating", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Rating,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_rating(incoming: Incoming, case_id: str) -> Answer:
    """How the last closing of a case was rated (who may read the case)."""
    answer = branch.one(incoming, _BRANCH, "get_rating", id=case_id)
    answer.cache_control = _NEVER_KEPT
    return answer


@blueprint.route("/v1/ratings/<id:token>", methods=["GET"])
@endpoint(answer=contract.OpenedRating, access=PUBLIC, refuses=_OF_LINK, branch=_BRANCH)
def open_rating(incoming: Incoming, token: str) -> Answer:
    """What is behind a link: it names no case and nobody. Nobody needs to sign in.

    For who works for the centres there is nothing behind it."""
    found = branch.ask(incoming, _BRANCH, "open_rating", token=token)
    return Answer(found, cache_control=_NEVER_KEPT)


@blueprint.route("/v1/ratings/<id:token>", methods=["POST"])
@endpoint(
    body=contract.GivenRating,
    answer=contract.OpenedRating,
    access=PUBLIC,
    refuses=(*_OF_LINK, refusals.RATED_ALREADY),
    branch=_BRANCH,
    example={"score": 4, "remark": "كانت الزيارة مفيدة."},
)
def rate_by_link(incoming: Incoming, token: str) -> Answer:
    """Rate a consultation, once; the same rating again changes nothing."""
    found = branch.ask(incoming, _BRANCH, "rate_by_link", token=token, **incoming.body)
    return Answer(found, cache_control=_NEVER_KEPT)
