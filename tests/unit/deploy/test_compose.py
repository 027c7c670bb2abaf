"""The compose file and the images say what the table of processes says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.broker import SERVICES
from deploy.database import USERS
from deploy.local import processes
from deploy.local.processes import Layer, Process
from deploy.local.settings import ROOT, load
from deploy.setup.settings import secret_names, write_settings
from services.common.runtime.stopping import LONGEST_STOP_SECONDS
from services.common.version import VERSION

BIN = Path(sys.executable).parent
COMPOSE = ROOT / "deploy" / "compose.yaml"
DOCKERFILE = ROOT / "deploy" / "images" / "Dockerfile"
#: Set by the image, or meant for one machine where all sign in from one address.
ELSEWHERE = {"PROBE_HOST", "PROBE_PORT", "GATEWAY_BIND", *processes.DEFAULTS}
#: Behind the proxy only.
ADDED = {"TRUSTED_PROXIES"}
ONE_SHOT = {
    "broker-setup",
    "database-setup",
    "certificate-setup",
    "data-backup",
    "case-keys-backup",
}


def rendered(folder: Path, *arguments: str) -> dict[str, Any]:
    """The compose file as Compose reads it: anchors, settings and defaults in place."""
    settings = folder / "settings.env"
    write_settings(settings)
    done = subprocess.run(
        [
            *(BIN / "docker-compose", "--env-file", settings, "--file", COMPOSE),
            *("--profile", "*", "config", "--format", "json", *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = rendered(tmp_path_factory.mktemp("compose"))["services"]
    return found


def table(folder: Path) -> list[Process]:
    """Our own processes; broker, database and mail are other people's images."""
    members = processes.table(load(folder, {}))
    return [each for each in members if each.layer >= Layer.BRANCHES]


def test_each_process_of_the_table_runs(services: dict[str, Any], tmp_path: Path) -> None:
    for process in table(tmp_path):
        service = services[process.name]
        built = service["build"]["target"]
        arguments = process.command[process.command.index("-m") + 1 :]
        if process.name == "gateway":
            assert service.get("command") is None, "the image's own command"
        elif built == "gateway":
            assert service["command"] == ["python", "-m", *arguments]
        else:
            assert [f"services.{built}", *service["command"]] == arguments


def test_each_process_has_the_settings_of_the_table(
    services: dict[str, Any], tmp_path: Path
) -> None:
    for process in table(tmp_path):
        told = set(services[process.name]["environment"]) - ADDED
        expected = set(process.environment) - ELSEWHERE
        assert told == expected, process.name


def test_the_seeds_of_the_table_can_be_put_in(services: dict[str, Any]) -> None:
    names = {
        command[command.index("-m") + 1].removeprefix("services.") for command in processes.seeds()
    }
    assert {f"{name}-seed" for name in names} <= set(services)


def test_each_user_has_a_secret_of_its_own(services: dict[str, Any]) -> None:
    broker, database = (
        {name for name in services[f"{part}-setup"]["environment"] if "PASSWORD" in name}
        for part in ("broker", "database")
    )
    assert broker == {"BROKER_PASSWORD", *(f"BROKER_PASSWORD_{name.upper()}" for name in SERVICES)}
    assert database == {
        "DATABASE_PASSWORD",
        *(f"DATABASE_PASSWORD_{name.upper()}" for name in USERS),
    }
    assert broker | database <= set(secret_names())


def test_data_and_keys_are_backed_up_to_different_places(services: dict[str, Any]) -> None:
    places = [
        volume["source"]
        for name in ("data-backup", "case-keys-backup")
        for volume in services[name]["volumes"]
    ]
    assert places == ["data-backups", "case-keys-backups"]


def test_no_secret_stands_in_the_file() -> None:
    text = COMPOSE.read_text("utf-8")
    for line in text.splitlines():
        if "PASSWORD" in line or "SECRET" in line:
            assert "${" in line or "$$" in line or line.strip().startswith("#"), line


def test_everything_is_hardened_and_bounded(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"]["max-size"], name
        if name not in ONE_SHOT:
            limits = service["deploy"]["resources"]["limits"]
            assert limits["cpus"] and limits["memory"], name
            assert ":" in service.get("user", "10001:10001"), name


def test_only_the_door_is_open_to_the_outside(services: dict[str, Any]) -> None:
    published = {
        name
        for name, service in services.items()
        for port in service.get("ports", ())
        if port.get("host_ip") != "127.0.0.1"
    }
    assert published == {"proxy"}


def test_a_process_may_take_its_time_to_stop(services: dict[str, Any], tmp_path: Path) -> None:
    for process in table(tmp_path):
        seconds = services[process.name]["stop_grace_period"].removesuffix("s")
        assert int(seconds) > LONGEST_STOP_SECONDS


def test_the_images_follow_the_rules_of_hadolint() -> None:
    done = subprocess.run(
        [BIN / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_images_say_their_release() -> None:
    assert f'org.opencontainers.image.version="{VERSION}"' in DOCKERFILE.read_text("utf-8")
    assert f"\n## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_settings_are_made_once_and_are_for_their_owner(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("PUBLIC_URL=https://masaha.example\nLINK_SECRET=kept\n", "utf-8")
    write_settings(file)
    made = file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert "PUBLIC_URL=https://masaha.example\nLINK_SECRET=kept\n" in made
    assert "has all settings" in write_settings(file)
    assert file.read_text("utf-8") == made
