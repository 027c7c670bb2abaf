"""The settings of one local stack: where it lives, its ports, its secrets.

They come from the environment, then from `settings.env` in the stack's folder (written on the first
start, so that a stop and a start keep them), then from the defaults below.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy import broker
from deploy.database import PREFIX, USERS
from deploy.local.problems import StackError

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = ROOT / ".local"
DEFAULT_PORT_BASE = 8800
PORT_SPAN = 40
"""How many ports, from the base upwards, one stack may use."""

SERVICES = tuple(broker.SERVICES)
"""Each has a user of its own at the broker, and one at the database."""

_FILE = "settings.env"
_STORED = (
    "MASAHA_PORT_BASE",
    "CURSOR_SECRET",
    "LINK_SECRET",
    "BROKER_PASSWORD",
    "DATABASE_PASSWORD",
    "DATABASE_PREFIX",
)
_HEADER = """\
# Settings of this local stack, written on its first start and read on each one after it.
# The environment wins over this file. Also read from here: AMQP_URI and MONGO_URI, to use a broker
# or a replica set that runs elsewhere.
"""


@dataclass(frozen=True)
class Settings:
    """All that differs between two stacks on the same machine."""

    folder: Path
    port_base: int
    cursor_secret: str
    link_secret: str
    broker_password: str
    database_password: str
    database_prefix: str
    given_amqp_uri: str | None
    given_mongo_uri: str | None
    given_accounts: Mapping[str, str] = field(default_factory=dict)
    """Of a broker or database that runs elsewhere, where each service has a user of its own: the
    address with that user, by the name of the variable (`BOOKINGS_AMQP_URI`)."""

    def port(self, offset: int) -> int:
        """The port at this place after the base."""
        if not 0 <= offset < PORT_SPAN:
            raise ValueError(f"offset {offset} is outside the span of {PORT_SPAN} ports")
        return self.port_base + offset

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.folder / "logs"

    @property
    def mail(self) -> Path:
        """Where the mail sink puts what the system sends."""
        return self.folder / "mail"

    @property
    def keys(self) -> Path:
        """The gateway's signing keys, for its own user only."""
        return self.folder / "keys"

    @property
    def certificate_keys(self) -> Path:
        """The keys that sign certificates."""
        return self.folder / "certificate-keys"


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the stack in `folder`, inventing the secrets that are not there yet.

    Writes nothing. Raises StackError when the port base is not a usable number.
    """
    given = os.environ if environ is None else environ
    stored = _read(folder / _FILE)

    def value(name: str) -> str | None:
        return given.get(name) or stored.get(name) or None

    return Settings(
        folder=folder.resolve(),
        port_base=_port_base(value("MASAHA_PORT_BASE")),
        cursor_secret=value("CURSOR_SECRET") or secrets.token_urlsafe(32),
        link_secret=value("LINK_SECRET") or secrets.token_urlsafe(32),
        broker_password=value("BROKER_PASSWORD") or secrets.token_urlsafe(24),
        database_password=value("DATABASE_PASSWORD") or secrets.token_urlsafe(24),
        database_prefix=value("DATABASE_PREFIX") or PREFIX,
        given_amqp_uri=value("AMQP_URI"),
        given_mongo_uri=value("MONGO_URI"),
        given_accounts={name: uri for name in _account_names() if (uri := value(name)) is not None},
    )


def store(settings: Settings) -> None:
    """Create the stack's folders and keep its settings; all of it is for this user only."""
    for folder in (
        settings.folder,
        settings.logs,
        settings.mail,
        settings.keys,
        settings.certificate_keys,
    ):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(settings.folder)
    path = settings.folder / _FILE
    kept = _read(path) | {
        "MASAHA_PORT_BASE": str(settings.port_base),
        "CURSOR_SECRET": settings.cursor_secret,
        "LINK_SECRET": settings.link_secret,
        "BROKER_PASSWORD": settings.broker_password,
        "DATABASE_PASSWORD": settings.database_password,
        "DATABASE_PREFIX": settings.database_prefix,
    }
    order = [*_STORED, *sorted(kept.keys() - set(_STORED))]
    write_private(path, _HEADER + "".join(f"{name}={kept[name]}\n" for name in order))


def check_unmoved(settings: Settings) -> None:
    """Raise StackError when the ports are not those that the stack was started with."""
    started = _read(settings.folder / _FILE).get("MASAHA_PORT_BASE")
    if started is not None and started != str(settings.port_base):
        raise StackError(
            f"MASAHA_PORT_BASE cannot change from {started} to {settings.port_base} while the "
            "stack runs: make down first."
        )


def make_private(folder: Path) -> None:
    """Take the rights of everybody but the owner from a folder and all that is in it."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            if mode & 0o077:
                path.chmod(mode & 0o7700)


def write_private(path: Path, text: str) -> None:
    """Replace a file whole, with mode 600 from its first byte on."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _account_names() -> list[str]:
    return [
        *(f"{service.upper()}_AMQP_URI" for service in SERVICES),
        *(f"{user.upper()}_MONGO_URI" for user in USERS),
    ]


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): text.strip() for name, _, text in pairs}


def _port_base(text: str | None) -> int:
    if text is None:
        return DEFAULT_PORT_BASE
    highest = 65535 - PORT_SPAN
    if not text.isdecimal() or not 1024 <= int(text) <= highest:
        raise StackError(
            f"MASAHA_PORT_BASE must be a whole number from 1024 to {highest}, not '{text}'."
        )
    return int(text)
