"""Settings, read from the environment once, where a process starts.

Every setting that more than one deployable has is here; what only one has is in its own ``app.py``.
All of them are read inside :func:`reading`, so a wrong one is reported in the same words.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import Env, EnvError, EnvValidationError
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range, Regexp

PORT = Range(min=0, max=65535)
POSITIVE = Range(min=0, min_inclusive=False)
NOT_NEGATIVE = Range(min=0)
ONE_OR_MORE = Range(min=1)

_NAMED = re.compile(r'"([A-Z0-9_]+)"')
# User and password, after a scheme or without one. To the last @: what is not percent-encoded may
# hold any character.
_CREDENTIALS = re.compile(r"(//|^(?!.*//)(?=\S+:\S*@)).*@", re.DOTALL)
_SECRET = re.compile(r"SECRET|PASSWORD")


class WrongSetting(Exception):
    """A setting that is missing or wrong; its text is one sentence with the name and the value."""


@contextmanager
def reading() -> Iterator[Env]:
    """Read settings from the environment.

    Raises:
        WrongSetting: for what is missing, of another type, or outside its bounds.
    """
    try:
        yield Env()
    except EnvError as error:
        raise WrongSetting(_sentence(error)) from error


def masked(uri: str) -> str:
    """A URI without the password, and without the user, in it."""
    return _CREDENTIALS.sub(r"\1***@", uri)


def uri_of(*schemes: str) -> Callable[[str], None]:
    """A validator of addresses such as ``amqp://user:password@host:port/``; several hosts, with
    commas between them, are one address too."""

    def validate(value: str) -> None:
        scheme, separator, rest = value.partition("://")
        if scheme not in schemes or not separator:
            raise ValidationError(f"It must begin with {' or '.join(f'{s}://' for s in schemes)}.")
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        if "@" in rest and "@" not in authority:
            raise ValidationError("User and password must be percent-encoded (/ is %2F, # is %23).")
        for host in authority.rpartition("@")[2].split(","):
            try:
                found = urlsplit(f"//{host}")
                if found.hostname and (found.port is None or found.port):
                    continue
            except ValueError:
                pass
            raise ValidationError(f"'{host}' is no host, or no host:port.")

    return validate


def _sentence(error: EnvError) -> str:
    named = _NAMED.search(str(error))
    if named is None:
        return str(error)
    name = named[1]
    if not isinstance(error, EnvValidationError):
        return f"{name} is not set."
    value = os.environ.get(name, "")
    shown = "***" if _SECRET.search(name) and value else masked(value)
    return f"{name} is '{shown}': {' '.join(map(str, error.error_messages))}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know of its surroundings.

    Attributes:
        amqp_uri: RabbitMQ, ``amqp://user:password@host:port/vhost``; of a cluster all hosts, with
            commas between them.
        mongo_uri: MongoDB, always a replica set (transactions need one).
        database_prefix: databases are ``<prefix>_<service>``.
        probe_host, probe_port: where /healthz, /readyz and /metrics answer; port 0 means nowhere.
        log_level, log_format: ``INFO``; ``json`` or ``console``.
        max_workers: RPC calls and events that one service process works on at a time.
        heartbeat: AMQP heartbeat in seconds.
        rpc_callers: the broker's users that may call; empty: all.
        event_users: ``own`` where each publisher is a user of the broker of its own, ``shared``
            where they are one.
        rpc_queues: the kind of the queue of calls: ``classic``, as nameko declares it, or
            ``quorum``, which outlives the node of a cluster that had it.
    """

    amqp_uri: str
    mongo_uri: str
    database_prefix: str = "masaha"
    probe_host: str = "127.0.0.1"
    probe_port: int = 0
    log_level: str = "INFO"
    log_format: str = "json"
    max_workers: int = 10
    heartbeat: int = 20
    rpc_callers: frozenset[str] = frozenset()
    event_users: str = "own"
    rpc_queues: str = "classic"

    def database(self, service: str) -> str:
        """The name of a service's own database."""
        return f"{self.database_prefix}_{service}"


def load() -> Settings:
    """Read the settings.

    Raises:
        WrongSetting: for the first that is missing or wrong.
    """
    with reading() as env:
        return Settings(
            amqp_uri=env.str("AMQP_URI", validate=uri_of("amqp", "amqps", "pyamqp")),
            mongo_uri=env.str("MONGO_URI", validate=uri_of("mongodb")),
            database_prefix=env.str(
                "DATABASE_PREFIX", "masaha", validate=Regexp(r"[A-Za-z0-9_-]{1,30}\Z")
            ),
            probe_host=env.str("PROBE_HOST", "127.0.0.1"),
            probe_port=env.int("PROBE_PORT", 0, validate=PORT),
            log_level=env.str("LOG_LEVEL", "INFO", validate=_log_level).upper(),
            log_format=env.str("LOG_FORMAT", "json", validate=OneOf(("json", "console"))),
            max_workers=env.int("MAX_WORKERS", 10, validate=ONE_OR_MORE),
            heartbeat=env.int("AMQP_HEARTBEAT", 20, validate=NOT_NEGATIVE),
            rpc_callers=frozenset(env.list("RPC_CALLERS", [])),
            event_users=env.str("EVENT_USERS", "own", validate=OneOf(("own", "shared"))),
            rpc_queues=env.str("RPC_QUEUES", "classic", validate=OneOf(("classic", "quorum"))),
        )


def _log_level(value: str) -> None:
    OneOf(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))(value.upper())
