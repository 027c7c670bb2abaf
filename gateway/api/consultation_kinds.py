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
    query=consultation_schemas.ConsultationKindsQuery,
    answer=consultation_schemas.ConsultationKindPage,
    access=PUBLIC,
    branch=_BRANCH,
)
def list_consultation_kinds(incoming: Incoming) -> Answer:
    """What organisations can ask for, with the time limits of each; what is retired, by `retired`
    alone."""
    return branch.public_listed(incoming, _BRANCH, "list_kinds")


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
    """One kind, retired or not, with the form that is filled in with a request."""
    return branch.public_one(incoming, _BRANCH, "get_kind", id=kind_id)


@blueprint.route("/v1/consultation-kinds", methods=["POST"])
@endpoint(
    body=contract.AddKind,
    longest_body=contract.LARGEST_KIND,
    answer=contract.KindWithForm,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403,),
    branch=_BRANCH,
    example=contract.EXAMPLE,
)
def add_consultation_kind(incoming: Incoming) -> Answer:
    """Offer one kind more, with its form and time limits (managers)."""
    path = "/v1/consultation-kinds"
    return branch.created(incoming, _BRANCH, "add_kind", path, **incoming.body)


@blueprint.route("/v1/consultation-kinds/<id:kind_id>", methods=["PATCH"])
@endpoint(
    body=contract.KindChanges,
    longest_body=contract.LARGEST_KIND,
    answer=contract.KindWithForm,
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
    """Change a kind or its form, retire it, or offer it again (managers).

    Cases and advisers keep the specialities that they name; limits that run stay as they are; cases
    of a kind that is retired go on. Another form begins its next edition.
    """
    return branch.changed(incoming, _BRANCH, "change_kind", kind_id, **incoming.body)


@blueprint.route("/v1/consultation-kinds/<id:kind_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def consultation_kind_history(incoming: Incoming, kind_id: str) -> Answer:
    """Who changed what of a kind, when and why (managers). Oldest first."""
    return branch.listed(incoming, _BRANCH, "kind_history", id=kind_id)
