"""The settings of the compose file: a secret for each user, made once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from deploy.broker import SERVICES
from deploy.database import USERS
from deploy.setup.problems import SetupError

_HEADER = """\
# Settings of deploy/compose.yaml, made by `make compose-settings`. Keep this file: without these
# secrets the data cannot be used. What is here already is never changed (deploy/README.md).
"""
OPEN = {
    "PUBLIC_URL": "https://localhost",
    "HTTPS_PORT": "443",
    "HTTP_PORT": "80",
    "SMTP_HOST": "mail",
    "SMTP_PORT": "1025",
    "SMTP_TLS": "none",
    "SMTP_USERNAME": "",
    "SMTP_PASSWORD": "",
    "MAIL_FROM": "Masaha <no-reply@masaha.example>",
}
"""Settings that are no secrets, with the values that they begin with."""


def secret_names() -> list[str]:
    """Every secret of the compose file."""
    return [
        "BROKER_PASSWORD",
        *(f"BROKER_PASSWORD_{name.upper()}" for name in SERVICES),
        "DATABASE_PASSWORD",
        *(f"DATABASE_PASSWORD_{name.upper()}" for name in USERS),
        "DATABASE_KEY",
        "CURSOR_SECRET",
        "LINK_SECRET",
    ]


def write_settings(file: Path) -> str:
    """Add what is missing to the file, which only its owner may read; returns what was done.

    Raises:
        SetupError: if the file cannot be written.
    """
    try:
        lines = file.read_text("utf-8").splitlines() if file.exists() else _HEADER.splitlines()
        present = {line.partition("=")[0] for line in lines if not line.startswith("#")}
        # Hexadecimal: no address and no shell needs to escape it.
        made = {name: secrets.token_hex(24) for name in secret_names()}
        added = {name: value for name, value in {**OPEN, **made}.items() if name not in present}
        if not added:
            return f"{file} has all settings."
        lines += [f"{name}={value}" for name, value in added.items()]
        beside = file.with_name(f"{file.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write("\n".join(lines) + "\n")
        beside.replace(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}.") from error
    return f"{file}: {len(added)} settings written."
