"""What runs the gateway rather than uses it: health, metrics, keys, the document and its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import resources

from flask import Blueprint as PlainBlueprint
from flask import Response, g, request, send_from_directory
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from gateway.web import problems, system_schemas
from gateway.web.endpoint import OPEN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from gateway.web.private_networks import asked_nearby
from services.common import errors
from services.common.contracts.gateway import errors as codes
from services.common.version import VERSION

blueprint = Blueprint("system", __name__, description="Health, keys and documentation")
pages = PlainBlueprint("pages", __name__)

_PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Masaha API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/index.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """window.addEventListener("load", function () {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    persistAuthorization: true,
    validatorUrl: null
  });
});
"""


@blueprint.route("/healthz", methods=["GET"])
@endpoint(answer=system_schemas.Health, access=OPEN, limited=False)
def healthz(_incoming: Incoming) -> Answer:
    """This process runs; it asks nobody else."""
    return Answer({"status": "ok", "version": VERSION}, cache_control="no-store")


@blueprint.route("/readyz", methods=["GET"])
@endpoint(answer=system_schemas.Readiness, access=OPEN, limited=False, refuses=(codes.NOT_READY,))
def readyz(_incoming: Incoming) -> Answer:
    """Whether this gateway can work: broker and database must be there. A branch that is away is
    named; the rest goes on without it."""
    parts = gateway()
    patience = parts.settings.ping_timeout
    checks: dict[str, Callable[[], bool]] = {
        "broker": lambda: parts.rpc.broker_answers(patience),
        "database": parts.database_answers,
    }
    for branch in parts.branches:
        checks[branch] = partial(parts.rpc.alive, branch, patience)
    found = parts.readiness.find(checks, patience + 0.5)
    up = {name: "up" if found[name] else "away" for name in checks}
    state = {
        "broker": up["broker"],
        "database": up["database"],
        "branches": {name: up[name] for name in parts.branches},
    }
    if "away" in {up["broker"], up["database"]}:
        raise codes.NOT_READY(extra={"retry_after": 2, **state})
    return Answer({"status": "ready", **state}, cache_control="no-store")


@blueprint.route("/.well-known/jwks.json", methods=["GET"])
@endpoint(answer=system_schemas.JsonWebKeys, access=OPEN, limited=False)
def jwks(_incoming: Incoming) -> Answer:
    """The public keys that verify access tokens (RFC 7517)."""
    return Answer(gateway().keys.public(), cache_control="public, max-age=60")


@blueprint.route("/problems/<path:code>", methods=["GET"])
@endpoint(answer=system_schemas.ProblemType, access=OPEN, refuses=(404,), limited=False)
def problem_type(_incoming: Incoming, code: str) -> Answer:
    """What a problem's `type` stands for."""
    for published in problems.PUBLISHED:
        if published.code == code:
            return Answer(
                {
                    "code": code,
                    "status": problems.STATUS[published.kind],
                    "title": problems.texts.text(f"{code}.title", g.language),
                    "meaning": published.meaning,
                }
            )
    if code in problems.HTTP_CODES:
        return Answer(
            {
                "code": code,
                "status": problems.HTTP_CODES[code],
                "title": problems.texts.text(f"{code}.title", g.language),
                "meaning": problems.texts.text(f"{code}.detail", "en"),
            }
        )
    raise errors.NotFound()


# -- not part of the documented surface ---------------------------------------------------------


@pages.get("/metrics")
def metrics() -> Response:
    """Counters and timings of this process, for Prometheus.

    For callers nearby, unless ``METRICS_PUBLIC`` says otherwise; there is nothing here for anybody
    else.
    """
    settings = gateway().settings
    if not settings.metrics_public and not asked_nearby(
        request.environ, "/metrics", trusted_proxies=settings.trusted_proxies
    ):
        raise errors.NotFound()
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@pages.get("/openapi.json")
def openapi() -> Response:
    """The contract."""
    g.unchanging = True
    return Response(gateway().openapi, content_type="application/json")


@pages.get("/docs")
@pages.get("/docs/")
def docs() -> Response:
    """A page to read and try the contract."""
    return _page(_PAGE, "text/html; charset=utf-8")


@pages.get("/docs/start.js")
def start() -> Response:
    """Starts the page; a file of its own, because the page allows no scripts inside it."""
    return _page(_START, "text/javascript; charset=utf-8")


@pages.get("/docs/<string:name>")
def asset(name: str) -> Response:
    """The page's own files, as flask-swagger-ui carries them."""
    folder = resources.files("flask_swagger_ui") / "dist"
    try:
        return send_from_directory(str(folder), name, max_age=3600)
    except RequestedRangeNotSatisfiable:
        # A range that the file does not have, or of units that nobody knows: a client that asks for
        # one can read the whole (RFC 9110, 14.2).
        return send_from_directory(str(folder), name, max_age=3600, conditional=False)


def _page(text: str, content_type: str) -> Response:
    headers = {"Content-Security-Policy": _PAGE_CSP}
    return Response(text, headers=headers, content_type=content_type)
