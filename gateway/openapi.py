"""The OpenAPI 3.1 document: built from what the endpoints declare, never written by hand.

flask-smorest and apispec do the work; here is what they cannot know: our own fields, problem
documents (flask-smorest would call them ``application/json``), and the headers that a declaration
implies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import fields, validate
from werkzeug.routing import BaseConverter

from gateway import openapi_components, schemas, text_patterns
from gateway.api.endpoint import OPEN, PUBLIC, SIGNED_IN, Declaration, selectable
from services.common.contracts.bookings.closures import Reason
from services.common.contracts.bookings.hours import Day, WeeklyHours
from services.common.contracts.fields import Instant, LocalisedText, Printable

VERSION = "3.1.0"
_ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
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
        """Problem documents are :mod:`gateway.http`'s."""


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """Documents each endpoint from its declaration."""

    def route(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        register = super().route

        def decorator(view: Any) -> Any:
            declaration: Declaration = view.declaration
            view._apidoc = {"manual_doc": _operation(view.__name__, declaration)}
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
    for function in _FUNCTIONS:
        api.ma_plugin.converter.add_attribute_function(function)
    openapi_components.register(api.spec.components)
    return api


def document(api: Api) -> dict[str, Any]:
    """The whole document as plain values."""
    cleaned: dict[str, Any] = _cleaned(api.spec.to_dict())
    components = cleaned["components"]["schemas"]
    for unused in ("Error", "PaginationMetadata"):
        components.pop(unused, None)
    sent = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        for path in cleaned["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "requestBody" in operation
    }
    sent |= _within(sent, components)
    for name, schema in components.items():
        # What we answer may gain members; what we are sent may not hold unknown ones.
        if name not in sent:
            schema.pop("additionalProperties", None)
    components["TokenRequest"] = _grants(components["TokenRequest"])
    return cleaned


def _within(names: set[str], components: dict[str, Any]) -> set[str]:
    """The schemas that these are made of, at any depth."""
    found: set[str] = set()
    waiting = [components[name] for name in names]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name in components and name not in found:
                found.add(name)
                waiting.append(components[name])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _grants(schema: dict[str, Any]) -> dict[str, Any]:
    """The grants side by side, each with the members that it needs and no others."""
    properties = schema["properties"]
    return {
        "description": "One of the grants.",
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "grant_type": {"type": "string", "const": grant},
                    **{name: properties[name] for name in needed},
                },
                "required": ["grant_type", *needed],
                "additionalProperties": False,
            }
            for grant, needed in schemas.TokenRequest.GRANTS.items()
        ],
    }


# -- fields -----------------------------------------------------------------------------------


def _own_fields(
    _self: Any, field: fields.Field[Any], ret: Mapping[str, Any] = _NOTHING, **_: Any
) -> dict[str, Any]:
    # The years in words: as a pattern beside a format they would make sense to no generator of
    # requests, which makes up any year and throws nearly all away.
    said = ret.get("description", "")
    if isinstance(field, Instant):
        return {
            "type": ["string", "null"] if field.allow_none else "string",
            "format": "date-time",
            "description": f"{said} From 1970 to 2999.".strip(),
            "examples": ["2026-11-24T09:00:00Z"],
        }
    if isinstance(field, Day):
        return {
            "type": "string",
            "format": "date",
            "description": f"{said} From 2000 to 2200.".strip(),
            "examples": ["2026-11-24"],
        }
    if isinstance(field, Reason):
        forms = [_property(field.plain), _property(field.localised)]
        return {"oneOf": [*forms, {"type": "null"}] if field.allow_none else forms}
    if isinstance(field, LocalisedText):
        names = {"ar": "قاعة التدريب", "en": "Training room"}
        return {"required": ["ar"], "examples": [names]}
    if isinstance(field, WeeklyHours):
        return {"examples": [{"sunday": [["09:00", "13:00"], ["14:00", "17:00"]]}]}
    return {}


def _names_of_members(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Which members an object with free names may have: the rules of the dictionary's keys."""
    keys = getattr(field, "key_field", None)
    for check in keys.validators if keys is not None else ():
        if isinstance(check, validate.OneOf):
            return {"propertyNames": {"enum": list(check.choices)}}
        if isinstance(check, validate.Regexp):
            return {"propertyNames": {"pattern": check.regex.pattern}}
    return {}


def _texts(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    for check in field.validators:
        if isinstance(check, Printable) and not check.blank:
            return {"pattern": text_patterns.LINES if check.lines else text_patterns.LINE}
    return {}


_FUNCTIONS = (_own_fields, _names_of_members, _texts)


@cache
def _converter() -> OpenAPIConverter:
    converter = OpenAPIConverter(VERSION, lambda schema: schema.__name__, None)  # type: ignore[arg-type]
    for function in _FUNCTIONS:
        converter.add_attribute_function(function)  # type: ignore[no-untyped-call]
    return converter


def _property(field: fields.Field[Any]) -> dict[str, Any]:
    return dict(_converter().field2property(field))


def _query_parameters(declaration: Declaration) -> list[dict[str, Any]]:
    if declaration.query is None:
        return []
    parameters = []
    for name, field in declaration.query().fields.items():
        schema = _property(field)
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
            parameter["schema"] = {
                "type": "array",
                "items": {"type": "string", "enum": sorted(selectable(declaration.answer))},
                "minItems": 1,
            }
            parameter |= {"style": "form", "explode": False}
        if name == "cursor":
            schema["pattern"] = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
        if description:
            parameter["description"] = description
        parameters.append(parameter)
    return parameters


# -- operations -------------------------------------------------------------------------------


def _operation(name: str, declaration: Declaration) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
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
    if declaration.body is not None:
        operation["requestBody"] = {
            "required": not declaration.body_optional,
            "content": {"application/json": {"schema": declaration.body}},
        }
        if declaration.example is not None:
            content = operation["requestBody"]["content"]["application/json"]
            content["example"] = dict(declaration.example)
    return operation


def _responses(declaration: Declaration) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: name for name in ("Content-Language", "traceparent", "RateLimit", "RateLimit-Policy")
    }
    reads = declaration.status == HTTPStatus.OK and declaration.body is None
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
        schema: Any = declaration.answer
        if declaration.query is not None and "fields_" in declaration.query().fields:
            schema = {"anyOf": [declaration.answer, {"$ref": "#/components/schemas/Selected"}]}
        success["content"] = {"application/json": {"schema": schema}}
    for media in declaration.media:
        success.setdefault("content", {})[media] = {"schema": {"type": "string"}}
    found: dict[str, Any] = {str(declaration.status): success}
    if declaration.rehearses:
        found[str(int(HTTPStatus.OK))] = {"description": "What would be, with nothing written."} | {
            name: value for name, value in success.items() if name == "content"
        }
    if reads:
        found["304"] = "not_modified"
    for status in sorted(_refusals(declaration)):
        found[str(status)] = f"problem_{status}"
    return found


def _refusals(declaration: Declaration) -> set[int]:
    # Whatever is asked, its address or its headers may be too long to be read.
    statuses = {400, 414, 431, *declaration.refuses}
    if declaration.limited:
        statuses.add(429)
    if declaration.access != OPEN:
        statuses.add(401)
    if declaration.query is not None:
        statuses.add(422)
    if declaration.changes:
        statuses |= {412, 428}
    if declaration.body is not None:
        statuses |= {413, 415, 422}
    if declaration.branch is not None:
        statuses |= {422, 503}
    return statuses


# -- the document -----------------------------------------------------------------------------


def _cleaned(value: Any) -> Any:
    """Python's anchors of regular expressions as those of ECMA-262, which JSON Schema uses."""
    if isinstance(value, dict):
        return {
            name: _ecma(each) if name == "pattern" and isinstance(each, str) else _cleaned(each)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value


def _ecma(pattern: str) -> str:
    return re.sub(r"\\Z", "$", re.sub(r"\\A", "^", pattern))
