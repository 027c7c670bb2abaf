"""The local stack keeps its promises: it says what is wrong, leaves nothing behind, heals."""

from __future__ import annotations

import os
import runpy
import select
import smtplib
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Producer, Queue
from pymongo import MongoClient

from deploy.local import __main__ as local
from deploy.local import mail, packages, ports, processes, settings, supervision, watchdog
from deploy.local.problems import StackError
from deploy.local.processes import Layer, Process
from deploy.local.stack import Stack as LocalStack
from services.common.runtime.stopping import (
    DRAIN_SECONDS,
    END_SECONDS,
    LONGEST_STOP_SECONDS,
)
from tests.support.stack import BROKER, DATABASE, Stack, free_port_base

Starter = Callable[..., Stack]


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[Starter]:
    """Makes stacks in the test's folder; stops those that a test left running."""
    made: list[Stack] = []

    def make(only: tuple[str, ...], port_base: int | None = None) -> Stack:
        made.append(Stack(tmp_path / "stack", port_base, only=only))
        return made[-1]

    yield make
    for stack in made:
        stack.down()


def never_ready(name: str, code: str) -> Process:
    return Process(name, Layer.BRANCHES, [sys.executable, "-c", code], (), lambda: "not yet")


def add_to_table(monkeypatch: pytest.MonkeyPatch, *extra: Process) -> None:
    real = processes.table
    monkeypatch.setattr(processes, "table", lambda settings: [*real(settings), *extra])


def await_end(pid: int, seconds: float) -> None:
    """Wait until a process has ended; TimeoutError when it has not by then."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError(f"process {pid} still lives after {seconds} s")
    finally:
        os.close(descriptor)


def test_a_used_port_gives_one_sentence_with_the_port_and_the_setting(starter: Starter) -> None:
    base = free_port_base()
    with socket.create_server(("127.0.0.1", base + processes.MAIL)):
        stack = starter(("mail",), base)
        with pytest.raises(StackError) as problem:
            stack.up()
    assert f"Port {base + processes.MAIL} of mail is already in use" in problem.value.sentence
    assert "MASAHA_PORT_BASE" in problem.value.sentence
    assert not stack.running()


def test_a_port_that_is_taken_during_the_start_is_told_and_nothing_is_asked_of_the_stranger(
    starter: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = starter(("late",))
    port = stack.settings.port(processes.MAIL)
    asked: list[int] = []
    code = "import signal; signal.pause()"
    add_to_table(
        monkeypatch,
        Process(
            "late",
            Layer.BRANCHES,
            [sys.executable, "-c", code],
            (port,),
            lambda: asked.append(port),
        ),
    )
    with ExitStack() as stranger:
        # The last that is done before the processes are started, after the look at the ports.
        monkeypatch.setattr(
            stack,
            "_warn_of_the_given_broker",
            lambda: stranger.enter_context(socket.create_server(("127.0.0.1", port))),
        )
        with pytest.raises(StackError) as problem:
            stack.up()
    assert f"Port {port} of late is already in use" in problem.value.sentence
    assert asked == []
    assert not stack.running()


def test_a_process_that_comes_back_to_a_taken_port_is_not_ready(starter: Starter) -> None:
    stack = starter(("mail",))
    stack.up()
    port = stack.settings.port(processes.MAIL)
    stack.supervisor.stop_processes(["mail"], 20)
    with socket.create_server(("127.0.0.1", port)):
        assert stack.why_not_ready("mail") == f"port {port} is in use by another program"
    stack.supervisor.start_process("mail")
    stack.wait_ready("mail", 20)


def test_a_port_on_which_our_own_process_listened_for_a_moment_is_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as moment:
        port = moment.getsockname()[1]
        assert ports.taken([port], lambda: [os.getpid()]) == []
        assert ports.taken([port], lambda: []) == [port]

        def ours() -> list[int]:
            moment.close()  # Between the look at the port and the look at who has it open.
            return [os.getpid()]

        assert ports.taken([port], ours) == []


CHOOSING = """
import sys
from tests.support import ports
choices = [int(sys.argv[1]), *range(20000, 32000, 40)]
class Chooser:
    def randrange(self, *_):
        return choices.pop(0)
ports.random.SystemRandom = Chooser
print(ports.free_ports_in_a_row(40))
"""


def test_no_two_test_runs_have_the_same_ports() -> None:
    mine = free_port_base()
    other = [sys.executable, "-W", "ignore", "-c", CHOOSING, str(mine)]
    assert int(subprocess.check_output(other)) != mine


def test_a_child_that_dies_while_starting_is_named_and_everything_stops(
    starter: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_to_table(
        monkeypatch, never_ready("broken", "print('no such setting'); raise SystemExit(3)")
    )
    stack = starter(("mail", "broken"))
    with pytest.raises(StackError) as problem:
        stack.up()
    assert "broken died while starting (exit status 3)" in problem.value.sentence
    assert "no such setting" in problem.value.details
    assert not stack.running()
    assert supervision.strays(stack.settings.folder) == []


def test_a_killed_process_comes_back(starter: Starter) -> None:
    stack = starter(("mail",))
    stack.up()
    killed = stack.kill("mail")
    stack.wait_ready("mail", 20)
    assert stack.pid("mail") not in (0, killed)


def test_a_process_that_keeps_failing_stops_the_stack_and_says_so(
    starter: Starter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervision, "RETRIES", 1)
    once = tmp_path / "once"
    code = (
        f"import pathlib, signal; pathlib.Path({str(once)!r}).touch(exist_ok=False); signal.pause()"
    )
    fragile = Process(
        "fragile",
        Layer.BRANCHES,
        [sys.executable, "-c", code],
        (),
        lambda: None if once.exists() else "not yet",
    )
    add_to_table(monkeypatch, fragile)
    stack = starter(("mail", "fragile"))
    stack.up()
    manager = stack.supervisor.pid()
    assert manager is not None
    stack.kill("fragile")
    await_end(manager, 60)
    assert "fragile failed to start many times in a row" in stack.log("stack").read_text()
    assert supervision.strays(stack.settings.folder) == []


def test_the_stack_ends_with_the_process_it_was_started_for(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stack = Stack(tmp_path / "stack", only=("mail",))
    stack.leash = owner.pid
    stack.up()
    manager = stack.supervisor.pid()
    assert manager is not None
    owner.kill()
    owner.wait()
    await_end(manager, 30)
    assert not stack.running()


def test_down_also_ends_what_a_killed_manager_left_behind(starter: Starter) -> None:
    stack = starter(("mail",))
    stack.up()
    manager, child = stack.supervisor.pid(), stack.pid("mail")
    assert manager is not None
    os.kill(manager, 9)
    await_end(manager, 10)
    stack.down()
    await_end(child, 1)
    assert supervision.strays(stack.settings.folder) == []


def test_settings_and_secrets_are_kept_for_the_next_start(tmp_path: Path) -> None:
    first = settings.load(tmp_path, {"MASAHA_PORT_BASE": "9300"})
    settings.store(first)
    assert settings.load(tmp_path, {}) == first
    assert stat.S_IMODE((tmp_path / "settings.env").stat().st_mode) == 0o600
    assert stat.S_IMODE(first.keys.stat().st_mode) == 0o700


def test_a_shell_that_has_taken_the_settings_of_a_stack_may_start_it_again(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    settings.store(stack.settings)
    with pytest.MonkeyPatch.context() as shell:
        for name, text in stack.environment.items():
            shell.setenv(name, text)
        again = LocalStack(tmp_path)
        names = {process.name for process in processes.table(again.settings)}
        assert {"rabbitmq", "mongod"} <= names
        # No process gets another's secrets from the shell.
        assert not processes.SECRETS & again.given.keys()
        shell.setenv("AMQP_URI", "amqp://broker.example/")
        assert LocalStack(tmp_path).settings.given_amqp_uri == "amqp://broker.example/"


def test_servers_that_run_elsewhere_are_not_started_here(tmp_path: Path) -> None:
    given = {"AMQP_URI": "amqp://broker.example/", "MONGO_URI": "mongodb://db.example/"}
    elsewhere = settings.load(tmp_path, given)
    names = {process.name for process in processes.table(elsewhere)}
    assert names.isdisjoint({"epmd", "rabbitmq", "mongod"})
    told = processes.environment(elsewhere)
    assert {name: told[name] for name in given} == given


def test_only_the_gateway_is_told_its_secrets(tmp_path: Path) -> None:
    table = processes.table(settings.load(tmp_path, {}))
    told = {process.name for process in table if "CURSOR_SECRET" in process.environment}
    assert told == {"gateway", "gateway-worker"}


def test_only_who_reads_or_sends_links_is_told_their_secret(tmp_path: Path) -> None:
    table = processes.table(settings.load(tmp_path, {}))
    told = {process.name for process in table if "LINK_SECRET" in process.environment}
    assert told == {
        f"{branch}-{process}"
        for branch in ("bookings", "trainings", "consultations", "notifications")
        for process in ("service", "worker")
    }


def test_only_who_issues_certificates_is_told_where_their_keys_are(tmp_path: Path) -> None:
    table = processes.table(settings.load(tmp_path, {}))
    told = {process.name for process in table if "CERTIFICATE_KEYS_DIR" in process.environment}
    assert told == {"trainings-service", "trainings-worker"}


def test_the_manager_waits_longer_for_a_stop_than_any_process_takes(tmp_path: Path) -> None:
    # gunicorn's workers end themselves after this, and the master a moment later.
    served = runpy.run_path(str(settings.ROOT / "gateway" / "gunicorn.conf.py"))
    longest = max(LONGEST_STOP_SECONDS, served["graceful_timeout"])
    assert longest == DRAIN_SECONDS + END_SECONDS
    for process in processes.table(settings.load(tmp_path, {})):
        assert process.stop_seconds > longest, process.name
    # What people read is true.
    runbook = (settings.ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert f"SIGTERM lets started work finish (up to {DRAIN_SECONDS:g} s)" in runbook


@pytest.mark.parametrize("base", ["80", "65530", "many"])
def test_an_impossible_port_base_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(StackError, match="MASAHA_PORT_BASE must be a whole number"):
        settings.load(tmp_path, {"MASAHA_PORT_BASE": base})


@pytest.mark.parametrize("command", ["up", "down", "status", "logs", "doctor"])
def test_each_command_names_a_wrong_setting_in_one_sentence(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MASAHA_PORT_BASE", "abc")
    assert local.main(["--folder", str(tmp_path), command]) == 1
    said = capsys.readouterr().err
    assert said == ("\n✗ MASAHA_PORT_BASE must be a whole number from 1024 to 65495, not 'abc'.\n")


def test_a_missing_package_is_asked_for_in_one_sentence_without_the_right_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StackError) as problem:
        packages.install(["rabbitmq-server"], "RabbitMQ is missing")
    assert problem.value.sentence.startswith("RabbitMQ is missing")
    assert "apt-get install --no-install-recommends rabbitmq-server" in problem.value.sentence


def test_the_watchdog_only_stops_for_a_reason() -> None:
    assert watchdog.reason_to_stop("TICK_5", {}, None) is None
    assert watchdog.reason_to_stop("TICK_5", {}, str(os.getpid())) is None
    given_up = watchdog.reason_to_stop("PROCESS_STATE_FATAL", {"groupname": "gateway"}, None)
    assert given_up is not None
    assert given_up.startswith("gateway ")


def test_each_process_has_one_log(starter: Starter) -> None:
    stack = starter(("mail",))
    stack.up()
    logs = sorted(path.name for path in stack.settings.logs.iterdir())
    assert logs == ["mail.log", "supervisord.log", "watchdog.log"]


def test_a_log_that_has_grown_begins_anew_and_its_process_writes_on(tmp_path: Path) -> None:
    log, other = tmp_path / "gateway.log", tmp_path / "mongod.log"
    other.write_text("short\n")
    with log.open("ab", buffering=0) as process:
        process.write(b"old\n" * 10)
        watchdog.shorten(tmp_path, largest=20)
        process.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "gateway.log.1").read_text() == "old\n" * 10
    assert other.read_text() == "short\n"


def test_a_mail_in_arabic_is_kept_so_that_a_person_can_read_it(starter: Starter) -> None:
    stack = starter(("mail",))
    stack.up()
    message = EmailMessage()
    message["From"] = "Masaha <no-reply@masaha.example>"
    message["To"] = "Member <member@masaha.example>"
    message["Subject"] = "تم تأكيد حجز غرفة الاجتماعات"
    message["List-Unsubscribe"] = "<http://127.0.0.1/u/1>"
    message.set_content("مرحباً، تم تأكيد الحجز.\n", cte="base64")
    message.add_alternative("<p>مرحباً</p>", subtype="html", cte="quoted-printable")
    port = stack.settings.port(processes.MAIL)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(message)

    [(path, kept)] = mail.kept(stack.mail_folder)
    on_disk = path.read_text(encoding="utf-8")
    assert "تم تأكيد حجز غرفة الاجتماعات" in on_disk
    assert "مرحباً، تم تأكيد الحجز." in on_disk
    assert "<p>مرحباً</p>" in on_disk
    assert kept["Subject"] == message["Subject"]
    assert kept["List-Unsubscribe"] == message["List-Unsubscribe"]
    assert mail.text_of(kept).strip() == "مرحباً، تم تأكيد الحجز."
    assert path.name in (stack.mail_folder / mail.INDEX).read_text(encoding="utf-8")


def test_a_killed_broker_returns_with_its_messages_and_keeps_unroutable_events(
    starter: Starter,
) -> None:
    stack = starter(BROKER)
    stack.up()
    events = Exchange("masaha.events", "topic", durable=True)
    confirmed = {"confirm_publish": True}
    with Connection(stack.amqp_uri, transport_options=confirmed) as connection:
        channel = connection.channel()
        Queue("kept", events, "bookings.#", channel=channel).declare()
        producer = Producer(channel, events)
        producer.publish("wanted", routing_key="bookings.booking.confirmed")
        producer.publish("unwanted", routing_key="nobody.listens")

    stack.kill("rabbitmq")
    stack.wait_ready("rabbitmq", 60)

    with Connection(stack.amqp_uri) as connection:
        channel = connection.channel()
        assert Queue("kept", channel=channel).get(no_ack=True).payload == "wanted"
        assert Queue("masaha.unroutable", channel=channel).get(no_ack=True).payload == "unwanted"


def test_a_killed_database_returns_with_its_data_also_on_other_ports(starter: Starter) -> None:
    stack = starter(DATABASE)
    stack.up()
    with MongoClient[dict[str, object]](stack.mongo_uri) as client:
        client.kept.things.insert_one({"_id": "one"})
    stack.kill("mongod")
    stack.wait_ready("mongod", 60)
    stack.down()

    moved = starter(DATABASE, free_port_base())
    moved.up()
    with (
        MongoClient[dict[str, object]](moved.mongo_uri) as client,
        client.start_session() as session,
        session.start_transaction(),
    ):
        assert client.kept.things.find_one({}, session=session) == {"_id": "one"}
