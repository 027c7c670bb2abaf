"""A gateway in the test's own process: the real database, and branches that answer as the test
says.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import build, create_app
from gateway.identity.domain.identity import Identity
from gateway.identity.operations.sessions import identity_of
from gateway.remote.breaker import away
from gateway.remote.public_cache import PublicCache
from gateway.seeding import add_first_data
from gateway.settings import GatewaySettings
from gateway.web.parts import Gateway
from services.common.config import Settings
from services.common.context import Call, Caller

PASSWORD = "a long enough password"
NOWHERE = "mongodb://127.0.0.1:1/?replicaSet=none"

PEOPLE: dict[str, dict[str, Any]] = {
    "manager": {"roles": ["manager"]},
    "desk": {"roles": ["front_desk"], "centres": ["raqqa"]},
    "rep": {"memberships": [{"organisation_id": "hope", "role": "representative"}]},
    "member": {"memberships": [{"organisation_id": "hope", "role": "member"}]},
    "stranger": {"memberships": [{"organisation_id": "other", "role": "representative"}]},
}


class Branches:
    """Replaces the RPC client. ``answers`` holds what each method answers or raises."""

    connected = True

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, dict[str, Any], Call]] = []
        self.away = False

    def call(
        self,
        branch: str,
        method: str,
        request: Mapping[str, Any],
        call: Call,
        timeout: float | None = None,
    ) -> Any:
        self.asked.append((branch, method, dict(request), call))
        if self.away:
            raise away(branch, 2.0, "timeout")
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def alive(self, _branch: str, _timeout: float) -> bool:
        return not self.away

    def broker_answers(self, _timeout: float) -> bool:
        return True

    def start(self) -> None:
        """Nothing to connect to."""

    def close(self) -> None:
        """Nothing to release."""


def settings(folder: Path, mongo_uri: str = NOWHERE, **changes: Any) -> GatewaySettings:
    """Settings with a database of their own."""
    common = Settings(
        amqp_uri=changes.pop("amqp_uri", "amqp://127.0.0.1:1//"),
        mongo_uri=mongo_uri,
        database_prefix=f"t{uuid.uuid4().hex[:12]}",
    )
    return GatewaySettings(
        common=common,
        public_url="http://gateway.test",
        jwt_keys_dir=folder / "keys",
        cursor_secret="of this test",
        **{"rate_limit": 0, "sign_in_limit": 0, **changes},
    )


class Door:
    """The gateway's HTTP surface, as a named person or a visitor uses it."""

    def __init__(self, gateway: Gateway, branches: Branches) -> None:
        self.gateway = gateway
        self.app = create_app(gateway)
        self.stand_before(branches)

    def stand_before(self, branches: Branches) -> None:
        """Ask these branches from now on, and drop the answers of others."""
        self.branches = branches
        self.gateway.rpc = branches  # type: ignore[assignment]
        self.gateway.public = PublicCache(branches)  # type: ignore[arg-type]
        self.client: FlaskClient = self.app.test_client()

    def token(self, who: str | Identity) -> str:
        """A token as sign-in would give it now."""
        if isinstance(who, Identity):
            return self.gateway.tokens.issue(who)
        if who == "system":
            return self.gateway.tokens.issue(Identity(Caller("system", kind="service")))
        identity = identity_of(self.gateway.identity, who)
        assert identity is not None, who
        return self.gateway.tokens.issue(identity)

    def __call__(
        self, method: str, path: str, who: str | Identity | None = None, **options: Any
    ) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.token(who)}"
        version = options.pop("version", None)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        key = options.pop("key", None)
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.open(path, method=method, headers=headers, **options)


MEMBER = Identity(Caller("member", organisations={"hope": "member"}))


@contextmanager
def a_door(folder: Path, mongo_uri: str | None = None, **changes: Any) -> Iterator[Door]:
    """A gateway with prepared branches; with a database, the people above are in it."""
    gateway = build(settings(folder, mongo_uri or NOWHERE, **changes))
    gateway.rpc.close()
    if mongo_uri:
        put_people_in(gateway)
    try:
        yield Door(gateway, Branches())
    finally:
        if mongo_uri:
            gateway.database.client.drop_database(gateway.settings.common.database("gateway"))
        gateway.close()


def put_people_in(gateway: Gateway) -> None:
    """The people above, two organisations, and a service account."""
    gateway.identity.ensure_indexes()
    add_first_data(
        gateway.identity,
        {
            "organisations": [
                {"id": "hope", "name": {"ar": "أمل", "en": "Hope"}, "status": "approved"},
                {"id": "other", "name": {"ar": "أخرى", "en": "Other"}, "status": "approved"},
            ],
            "people": [
                {
                    "id": name,
                    "email": f"{name}@hope.example",
                    "password": PASSWORD,
                    "name": {"ar": name},
                    **more,
                }
                for name, more in PEOPLE.items()
            ],
            "service_accounts": [
                {"id": "system", "password": PASSWORD, "name": {"ar": "نظام"}, "scopes": ["s:r"]}
            ],
        },
    )


def rows(gateway: Gateway, collection: str) -> list[dict[str, Any]]:
    """Everything in a collection."""
    return list(gateway.database.collection(collection).find({}))
