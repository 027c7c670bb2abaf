"""The accounts of people and of other systems, for managers."""

from __future__ import annotations

from typing import Any

from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.operations import accounts
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway, page, position
from gateway.web.openapi import Blueprint
from services.common.clock import to_wire
from services.common.contracts.identity import errors
from services.common.lists import after_id

blueprint = Blueprint("people", __name__, description="Accounts of people and of other systems")


@blueprint.route("/v1/people", methods=["GET"])
@endpoint(
    query=schemas.PeopleQuery, answer=schemas.PersonPage, access=SIGNED_IN, refuses=(403, 503)
)
def list_people(incoming: Incoming) -> Answer:
    """The people who have an account (managers, front desks)."""
    filters = {name: incoming.query[name] for name in ("role", "active", "search")}
    after = position(incoming, filters)
    found = accounts.find_people(
        gateway().identity,
        incoming.call,
        role=filters["role"],
        active=filters["active"],
        search=filters["search"],
        after=after_id(after),
        limit=incoming.query["limit"],
    )
    items = [_person(each) for each in found.items]
    return page(incoming, items, found.next, filters)


@blueprint.route("/v1/people/<id:person_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=schemas.Person,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404, 503),
)
def get_person(incoming: Incoming, person_id: str) -> Answer:
    """One person's account (managers, front desks)."""
    person = accounts.get_person(gateway().identity, incoming.call, person_id)
    return Answer(_person(person), version=person.version)


@blueprint.route("/v1/people/<id:person_id>", methods=["PATCH"])
@endpoint(
    body=schemas.PersonChanges,
    answer=schemas.Person,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.LAST_MANAGER),
    example={"roles": ["front_desk"], "centres": ["raqqa"]},
)
def change_person(incoming: Incoming, person_id: str) -> Answer:
    """Give a person staff roles, or withdraw them (managers). A withdrawn role ends at once."""
    roles, centres = incoming.body.get("roles"), incoming.body.get("centres")
    person = accounts.change_roles(
        gateway().identity,
        incoming.call,
        person_id,
        incoming.expected_version,
        roles=None if roles is None else frozenset(roles),
        centres=None if centres is None else frozenset(centres),
    )
    return Answer(_person(person), version=person.version)


@blueprint.route("/v1/people/<id:person_id>/disable", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=schemas.Person,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.LAST_MANAGER),
)
def disable_person(incoming: Incoming, person_id: str) -> Answer:
    """Disable a person's account: they are signed out at once and cannot sign in (managers)."""
    return _set_active(incoming, person_id, active=False)


@blueprint.route("/v1/people/<id:person_id>/enable", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=schemas.Person,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503),
)
def enable_person(incoming: Incoming, person_id: str) -> Answer:
    """Enable a person's account again (managers)."""
    return _set_active(incoming, person_id, active=True)


@blueprint.route("/v1/service-accounts", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.ServiceAccountPage,
    access=SIGNED_IN,
    refuses=(403, 503),
)
def list_service_accounts(incoming: Incoming) -> Answer:
    """The accounts of other systems (managers)."""
    after = position(incoming, {})
    found = accounts.find_service_accounts(
        gateway().identity, incoming.call, after=after_id(after), limit=incoming.query["limit"]
    )
    items = [_service_account(each) for each in found.items]
    return page(incoming, items, found.next, {})


@blueprint.route("/v1/service-accounts/<id:account_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=schemas.ServiceAccount,
    access=SIGNED_IN,
    refuses=(403, 404, 503),
)
def get_service_account(incoming: Incoming, account_id: str) -> Answer:
    """One account of another system (managers)."""
    account = accounts.get_service_account(gateway().identity, incoming.call, account_id)
    return Answer(_service_account(account))


@blueprint.route("/v1/service-accounts/<id:account_id>", methods=["DELETE"])
@endpoint(status=204, access=SIGNED_IN, refuses=(403, 404, 503))
def delete_service_account(incoming: Incoming, account_id: str) -> Answer:
    """Delete an account of another system: its tokens end at once (managers)."""
    accounts.delete_service_account(gateway().identity, incoming.call, account_id)
    return Answer(None)


def _set_active(incoming: Incoming, person_id: str, *, active: bool) -> Answer:
    person = accounts.set_active(
        gateway().identity, incoming.call, person_id, incoming.expected_version, active=active
    )
    return Answer(_person(person), version=person.version)


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": dict(person.name),
        "email": person.email,
        "language": person.language,
        "roles": sorted(person.roles),
        "centres": sorted(person.centres),
        "active": person.active,
        "version": person.version,
        "created_at": to_wire(person.created_at),
        "updated_at": to_wire(person.updated_at),
    }


def _service_account(account: ServiceAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": dict(account.name),
        "language": account.language,
        "scopes": sorted(account.scopes),
    }
