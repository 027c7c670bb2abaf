"""What a request brings, read strictly: its JSON body and its query.

Nothing that a client can send gets past here as anything but plain JSON values: no duplicate
members, no NaN, no lone surrogates, no bytes that are not UTF-8, no bottomless nesting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from gateway.web.problems import HttpProblem
from services.common.errors import FieldError, Invalid, Malformed
from services.common.field_errors import escape_name, field_errors

LONGEST_BODY = 64 * 1024
FILE_TYPE = "application/octet-stream"
"""How files are sent: as they are. What a file is, its content says, not its sender."""
_LONGEST_NUMBER = 17


def read_body(
    request: Request,
    schema: Schema,
    *,
    optional: bool,
    loaded: bool,
    longest: int = LONGEST_BODY,
) -> dict[str, Any]:
    """The body of a request, checked with the schema.

    Args:
        optional: whether no body at all means ``{}``.
        loaded: whether to give what the schema makes of it; else its JSON values.
        longest: in bytes.

    Raises:
        HttpProblem: 415 for another media type, 413 for too long a body, 408 for too slow a one.
        errors.Malformed: no JSON that one may rely on, half a body, or chunks that are none.
        errors.Invalid: JSON that breaks the schema; every fault with its pointer.
    """
    if optional and not request.content_length and "Transfer-Encoding" not in request.headers:
        return _held(schema, {}, loaded)
    if request.mimetype != "application/json" or "Content-Encoding" in request.headers:
        raise HttpProblem("unsupported_media_type", headers={"Accept": "application/json"})
    raw = received(request, longest)
    if optional and not raw:
        return _held(schema, {}, loaded)
    return _held(schema, parse(raw), loaded)


def read_file(request: Request, *, largest: int) -> bytes:
    """The file that is the body of a request.

    Args:
        largest: in bytes.

    Raises:
        HttpProblem: 415 unless it is sent as :data:`FILE_TYPE`, 413 for too large a file, 408 for
            too slow a one.
        errors.Malformed: half a body, or chunks that are none.
    """
    if request.mimetype != FILE_TYPE or "Content-Encoding" in request.headers:
        raise HttpProblem("unsupported_media_type", headers={"Accept": FILE_TYPE})
    return received(request, largest)


def received(request: Request, longest: int = LONGEST_BODY) -> bytes:
    """The bytes of the body, all of them; what is made of the body by the framework finds them too.

    Args:
        longest: how many it has at most.

    Raises:
        HttpProblem: 413 for too long a body, 408 for one that does not arrive in time.
        errors.Malformed: it is cut off, or in chunks that are none. Half a body may read like a
            whole one: a form lacks its last fields, and an optional body is no body at all.
    """
    request.max_content_length = longest
    try:
        raw = request.get_data(parse_form_data=False)
        # The framework returns the allowed part of a body in chunks, and does not report the rest.
        if len(raw) >= longest and request.environ["wsgi.input"].read(1):
            raise _refuse_rest(request)
    except RequestEntityTooLarge as error:
        raise _refuse_rest(request) from error
    except ParseException as error:
        # The server takes a body apart while it is read. Its text repeats what came: not for us.
        raise Malformed(detail=f"the body's chunks: {type(error).__name__}") from error
    except TimeoutError as error:
        raise HttpProblem("body_too_slow") from error
    except (ClientDisconnected, OSError) as error:
        raise Malformed(detail="the body ended early") from error
    if len(raw) < (request.content_length or 0):
        raise Malformed(detail="the body ended early")
    return raw


def _refuse_rest(request: Request) -> HttpProblem:
    """The refusal of a body that is too long. Where too much of it is left to be read, the answer
    says that the connection ends: a client would send its next request into nothing."""
    abandon = getattr(request.environ["wsgi.input"], "abandon", None)
    if abandon is not None:
        abandon()
    return HttpProblem("body_too_large")


def parse(raw: bytes) -> Any:
    """JSON text to values.

    Raises:
        errors.Malformed: it is not JSON, not UTF-8, or holds a member twice.
    """
    try:
        value = orjson.loads(raw)
        # The quick parser takes the last of two equal members; which one the next reader takes is
        # anybody's guess, so neither is taken.
        json.loads(raw, object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    except RecursionError as error:
        raise Malformed(detail="the JSON is nested too deeply") from error
    except ValueError as error:
        raise Malformed(detail=f"the body is not JSON: {error}") from error
    return value


def read_query(arguments: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """The parameters of a query, loaded by the schema.

    Raises:
        errors.Malformed: for a parameter that the route does not know, or one sent twice.
        errors.Invalid: for a value that breaks its limits.
    """
    if not arguments and (defaults := _defaults(schema)) is not None:
        return dict(defaults)
    known = _by_name(schema)
    unknown = [FieldError(f"/{escape_name(n)}", "unknown") for n in arguments if n not in known]
    repeated = [
        FieldError(f"/{name}", "repeated")
        for name, values in arguments.lists()
        if name in known and len(values) > 1
    ]
    if unknown or repeated:
        raise Malformed(detail="unknown or repeated query parameter", errors=unknown + repeated)
    return _loaded(schema, {name: _typed(known[name], value) for name, value in arguments.items()})


def refuse_query(arguments: MultiDict[str, str]) -> None:
    """For routes that take no parameters.

    Raises:
        errors.Malformed: for any parameter.
    """
    if arguments:
        faults = [FieldError(f"/{escape_name(name)}", "unknown") for name in arguments]
        raise Malformed(detail="unknown query parameter", errors=faults)


def _held(schema: Schema, value: Any, loaded: bool) -> dict[str, Any]:
    try:
        made: dict[str, Any] = schema.load(value)
    except (OverflowError, RecursionError) as error:
        raise Invalid(detail="a value is beyond all limits") from error
    except ValidationError as error:
        raise Invalid(
            detail="the body breaks its schema", errors=field_errors(error.messages)
        ) from error
    return made if loaded else value


def _loaded(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        raise Invalid(
            detail="the query breaks its schema", errors=field_errors(error.messages)
        ) from error
    return loaded


@lru_cache(maxsize=256)
def _by_name(schema: Schema) -> dict[str, fields.Field[Any]]:
    """The fields under the names that a query uses."""
    return {field.data_key or name: field for name, field in schema.fields.items()}


@lru_cache(maxsize=256)
def _defaults(schema: Schema) -> dict[str, Any] | None:
    """What an empty query means; None where it is no valid one."""
    if any(field.required for field in schema.fields.values()):
        return None
    return _loaded(schema, {})


def _typed(field: fields.Field[Any], value: str) -> Any:
    if isinstance(field, fields.Integer):
        digits = value.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER:
            return int(value)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member appears twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
