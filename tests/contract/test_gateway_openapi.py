"""The OpenAPI document: valid, complete, and kept by the running gateway with real branches."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from werkzeug.serving import make_server

from gateway.app import BRANCHES, build, create_app
from gateway.identity.operations.sessions import identity_of
from gateway.web import problems
from tests.support.echoing import Running
from tests.support.gateway import Door, a_door, put_people_in, settings
from tests.support.stack import Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]
METHODS = {"get", "put", "post", "delete", "patch"}
# For operators and for people with a browser: no program is meant to call them.
UNDOCUMENTED = {
    "/metrics",
    "/openapi.json",
    "/docs",
    "/docs/",
    "/docs/start.js",
    "/",
    "/bookings/<id:reference>",
    "/series/<id:reference>",
    "/waitlist/<id:reference>",
    "/m/<id:reference>",
    "/me/invitations/<id:reference>",
    "/invitations/<id:token>",
    "/campaign-links/<id:token>",
    "/form-links/<id:token>",
    "/ratings/<id:token>",
    "/verify",
    "/verify/<string:code>",
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(door: Door) -> dict[str, Any]:
    answer = door("GET", "/openapi.json")
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = answer.json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, members in document["paths"].items():
        for method, operation in members.items():
            if method in METHODS:
                yield method, path, operation


# -- the document -----------------------------------------------------------------------------


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()
    for name, schema in document["components"]["schemas"].items():
        whole = {**schema, "components": document["components"]}
        jsonschema_rs.Draft202012Validator(whole)
        assert "\\A" not in str(schema), f"{name}: a pattern is not ECMA-262"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]


def test_every_route_is_in_it(door: Door, document: dict[str, Any]) -> None:
    documented = {(method.upper(), path) for method, path, _ in operations(document)}
    served = {
        (method, re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule))
        for rule in door.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in UNDOCUMENTED and not rule.rule.startswith("/docs/")
    }
    assert documented == served


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for status in operation["responses"]:
            if int(status) >= 400:
                response = operation["responses"][status]
                if "$ref" in response:
                    name = response["$ref"].rpartition("/")[2]
                    response = document["components"]["responses"][name]
                assert list(response["content"]) == [problems.CONTENT_TYPE], (method, path, status)


def test_operations_say_what_they_need(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(document):
        assert operation["summary"], (method, path)
        references = {p.get("$ref", "").rpartition("/")[2] for p in operation["parameters"]}
        statuses = set(operation["responses"])
        assert ("if_match" in references) == ("428" in statuses) == ("412" in statuses)
        # What is created is there (201), or is being made (202).
        begins = method == "post" and "202" in statuses and "if_match" not in references
        assert ("idempotency_key" in references) == ("201" in statuses or begins)
        assert ("requestBody" in operation) == ("415" in statuses)
        assert operation["security"] == [] or "401" in statuses, (method, path)
        if path.startswith("/v1"):
            assert "429" in statuses


def test_requests_are_closed_and_answers_are_open(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["CreateBooking"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Booking"]


def test_the_document_knows_the_limits_that_are_no_types(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def takes(name: str, value: Any) -> bool:
        whole = {**schemas[name], "components": document["components"], "required": []}
        return bool(jsonschema_rs.Draft202012Validator(whole).is_valid(value))

    starts_at = schemas["BookingChanges"]["properties"]["starts_at"]
    assert "From 1970 to 2999." in starts_at["description"]
    ends_at = schemas["ClosureChanges"]["properties"]["ends_at"]["description"]
    assert ends_at.startswith("In the future,")
    assert ends_at.endswith("From 1970 to 2999.")
    assert "2000 to 2200" in schemas["ExceptionalDay"]["properties"]["date"]["description"]
    for reason, taken in (
        ("صيانة\nالكهرباء", True),
        ({"ar": "صيانة", "en": "Repair"}, True),
        (None, True),
        ("a\u0000", False),
        (" ", False),
        ({"en": "Repair"}, False),
        ({"ar": "صيانة", "E": "x"}, False),
        ({"ar": None}, False),
    ):
        assert takes("ClosureChanges", {"reason": reason}) is taken
    assert not takes("AddSpace", {"parts": ["a", "a"]})


# -- the gateway keeps it ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def live(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A gateway with the real branches; its address, and a manager's token."""
    folder = tmp_path_factory.mktemp("live")
    chosen = settings(folder, database.uri, amqp_uri=broker.uri, rpc_timeout=10)
    environment = {
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": chosen.common.database_prefix,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "MAIL_FROM": "no-reply@masaha.example",
        "PUBLIC_URL": chosen.public_url,
    }
    subprocess.run(
        [sys.executable, "-m", "services.bookings", "seed", "deploy/seed"],
        env={**os.environ, **environment, "AMQP_URI": broker.uri},
        check=True,
        capture_output=True,
    )
    branches = [
        Running(folder, broker.uri, f"services.{branch}", "service", **environment)
        for branch in BRANCHES
    ]
    gateway = build(chosen)
    put_people_in(gateway)
    server = make_server("127.0.0.1", 0, create_app(gateway), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        for branch in branches:
            branch.await_ready()
        identity = identity_of(gateway.identity, "manager")
        assert identity is not None
        yield f"http://127.0.0.1:{server.port}", gateway.tokens.issue(identity)
    finally:
        server.shutdown()
        thread.join(5)
        gateway.close()
        for branch in branches:
            branch.close()


def test_every_answer_is_as_documented(live: tuple[str, str], tmp_path: Path) -> None:
    """A bounded pass of schemathesis: what it makes up is answered as the document says.

    Left out is the demand that schema-valid requests succeed: a rule of the domain may refuse one,
    and a condition that no version meets is 412 or 428. And `fields`, with which an answer lacks
    what its schema requires, as the parameter's description says.
    """
    address, token = live
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    schema.config.generation.update(max_examples=6)
    headers = {"Authorization": f"Bearer {token}"}
    wrong: list[str] = []
    tried = 0

    from hypothesis import HealthCheck, Phase, given, seed
    from hypothesis import settings as hypothesis_settings

    for result in schema.get_all_operations():
        operation = result.ok()

        @seed(20261124)
        @hypothesis_settings(
            max_examples=8,
            deadline=None,
            database=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            if case.query:
                case.query.pop("fields", None)
            case.call_and_validate(base_url=address, headers=headers, checks=CHECKS, timeout=20)

        try:
            attempt()
        except Exception as error:  # noqa: BLE001 - all operations are tried, then all faults shown
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)
    assert tried > 100
