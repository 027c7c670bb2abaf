"""What is held about a person: having it, and having it erased."""

from __future__ import annotations

from typing import Any

from flask import g, request
from marshmallow import Schema, fields, validate

from gateway.identity.auth.passwords import LONGEST
from gateway.identity.operations import personal_data as operations
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common.contracts.fields import Id, Instant, StrictSchema
from services.common.contracts.identity import errors

blueprint = Blueprint("personal_data", __name__, description="What is held about people")


class EraseMe(StrictSchema):
    password = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))


class Erased(Schema):
    id = Id(required=True)
    version = fields.Integer(required=True)
    without_representative = fields.List(
        Id(),
        required=True,
        metadata={"description": "Organisations that nobody represents any more."},
    )


class PersonalData(Schema):
    """All that is held about a person: by part of the system, then by kind."""

    person_id = Id(required=True)
    exported_at = Instant(required=True)
    parts = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.List(fields.Dict())),
        required=True,
        metadata={"description": "Part of the system → kind → what is held."},
    )


@blueprint.route("/v1/me/export", methods=["GET"])
@endpoint(answer=PersonalData, access=SIGNED_IN, refuses=(403, 404, 503))
def export_me(incoming: Incoming) -> Answer:
    """Everything that is held about oneself, over all branches; a few times an hour."""
    return _export(incoming, incoming.caller.id)


@blueprint.route("/v1/people/<id:person_id>/export", methods=["GET"])
@endpoint(answer=PersonalData, access=SIGNED_IN, refuses=(403, 404, 503))
def export_person(incoming: Incoming, person_id: str) -> Answer:
    """Everything that is held about a person, over all branches (managers); a few times an hour."""
    return _export(incoming, person_id)


@blueprint.route("/v1/me/erase", methods=["POST"])
@endpoint(
    body=EraseMe,
    status=204,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 503, errors.LAST_MANAGER, errors.PASSWORD_WRONG),
    example={"password": "masaha-demo-2018"},
)
def erase_me(incoming: Incoming) -> Answer:
    """Have everything erased that is held about oneself, over all branches. It cannot be undone:
    what stays is an id. Bookings stay the organisation's. Every sign-in ends."""
    parts = gateway()
    g.standing = parts.limiter.sign_in(request.remote_addr or "unknown", incoming.caller.id)
    operations.erase_me(
        parts.identity, incoming.call, incoming.expected_version, incoming.body["password"]
    )
    return Answer(None)


@blueprint.route("/v1/people/<id:person_id>/erase", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=Erased,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.LAST_MANAGER),
)
def erase_person(incoming: Incoming, person_id: str) -> Answer:
    """Erase everything that is held about a person (managers). It cannot be undone."""
    erased = operations.erase_person(
        gateway().identity, incoming.call, person_id, incoming.expected_version
    )
    return Answer(erased_answer(erased), version=erased.person.version)


def erased_answer(erased: operations.Erased) -> dict[str, Any]:
    return {
        "id": erased.person.id,
        "version": erased.person.version,
        "without_representative": list(erased.without_representative),
    }


def _export(incoming: Incoming, person_id: str) -> Answer:
    parts = gateway()
    g.standing = parts.limiter.exporting(incoming.caller.id) or g.get("standing")
    exported = operations.export_person(
        parts.identity, incoming.call, person_id, parts.branches, parts.rpc.call
    )
    return Answer(exported, cache_control="private, no-store")
