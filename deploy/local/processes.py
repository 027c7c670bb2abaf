"""The table of the local stack: every process, its command, ports, settings and readiness.

A new process is one entry here; starting order is the order of `Layer`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from deploy.database import KEYS_OF_CASES, OPERATOR, PREFIX
from deploy.local import mongodb, rabbitmq, readiness
from deploy.local.readiness import Check
from deploy.local.settings import ROOT, SERVICES, Settings, load
from services.common.runtime.stopping import LONGEST_STOP_SECONDS

HOST = "127.0.0.1"
_MARGIN_SECONDS = 5
DRAIN_SECONDS = int(LONGEST_STOP_SECONDS) + _MARGIN_SECONDS
"""How long a process may take after SIGTERM: its own bound, after which it ends by itself, and a
margin, so that SIGKILL only meets one that is stuck."""


PATIENT = ("nice", "-n", "10")
"""What can wait a moment, such as mail, gives way to people who wait for an answer."""

DEFAULTS = {"SIGN_IN_LIMIT": "60"}
"""Settings that one machine needs otherwise: here everybody signs in from one address."""


SECRETS = frozenset({"JWT_KEYS_DIR", "CURSOR_SECRET", "LINK_SECRET", "CERTIFICATE_KEYS_DIR"})
"""Settings that only the processes get that need them."""


class Layer(IntEnum):
    """Each layer is ready before the next one starts, and stops after it."""

    NAMES = 1
    INFRASTRUCTURE = 2
    BRANCHES = 3
    DOOR = 4


@dataclass(frozen=True)
class Process:
    """One line of the table. `ports` are those it listens on; `ready` says when it works. `door`
    is the address of a socket that is kept open for it while it is started again."""

    name: str
    layer: Layer
    command: list[str]
    ports: tuple[int, ...]
    ready: Check
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: int = DRAIN_SECONDS
    door: str | None = None


# Offsets from MASAHA_PORT_BASE. RabbitMQ's four and MongoDB's one are in their own modules.
GATEWAY, GATEWAY_WORKER, MAIL = 0, 1, 14
BRANCHES = {"bookings": 20, "trainings": 22, "notifications": 24, "consultations": 26}
"""Branch → the port of its service; the one of its worker is the next."""


def table(settings: Settings) -> list[Process]:
    """All processes of one stack, in starting order."""
    return [
        *_infrastructure(settings),
        *(
            _branch(settings, branch, kind, offset + place)
            for branch, offset in BRANCHES.items()
            for place, kind in enumerate(("service", "worker"))
        ),
        _probed(settings, "gateway-worker", _module("gateway", "worker"), GATEWAY_WORKER),
        Process(
            "gateway",
            Layer.DOOR,
            _module("gunicorn", "-c", "gateway/gunicorn.conf.py", "gateway.wsgi:app"),
            (settings.port(GATEWAY),),
            readiness.http(f"{gateway_url(settings)}/readyz"),
            environment(settings) | accounts_of(settings, "gateway") | {"GATEWAY_BIND": "fd://0"},
            door=f"{HOST}:{settings.port(GATEWAY)}",
        ),
    ]


def seeds() -> list[list[str]]:
    """The commands that put the seed data in, side by side; each may run any number of times."""
    folder = str(ROOT / "deploy" / "seed")
    return [_module(package, "seed", folder) for package in _packages_with("seeding.py")]


def migrations() -> list[list[str]]:
    """The commands that change what is stored to the form of this release, where it has another."""
    return [_module(package, "migrate") for package in _packages_with("migrations.py")]


def checks(members: Iterable[Process]) -> list[list[str]]:
    """The commands that say whether the deployables of these processes can work with their
    settings."""
    names = {process.name.partition("-")[0] for process in members} & set(SERVICES)
    return [_module(_package_of(name), "check") for name in sorted(names)]


def gateway_url(settings: Settings) -> str:
    """The address that people and programs use."""
    return f"http://{HOST}:{settings.port(GATEWAY)}"


def amqp_uri(settings: Settings, service: str | None = None) -> str:
    """The broker in use: the one given, else our own; as a service, else as its operator."""
    if settings.given_amqp_uri is None:
        return rabbitmq.uri(settings, service or rabbitmq.USER)
    return _given(settings, service, "AMQP_URI") or settings.given_amqp_uri


def accounts_of(settings: Settings, service: str) -> dict[str, str]:
    """A service's own user at the broker and at the database, and who may call it."""
    variables = {"AMQP_URI": amqp_uri(settings, service), "MONGO_URI": mongo_uri(settings, service)}
    if settings.given_amqp_uri is None:
        variables["RPC_CALLERS"] = f"gateway,{rabbitmq.USER}"
    return variables


def mongo_uri(settings: Settings, user: str | None = None) -> str:
    """The replica set in use: the one given, else our own; as a service, else as its operator."""
    if settings.given_mongo_uri is None:
        return mongodb.uri(settings, user or OPERATOR)
    return _given(settings, user, "MONGO_URI") or settings.given_mongo_uri


def _given(settings: Settings, user: str | None, of: str) -> str | None:
    """The address of a server elsewhere with a service's own user, if it has one there."""
    return settings.given_accounts.get(f"{user.upper()}_{of}") if user else None


def load_settings(folder: Path, given: Mapping[str, str]) -> Settings:
    """The settings of the stack in `folder`; a broker or database of its own is not a given one.

    A shell that has taken this stack's settings to talk to it (`deploy.local env`) names both.
    """
    elsewhere = dict(given)
    alone = load(folder, {**given, "AMQP_URI": "", "MONGO_URI": ""})
    for name, own in (("AMQP_URI", rabbitmq.uri(alone)), ("MONGO_URI", mongodb.uri(alone))):
        if elsewhere.get(name) == own:
            del elsewhere[name]
    return load(folder, elsewhere)


def environment(settings: Settings, secrets: bool = True) -> dict[str, str]:
    """The settings of every process of our own; the branches do not get the gateway's secrets."""
    variables = {
        "AMQP_URI": amqp_uri(settings),
        "MONGO_URI": mongo_uri(settings),
        "PUBLIC_URL": gateway_url(settings),
        "PROBE_HOST": HOST,
    }
    if settings.database_prefix != PREFIX:
        variables["DATABASE_PREFIX"] = settings.database_prefix
    if secrets:
        variables |= {
            "JWT_KEYS_DIR": str(settings.keys),
            "CURSOR_SECRET": settings.cursor_secret,
        }
    return variables


def settings_of(settings: Settings, command: Sequence[str]) -> dict[str, str]:
    """What one of the commands above gets: as the processes of its deployable, and its secrets."""
    service = command[command.index("-m") + 1].removeprefix("services.")
    variables = environment(settings, secrets=service == "gateway") | accounts_of(settings, service)
    return variables | own_settings(settings, service)


def own_settings(settings: Settings, branch: str) -> dict[str, str]:
    """What not every branch gets: the secret of links those that read them or send them, the keys
    of certificates the one that issues them, the database of the keys of cases the one that has
    cases, the mail server the one that sends."""
    found: dict[str, str] = {}
    if branch in ("bookings", "trainings", "consultations", "notifications"):
        found["LINK_SECRET"] = settings.link_secret
    if branch == "trainings":
        found["CERTIFICATE_KEYS_DIR"] = str(settings.certificate_keys)
    if branch == "consultations":
        found["CASE_KEYS_MONGO_URI"] = mongo_uri(settings, KEYS_OF_CASES)
    if branch == "notifications":
        found |= {
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(settings.port(MAIL)),
            # The sink accepts every mail, also where a person's own mail server would not.
            "SMTP_TLS": "none",
            "SMTP_USERNAME": "",
            "SMTP_PASSWORD": "",
            "MAIL_FROM": "Masaha <no-reply@masaha.example>",
        }
    return found


def _package_of(deployable: str) -> str:
    return deployable if deployable == "gateway" else f"services.{deployable}"


def _packages_with(file: str) -> list[str]:
    packages = [_package_of(name) for name in SERVICES]
    return [each for each in packages if (ROOT / each.replace(".", "/") / file).exists()]


def _infrastructure(settings: Settings) -> list[Process]:
    found: list[Process] = []
    if settings.given_amqp_uri is None:
        names_port = settings.port(rabbitmq.NAME_SERVICE_PORT)
        amqp_port = settings.port(rabbitmq.AMQP_PORT)
        found += [
            Process(
                "epmd",
                Layer.NAMES,
                rabbitmq.name_service_command(settings),
                (names_port,),
                readiness.tcp(names_port),
            ),
            Process(
                "rabbitmq",
                Layer.INFRASTRUCTURE,
                rabbitmq.command(),
                (
                    amqp_port,
                    settings.port(rabbitmq.DISTRIBUTION_PORT),
                    settings.port(rabbitmq.FIGURES_PORT),
                ),
                readiness.amqp(rabbitmq.uri(settings), amqp_port),
                rabbitmq.environment(settings),
            ),
        ]
    if settings.given_mongo_uri is None:
        found.append(
            Process(
                "mongod",
                Layer.INFRASTRUCTURE,
                mongodb.command(settings),
                (settings.port(mongodb.PORT),),
                readiness.mongo(settings),
            )
        )
    mail_port = settings.port(MAIL)
    found.append(
        Process(
            "mail",
            Layer.INFRASTRUCTURE,
            [*PATIENT, *_module("deploy.local.mail", HOST, str(mail_port), str(settings.mail))],
            (mail_port,),
            readiness.tcp(mail_port),
        )
    )
    return found


def _branch(settings: Settings, branch: str, kind: str, offset: int) -> Process:
    command = _module(f"services.{branch}", kind)
    if (branch, kind) == ("notifications", "worker"):
        command = [*PATIENT, *command]
    process = _probed(settings, f"{branch}-{kind}", command, offset, secrets=False)
    return replace(process, environment={**process.environment, **own_settings(settings, branch)})


def _probed(
    settings: Settings, name: str, command: list[str], offset: int, secrets: bool = True
) -> Process:
    """A process without a door of its own: it answers /readyz on its probe port."""
    port = settings.port(offset)
    ready = readiness.http(f"http://{HOST}:{port}/readyz")
    service = name.partition("-")[0]
    variables = environment(settings, secrets) | accounts_of(settings, service)
    variables["PROBE_PORT"] = str(port)
    return Process(name, Layer.BRANCHES, command, (port,), ready, variables)


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]
