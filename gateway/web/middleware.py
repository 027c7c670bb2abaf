"""What every answer has, and what happens around every request.

One module for the cross-cutting parts of ``docs/http.md``: trace, language, limits, compression,
security headers, problem documents.
"""

from __future__ import annotations

import gzip
import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import brotli  # type: ignore[import-untyped]
import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from gateway import metrics
from gateway.web import problems
from gateway.web.case_paths import belongs_to_cases, is_about_cases
from gateway.web.language import negotiate
from gateway.web.rate_limits import Limited
from services.common import errors, logs, spans, tracing
from services.common.errors import MasahaError

_log = logs.get(__name__)

_COMPRESSED_FROM = 1024
_COMPRESSIBLE = ("application/", "text/")

_SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_CSP = "default-src 'none'; frame-ancestors 'none'"
_VARY = "Accept-Language, Accept-Encoding, Authorization, Origin"


def install(app: Flask, *, public_url: str) -> None:
    """Hook everything into the application."""
    _around_requests(app, hsts=public_url.startswith("https://"))
    _problems(app, public_url)


def _around_requests(app: Flask, *, hsts: bool) -> None:
    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.span, traceparent = _begin_span(request.headers.get("traceparent"))
        g.traceparent = traceparent
        tracing.current.set(traceparent)
        g.language = negotiate(request.headers.get("Accept-Language"))
        if "HTTP_HOST" not in request.environ and request.environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            raise errors.Malformed(detail="no Host; RFC 9112, 3.2, has every request name one")

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        _compress(response)
        for name, value in _SECURITY:
            headers[name] = value
        headers.setdefault("Content-Security-Policy", _CSP)
        headers.setdefault("Cache-Control", "no-cache")
        if hsts:
            headers.add("Strict-Transport-Security", "max-age=31536000")
        headers.add("Vary", _VARY)
        headers.add("Content-Language", g.get("language", "ar"))
        headers.add("traceparent", g.get("traceparent", ""))
        standing = g.get("standing")
        if standing is not None:
            headers.extend(standing.headers())
        _measure(response)
        environ = request.environ
        # A reader of a log must not be able to answer for a guest, or to read a calendar.
        if token := (request.view_args or {}).get("token"):
            environ["masaha.path"] = request.path.replace(token, "***")
        # Nor to see who reads which case.
        if request.url_rule is not None and is_about_cases(request.path):
            environ["masaha.route"] = request.url_rule.rule
        environ["masaha.trace_id"] = tracing.trace_id(g.get("traceparent"))
        environ["masaha.caller"] = g.get("caller_id")
        _end_span(response)
        return response


def _problems(app: Flask, public_url: str) -> None:
    def answer(error: MasahaError) -> Response:
        traceparent = g.get("traceparent")
        language = g.get("language") or negotiate(request.headers.get("Accept-Language"))
        document = problems.document(
            error,
            language=language,
            trace_id=tracing.trace_id(traceparent),
            public_url=public_url,
        )
        response = Response(
            problems.encode(document),
            status=document["status"],
            headers=problems.headers_of(error),
            content_type=problems.CONTENT_TYPE,
        )
        if isinstance(error, Limited):
            g.standing = error.standing
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(MasahaError)
    def answer_error(error: MasahaError) -> Response:
        if problems.status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("request.failed", code=error.code, detail=error.detail)
        return answer(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return answer(_translated(error))

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        _log.error("request.failed", exc_info=(type(error), error, error.__traceback__))
        return answer(errors.Internal())


def _measure(response: Response) -> None:
    route = request.url_rule.rule if request.url_rule is not None else "unknown"
    method = request.method if request.url_rule is not None else "any"
    metrics.REQUESTS.labels(route, method, response.status_code).inc()
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    metrics.REQUEST_SECONDS.labels(route, method).observe(seconds)


def _begin_span(given: str | None) -> tuple[spans.Recorded | None, str]:
    """The span of a request where spans are recorded, and the traceparent that goes on."""
    if belongs_to_cases(request.path):
        # Who collects spans is on no case: not even that there was a request is for them.
        return None, tracing.unsampled(tracing.continued(given))
    recorded = spans.begin(request.method, spans.SERVER, given, root=True)
    return recorded, tracing.continued(given) if recorded is None else recorded.traceparent


def _end_span(response: Response) -> None:
    recorded: spans.Recorded | None = g.get("span")
    if recorded is None:
        return
    route = request.url_rule.rule if request.url_rule is not None else "unknown"
    # Of a method that nobody knows the name would be the client's own words.
    method = request.method if request.url_rule is not None else "any"
    recorded.rename(f"{method} {route}")
    status = response.status_code
    recorded.end(
        str(status) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None,
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        },
    )


def _translated(error: HTTPException) -> MasahaError:
    """The framework's own refusals as ours."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return problems.HttpProblem("method_not_allowed", headers={"Allow": allowed})
    if isinstance(error, RequestEntityTooLarge):
        return problems.HttpProblem("body_too_large")
    code = error.code or 500
    if code == HTTPStatus.NOT_FOUND:
        return errors.NotFound()
    if code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return problems.HttpProblem("unsupported_media_type")
    if HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.Malformed(detail=error.description or "")
    _log.error("request.failed", status=code, detail=error.description)
    return errors.Internal()


def json_response(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(orjson.dumps(data), status, headers, content_type="application/json")


def _compress(response: Response) -> None:
    length = response.content_length
    if length is None or length < _COMPRESSED_FROM or response.direct_passthrough:
        return
    accepted = request.headers.get("Accept-Encoding")
    if (
        not accepted
        or "Content-Encoding" in response.headers
        or not (response.content_type or "").startswith(_COMPRESSIBLE)
        or response.status_code in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}
    ):
        return
    wanted = request.accept_encodings
    if wanted["br"] > 0 and wanted["br"] >= wanted["gzip"]:
        coding = "br"
    elif wanted["gzip"] > 0:
        coding = "gzip"
    else:
        return
    compress = _compressed_once if g.get("unchanging") else _compressed
    response.set_data(compress(response.get_data(), coding))
    response.headers["Content-Encoding"] = coding


def _compressed(body: bytes, coding: str) -> bytes:
    if coding == "br":
        squeezed: bytes = brotli.compress(body, quality=4)
        return squeezed
    return gzip.compress(body, compresslevel=5, mtime=0)


# For large documents that are the same for everybody: compressing one takes longer than all else.
_compressed_once = lru_cache(maxsize=8)(_compressed)
