"""A setting that nobody can work with ends its process at once, in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import mongodb
from deploy.local.problems import StackError
from deploy.local.settings import ROOT
from deploy.local.stack import Stack as LocalStack
from deploy.setup.kubernetes import print_secrets
from deploy.setup.problems import MissingSetting
from deploy.setup.settings import secret_names, write_settings
from docs import settings
from services.common.config import masked
from services.common.runtime import WRONG_SETTING
from tests.support.ports import free_port
from tests.support.stack import Server, Stack, free_port_base

RIGHT = {
    "AMQP_URI": "amqp://user:pass-word@127.0.0.1:1/",
    "MONGO_URI": "mongodb://user:pass-word@127.0.0.1:1/?replicaSet=none",
    "JWT_KEYS_DIR": "/nowhere",
    "CURSOR_SECRET": "of this test run",
    "LINK_SECRET": "of this test run, links",
    "CERTIFICATE_KEYS_DIR": "/nowhere",
    "LOG_FORMAT": "json",
}

WRONG = [
    ("AMQP_URI", "127.0.0.1:5672"),
    ("AMQP_URI", "http://127.0.0.1:5672/"),
    ("AMQP_URI", "amqp://user:pass-word@127.0.0.1:port/"),
    ("AMQP_URI", "user:pass-word@127.0.0.1:5672"),
    ("AMQP_URI", "amqp://user:a/pass-word@127.0.0.1:5672/"),
    ("MONGO_URI", "mongodb://user:a#pass-word@x@one:27017/"),
    ("MONGO_URI", "mongodb://user:pass-word?@one:27017/"),
    ("MONGO_URI", "mongodb+srv://user:pass-word@db.example/"),
    ("MONGO_URI", "mongodb://user:pass-word@one:27017,two:99999/"),
    ("MONGO_URI", ""),
    ("DATABASE_PREFIX", "a.b"),
    ("PROBE_PORT", "70000"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("MAX_WORKERS", "0"),
    ("AMQP_URI", "amqp://user:pass-word@one:5672,two:99999/"),
    ("AMQP_HEARTBEAT", "often"),
    ("RPC_QUEUES", "stream"),
]
WRONG_AT_THE_DOOR = [
    ("RATE_LIMIT", "many"),
    ("RATE_LIMIT", "-1"),
    ("SIGN_IN_LIMIT", "1.5"),
    ("RATE_LIMIT_STORAGE", "carrier-pigeon://"),
    ("TRUSTED_PROXIES", "10.0.0.1"),
    ("CONNECTIONS_PER_ADDRESS", "-5"),
    ("METRICS_PUBLIC", "perhaps"),
    ("CORS_ORIGINS", "front.example"),
    ("PUBLIC_URL", "gateway.example"),
    ("RPC_TIMEOUT", "0"),
    ("RPC_TIMEOUT", "nan"),
    ("BREAKER_LONGEST", "0.5"),
    ("ACCESS_TOKEN_SECONDS", "0"),
    ("WEB_CONCURRENCY", "none"),
    ("GATEWAY_BIND", "127.0.0.1:door"),
    ("CURSOR_SECRET", "short"),
]
WRONG_FOR_MAIL = [
    ("SMTP_PORT", "-25"),
    ("SMTP_TLS", "maybe"),
    ("SMTP_USERNAME", "user"),
    ("MAIL_FROM", "Masaha"),
    ("MAIL_PER_SECOND", "0"),
    ("MAIL_SENDERS", "0"),
    ("LINK_SECRET", "short"),
]
DEPLOYABLES = {
    "bookings": "services.bookings",
    "trainings": "services.trainings",
    "consultations": "services.consultations",
    "notifications": "services.notifications",
    "gateway": "gateway",
}


def told(package: str, command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", package, command],
        cwd=ROOT,
        env={**os.environ, **RIGHT, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_names(sentence: str, name: str, value: str) -> None:
    assert name in sentence
    assert "Traceback" not in sentence
    assert "pass-word" not in sentence
    assert len(sentence.strip().splitlines()) == 1
    if value and "SECRET" not in name and "SMTP_USERNAME" not in name:
        assert masked(value) in sentence


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("amqp://user:pass-word@one:1/", "amqp://***@one:1/"),
        ("amqp://user:a/pass-word@one:1/", "amqp://***@one:1/"),
        ("amqp://user:a@pass-word@one:1/", "amqp://***@one:1/"),
        ("user:pass-word@one:1", "***@one:1"),
        ("amqp://one:1/", "amqp://one:1/"),
        ("Masaha <no-reply@masaha.example>", "Masaha <no-reply@masaha.example>"),
    ],
)
def test_a_password_is_shown_in_no_spelling(uri: str, shown: str) -> None:
    assert masked(uri) == shown


@pytest.mark.parametrize("package", DEPLOYABLES.values())
def test_settings_that_are_right_are_said_to_be(package: str) -> None:
    done = told(package, "check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("package", "name", "value"),
    [
        *(("services.bookings", *each) for each in WRONG),
        ("services.bookings", "BUDGET_WEEKLY_HOURS", "plenty"),
        ("services.trainings", "CERTIFICATE_KEYS_DIR", ""),
        ("services.trainings", "PUBLIC_URL", "gateway.example"),
        ("services.trainings", "LINK_SECRET", "short"),
        ("services.consultations", "CASE_KEYS_MONGO_URI", "user:pass-word@db.example"),
        ("services.consultations", "CASE_KEYS_DATABASE", "a.b"),
        ("services.consultations", "LINK_SECRET", "short"),
        *(("services.notifications", *each) for each in WRONG_FOR_MAIL),
        *(("gateway", *each) for each in WRONG_AT_THE_DOOR),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(package: str, name: str, value: str) -> None:
    done = told(package, "check", **{name: value})
    assert done.returncode == WRONG_SETTING
    assert_names(done.stderr, name, value)


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (package, name)
        for deployable, package in DEPLOYABLES.items()
        for name, default in settings.names()[deployable].items()
        if default is None
    ],
)
def test_a_setting_that_is_missing_is_named(package: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", package, "check"],
        cwd=ROOT,
        env={each: text for each, text in {**os.environ, **RIGHT}.items() if each != name},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (WRONG_SETTING, f"{name} is not set.\n")


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("services.bookings", "service"),
        ("services.bookings", "worker"),
        ("services.trainings", "service"),
        ("services.trainings", "worker"),
        ("services.consultations", "service"),
        ("services.consultations", "worker"),
        ("services.notifications", "service"),
        ("services.notifications", "worker"),
        ("gateway", "worker"),
    ],
)
def test_a_process_with_a_wrong_setting_ends_at_once(package: str, command: str) -> None:
    done = told(package, command, MONGO_URI="db.example")
    assert done.returncode == WRONG_SETTING
    assert_names(done.stderr, "MONGO_URI", "db.example")


@pytest.mark.parametrize(
    ("package", "command"), [("services.bookings", "service"), ("gateway", "worker")]
)
def test_a_wrong_setting_of_traces_ends_a_process_at_once(package: str, command: str) -> None:
    wrong = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_BSP_MAX_QUEUE_SIZE": "-1",
        "MONGO_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100",
    }
    done = told(package, command, **wrong)
    assert done.returncode == WRONG_SETTING
    sentence = done.stderr.splitlines()[-1]
    assert_names(sentence, "OTEL_BSP", "")
    assert "max_queue_size" in sentence


@pytest.mark.parametrize(
    ("name", "value"), [("RATE_LIMIT", "many"), ("WEB_CONCURRENCY", "0"), ("AMQP_URI", "x")]
)
def test_the_door_with_a_wrong_setting_ends_at_once(name: str, value: str) -> None:
    done = subprocess.run(
        [*(sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn.conf.py"), "gateway.wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **RIGHT, "GATEWAY_BIND": f"127.0.0.1:{free_port()}", name: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert_names(done.stderr.splitlines()[-1], name, value)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("RATE_LIMIT", "many"), ("MAIL_SENDERS", "0"), ("MAX_WORKERS", "x")]
)
def test_a_stack_with_a_wrong_setting_starts_nothing(tmp_path: Path, name: str, value: str) -> None:
    stack = Stack(tmp_path / "stack", environ={name: value})
    begun = time.monotonic()
    with pytest.raises(StackError) as problem:
        stack.up()
    assert time.monotonic() - begun < 20
    assert_names(problem.value.sentence, name, value)
    assert not stack.running()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMQP_URI", "amqp://user:pass-word@127.0.0.1:{port}/"),
        ("AMQP_URI", "amqp://user:pass-word@nowhere.invalid/"),
        ("MONGO_URI", "mongodb://user:pass-word@127.0.0.1:{port}/?replicaSet=masaha"),
        ("MONGO_URI", "mongodb://user:pass-word@nowhere.invalid:27017/"),
    ],
)
def test_a_server_elsewhere_that_does_not_answer_is_named_with_the_address_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    uri = value.format(port=free_port())
    monkeypatch.setenv(name, uri)
    monkeypatch.setenv("MASAHA_PORT_BASE", str(free_port_base()))
    stack = LocalStack(tmp_path / "stack")
    begun = time.monotonic()
    with pytest.raises(StackError) as problem:
        stack.up()
    assert time.monotonic() - begun < 20
    assert_names(problem.value.sentence, name, uri)
    address = uri.rpartition("@")[2].partition("/")[0]
    assert f"at {address}" in problem.value.sentence


def test_a_database_elsewhere_is_a_replica_set_that_lets_us_in(database: Server) -> None:
    assert mongodb.why_away(database.uri) is None
    refused = mongodb.why_away(re.sub("://.*@", "://user:pass-word@", database.uri))
    assert refused is not None
    assert_names(refused, "MONGO_URI", "")
    other = mongodb.why_away(database.uri.replace("replicaSet=masaha", "replicaSet=other"))
    assert other is not None
    assert "other" in other


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (["broker", "definitions.json"], "BROKER_PASSWORD_BOOKINGS"),
        (["database"], "DATABASE_PASSWORD"),
        (["backup", "data", "one"], "MONGO_URI"),
        (["restore", "case-keys", "one"], "MONGO_URI"),
    ],
)
def test_a_setup_without_its_setting_names_it(
    tmp_path: Path, command: list[str], missing: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.setup", *command],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (WRONG_SETTING, f"{missing} is not set.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_without_a_secret_names_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    write_settings(file)
    whole = file.read_text("utf-8").splitlines()
    for name in secret_names():
        file.write_text("\n".join(line for line in whole if not line.startswith(f"{name}=")))
        with pytest.raises(MissingSetting, match=f"^{name} is not set"):
            print_secrets(file)
