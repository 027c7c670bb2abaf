"""Equipment that the centres lend with their spaces: a part of the public catalogue."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway import schemas
from gateway.api import branch
from gateway.api.endpoint import PUBLIC, Answer, Incoming, endpoint, page, position
from gateway.openapi import Blueprint
from services.common.contracts.bookings import equipment as contract
from services.common.contracts.fields import Id

blueprint = Blueprint("equipment", __name__, description="Equipment of the centres")

_BRANCH = "bookings"


class EquipmentQuery(schemas.ListQuery):
    centre_id = Id(load_default=None)


class EquipmentPage(Schema):
    items = fields.List(fields.Nested(contract.Equipment), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@blueprint.route("/v1/equipment", methods=["GET"])
@endpoint(query=EquipmentQuery, answer=EquipmentPage, access=PUBLIC, branch=_BRANCH)
def list_equipment(incoming: Incoming) -> Answer:
    """What can be booked with a space, and how many of each there are."""
    filters = {"centre_id": incoming.query["centre_id"]}
    found, age = branch.public(
        incoming,
        "list_equipment",
        limit=incoming.query["limit"],
        after=position(incoming, filters),
        **filters,
    )
    answer = page(incoming, found["items"], found.get("next"), filters)
    answer.age = age
    return answer


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
    found, age = branch.public(incoming, "get_equipment", id=equipment_id)
    return Answer(found, version=found["version"], age=age)
