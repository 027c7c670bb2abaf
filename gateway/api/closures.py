"""Closures: what the front desk closes, and what becomes of the bookings in the way."""

from __future__ import annotations

from marshmallow import fields

from gateway.api import branch
from gateway.api.display_names import DisplayNames, add_display_names
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import closures as contract
from services.common.contracts.bookings import errors, refusals

blueprint = Blueprint("closures", __name__, description="Closures of centres and spaces")

_BRANCH = "bookings"
_PLAN = {
    "space_ids": ["raqqa-hall"],
    "starts_at": "2026-12-01T06:00:00Z",
    "ends_at": "2026-12-03T15:00:00Z",
    "kind": "maintenance",
    "reason": {"ar": "صيانة الكهرباء", "en": "Electrical maintenance"},
}


class NamedAffected(DisplayNames, contract.AffectedBooking):
    pass


class NamedClosure(contract.ClosureWithAffected):
    affected = fields.List(fields.Nested(NamedAffected), required=True)


class NamedPreview(contract.Preview):
    affected = fields.List(fields.Nested(NamedAffected), required=True)


class NamedResolution(contract.Resolution):
    affected = fields.List(fields.Nested(NamedAffected), required=True)


@blueprint.route("/v1/centres/<id:centre_id>/closures", methods=["POST"])
@endpoint(
    body=contract.ClosurePlan,
    answer=NamedClosure,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *refusals.OF_CLOSURE, errors.UNKNOWN_SPACE),
    branch=_BRANCH,
    example=_PLAN,
)
def create_closure(incoming: Incoming, centre_id: str) -> Answer:
    """Close spaces of a centre, or all of it, for a time (its front desk, managers).

    Nobody gets any of its time from now on. Bookings in the way keep theirs until they are
    cancelled or moved (`resolve`), and are listed under `affected`. A large closure is `closing`
    for some seconds and then `in_force`; `progress` says how far it has got.
    """
    plan = {"centre_id": centre_id, **incoming.body}
    return _named(branch.created(incoming, _BRANCH, "create_closure", "/v1/closures", **plan))


@blueprint.route("/v1/centres/<id:centre_id>/closures/preview", methods=["POST"])
@endpoint(
    body=contract.ClosurePlan,
    answer=NamedPreview,
    access=SIGNED_IN,
    refuses=(403, 404, *refusals.OF_CLOSURE, errors.UNKNOWN_SPACE),
    branch=_BRANCH,
    example=_PLAN,
)
def preview_closure(incoming: Incoming, centre_id: str) -> Answer:
    """The bookings that such a closure would affect; nothing is changed."""
    plan = {"centre_id": centre_id, **incoming.body}
    return _named(Answer(branch.ask(incoming, _BRANCH, "preview_closure", **plan)))


@blueprint.route("/v1/centres/<id:centre_id>/closures", methods=["GET"])
@endpoint(
    query=schemas.ClosuresQuery,
    answer=schemas.ClosurePage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_closures(incoming: Incoming, centre_id: str) -> Answer:
    """The closures of a centre, by start (its front desk, managers)."""
    return branch.listed(incoming, _BRANCH, "list_closures", centre_id=centre_id)


@blueprint.route("/v1/closures/<id:closure_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=NamedClosure,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_closure(incoming: Incoming, closure_id: str) -> Answer:
    """A closure, the bookings that stood in its way, and what became of each.

    While it is `closing`, `progress` says how far it has got.
    """
    answer = _named(branch.one(incoming, _BRANCH, "get_closure", id=closure_id))
    # The version stays the same while the progress moves on, and when a named person is renamed.
    answer.conditional = answer.data["state"] != "closing" and not answer.data["affected"]
    return answer


@blueprint.route("/v1/closures/<id:closure_id>", methods=["PATCH"])
@endpoint(
    body=contract.ClosureChanges,
    answer=NamedClosure,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_CLOSURE, errors.CLOSURE_BEGUN, errors.CLOSURE_LIFTED),
    branch=_BRANCH,
    example={"ends_at": "2026-12-05T15:00:00Z"},
)
def change_closure(incoming: Incoming, closure_id: str) -> Answer:
    """Make a closure longer or shorter, or give another reason for it.

    The time that it gives up is free at once. Bookings that it reaches now are listed under
    `affected`, as if it had been made so.
    """
    return _changed(incoming, "change_closure", closure_id)


@blueprint.route("/v1/closures/<id:closure_id>/resolve", methods=["POST"])
@endpoint(
    body=contract.Decision,
    answer=NamedResolution,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CLOSURE_LIFTED),
    branch=_BRANCH,
    example={"action": "move"},
)
def resolve_closure(incoming: Incoming, closure_id: str) -> Answer:
    """Cancel or move affected bookings that wait, with notice to their people.

    At most 25 at once; send it again while some wait. `refused` names those that could not be
    helped so.
    """
    return _changed(incoming, "resolve_closure", closure_id)


@blueprint.route("/v1/closures/<id:closure_id>/lift", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=NamedClosure,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CLOSURE_LIFTED),
    branch=_BRANCH,
)
def lift_closure(incoming: Incoming, closure_id: str) -> Answer:
    """End a closure; what is left of its time is free at once."""
    return _changed(incoming, "lift_closure", closure_id)


def _changed(incoming: Incoming, method: str, closure_id: str) -> Answer:
    return _named(branch.changed(incoming, _BRANCH, method, closure_id, **incoming.body))


def _named(answer: Answer) -> Answer:
    add_display_names(answer.data["affected"])
    return answer
