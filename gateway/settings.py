"""What the gateway needs to know beyond what every process does."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from environs import Env
from marshmallow import ValidationError
from marshmallow.validate import Length

from services.common import config
from services.common.config import NOT_NEGATIVE, ONE_OR_MORE, POSITIVE

#: For how long a sign-in goes on without being used, where a deployment says nothing.
REFRESH_TOKEN_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Settings of the HTTP door; each is an environment variable of the same name in capitals.

    Attributes:
        common: what every process has.
        public_url: where clients reach this gateway; the issuer of its tokens.
        jwt_keys_dir: holds the signing keys, one PEM file each; the newest signs, all verify.
        cursor_secret: signs the positions that lists hand out.
        rpc_timeout: seconds that a call to a branch may take.
        ping_timeout: seconds that /readyz waits for each part.
        access_token_seconds, refresh_token_seconds: how long tokens live.
        cors_origins: web front ends that may call from a browser.
        rate_limit: requests of one caller per minute; 0 lifts it.
        sign_in_limit: attempts to sign in per minute for one account from one address, and from one
            address; also invitations of one caller, and unknown codes of certificates from one
            address. 0 lifts the limits.
        rate_limit_storage: where counts are kept; ``memory://`` counts per process.
        trusted_proxies: how many proxies in front set ``X-Forwarded-For``; 0: none is believed.
        connections_per_address: how many connections one address may have open; behind trusted
            proxies, how many requests at work. 0 lifts it.
        metrics_public: whether /metrics answers everybody; else only this machine and private
            networks.
        breaker_failures: failures in a row after which a branch counts as away.
        breaker_seconds: for how long it then is not asked; doubles up to ``breaker_longest``.
    """

    common: config.Settings
    public_url: str
    jwt_keys_dir: Path
    cursor_secret: str
    rpc_timeout: float = 5.0
    ping_timeout: float = 1.0
    access_token_seconds: int = 600
    refresh_token_seconds: int = REFRESH_TOKEN_SECONDS
    cors_origins: tuple[str, ...] = field(default=())
    rate_limit: int = 1200
    sign_in_limit: int = 10
    rate_limit_storage: str = "memory://"
    trusted_proxies: int = 0
    connections_per_address: int = 200
    metrics_public: bool = False
    breaker_failures: int = 5
    breaker_seconds: float = 2.0
    breaker_longest: float = 30.0


def load(common: config.Settings | None = None) -> GatewaySettings:
    """Read the settings from the environment.

    Raises:
        config.WrongSetting: for the first that is missing or wrong.
    """
    with config.reading() as env:
        return _read(env, common or config.load())


def _read(env: Env, common: config.Settings) -> GatewaySettings:
    found = GatewaySettings(
        common=common,
        public_url=public_url(env),
        jwt_keys_dir=Path(env.str("JWT_KEYS_DIR", validate=Length(min=1))),
        cursor_secret=env.str("CURSOR_SECRET", validate=Length(min=8)),
        rpc_timeout=env.float("RPC_TIMEOUT", 5.0, validate=POSITIVE),
        ping_timeout=env.float("PING_TIMEOUT", 1.0, validate=POSITIVE),
        access_token_seconds=env.int("ACCESS_TOKEN_SECONDS", 600, validate=ONE_OR_MORE),
        refresh_token_seconds=env.int(
            "REFRESH_TOKEN_SECONDS", REFRESH_TOKEN_SECONDS, validate=ONE_OR_MORE
        ),
        cors_origins=tuple(env.list("CORS_ORIGINS", [], validate=_origins)),
        rate_limit=env.int("RATE_LIMIT", 1200, validate=NOT_NEGATIVE),
        sign_in_limit=env.int("SIGN_IN_LIMIT", 10, validate=NOT_NEGATIVE),
        rate_limit_storage=env.str("RATE_LIMIT_STORAGE", "memory://", validate=_storage),
        trusted_proxies=trusted_proxies(env),
        connections_per_address=connections_per_address(env),
        metrics_public=env.bool("METRICS_PUBLIC", False),
        breaker_failures=env.int("BREAKER_FAILURES", 5, validate=ONE_OR_MORE),
        breaker_seconds=env.float("BREAKER_SECONDS", 2.0, validate=POSITIVE),
        breaker_longest=env.float("BREAKER_LONGEST", 30.0, validate=POSITIVE),
    )
    if found.breaker_longest < found.breaker_seconds:
        raise config.WrongSetting(
            f"BREAKER_LONGEST is {found.breaker_longest:g}: it is at least BREAKER_SECONDS, "
            f"which is {found.breaker_seconds:g}."
        )
    return found


def public_url(env: Env) -> str:
    """Where clients reach this gateway; all that is needed to refuse what nobody can read."""
    valid = config.uri_of("http", "https")
    return env.str("PUBLIC_URL", "http://127.0.0.1:8800", validate=valid).rstrip("/")


def trusted_proxies(env: Env) -> int:
    """How many proxies in front are believed."""
    return env.int("TRUSTED_PROXIES", 0, validate=NOT_NEGATIVE)


def connections_per_address(env: Env) -> int:
    """How many connections one address may have open; 0 for any number."""
    return env.int("CONNECTIONS_PER_ADDRESS", 200, validate=NOT_NEGATIVE)


def processes(env: Env) -> int:
    """How many processes serve."""
    return env.int("WEB_CONCURRENCY", 1, validate=ONE_OR_MORE)


def bind(env: Env) -> str:
    """Where gunicorn listens."""
    return env.str("GATEWAY_BIND", "127.0.0.1:8800", validate=_check_bind)


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what the gateway cannot work with.
    """
    load()
    with config.reading() as env:
        processes(env)
        bind(env)


def _check_bind(value: str) -> None:
    """A host and port, or one of gunicorn's other ways (``unix:PATH``, ``fd://NUMBER``)."""
    if not value.startswith(("unix:", "fd://")):
        config.uri_of("tcp")(f"tcp://{value}")


def _origins(values: list[str]) -> None:
    for value in values:
        if value != "*":
            config.uri_of("http", "https")(value)


def _storage(value: str) -> None:
    from limits.errors import ConfigurationError  # noqa: PLC0415 - only needed for the check
    from limits.storage import storage_from_string  # noqa: PLC0415

    if value.partition("://")[0] != "memory":
        try:
            storage_from_string(value)
        except (ConfigurationError, ValueError) as error:
            raise ValidationError(str(error)) from error
