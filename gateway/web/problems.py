"""Errors as RFC 9457 problem documents, in the caller's language.

This is the one table from the kind of an error to an HTTP status.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from marshmallow.fields import Field

from services.common import csv, errors
from services.common.bidi import isolated
from services.common.catalogue import Catalogue, MissingText
from services.common.contracts import files_errors, forms_errors, hours_errors
from services.common.contracts.registry import contracts_of
from services.common.field_errors import wording_of
from services.common.languages import direction_of, in_language, listed

CONTENT_TYPE = "application/problem+json"

#: How many faults one document names. A small body may hold thousands, and nobody reads them all.
MOST_FAULTS = 100
FAILED_RULES = "failed_rules"
"""The member of a refusal that names each condition that is not met."""

STATUS: Mapping[type[errors.MasahaError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Invalid: 422,
    errors.KeyReused: 422,
    errors.PreconditionMissing: 428,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.Internal: 500,
}

#: Problems that HTTP itself knows and no branch raises.
HTTP_CODES: Mapping[str, int] = {
    "header_repeated": 400,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "body_too_large": 413,
    "uri_too_long": 414,
    "unsupported_media_type": 415,
    "expectation_failed": 417,
    "too_many_connections": 429,
    "headers_too_large": 431,
    "transfer_coding_unknown": 501,
}

PUBLISHED = (
    *errors.COMMON_CODES,
    *forms_errors.ALL,
    *files_errors.ALL,
    *hours_errors.ALL,
    *csv.CODES,
    *(code for module in contracts_of("errors") for code in module.ALL),
)

#: The params and further members of problem documents, by name.
MEMBERS: Mapping[str, Field[Any]] = {
    name: field
    # Where several have the same name, the one of the first owner describes it.
    for module in reversed(contracts_of("problems"))
    for name, field in module.ProblemMembers().fields.items()
}

texts = Catalogue(Path(__file__).parents[1] / "locale")


class HttpProblem(errors.MasahaError):
    """A refusal of HTTP's own, with its status."""

    kind = "http"

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = HTTP_CODES[code]
        self.headers = dict(headers or {})


def status_of(error: errors.MasahaError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, HttpProblem):
        return error.status
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def document(
    error: errors.MasahaError, *, language: str, trace_id: str | None, public_url: str
) -> dict[str, Any]:
    """The problem document of an error.

    The answer to a defect has no details, also where its ``detail`` has a text; the log does, under
    the same trace id.
    """
    status = status_of(error)
    code = error.code if status != 500 else "internal"
    title, detail = texts_of(code, error, language)
    params = _said(code, error, language)
    document: dict[str, Any] = {
        "type": f"{public_url}/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": trace_id,
    }
    if error.errors:
        document["errors"] = [
            {"pointer": e.pointer, "code": e.code, "detail": field_text(e, language, params)}
            for e in error.errors[:MOST_FAULTS]
        ]
    if status != 500:
        for name, value in error.params.items():
            document.setdefault(name, value)
        for name, value in error.extra.items():
            document.setdefault(name, value)
    if FAILED_RULES in error.extra:
        said = [failed_rule(code, each, language) for each in error.extra[FAILED_RULES]]
        document[FAILED_RULES] = said
        document["detail"] = " ".join([detail, *(each["detail"] for each in said)])
    return document


def failed_rule(code: str, rule: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A condition that a person fails, in words.

    Args:
        code: of the refusal. Its texts are ``<code>.rule.<rule>`` and ``<code>.value.<value>``.
        rule: its ``code`` and ``values``; ``names`` of the values where they are of things.
    """
    names = rule.get("names") or [None] * len(rule["values"])
    shown = [
        in_language(name, language) if name else _value_of_rule(code, value, language)
        for value, name in zip(rule["values"], names, strict=True)
    ]
    direction = direction_of(language)
    values = listed((isolated(each, direction) for each in shown), language)
    detail = texts.text(f"{code}.rule.{rule['code']}", language, {"values": values})
    return {"code": rule["code"], "values": rule["values"], "detail": detail}


def _value_of_rule(code: str, value: str, language: str) -> str:
    try:
        return texts.text(f"{code}.value.{value}", language)
    except MissingText:
        return value


def texts_of(code: str, error: errors.MasahaError, language: str) -> tuple[str, str]:
    """Title and detail in the caller's language; those of the error's kind for an unknown code."""
    params = _said(code, error, language)
    for candidate in (code, type(error).default_code, "internal"):
        try:
            return (
                texts.text(f"{candidate}.title", language, params),
                texts.text(f"{candidate}.detail", language, params),
            )
        except (MissingText, KeyError):
            continue
    raise MissingText(code)


def _said(code: str, error: errors.MasahaError, language: str) -> dict[str, Any]:
    """The params as a text says them."""
    no_limit = texts.text("no_limit", language)
    params = {name: no_limit if value is None else value for name, value in error.params.items()}
    for name, value in params.items():
        # A day crosses the border as YYYY-MM-DD; people read it as they write it.
        if name.endswith("_on") and isinstance(value, str):
            params[name] = date.fromisoformat(value)
    # The state that does not allow it, and the one that was wanted.
    for name in params.keys() & {"state", "to"}:
        with suppress(MissingText):
            params[name] = texts.text(f"{code}.state.{params[name]}", language)
    return params


def field_text(
    fault: errors.FieldError, language: str, params: Mapping[str, Any] | None = None
) -> str:
    """What a person reads of one fault.

    Args:
        params: those of the error that it belongs to, for a fault that has the error's own code.
    """
    wording, values = wording_of(fault)
    for key, said in ((f"field.{wording}", values), (f"{fault.code}.detail", params)):
        try:
            return texts.text(key, language, said)
        except KeyError:
            continue
    return fault.detail or texts.text("field.invalid", language)


def encode(document: Mapping[str, Any]) -> bytes:
    """The document as bytes."""
    return orjson.dumps(document)


def headers_of(error: errors.MasahaError) -> dict[str, str]:
    """Headers that the status asks for."""
    headers: dict[str, str] = {}
    if isinstance(error, HttpProblem):
        headers.update(error.headers)
    if isinstance(error, errors.Unauthenticated):
        reason = ', error="invalid_token"' if error.code.startswith("auth.token_") else ""
        headers["WWW-Authenticate"] = f'Bearer realm="masaha"{reason}'
    retry_after = error.extra.get("retry_after")
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, int(retry_after)))
    elif isinstance(error, errors.Unavailable):
        headers["Retry-After"] = "2"
    return headers
