"""The secrets of the cluster, from the settings that the compose file has too.

They are printed for ``kubectl apply -f -`` and are in no file of the project. A cluster that has a
secret store of its own makes secrets with the same names and keys there.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.broker import SERVICES, definitions_with
from deploy.database import KEYS_OF_CASES
from deploy.database import OPERATOR as DATABASE_OPERATOR
from deploy.setup.broker import OPERATOR
from deploy.setup.problems import required
from deploy.setup.settings import secret_names
from services.common.signing_keys import ED25519, ES256, Algorithm, SigningKeys

NAMESPACE = "masaha"
#: By service: the settings that are secret or of this place, as the compose file gives them.
OWN_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "bookings": ("LINK_SECRET",),
    "trainings": ("LINK_SECRET",),
    "consultations": ("LINK_SECRET",),
    "notifications": (
        "LINK_SECRET",
        "SMTP_HOST",
        "SMTP_PORT",
        "SMTP_TLS",
        "SMTP_USERNAME",
        "SMTP_PASSWORD",
        "MAIL_FROM",
    ),
    "gateway": ("CURSOR_SECRET",),
}


def print_secrets(file: Path) -> str:
    """All secrets as one JSON list, from a file of settings.

    ``BROKER_ADDRESS`` and ``DATABASE_ADDRESS`` say where broker and database are, if elsewhere than
    in the overlay ``small``.

    Raises:
        MissingSetting: for a secret that the file lacks.
    """
    lines = file.read_text("utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    for name in secret_names():
        required(settings, name)
    passwords = {name: required(settings, f"BROKER_PASSWORD_{name.upper()}") for name in SERVICES}
    operator = required(settings, "BROKER_PASSWORD")
    database = {
        name: value
        for name, value in settings.items()
        if name.startswith("DATABASE_PASSWORD") or name == "DATABASE_KEY"
    }
    found = [_secret(name, _settings_of(name, settings)) for name in SERVICES]
    found += [
        _secret("setup", database),
        _secret("backup", {"MONGO_URI": _database_uri(None, settings)}),
        _secret(
            "broker-definitions",
            {"definitions.json": json.dumps(definitions_with(passwords, OPERATOR, operator))},
        ),
        _secret("gateway-keys", _new_key(ES256)),
        _secret("certificate-keys", _new_key(ED25519)),
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": found}, indent=2)


def _settings_of(service: str, settings: Mapping[str, str]) -> dict[str, str]:
    name = service.upper()
    broker = settings.get("BROKER_ADDRESS", "rabbitmq:5672/")
    keys_of_cases = (
        {"CASE_KEYS_MONGO_URI": _database_uri(KEYS_OF_CASES, settings)}
        if service == "consultations"
        else {}
    )
    return {
        "AMQP_URI": f"amqp://{service}:{required(settings, f'BROKER_PASSWORD_{name}')}@{broker}",
        "MONGO_URI": _database_uri(service, settings),
        **keys_of_cases,
        **{each: settings.get(each, "") for each in OWN_SETTINGS.get(service, ())},
    }


def _database_uri(user: str | None, settings: Mapping[str, str]) -> str:
    """The address with a service's user; without a name, with the operator."""
    address = settings.get(
        "DATABASE_ADDRESS", "mongodb-0.mongodb:27017/?replicaSet=masaha&authSource=admin"
    )
    if user is None:
        return f"mongodb://{DATABASE_OPERATOR}:{required(settings, 'DATABASE_PASSWORD')}@{address}"
    password = required(settings, f"DATABASE_PASSWORD_{user.upper()}")
    return f"mongodb://{user}:{password}@{address}"


def _new_key(algorithm: Algorithm) -> dict[str, str]:
    """A first signing key: all copies of a process share it, so none may make its own."""
    with tempfile.TemporaryDirectory() as folder:
        SigningKeys(Path(folder), algorithm)
        return {path.name: path.read_text("utf-8") for path in Path(folder).glob("*.pem")}


def _secret(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }
