"""Signing in, staying signed in, signing out, and oneself."""

from __future__ import annotations

from typing import Any

from flask import g, request

from gateway.identity.domain.identity import Person, normalised_email
from gateway.identity.operations import accounts, people, sessions
from gateway.identity.operations.sessions import Grant
from gateway.web import schemas
from gateway.web.endpoint import OPEN, SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common.context import Call
from services.common.contracts.identity import errors

blueprint = Blueprint("auth", __name__, description="Sign-in, and the person who is signed in")


@blueprint.route("/v1/auth/token", methods=["POST"])
@endpoint(
    body=schemas.TokenRequest,
    answer=schemas.Tokens,
    access=OPEN,
    refuses=(429, 503, errors.SIGN_IN_FAILED, errors.REFRESH_INVALID),
    limited=False,
    example={
        "grant_type": "password",
        "email": "member@masaha.example",
        "password": "masaha-demo-2018",
    },
)
def token(incoming: Incoming) -> Answer:
    """Sign in with a password, go on with a refresh token, or sign a service account in."""
    body, parts = incoming.body, gateway()
    grant = body["grant_type"]
    address = request.remote_addr or "unknown"
    identity = parts.identity
    if grant == "refresh_token":
        # 256 random bits cannot be guessed, and a whole office may renew from one address.
        g.standing = parts.limiter.request(address)
        given = sessions.renew_sign_in(identity, body["refresh_token"])
    elif grant == "password":
        account = normalised_email(body["email"])
        g.standing = parts.limiter.sign_in(address, account)
        given = sessions.sign_in(identity, account, body["password"])
        parts.limiter.signed_in(address, account)
    else:
        account = body["client_id"]
        g.standing = parts.limiter.sign_in(address, account)
        given = sessions.sign_in_service(identity, account, body["client_secret"])
        parts.limiter.signed_in(address, account)
    return _tokens(given)


@blueprint.route("/v1/auth/revoke", methods=["POST"])
@endpoint(body=schemas.RevokeRequest, status=204, access=OPEN, refuses=(503,))
def revoke(incoming: Incoming) -> Answer:
    """Sign out: end the sign-in of a refresh token, or with `everywhere` all of its person.

    Access tokens end at once; a token that is unknown is as good as ended."""
    sessions.sign_out(
        gateway().identity,
        incoming.body["refresh_token"],
        everywhere=incoming.body.get("everywhere", False),
    )
    return Answer(None, cache_control="no-store")


@blueprint.route("/v1/me/password", methods=["POST"])
@endpoint(
    body=schemas.ChangePassword,
    answer=schemas.Tokens,
    access=SIGNED_IN,
    refuses=(403, 503, errors.PASSWORD_WRONG),
    example={"current_password": "masaha-demo-2018", "new_password": "another long password"},
)
def change_password(incoming: Incoming) -> Answer:
    """Choose another password: every sign-in ends, and the answer begins a new one."""
    parts, body = gateway(), incoming.body
    address, account = request.remote_addr or "unknown", incoming.caller.id
    g.standing = parts.limiter.sign_in(address, account)
    given = accounts.change_password(
        parts.identity, incoming.call, body["current_password"], body["new_password"]
    )
    parts.limiter.signed_in(address, account)
    return _tokens(given)


@blueprint.route("/v1/me", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=schemas.Me,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 503),
)
def get_me(incoming: Incoming) -> Answer:
    """The person, or the service account, that is signed in."""
    me = me_of(incoming.call)
    return Answer(me, version=me["version"])


def me_of(call: Call) -> dict[str, Any]:
    """What a person, or a service account, is shown of itself."""
    identity = gateway().identity
    if call.caller.kind == "service":
        account = people.signed_in_account(identity, call)
        return {
            "id": account.id,
            "kind": "service",
            "name": dict(account.name),
            "email": None,
            "language": account.language,
            "roles": sorted(account.scopes),
            "centres": [],
            "organisations": [],
            "version": 1,
        }
    person = people.signed_in_person(identity, call)
    return _me(person, people.memberships_of(identity, person.id))


@blueprint.route("/v1/me", methods=["PATCH"])
@endpoint(
    body=schemas.MeChanges,
    answer=schemas.Me,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 503),
    example={"language": "en"},
)
def change_me(incoming: Incoming) -> Answer:
    """Change one's own name or language."""
    identity = gateway().identity
    person = people.change_me(
        identity,
        incoming.call,
        incoming.expected_version,
        name=incoming.body.get("name"),
        language=incoming.body.get("language"),
    )
    return Answer(_me(person, people.memberships_of(identity, person.id)), version=person.version)


def _tokens(given: Grant) -> Answer:
    data: dict[str, Any] = {
        "access_token": gateway().tokens.issue(given.identity),
        "token_type": "Bearer",
        "expires_in": gateway().tokens.seconds,
    }
    if given.refresh_token is not None:
        data["refresh_token"] = given.refresh_token
    return Answer(data, cache_control="no-store")


def _me(person: Person, memberships: dict[str, str]) -> dict[str, Any]:
    return {
        "id": person.id,
        "kind": "person",
        "name": dict(person.name),
        "email": person.email,
        "language": person.language,
        "roles": sorted(person.roles),
        "centres": sorted(person.centres),
        "organisations": [
            {"organisation_id": each, "role": role} for each, role in sorted(memberships.items())
        ],
        "version": person.version,
    }
