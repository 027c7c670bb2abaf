"""``settings.md``: every setting, as each deployable reads it from the environment.

Names, defaults and types come from the reading itself (``check_settings`` of each deployable); the
words are here, and a name without words, or words without a name, is refused.
"""

from __future__ import annotations

import enum
import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import marshmallow
from environs import Env

from deploy.broker import SERVICES
from deploy.setup import settings as compose
from services.common import config

REQUIRED = {
    "AMQP_URI": "amqp://user:password@broker:5672/",
    "MONGO_URI": "mongodb://user:password@database:27017/",
    "LINK_SECRET": "a secret of sixteen or more",
    "CERTIFICATE_KEYS_DIR": "/keys",
    "JWT_KEYS_DIR": "/keys",
    "CURSOR_SECRET": "a secret of eight or more",
}
"""All that has no default, with a value that is right."""

SECRET, FOLDER = "secret", "folder of secrets"


@dataclass(frozen=True)
class Words:
    """What is said of a setting: its unit, where it has one, and its meaning."""

    meaning: str
    unit: str = ""
    secret: str = ""


WORDS: Mapping[str, Words] = {
    "AMQP_URI": Words(
        "RabbitMQ: `amqp://user:password@host:port/vhost`, or `amqps`; of a cluster all hosts",
        "",
        SECRET,
    ),
    "MONGO_URI": Words("MongoDB, a replica set, with a user of the service's own", "", SECRET),
    "DATABASE_PREFIX": Words("databases are called `<prefix>_<deployable>`"),
    "PROBE_HOST": Words("where `/healthz`, `/readyz` and `/metrics` answer"),
    "PROBE_PORT": Words("the same; 0: nowhere", "port"),
    "LOG_LEVEL": Words("from here on lines are written: `DEBUG`, `INFO`, `WARNING`, …"),
    "LOG_FORMAT": Words("`json`, or `console` for people"),
    "MAX_WORKERS": Words("works on so many at a time in one service process", "calls and events"),
    "AMQP_HEARTBEAT": Words("a silent connection is given up after two; 0: never", "seconds"),
    "RPC_CALLERS": Words("the broker's users whose calls are run, with commas; empty: all"),
    "EVENT_USERS": Words("`own`: each publisher is a user of the broker; `shared`: they are one"),
    "RPC_QUEUES": Words("the kind of the queue of calls: `classic`, or `quorum` on a cluster"),
    "LINK_SECRET": Words(
        "signs the links in mails; the same in all processes that have it", "", SECRET
    ),
    "BUDGET_WEEKLY_HOURS": Words(
        "for organisations without a budget of their own; 0: any", "hours"
    ),
    "BUDGET_WEEKLY_BOOKINGS": Words("the same", "bookings"),
    "CERTIFICATE_KEYS_DIR": Words("the keys that sign certificates, one PEM file each", "", FOLDER),
    "CASE_KEYS_MONGO_URI": Words(
        "the replica set with the keys of cases; by default the same as for the rest", "", SECRET
    ),
    "CASE_KEYS_DATABASE": Words("their database; by default `<prefix>_case_keys`"),
    "PUBLIC_URL": Words("where people reach the gateway: in mails, on certificates, in tokens"),
    "SMTP_HOST": Words("the mail server"),
    "SMTP_PORT": Words("of the mail server", "port"),
    "SMTP_TLS": Words("`none`, `starttls` or `tls`: never less than that"),
    "SMTP_USERNAME": Words("signs in there, with encryption only; empty: no sign-in"),
    "SMTP_PASSWORD": Words("the same", "", SECRET),
    "MAIL_FROM": Words("the sender"),
    "MAIL_PER_SECOND": Words("at most, of all senders", "mails a second"),
    "MAIL_SENDERS": Words("on their way at a time", "mails"),
    "JWT_KEYS_DIR": Words("the keys that sign tokens, one PEM file each", "", FOLDER),
    "CURSOR_SECRET": Words(
        "signs the positions in lists; the same in all processes of the door", "", SECRET
    ),
    "RPC_TIMEOUT": Words("for a call to a branch", "seconds"),
    "PING_TIMEOUT": Words("for each part that `/readyz` asks", "seconds"),
    "ACCESS_TOKEN_SECONDS": Words("life of an access token", "seconds"),
    "REFRESH_TOKEN_SECONDS": Words("life of a sign-in", "seconds"),
    "CORS_ORIGINS": Words("web front ends that may call from a browser, with commas"),
    "RATE_LIMIT": Words("of one caller; 0: any number", "requests a minute"),
    "SIGN_IN_LIMIT": Words("for one account, and from one address; 0: any", "attempts a minute"),
    "RATE_LIMIT_STORAGE": Words("where both are counted; `memory://`: in each process"),
    "TRUSTED_PROXIES": Words("so many in front are believed to say who asks", "proxies"),
    "CONNECTIONS_PER_ADDRESS": Words("of one address in one process; 0: any", "connections"),
    "METRICS_PUBLIC": Words("whether `/metrics` answers everybody"),
    "BREAKER_FAILURES": Words("in a row, and a branch counts as away", "failures"),
    "BREAKER_SECONDS": Words("for so long it is not asked then; doubles", "seconds"),
    "BREAKER_LONGEST": Words("at most", "seconds"),
    "WEB_CONCURRENCY": Words("serve at the door", "processes"),
    "GATEWAY_BIND": Words("where the door listens: `host:port`, `unix:PATH` or `fd://0`"),
}

DEPLOY: Mapping[str, Words] = {
    "BROKER_PASSWORD": Words("of the operator at the broker", "", SECRET),
    **{
        f"BROKER_PASSWORD_{name.upper()}": Words(f"of {name} at the broker", "", SECRET)
        for name in SERVICES
    },
    "DATABASE_PASSWORD": Words("of the operator at the database", "", SECRET),
    **{
        f"DATABASE_PASSWORD_{name.upper()}": Words(f"of {name} at the database", "", SECRET)
        for name in SERVICES
    },
    "DATABASE_PASSWORD_CASE_KEYS": Words(
        "of consultations at the database of the keys", "", SECRET
    ),
    "DATABASE_KEY": Words("by which the members of the replica set know each other", "", SECRET),
    "HTTPS_PORT": Words("of the proxy in front", "port"),
    "HTTP_PORT": Words("the same; sends browsers to the other", "port"),
}
"""Of `deploy/settings.env`, beside those above."""


TRACES: Mapping[str, tuple[str, Words]] = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": (
        "none: no spans",
        Words("the collector, as `http://host:4318`"),
    ),
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ("none", Words("its whole URL for spans, if another")),
    "OTEL_EXPORTER_OTLP_HEADERS": ("none", Words("sent with them: `name=value`", "", SECRET)),
    "OTEL_SDK_DISABLED": ("`false`", Words("`true`: no spans, whatever the others say")),
    "OTEL_SERVICE_NAME": ("the process, as `bookings-service`", Words("its name in spans")),
    "OTEL_TRACES_SAMPLER": ("`parentbased_always_on`", Words("which requests have spans")),
    "OTEL_TRACES_SAMPLER_ARG": ("`1.0`", Words("of a sampler by ratio", "part of 1")),
    "OTEL_BSP_SCHEDULE_DELAY": ("`5000`", Words("between two batches", "milliseconds")),
    "OTEL_BSP_MAX_QUEUE_SIZE": ("`2048`", Words("above that they are lost", "spans")),
}
"""Standard settings of OpenTelemetry, which its SDK reads in every process: default, words."""


class _Recorder(Env):
    """Notes what is read through it."""

    read: dict[str, marshmallow.fields.Field[Any]]

    def __init__(self) -> None:
        super().__init__()
        _notes.append(self)


_notes: list[_Recorder] = []


@contextmanager
def _recording() -> Iterator[None]:
    _notes.clear()
    with patch.object(config, "Env", _Recorder), patch.dict(os.environ, REQUIRED, clear=True):
        yield


def read_by(deployable: str) -> dict[str, str | None]:
    """What a deployable reads: name → default as a person writes it, ``None`` if it has none."""
    package = deployable if deployable == "gateway" else f"services.{deployable}"
    app = importlib.import_module(f"{package}.app")
    with _recording():
        app.check_settings()
        return {
            name: _shown(field.load_default)
            for each in _notes
            for name, field in each._fields.items()
        }


def names() -> dict[str, dict[str, str | None]]:
    """What each deployable reads.

    Raises:
        ValueError: naming what has no words, or words that nobody reads.
    """
    found = {name: read_by(name) for name in SERVICES}
    read = {name for each in found.values() for name in each}
    if strange := sorted(read ^ WORDS.keys()):
        raise ValueError(f"docs/settings.py: {', '.join(strange)}: read without words, or unread")
    if strange := sorted({*compose.secret_names(), *compose.OPEN} - WORDS.keys() - DEPLOY.keys()):
        raise ValueError(f"docs/settings.py: {', '.join(strange)} has no words")
    return found


def rows() -> list[tuple[str, ...]]:
    """The table of the deployables: name, who reads it, default, unit, meaning, secret."""
    found = names()
    lines = []
    for name, words in WORDS.items():
        readers = [service for service in SERVICES if name in found[service]]
        default = found[readers[0]][name]
        lines.append(
            (
                f"`{name}`",
                "all" if len(readers) == len(SERVICES) else ", ".join(readers),
                "**required**" if default is None else f"`{default}`" if default else "empty",
                words.unit,
                words.meaning,
                words.secret,
            )
        )
    return lines


def deploy_rows() -> list[tuple[str, ...]]:
    """The table of what `deploy/settings.env` has besides: name, first value, unit, meaning,
    secret."""
    return [
        (
            f"`{name}`",
            f"`{compose.OPEN[name]}`" if name in compose.OPEN else "made at random",
            words.unit,
            words.meaning,
            words.secret,
        )
        for name, words in DEPLOY.items()
    ]


def trace_rows() -> list[tuple[str, ...]]:
    """The table of OpenTelemetry: name, default, unit, meaning, secret."""
    return [
        (f"`{name}`", default, words.unit, words.meaning, words.secret)
        for name, (default, words) in TRACES.items()
    ]


def _shown(default: Any) -> str | None:
    if default is marshmallow.missing:
        return None
    if default == REQUIRED["MONGO_URI"]:
        return "MONGO_URI"
    if isinstance(default, enum.Enum):
        return str(default.value)
    if isinstance(default, list | tuple):
        return ",".join(default)
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)
