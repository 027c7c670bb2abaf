"""Clients that are generated from the /openapi.json of the running gateway: linted, type-checked
strictly, and used for a member's main job on the whole system.

Node comes with the packages of `requirements/dev.txt`; what it needs is locked in
`package-lock.json` and put beside it once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local import people
from deploy.local.people import Person
from tests.support.stack import Stack

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
CACHE = HERE / ".mypy_cache"  # the libraries are checked once, and not by each run
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "MYPYPATH": ""}
# What would get around the types, in either language.
DODGES = re.compile(r"\bany\b|\bAny\b|\bcast\b|\bunknown\b|@ts-|type: ignore| as (?!const)\w+[;,)]")


def run(*command: str | Path, folder: Path = HERE, **more: str) -> str:
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env={**ENVIRONMENT, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of the locked packages, installed when the lock has changed."""
    stamp = MODULES / "installed.sha256"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock:
        run("npm", "ci", "--ignore-scripts", "--prefer-offline", "--silent")
        stamp.write_text(lock)
    return MODULES / ".bin"


@pytest.fixture(scope="module")
def description(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("description") / "openapi.json"
    path.write_bytes(httpx.get(f"{stack.gateway_url}/openapi.json").raise_for_status().content)
    return path


def days(weeks_ahead: int) -> list[str]:
    """A week of its own for each client, so that neither takes the other's time."""
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(weeks=weeks_ahead)
    return [each.isoformat().replace("+00:00", "Z") for each in (begins, begins + timedelta(7))]


def member() -> Person:
    return people.person("member-english")


def arguments(stack: Stack) -> list[str]:
    person = member()
    assert person.organisation_id is not None
    where = "raqqa-meeting-room"
    return [stack.gateway_url, person.email, person.password, where, person.organisation_id]


def test_the_linter_finds_nothing_to_warn_of(description: Path, tools: Path) -> None:
    assert run("node", "lint.js", description) == ""


def test_the_linter_would_find_something(description: Path, tools: Path, tmp_path: Path) -> None:
    document = json.loads(description.read_bytes())
    del document["paths"]["/v1/bookings"]["post"]["summary"]
    del document["paths"]["/v1/bookings"]["post"]["operationId"]
    spoiled = tmp_path / "openapi.json"
    spoiled.write_text(json.dumps(document))
    found = subprocess.run(
        ["node", "lint.js", spoiled], cwd=HERE, env=ENVIRONMENT, capture_output=True, check=False
    )
    assert found.returncode == 1
    assert b"operation-summary" in found.stdout
    assert b"operation-operationId" in found.stdout


@pytest.mark.parametrize("name", ["journey.ts", "journey.py"])
def test_a_journey_does_not_get_around_the_types(name: str) -> None:
    assert not DODGES.findall((HERE / name).read_text(encoding="utf-8"))


def test_a_front_end_plays_the_main_job(
    stack: Stack, description: Path, tools: Path, tmp_path: Path
) -> None:
    for name in ("journey.ts", "tsconfig.json", "package.json"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    (tmp_path / "node_modules").symlink_to(MODULES)
    generated = tmp_path / "generated" / "masaha.d.ts"
    run(tools / "openapi-typescript", description, "--output", generated, folder=tmp_path)
    run(tools / "tsc", "--project", "tsconfig.json", folder=tmp_path)
    said = run("node", "journey.ts", *arguments(stack), *days(3), folder=tmp_path)
    assert "cancelled: cancelled, cancelled" in said
    assert "unread: " in said


def test_another_system_plays_the_main_job(stack: Stack, description: Path, tmp_path: Path) -> None:
    package = tmp_path / "masaha_client"
    generator = BIN / "openapi-python-client"
    more = ("--config", HERE / "openapi-python-client.yaml", "--output-path", package)
    strict = ("--meta", "none", "--fail-on-warning")
    run(generator, "generate", "--path", description, *strict, *more, folder=tmp_path)
    for name in ("journey.py", "mypy.ini"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    run(BIN / "mypy", "--config-file", "mypy.ini", "--cache-dir", CACHE, ".", folder=tmp_path)
    said = run(sys.executable, "journey.py", *arguments(stack), days(4)[0], folder=tmp_path)
    assert said.count("cancelled: cancelled") == 2
    assert "unread: " in said
