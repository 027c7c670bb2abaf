"""Equipment that the centres lend with their spaces: a part of the public catalogue."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import equipment as contract
from services.common.contracts.bookings import errors
from services.common.contracts.fields import Id

blueprint = Blueprint("equipment", __name__, description="Equipment of the centres")

_BRANCH = "bookings"


class EquipmentQuery(schemas.ListQuery):
    centre_id = Id(load_default=None)


EquipmentPage = schemas.page_of(contract.Equipment)


@blueprint.route("/v1/equipment", methods=["GET"])
@endpoint(query=EquipmentQuery, answer=EquipmentPage, access=PUBLIC, branch=_BRANCH)
def list_equipment(incoming: Incoming) -> Answer:
    """What can be booked with a space, and how many of each there are."""
    return branch.public_listed(incoming, _BRANCH, "list_equipment")


@blueprint.route("/v1/equipment/<id:equipment_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Equipment,
    access=PUBLIC,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_equipment(incoming: Incoming, equipment_id: str) -> Answer:
    """One kind of equipment."""
    return branch.public_one(incoming, _BRANCH, "get_equipment", id=equipment_id)


@blueprint.route("/v1/equipment", methods=["POST"])
@endpoint(
    body=contract.AddEquipment,
    answer=contract.Equipment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.UNKNOWN_CENTRE),
    branch=_BRANCH,
    example={
        "centre_id": "raqqa",
        "name": {"ar": "سمّاعة محمولة", "en": "Portable speaker"},
        "quantity": 2,
    },
)
def add_equipment(incoming: Incoming) -> Answer:
    """Have a centre lend something more with its spaces (managers)."""
    return branch.created(incoming, _BRANCH, "add_equipment", "/v1/equipment", **incoming.body)


@blueprint.route("/v1/equipment/<id:equipment_id>", methods=["PATCH"])
@endpoint(
    body=contract.EquipmentChanges,
    answer=contract.Equipment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.EQUIPMENT_BOOKED),
    branch=_BRANCH,
    example={"quantity": 1, "reason": "تعطّل أحد الأجهزة"},
)
def change_equipment(incoming: Incoming, equipment_id: str) -> Answer:
    """Change the name of equipment, how many there are, or whether it is lent (managers).

    Never fewer than are booked at a time to come: that is a 409, and the bookings that need more
    are in `bookings`.
    """
    return branch.changed(incoming, _BRANCH, "change_equipment", equipment_id, **incoming.body)


@blueprint.route("/v1/equipment/<id:equipment_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def equipment_history(incoming: Incoming, equipment_id: str) -> Answer:
    """Who changed what of the equipment, when and why (staff of its centre). Oldest first."""
    return branch.listed(incoming, _BRANCH, "equipment_history", id=equipment_id)
