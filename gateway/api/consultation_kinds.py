"""Kinds of consultations: what organisations can ask for."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import PUBLIC, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import kinds as contract

blueprint = Blueprint("consultation_kinds", __name__, description="Kinds of consultations")

_BRANCH = "consultations"


@blueprint.route("/v1/consultation-kinds", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=consultation_schemas.ConsultationKindPage,
    access=PUBLIC,
    branch=_BRANCH,
)
def list_consultation_kinds(incoming: Incoming) -> Answer:
    """What organisations can ask for, with the time limits of each."""
    found, age = branch.public(incoming, _BRANCH, "list_kinds")
    return Answer({"items": found["items"], "next_cursor": None}, age=age)


@blueprint.route("/v1/consultation-kinds/<id:kind_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.KindWithForm,
    access=PUBLIC,
    refuses=(404,),
    branch=_BRANCH,
)
def get_consultation_kind(incoming: Incoming, kind_id: str) -> Answer:
    """One kind, with the form that is filled in with a request."""
    found, age = branch.public(incoming, _BRANCH, "get_kind", id=kind_id)
    return Answer(found, age=age)
