"""What the descriptions of all endpoints refer to: headers, parameters and problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from gateway import problems, schemas
from services.common.languages import DEFAULT_LANGUAGE, LANGUAGES
from services.common.storage.idempotency import LONGEST_KEY


def register(components: Any) -> None:
    """Add them all to the document.

    Args:
        components: apispec's.
    """
    components.security_scheme(
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "`access_token` of `POST /v1/auth/token`.",
        },
    )
    components.schema("Problem", schema=schemas.Problem)
    components.schema(
        "Selected",
        {"type": "object", "description": "Only the members that `fields` names."},
    )
    for name, description, schema in (
        ("ETag", "Version, for `If-Match` and `If-None-Match`.", {"type": "string"}),
        ("Location", "Address of what was created.", {"type": "string"}),
        ("Link", 'The next page, `rel="next"`.', {"type": "string"}),
        ("Age", "Seconds; only when the branch is away.", {"type": "integer", "minimum": 0}),
        ("Retry-After", "Seconds.", {"type": "integer", "minimum": 1}),
        ("RateLimit", "What is left of the limit.", {"type": "string"}),
        ("RateLimit-Policy", "The limit.", {"type": "string"}),
        ("WWW-Authenticate", "How to sign in.", {"type": "string"}),
        ("Content-Language", "Of the texts.", {"enum": list(LANGUAGES)}),
        ("traceparent", "W3C Trace Context.", {"type": "string"}),
    ):
        components.header(name, {"description": description, "schema": schema})
    for name, parameter in _PARAMETERS.items():
        components.parameter(name, "header", parameter)
    components.response(
        "not_modified", {"description": "Not changed since.", "headers": {"ETag": "ETag"}}
    )
    for status in sorted({*problems.STATUS.values(), *problems.HTTP_CODES.values()} - {500}):
        components.response(f"problem_{status}", _problem(status))


_PARAMETERS: dict[str, dict[str, Any]] = {
    "accept_language": {
        "name": "Accept-Language",
        "description": f"Of {', '.join(f'`{each}`' for each in LANGUAGES)}, with weights; "
        f"else `{DEFAULT_LANGUAGE}`.",
        "schema": {"type": "string", "examples": ["en, ar;q=0.5"]},
    },
    "idempotency_key": {
        "name": "Idempotency-Key",
        "required": True,
        "description": "The client's own name for this request, kept for 24 hours: sent again "
        "with the same body, it gets the first answer again; with another body, 422.",
        "schema": {"type": "string", "pattern": f"^[!-~]{{1,{LONGEST_KEY}}}$"},
        "example": "5f0c2d6e-8f0a-4a51-b0a5-8a1f4d2f6c11",
    },
    "if_match": {
        "name": "If-Match",
        "required": True,
        "description": "The `ETag` that was read. Missing: 428; another version by now: 412.",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,14}"$'},
        "example": '"1"',
    },
}


def _problem(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    code = next(
        (each.code for each in problems.PUBLISHED if problems.STATUS[each.kind] == status),
        next((name for name, value in problems.HTTP_CODES.items() if value == status), "conflict"),
    )
    headers = {"Content-Language": "Content-Language", "traceparent": "traceparent"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "WWW-Authenticate"
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = "Retry-After"
    return {
        "description": phrase,
        "headers": headers,
        "content": {
            problems.CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": f"/problems/{code}",
                    "title": problems.texts.text(f"{code}.title", "en"),
                    "status": status,
                    "detail": _example_detail(code),
                    "code": code,
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                },
            }
        },
    }


def _example_detail(code: str) -> str:
    try:
        return problems.texts.text(f"{code}.detail", "en")
    except KeyError:
        return ""
