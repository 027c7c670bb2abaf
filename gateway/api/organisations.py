"""Organisations and their members."""

from __future__ import annotations

from typing import Any

from gateway.identity.domain.organisation import Organisation
from gateway.identity.operations import organisations
from gateway.identity.operations.organisations import Member
from gateway.web import schemas
from gateway.web.endpoint import (
    SIGNED_IN,
    Answer,
    Incoming,
    endpoint,
    gateway,
    page,
    position,
)
from gateway.web.openapi import Blueprint
from services.common.clock import to_wire
from services.common.contracts.identity import errors
from services.common.lists import after_id

blueprint = Blueprint("organisations", __name__, description="Organisations and their members")


@blueprint.route("/v1/organisations", methods=["POST"])
@endpoint(
    body=schemas.RegisterOrganisation,
    answer=schemas.Organisation,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 503),
    example={"name": {"ar": "رابطة التعليم", "en": "Education League"}},
)
def register_organisation(incoming: Incoming) -> Answer:
    """Register an organisation; the caller represents it, and it waits for approval."""
    organisation = organisations.register_organisation(
        gateway().identity, incoming.call, incoming.body["name"]
    )
    return Answer(
        _organisation(organisation),
        version=organisation.version,
        location=f"/v1/organisations/{organisation.id}",
    )


@blueprint.route("/v1/organisations", methods=["GET"])
@endpoint(
    query=schemas.OrganisationsQuery,
    answer=schemas.OrganisationPage,
    access=SIGNED_IN,
    refuses=(403, 503),
)
def list_organisations(incoming: Incoming) -> Answer:
    """One's own organisations; all of them for managers and the front desk."""
    filters = {name: incoming.query[name] for name in ("status", "search")}
    found = organisations.find_organisations(
        gateway().identity,
        incoming.call,
        status=filters["status"],
        search=filters["search"],
        after=position(incoming, filters),
        limit=incoming.query["limit"],
    )
    return page(incoming, [_organisation(each) for each in found.items], found.next, filters)


@blueprint.route("/v1/organisations/<id:organisation_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=schemas.Organisation,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404, 503),
)
def get_organisation(incoming: Incoming, organisation_id: str) -> Answer:
    """One organisation."""
    organisation = organisations.get_organisation(
        gateway().identity, incoming.call, organisation_id
    )
    return Answer(_organisation(organisation), version=organisation.version)


@blueprint.route("/v1/organisations/<id:organisation_id>/approve", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=schemas.Organisation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.ORGANISATION_STATE),
)
def approve_organisation(incoming: Incoming, organisation_id: str) -> Answer:
    """Approve an organisation: its members may act for it (managers)."""
    return _change_status(incoming, organisation_id, "approve")


@blueprint.route("/v1/organisations/<id:organisation_id>/suspend", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=schemas.Organisation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.ORGANISATION_STATE),
)
def suspend_organisation(incoming: Incoming, organisation_id: str) -> Answer:
    """Suspend an organisation: its members may no longer act for it (managers)."""
    return _change_status(incoming, organisation_id, "suspend")


@blueprint.route("/v1/organisations/<id:organisation_id>/members", methods=["GET"])
@endpoint(
    query=schemas.MembersQuery,
    answer=schemas.MemberPage,
    access=SIGNED_IN,
    refuses=(404, 503),
)
def list_members(incoming: Incoming, organisation_id: str) -> Answer:
    """The members of an organisation."""
    filters = {"search": incoming.query["search"]}
    after = position(incoming, filters)
    found = organisations.find_members(
        gateway().identity,
        incoming.call,
        organisation_id,
        search=filters["search"],
        after=after_id(after),
        limit=incoming.query["limit"],
    )
    items = [_member(each) for each in found.items]
    return page(incoming, items, found.next, filters)


@blueprint.route("/v1/organisations/<id:organisation_id>/members/<id:person_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=schemas.Member,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404, 503),
)
def get_member(incoming: Incoming, organisation_id: str, person_id: str) -> Answer:
    """One member of an organisation."""
    member = organisations.get_member(gateway().identity, incoming.call, organisation_id, person_id)
    return Answer(_member(member), version=member.membership.version)


@blueprint.route("/v1/organisations/<id:organisation_id>/members/<id:person_id>", methods=["PATCH"])
@endpoint(
    body=schemas.MemberChanges,
    answer=schemas.Member,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.ORGANISATION_STATE, errors.LAST_REPRESENTATIVE),
    example={"role": "representative"},
)
def change_member(incoming: Incoming, organisation_id: str, person_id: str) -> Answer:
    """Give a member another role (representatives and managers, while the organisation is
    approved)."""
    member = organisations.change_role(
        gateway().identity,
        incoming.call,
        organisation_id,
        person_id,
        incoming.body["role"],
        incoming.expected_version,
    )
    return Answer(_member(member), version=member.membership.version)


@blueprint.route(
    "/v1/organisations/<id:organisation_id>/members/<id:person_id>", methods=["DELETE"]
)
@endpoint(
    status=204,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.ORGANISATION_STATE, errors.LAST_REPRESENTATIVE),
)
def remove_member(incoming: Incoming, organisation_id: str, person_id: str) -> Answer:
    """Let a person no longer belong to the organisation (representatives and managers, while it is
    approved); anybody may leave by their own id."""
    organisations.remove_member(
        gateway().identity, incoming.call, organisation_id, person_id, incoming.expected_version
    )
    return Answer(None)


def _change_status(incoming: Incoming, organisation_id: str, action: str) -> Answer:
    organisation = organisations.change_status(
        gateway().identity, incoming.call, organisation_id, action, incoming.expected_version
    )
    return Answer(_organisation(organisation), version=organisation.version)


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "name": dict(organisation.name),
        "status": organisation.status,
        "version": organisation.version,
        "created_at": to_wire(organisation.created_at),
        "updated_at": to_wire(organisation.updated_at),
    }


def _member(member: Member) -> dict[str, Any]:
    membership, person = member.membership, member.person
    return {
        "organisation_id": membership.organisation_id,
        "person_id": membership.person_id,
        "name": dict(person.name),
        "email": person.email,
        "role": membership.role,
        "version": membership.version,
        "created_at": to_wire(membership.created_at),
        "updated_at": to_wire(membership.updated_at),
    }
