"""The import rules of ``pyproject.toml`` hold, and each of them refuses a breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.project import DEPLOYABLES, ROOT, SERVICES

# The command's own entry point: the tests need no particular PATH.
LINT = [
    sys.executable,
    "-c",
    "import sys; from importlinter.cli import lint_imports_command; "
    "sys.exit(lint_imports_command())",
]

# Contract → places where a line is planted, and the line.
TYPE_ONLY = "import typing\nif typing.TYPE_CHECKING:\n    import {}"
INSIDE = "def load() -> None:\n    import {}"

BREACHES: dict[str, list[tuple[str, str]]] = {
    "layers": [
        ("services/bookings/steps/event_data.py", "import services.bookings.operations.bookings"),
        ("services/bookings/app.py", INSIDE.format("services.bookings.operations.guests")),
        (
            "services/notifications/schemas.py",
            TYPE_ONLY.format("services.notifications.operations.inbox"),
        ),
    ],
    "layers-gateway": [
        ("gateway/web/endpoint.py", TYPE_ONLY.format("gateway.app")),
        ("gateway/web/openapi.py", "import gateway.api.branch"),
    ],
    "layers-identity": [
        ("gateway/identity/store/epochs.py", "import gateway.identity.operations.sessions"),
        ("gateway/identity/steps/epochs.py", "import gateway.identity.operations.sessions"),
    ],
    "layers-common": [
        ("services/common/events/outbox.py", "import services.common.messaging.publisher"),
        ("services/common/contracts/forms.py", TYPE_ONLY.format("services.common.forms.questions")),
    ],
    "independence": [
        ("services/bookings/steps/event_data.py", "import services.notifications.app"),
        ("services/notifications/wording/bookings.py", "import gateway.identity.store"),
        ("gateway/api/bookings.py", "import services.bookings.domain.rules"),
    ],
    "common": [("services/common/ids.py", "import services.bookings")],
    "domain": [
        ("services/bookings/domain/rules.py", "import pymongo"),
        ("services/bookings/domain/terms.py", "import services.bookings.store"),
        ("services/notifications/domain/rules/bookings.py", "import services.common.storage.mongo"),
        ("gateway/identity/domain/identity.py", "import flask"),
    ],
    "operations": [
        ("services/bookings/operations/centres.py", "import nameko"),
        ("services/notifications/operations/notify.py", "import eventlet"),
        ("gateway/identity/operations/sessions.py", "import flask"),
    ],
    "pymongo": [
        ("services/bookings/operations/bookings.py", "import pymongo"),
        ("services/notifications/channels/email.py", "import pymongo"),
        ("gateway/remote/rpc.py", "from pymongo import errors"),
    ],
}


# Package in which a circle is planted → the file, and the line that closes it.
CIRCLES = {
    "services.bookings.operations": (
        "services/bookings/operations/centres.py",
        "import services.bookings.operations.equipment",
    ),
    "services.notifications.domain": (
        "services/notifications/domain/messages.py",
        TYPE_ONLY.format("services.notifications.domain.delivery"),
    ),
    "services.common": (
        "services/common/events/outbox.py",
        INSIDE.format("services.common.messaging.relay"),
    ),
}


def lint(root: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a checkout, with one of its contracts or all of them."""
    chosen = ["--contract", contract] if contract else []
    return subprocess.run(
        [*LINT, "--no-cache", *chosen],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def configured() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return contracts


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of everything that the rules speak of."""
    for name in ("services", "gateway", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rules_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_refused(copy: Path, contract: str) -> None:
    planted = []
    for name, line in BREACHES[contract]:
        path = copy / name
        path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
        planted.append(".".join(Path(name).with_suffix("").parts))
    result = lint(copy, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    unseen = [module for module in planted if module not in result.stdout]
    assert not unseen, f"the breach in {unseen} was not seen:\n{result.stdout}"


def test_a_circle_is_refused(copy: Path) -> None:
    for name, line in CIRCLES.values():
        path = copy / name
        path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    result = lint(copy, "acyclic")
    assert result.returncode == 1, result.stdout + result.stderr
    unseen = [
        each for each in CIRCLES if f"No cycles are allowed in {each}.\n" not in result.stdout
    ]
    assert not unseen, f"the circle in {unseen} was not seen:\n{result.stdout}"


def test_every_contract_has_a_breach_that_shows_it_bites() -> None:
    assert {contract["id"] for contract in configured()} == {"acyclic", *BREACHES}, (
        "add a breach for each contract of pyproject.toml to BREACHES"
    )


def test_every_deployable_is_named_where_a_rule_lists_them() -> None:
    rules = {contract["id"]: contract for contract in configured()}
    expected = {deployable.package for deployable in DEPLOYABLES}
    for contract, key in (("independence", "modules"), ("common", "forbidden_modules")):
        missing = expected - set(rules[contract][key])  # type: ignore[call-overload]
        assert not missing, f"add {sorted(missing)} to {key} of '{contract}' in pyproject.toml"
    layered = set(rules["layers"]["containers"])  # type: ignore[call-overload]
    unlayered = {service.package for service in SERVICES} - layered
    assert not unlayered, f"add {sorted(unlayered)} to containers of 'layers' in pyproject.toml"
