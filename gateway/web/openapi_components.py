"""What the descriptions of all endpoints refer to: headers and parameters."""

from __future__ import annotations

from typing import Any

from gateway.web.preferences import MOST_SECONDS
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
    for name, description, schema in (
        ("ETag", "Version, for `If-Match` and `If-None-Match`.", {"type": "string"}),
        ("Location", "Address of what was created.", {"type": "string"}),
        ("Link", 'The next page, `rel="next"`.', {"type": "string"}),
        ("Age", "Seconds; only when the branch is away.", {"type": "integer", "minimum": 0}),
        ("Preference-Applied", "How long the request was ready to wait.", {"type": "string"}),
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


_PARAMETERS: dict[str, dict[str, Any]] = {
    "prefer": {
        "name": "Prefer",
        "description": f"`wait=n`: wait up to n seconds, {MOST_SECONDS} at most, for what another "
        "branch decides (RFC 7240).",
        "schema": {"type": "string", "examples": ["wait=3"]},
    },
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
