"""The composition root: the one place that builds the gateway's parts.

``build`` makes what talks to the broker and the database (after any fork); ``create_app`` puts HTTP
around it.
"""

from __future__ import annotations

from datetime import timedelta

import orjson
from flask import Flask
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import api
from gateway.identity import epoch_feed
from gateway.identity.app import NAME
from gateway.identity.app import build as build_identity
from gateway.identity.auth.tokens import AccessTokens
from gateway.identity.epoch_feed import EpochFeed
from gateway.remote.public_cache import PublicCache
from gateway.remote.rpc import HEARTBEAT_SECONDS, RpcClient
from gateway.settings import GatewaySettings, check_settings
from gateway.web import middleware, openapi
from gateway.web.cursors import Cursors
from gateway.web.parts import Gateway
from gateway.web.rate_limits import Limiter
from gateway.web.request_parsing import LONGEST_BODY
from services.common.contracts.registry import owners
from services.common.ids import new_id
from services.common.messaging.connecting import heartbeat_within
from services.common.signing_keys import ES256, SigningKeys

__all__ = ["NAME", "build", "check_settings", "create_app"]

BRANCHES = owners("rpc")

_EXPOSED = [
    "ETag",
    "Location",
    "Link",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Content-Language",
    "Age",
    "Preference-Applied",
    "traceparent",
]
_ACCEPTED = [
    "Authorization",
    "Content-Type",
    "Accept-Language",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "traceparent",
]


def build(settings: GatewaySettings) -> Gateway:
    """Everything but HTTP. Connects to nothing yet, but makes the first signing key."""
    identity = build_identity(
        settings.common, refresh=timedelta(seconds=settings.refresh_token_seconds)
    )
    rpc = RpcClient(
        settings.common.amqp_uri,
        timeout=settings.rpc_timeout,
        breaker={
            "failures": settings.breaker_failures,
            "seconds": settings.breaker_seconds,
            "longest": settings.breaker_longest,
        },
        heartbeat=heartbeat_within(HEARTBEAT_SECONDS, settings.common.heartbeat),
    )
    keys = SigningKeys(settings.jwt_keys_dir, ES256)
    tokens = AccessTokens(
        keys,
        issuer=settings.public_url,
        seconds=settings.access_token_seconds,
        epochs=identity.epochs,
        new_id=new_id,
    )
    return Gateway(
        settings=settings,
        branches=BRANCHES,
        clock=identity.clock,
        database=identity.database,
        rpc=rpc,
        public=PublicCache(rpc),
        keys=keys,
        tokens=tokens,
        cursors=Cursors(settings.cursor_secret),
        limiter=Limiter(
            settings.rate_limit_storage,
            general=settings.rate_limit,
            sign_in=settings.sign_in_limit,
        ),
        identity=identity,
        epoch_feed=EpochFeed(
            settings.common.amqp_uri,
            identity.epoch_store,
            identity.epochs,
            tokens,
            identity.clock,
            heartbeat=heartbeat_within(epoch_feed.HEARTBEAT_SECONDS, settings.common.heartbeat),
        ),
    )


def create_app(gateway: Gateway) -> Flask:
    """The WSGI application around the parts."""
    settings = gateway.settings
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.url_map.strict_slashes = False
    # The framework's redirect to the address with single slashes would lead to any host that the
    # request named.
    app.url_map.merge_slashes = False
    app.extensions["masaha"] = gateway
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    middleware.install(app, public_url=settings.public_url)
    if settings.cors_origins:
        CORS(
            app,
            origins=list(settings.cors_origins),
            allow_headers=_ACCEPTED,
            expose_headers=_EXPOSED,
            max_age=600,
            vary_header=False,
        )
    described = openapi.install(app, public_url=settings.public_url)
    for blueprint in api.blueprints():
        described.register_blueprint(blueprint)
    for pages in api.pages():
        app.register_blueprint(pages)
    gateway.openapi = orjson.dumps(openapi.document(described))
    return app
