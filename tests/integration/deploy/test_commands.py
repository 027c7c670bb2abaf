"""The stack's commands answer before anything is installed, and when their reader has gone."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local import checkup, install, interpreter, mongodb, settings
from deploy.local.__main__ import main
from deploy.local.settings import ROOT
from tests.support.stack import BROKER, DATABASE, Stack, free_port_base

SYSTEM_PYTHON = Path(sys.base_prefix) / "bin" / "python3"
ALWAYS = ("doctor", "status", "logs", "down")


def command(*words: str, checkout: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=checkout, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which nothing is installed."""
    folder = tmp_path_factory.mktemp("checkout") / "masaha"
    folder.mkdir()
    for name in ("Makefile", "deploy", "services", "requirements"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    return folder


def break_nothing(_venv: Path) -> None:
    """There is no .venv at all."""


def break_interpreter(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("/nowhere/python3")


def break_packages(venv: Path) -> None:
    """A Python without any of the packages."""
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n')
    python.chmod(0o755)


@pytest.mark.parametrize("breakage", [break_nothing, break_interpreter, break_packages])
@pytest.mark.parametrize("name", ALWAYS)
def test_what_helps_a_newcomer_works_without_packages(
    checkout: Path, name: str, breakage: object
) -> None:
    venv = checkout / ".venv"
    shutil.rmtree(venv, ignore_errors=True)
    breakage(venv)  # type: ignore[operator]
    done = command("make", name, f"PYTHON={SYSTEM_PYTHON}", checkout=checkout)
    assert "Traceback" not in done.stdout + done.stderr
    said = {
        "doctor": "packages of requirements/local.txt (make install)",
        "status": "Masaha is not running.",
        "logs": "There is no log yet",
        "down": "nothing runs",
    }
    assert said[name] in done.stdout + done.stderr


def test_one_process_can_be_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = Stack(tmp_path / "stack", only=("mail",))
    stack.up()
    try:
        here = ["--folder", str(stack.settings.folder)]
        assert main([*here, "status", "mail"]) == 0
        assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["mail"]
        assert main([*here, "status", "nobody"]) == 1
        assert "There is no process 'nobody'" in capsys.readouterr().err
    finally:
        stack.down()


@pytest.mark.parametrize("words", [("doctor",), ("env",), ("status",)])
def test_a_reader_that_has_gone_gives_no_traceback(tmp_path: Path, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "--folder", str(tmp_path), *words],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""


def test_logs_whose_reader_has_gone_end_well(tmp_path: Path) -> None:
    here = settings.load(tmp_path, {})
    settings.store(here)
    (here.logs / "gateway.log").write_text("a line\n" * 10)
    (here.logs / "mail.log").write_text("a line\n" * 50_000)
    shell = (
        f"set -o pipefail; {sys.executable} -m deploy.local --folder {tmp_path} logs --no-follow"
        " | head -1"
    )
    done = command("bash", "-c", shell)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_environment_that_has_lost_a_file_is_not_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    monkeypatch.setattr(install, "VENV", venv)
    monkeypatch.setattr(install, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(install, "STAMP", venv / "installed.json")
    library = next(venv.glob("lib/python*/site-packages"))
    described = library / "thing-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (described / "RECORD").write_text("thing.py,,\n")
    (library / "thing.py").touch()
    install.STAMP.write_text(f'{{"local": "{install._digest("local")}"}}')
    assert install.up_to_date("local")
    (library / "thing.py").unlink()
    assert not install.up_to_date("local")
    (library / "thing.py").touch()
    install.PYTHON.unlink()
    assert not install.up_to_date("local")


@pytest.mark.parametrize(
    ("configured", "fast"),
    [
        ({"CONFIG_ARGS": "'--enable-shared'", "PGO_PROF_USE_FLAG": "-fprofile-use"}, False),
        ({"CONFIG_ARGS": "'--enable-optimizations'", "PGO_PROF_USE_FLAG": "-fprofile-use"}, True),
        ({"CONFIG_ARGS": "'--enable-shared'", "PGO_PROF_USE_FLAG": ""}, True),
    ],
)
def test_a_slow_interpreter_is_said_and_keeps_nothing_from_running(
    monkeypatch: pytest.MonkeyPatch, configured: dict[str, str], fast: bool
) -> None:
    monkeypatch.setattr(interpreter.sysconfig, "get_config_var", configured.get)
    assert interpreter.optimised() is fast
    assert ("built without" in interpreter.described()) is not fast
    assert [finding.sign for finding in checkup._slow_interpreter()] == ([] if fast else ["!"])


@pytest.fixture(scope="module")
def infrastructure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Broker, database and mail, started in a folder that was open to everybody."""
    folder = tmp_path_factory.mktemp("open") / "stack"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "old.log").touch(0o644)
    folder.chmod(0o755)
    stack = Stack(folder, only=(*BROKER, *DATABASE, "mail"))
    stack.up()
    yield stack
    stack.down()


def test_all_that_a_stack_writes_is_for_its_owner_only(infrastructure: Stack) -> None:
    folder = infrastructure.settings.folder
    found = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    names = {path.name for path in found}
    assert {"mongo", "rabbitmq", "mail.log", "old.log", "settings.env", "lock"} <= names
    open_to_others = {
        str(path): stat.filemode(mode) for path, mode in found.items() if mode & 0o077
    }
    assert open_to_others == {}


def test_one_machine_is_backed_up_and_put_back_with_the_commands_of_the_runbook(
    tmp_path: Path,
) -> None:
    environ = {**os.environ, "MASAHA_PORT_BASE": str(free_port_base())}
    for name in ("AMQP_URI", "MONGO_URI"):
        environ.pop(name, None)
    local = f"{sys.executable} -m deploy.local --folder {tmp_path / 'stack'}"
    setup = f'eval "$({local} env)" && {sys.executable} -m deploy.setup'

    def run(line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    try:
        assert "Running: mongod" in run(f"{local} --only mongod up")
        port = int(environ["MASAHA_PORT_BASE"]) + mongodb.PORT
        uri = run(f'eval "$({local} env)" && echo $MONGO_URI').strip()
        assert f"@127.0.0.1:{port}/" in uri
        with MongoClient[dict[str, Any]](uri) as client:
            things = client["masaha_bookings"]["things"]
            things.insert_one({"_id": "kept"})
            assert "1 documents" in run(f"{setup} backup data {tmp_path / 'backup'}")
            things.insert_one({"_id": "later"})
            assert "is back" in run(f"{setup} restore data {tmp_path / 'backup'} --replace")
            assert [each["_id"] for each in things.find()] == ["kept"]
    finally:
        run(f"{local} --only mongod down")
