"""The OpenAPI 3.1 document: built from what the endpoints declare, never written by hand.

flask-smorest and apispec do the work; here is what they cannot know. Fields are in
``openapi_fields``, problem documents in ``openapi_problems``, examples in ``openapi_examples``.

flask-smorest makes paths of the routes and components of the schemas, and is used for nothing else.
It does not parse: bodies and queries are checked in ``endpoint``, with the codes of our problems.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from werkzeug.routing import BaseConverter

from gateway.web import (
    openapi_components,
    openapi_examples,
    openapi_fields,
    openapi_problems,
    schemas,
)
from gateway.web.endpoint import OPEN, PUBLIC, SIGNED_IN, Declaration, selectable
from gateway.web.openapi_fields import VERSION, property_of
from gateway.web.request_parsing import FILE_TYPE

#: A signed text (RFC 7515), in compact form.
JOSE = "application/jose"
#: A file, as generators of clients know it.
_BYTES = {"type": "string", "format": "binary"}
_ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_DESCRIPTION = """\
The HTTP door of Masaha, the platform of a civil-society support centre.

- Sign in with `POST /v1/auth/token`, then send `Authorization: Bearer <access_token>`.
- Errors are problem documents (RFC 9457); act upon `code`, show `title` and `detail`.
- A creating POST needs an `Idempotency-Key`: sent again, it gets the first answer again.
- A change needs `If-Match` with the `ETag` that was read.
- Texts come in the language of `Accept-Language`.
"""


class IdConverter(BaseConverter):
    """An identifier in a path; anything else is no address of ours."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


class Api(SmorestApi):  # type: ignore[misc]
    """flask-smorest without its own error documents."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Problem documents are :mod:`gateway.web.middleware`'s."""


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """Documents each endpoint from its declaration."""

    def route(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        register = super().route

        def decorator(view: Any) -> Any:
            declaration: Declaration = view.declaration
            view._apidoc = {
                "manual_doc": _operation(view.__name__, view.__doc__ or "", declaration)
            }
            return register(rule, **options)(view)

        return decorator


def install(app: Flask, *, public_url: str) -> Api:
    """Prepare the document; blueprints are registered with what is returned."""
    app.config.update(
        API_TITLE="Masaha",
        API_VERSION="v1",
        OPENAPI_VERSION=VERSION,
        OPENAPI_URL_PREFIX=None,
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION},
            "servers": [{"url": public_url}],
        },
    )
    app.url_map.converters["id"] = IdConverter
    api = Api(app)
    api.register_converter(
        IdConverter, lambda _converter: {"type": "string", "pattern": _ID_PATTERN}
    )
    converter = api.ma_plugin.converter
    for function in openapi_fields.FUNCTIONS:
        converter.add_attribute_function(function)
    openapi_components.register(api.spec.components)
    openapi_problems.register(api.spec.components, converter)
    return api


def document(api: Api) -> dict[str, Any]:
    """The whole document as plain values."""
    whole = api.spec.to_dict()
    named: dict[str, Any] = {}
    found: dict[str, Any] = openapi_fields.finished(whole, named)
    components = found["components"]["schemas"]
    for name, schema in named.items():
        if name in components:
            raise ValueError(f"A schema and a type of a field are both named {name}.")
        components[name] = schema
    _describe_grants(components)
    _close_requests(found)
    _drop_unused(found)
    openapi_examples.add(found)
    return found


def _close_requests(found: dict[str, Any]) -> None:
    """What we answer may gain members; what we are sent may not hold unknown ones."""
    components = found["components"]["schemas"]
    bodies = [
        operation["requestBody"]
        for path in found["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    sent = _within(bodies, components)
    for name, schema in components.items():
        if name not in sent and isinstance(schema.get("additionalProperties"), bool):
            del schema["additionalProperties"]


def _drop_unused(found: dict[str, Any]) -> None:
    """Leave out the schemas and responses that nothing refers to."""
    components = found["components"]
    used = _within(found["paths"], components["schemas"], components["responses"])
    for kind in ("schemas", "responses"):
        components[kind] = {name: each for name, each in components[kind].items() if name in used}


def _within(start: Any, *components: dict[str, Any]) -> set[str]:
    """The names of the components that this refers to, at any depth."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            for each in components:
                if name in each and name not in found:
                    found.add(name)
                    waiting.append(each[name])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _describe_grants(components: dict[str, Any]) -> None:
    """The grants side by side, each with the members that it needs and no others."""
    properties = components["TokenRequest"]["properties"]
    mapping = {}
    for grant, needed in schemas.TokenRequest.GRANTS.items():
        name = "".join(part.capitalize() for part in grant.split("_")) + "Grant"
        mapping[grant] = f"#/components/schemas/{name}"
        components[name] = {
            "type": "object",
            "properties": {
                "grant_type": {"type": "string", "const": grant},
                **{member: properties[member] for member in needed},
            },
            "required": ["grant_type", *needed],
            "additionalProperties": False,
        }
    components["TokenRequest"] = {
        "description": "One of the grants; `grant_type` says which.",
        "oneOf": [{"$ref": each} for each in mapping.values()],
        "discriminator": {"propertyName": "grant_type", "mapping": mapping},
    }


# -- operations -------------------------------------------------------------------------------


def _query_parameters(declaration: Declaration) -> list[dict[str, Any]]:
    if declaration.query is None:
        return []
    parameters = []
    for name, field in declaration.query().fields.items():
        schema = property_of(field)
        schema.pop("readOnly", None)
        description = schema.pop("description", None)
        if isinstance(schema.get("type"), list):
            # Absent is how a parameter says null.
            schema["type"] = next(each for each in schema["type"] if each != "null")
        if schema.get("default", 0) is None:
            del schema["default"]
        if isinstance(schema.get("enum"), list):
            schema["enum"] = [each for each in schema["enum"] if each is not None]
        parameter: dict[str, Any] = {
            "in": "query",
            "name": field.data_key or name,
            "required": field.required,
            "schema": schema,
        }
        if name == "fields_":
            names = sorted(selectable(declaration.answer))
            parameter["example"] = ",".join(names[:2])
            description = (
                f"{description} Those that are not named are missing from the answer, whatever its "
                f"schema requires. Of: {', '.join(f'`{each}`' for each in names)}."
            )
        if name == "cursor":
            schema["pattern"] = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
        if description:
            parameter["description"] = description
        parameters.append(parameter)
    return parameters


def _operation(name: str, text: str, declaration: Declaration) -> dict[str, Any]:
    paragraphs = [" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n")]
    summary = re.split(r"(?<=[.])\s", paragraphs[0], maxsplit=1)[0]
    refusals = openapi_problems.in_words(declaration)
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary.removesuffix("."),
        "description": "\n\n".join([*paragraphs, refusals] if refusals else paragraphs),
        "parameters": [*_query_parameters(declaration), "accept_language"],
        "responses": _responses(declaration),
        "security": {
            OPEN: [],
            PUBLIC: [{}, {"bearer": []}],
            SIGNED_IN: [{"bearer": []}],
        }[declaration.access],
    }
    if declaration.creates:
        operation["parameters"].append("idempotency_key")
    if declaration.changes:
        operation["parameters"].append("if_match")
    if declaration.waits:
        operation["parameters"].append("prefer")
    if declaration.body is not None:
        operation["requestBody"] = {
            "required": not declaration.body_optional,
            "content": {"application/json": {"schema": declaration.body}},
        }
        if declaration.example is not None:
            content = operation["requestBody"]["content"]["application/json"]
            content["example"] = dict(declaration.example)
    if declaration.largest_file:
        operation["requestBody"] = {"required": True, "content": {FILE_TYPE: {"schema": _BYTES}}}
    return operation


def _responses(declaration: Declaration) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: name for name in ("Content-Language", "traceparent", "RateLimit", "RateLimit-Policy")
    }
    reads = declaration.status == HTTPStatus.OK and declaration.body is None
    reads = reads and not declaration.largest_file
    reads = reads and not declaration.changes
    if declaration.versioned or declaration.changes or reads:
        headers["ETag"] = "ETag"
    if declaration.creates:
        headers["Location"] = "Location"
    if "next_cursor" in (declaration.answer().fields if declaration.answer else {}):
        headers["Link"] = "Link"
    if declaration.branch and declaration.access == PUBLIC:
        headers["Age"] = "Age"
    success: dict[str, Any] = {
        "description": HTTPStatus(declaration.status).phrase,
        "headers": headers,
    }
    if declaration.answer is not None:
        success["content"] = {"application/json": {"schema": declaration.answer}}
    for media in declaration.media:
        schema = {"type": "string"} if media.startswith("text/") or media == JOSE else _BYTES
        success.setdefault("content", {})[media] = {"schema": schema}
    found: dict[str, Any] = {str(declaration.status): success}
    if declaration.dry_run:
        found[str(int(HTTPStatus.OK))] = {"description": "What would be, with nothing written."} | {
            name: value for name, value in success.items() if name == "content"
        }
    if declaration.pending is not None:
        found[str(int(HTTPStatus.ACCEPTED))] = {
            "description": "It is being made; `Retry-After` says when to ask again.",
            "headers": {"Retry-After": "Retry-After"},
            "content": {"application/json": {"schema": declaration.pending}},
        }
    if declaration.waits:
        headers["Preference-Applied"] = "Preference-Applied"
        if declaration.status == HTTPStatus.OK:
            found[str(int(HTTPStatus.ACCEPTED))] = success | {
                "description": "Not decided yet; the resource says what is awaited."
            }
    if reads:
        found["304"] = "not_modified"
    return found | openapi_problems.responses(declaration)
