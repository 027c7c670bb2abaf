"""Problem documents in the description: which codes an operation may answer, and what comes with
each.

Every published code is a schema of its own, with its params and further members typed by the
``ProblemMembers`` of the contracts. An operation refers to those that it may answer, status by
status, so that a client which looks at ``code`` knows the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from gateway.web import problems, system_schemas
from gateway.web.endpoint import OPEN, Declaration
from services.common.contracts.gateway import errors as gateway_codes
from services.common.contracts.identity import errors as identity_codes
from services.common.errors import ErrorCode

_CODES: Mapping[str, ErrorCode] = {each.code: each for each in problems.PUBLISHED}
_STATUSES: Mapping[str, int] = {
    **{each.code: problems.STATUS[each.kind] for each in problems.PUBLISHED},
    **problems.HTTP_CODES,
}
#: What a status says of any operation. A conflict is always one of a branch's own.
_USUAL: Mapping[int, tuple[str, ...]] = {
    400: ("malformed", "header_repeated"),
    401: (
        "unauthenticated",
        identity_codes.TOKEN_INVALID.code,
        identity_codes.TOKEN_EXPIRED.code,
        identity_codes.TOKEN_REVOKED.code,
    ),
    403: ("forbidden",),
    404: ("not_found",),
    412: ("stale",),
    413: ("body_too_large",),
    414: ("uri_too_long",),
    415: ("unsupported_media_type",),
    422: ("invalid",),
    428: ("precondition_required",),
    429: ("too_many_requests",),
    431: ("headers_too_large",),
    503: ("unavailable",),
}


def status_of(code: ErrorCode) -> int:
    """The HTTP status that a code comes with."""
    return problems.STATUS[code.kind]


def codes_of(declaration: Declaration) -> dict[int, tuple[str, ...]]:
    """The codes that an operation may answer, by status.

    A status that is declared without any code may come with each that its branch has.
    """
    found: dict[int, list[str]] = {each: list(_USUAL.get(each, ())) for each in _usual(declaration)}
    if declaration.creates:
        found[400] += ["idempotency.key_missing", "idempotency.key_invalid"]
        found.setdefault(422, []).append("idempotency.key_reused")
    if declaration.query is not None and "cursor" in declaration.query().fields:
        found[400].append(gateway_codes.CURSOR_INVALID.code)
    for each in declaration.refuses:
        if isinstance(each, ErrorCode):
            found.setdefault(status_of(each), []).append(each.code)
    for status, codes in found.items():
        if not codes:
            codes += [
                code
                for code, each in _STATUSES.items()
                if each == status and code.startswith(f"{declaration.branch}.")
            ]
    return {status: tuple(dict.fromkeys(codes)) for status, codes in sorted(found.items())}


def without_codes(declaration: Declaration) -> list[int]:
    """The declared statuses without a meaning: no code is named for them, and
    none is usual."""
    named = {status_of(each) for each in declaration.refuses if isinstance(each, ErrorCode)}
    return sorted(_usual(declaration) - set(_USUAL) - named)


def _usual(declaration: Declaration) -> set[int]:
    # In every request, the address or the headers may be too long to be read.
    statuses = {400, 414, 431}
    statuses |= {each for each in declaration.refuses if isinstance(each, int)}
    if declaration.limited:
        statuses.add(429)
    if declaration.access != OPEN:
        statuses.add(401)
    if declaration.query is not None:
        statuses.add(422)
    if declaration.changes:
        statuses |= {412, 428}
    if declaration.body is not None or declaration.largest_file:
        statuses |= {413, 415, 422}
    if declaration.branch is not None:
        statuses |= {422, 503}
    return statuses


def responses(declaration: Declaration) -> dict[str, Any]:
    """The refusals of an operation as OpenAPI has them."""
    return {
        str(status): f"problem_{status}" if codes == _USUAL.get(status) else response(status, codes)
        for status, codes in codes_of(declaration).items()
    }


def in_words(declaration: Declaration) -> str:
    """The codes that not every operation has, for its description."""
    usual = {code for codes in _USUAL.values() for code in codes} | {
        "idempotency.key_missing",
        "idempotency.key_invalid",
        "idempotency.key_reused",
        gateway_codes.CURSOR_INVALID.code,
    }
    own = [
        f"- {status} `{code}`: {_CODES[code].meaning}"
        for status, codes in codes_of(declaration).items()
        for code in codes
        if code not in usual
    ]
    return "\n".join(["Refusals of its own:", "", *own]) if own else ""


def register(components: Any, converter: Any) -> None:
    """Add the schemas of all codes, and the refusals that most operations have.

    Args:
        components: apispec's.
        converter: apispec's, of marshmallow fields.
    """
    for code, status in _STATUSES.items():
        components.schema(schema_name(code), _schema(code, status, converter))
    for status, codes in _USUAL.items():
        components.response(f"problem_{status}", response(status, codes))


def schema_name(code: str) -> str:
    """The name of a code's schema: of ``bookings.space_taken`` it is BookingsSpaceTakenProblem."""
    return "".join(part.capitalize() for part in code.replace(".", "_").split("_")) + "Problem"


def _schema(code: str, status: int, converter: Any) -> dict[str, Any]:
    published = _CODES.get(code)
    params: tuple[str, ...] = published.params if published else ()
    extra: tuple[str, ...] = published.extra if published else ()
    schema: dict[str, Any] = converter.schema2jsonschema(system_schemas.Problem())
    schema["properties"] |= {
        "code": {"type": "string", "const": code},
        "status": {"type": "integer", "const": status},
        **{
            name: converter.field2property(problems.MEMBERS[name])
            for name in (*params, *extra)
            if name in problems.MEMBERS
        },
    }
    schema["required"] = [*schema["required"], *params]
    schema["description"] = (
        published.meaning if published else problems.texts.text(f"{code}.detail", "en")
    )
    return schema


def response(status: int, codes: Iterable[str]) -> dict[str, Any]:
    """A refusal with one of these codes."""
    headers = {"Content-Language": "Content-Language", "traceparent": "traceparent"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "WWW-Authenticate"
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = "Retry-After"
    references = {code: f"#/components/schemas/{schema_name(code)}" for code in codes}
    schema: dict[str, Any]
    if len(references) == 1:
        schema = {"$ref": next(iter(references.values()))}
    else:
        schema = {
            "oneOf": [{"$ref": each} for each in references.values()],
            "discriminator": {"propertyName": "code", "mapping": references},
        }
    return {
        "description": HTTPStatus(status).phrase,
        "headers": headers,
        "content": {problems.CONTENT_TYPE: {"schema": schema}},
    }
