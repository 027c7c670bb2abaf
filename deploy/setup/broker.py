"""What RabbitMQ imports at its start: the topology of the project with its users."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.broker import SERVICES, definitions_with
from deploy.setup.problems import SetupError, required

OPERATOR = "masaha"


def write_definitions(file: Path, environ: Mapping[str, str]) -> str:
    """Write the file from the passwords of the environment; returns what was done.

    The broker runs as another user, so the file is open to all who reach its volume.

    Raises:
        MissingSetting: for a password that is not set.
        SetupError: if the file cannot be written.
    """
    passwords = {name: required(environ, f"BROKER_PASSWORD_{name.upper()}") for name in SERVICES}
    definitions = definitions_with(passwords, OPERATOR, required(environ, "BROKER_PASSWORD"))
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.write_text(json.dumps(definitions, indent=2), encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}.") from error
    return f"{file}: {len(definitions['users'])} users of the broker."
