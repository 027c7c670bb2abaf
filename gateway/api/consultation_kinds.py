"""Kinds of consultations: what organisations can ask for."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
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
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_consultation_kind(incoming: Incoming, kind_id: str) -> Answer:
    """One kind, with the form that is filled in with a request."""
    return branch.public_one(incoming, _BRANCH, "get_kind", id=kind_id)


@blueprint.route("/v1/consultation-kinds/<id:kind_id>", methods=["PATCH"])
@endpoint(
    body=contract.KindChanges,
    answer=contract.ConsultationKind,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={
        "specialities": [
            {"id": "finance", "name": {"ar": "الإدارة المالية", "en": "Finance"}, "topics": []}
        ]
    },
)
def change_consultation_kind(incoming: Incoming, kind_id: str) -> Answer:
    """Change the name, the specialities or the time limits of a kind (managers).

    Cases and advisers keep the specialities that they name; limits that run stay as they are.
    """
    return branch.changed(incoming, _BRANCH, "change_kind", kind_id, **incoming.body)
