"""What the compose file promises, seen on running containers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.containers.conftest import HTTPS_PORT, Containers
from tests.containers.engine import run
from tests.support.awaiting import until

pytestmark = pytest.mark.timeout(1200)

OURS = (
    "bookings-service",
    "bookings-worker",
    "trainings-service",
    "trainings-worker",
    "consultations-service",
    "consultations-worker",
    "notifications-service",
    "notifications-worker",
    "gateway",
    "gateway-worker",
)
_STATUS = "-o /dev/null -w %{http_code}"


def inspected(containers: Containers, service: str) -> dict[str, object]:
    """What the engine knows of a service's container."""
    identity = containers.compose("ps", "--quiet", "--all", service).strip()
    found: dict[str, object] = json.loads(containers.engine.docker("inspect", identity))[0]
    return found


def status_of(containers: Containers, path: str, *options: str) -> str:
    """The status that the door answers, asked from inside the containers' network."""
    return run(
        *containers.engine.inside(),
        *("curl", "--silent", "--max-time", "10", "--cacert", containers.certificate),
        *_STATUS.split(),
        *options,
        f"{containers.url}{path}",
        check=False,
    )


@pytest.mark.parametrize("service", OURS)
def test_a_process_has_no_rights_that_it_does_not_need(
    containers: Containers, service: str
) -> None:
    found = inspected(containers, service)
    host, config = found["HostConfig"], found["Config"]
    assert isinstance(host, dict) and isinstance(config, dict)
    assert config["User"] == "10001:10001"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0 and host["NanoCpus"] > 0
    seen = containers.compose("exec", "-T", service, "cat", "/proc/1/status")
    status = dict(line.split(":\t", 1) for line in seen.splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"


def test_nothing_can_be_written_where_the_code_is(containers: Containers) -> None:
    with pytest.raises(AssertionError, match="Read-only file system"):
        containers.compose("exec", "-T", "gateway", "touch", "/srv/masaha/gateway/new.py")


def test_an_image_holds_its_own_branch_only(containers: Containers) -> None:
    for service, folders in {
        "bookings-service": ["bookings", "common"],
        "trainings-service": ["common", "trainings"],
        "consultations-service": ["common", "consultations"],
        "notifications-service": ["common", "notifications"],
        "gateway": ["common"],
    }.items():
        listed = containers.compose("exec", "-T", service, "ls", "services").split()
        assert [each for each in listed if "." not in each and each[0] != "_"] == folders


def test_the_typesetter_is_only_where_documents_are_printed(containers: Containers) -> None:
    look = ("python", "-c", "import typst, fontpkg_amiri, fontpkg_noto_serif")
    containers.compose("exec", "-T", "trainings-worker", *look)
    for service in ("bookings-service", "notifications-worker", "gateway"):
        with pytest.raises(AssertionError, match="No module named 'typst'"):
            containers.compose("exec", "-T", service, *look)


def test_the_demo_plays_through_the_published_port(containers: Containers) -> None:
    play = (
        "import sys, pathlib; from deploy.local.demo import play;"
        "sys.exit(play(sys.argv[1], pathlib.Path(sys.argv[2])))"
    )
    done = subprocess.run(
        [*containers.engine.inside(), sys.executable, "-c", play, containers.url, containers.mail],
        env={"REQUESTS_CA_BUNDLE": str(containers.certificate), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_plain_http_is_sent_to_tls_and_figures_stay_inside(containers: Containers) -> None:
    plain = run(
        *containers.engine.inside(),
        *("curl", "--silent", "--include", "http://localhost:8080/v1/centres"),
    )
    assert "308" in plain.splitlines()[0]
    assert "Location: https://localhost/v1/centres" in plain.replace("\r", "")
    assert status_of(containers, "/metrics") == "404"


def test_a_killed_process_comes_back(containers: Containers) -> None:
    before = inspected(containers, "bookings-service")
    state = before["State"]
    assert isinstance(state, dict)
    run("kill", "-9", str(state["Pid"]))
    until(
        lambda: (
            status_of(containers, "/v1/centres") == "200"
            and inspected(containers, "bookings-service")["RestartCount"] == 1
        ),
        "bookings to be started again",
        60,
    )


def test_a_database_that_is_cut_off_and_back(containers: Containers) -> None:
    identity = containers.compose("ps", "--quiet", "mongodb").strip()
    docker = containers.engine.docker
    docker("network", "disconnect", "masaha_default", identity)
    try:
        until(lambda: status_of(containers, "/readyz") == "503", "the door to say so", 60)
    finally:
        docker("network", "connect", "--alias", "mongodb", "masaha_default", identity)
    until(lambda: status_of(containers, "/readyz") == "200", "the door to be ready", 60)


@pytest.fixture(scope="module")
def addresses(containers: Containers) -> list[str]:
    """Addresses of clients in the containers' network; the first is where the door is reached.

    What comes by way of 127.0.0.1 reaches the proxy from one address, the engine's own.
    """
    found = [f"10.99.0.{number}" for number in range(1, 15)]
    for address in found:
        run(*containers.engine.inside(), "ip", "address", "add", f"{address}/32", "dev", "lo")
    return found


@contextmanager
def slow_bodies(
    containers: Containers, count: int, door: str, addresses: list[str]
) -> Iterator[int]:
    """Requests whose bodies never come; gives how many the door holds."""
    command = (sys.executable, "-m", "tests.containers.slow_bodies", door, str(HTTPS_PORT))
    slow = subprocess.Popen(
        [*containers.engine.inside(), *command, str(count), *addresses],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert slow.stdin is not None and slow.stdout is not None
    try:
        yield int(slow.stdout.readline())
    finally:
        slow.stdin.close()
        slow.wait(30)


def test_a_thousand_slow_bodies_leave_the_door_open(
    containers: Containers, addresses: list[str]
) -> None:
    door, *clients = addresses
    with slow_bodies(containers, 1000, door, clients) as held:
        assert held == 1000
        assert status_of(containers, "/v1/centres") == "200"


def test_one_address_holds_a_hundred_connections_and_no_more(
    containers: Containers, addresses: list[str]
) -> None:
    door, client, *_ = addresses
    with slow_bodies(containers, 150, door, [client]) as held:
        assert held == 100
        assert status_of(containers, "/v1/centres") == "200"


def test_a_second_door_is_opened_without_a_failed_request(containers: Containers) -> None:
    def ask(_number: int) -> str:
        return status_of(containers, "/v1/centres", "-H", "Cache-Control: no-cache")

    with ThreadPoolExecutor(4) as threads:
        asked = threads.map(ask, range(60))
        containers.compose("up", "--detach", "--wait", "--scale", "gateway=2", "--no-recreate")
        answers = list(asked)
    assert set(answers) == {"200"}


@pytest.mark.parametrize("service", ["bookings-service", "gateway"])
def test_one_of_two_stops_under_load_without_a_failed_request(
    containers: Containers, service: str
) -> None:
    scales = ("--scale", "gateway=2", "--scale", "bookings-service=2")
    containers.compose("up", "--detach", "--wait", "--no-recreate", *scales)
    first, _second = containers.compose("ps", "--quiet", service).split()
    stopped = threading.Event()

    def ask(_number: int) -> list[str]:
        """Until it has stopped, and once more: the other one answers alone."""
        answers = []
        last = False
        while not last:
            last = stopped.is_set()
            answers.append(status_of(containers, "/v1/centres", "-H", "Cache-Control: no-cache"))
        return answers

    with ThreadPoolExecutor(4) as threads:
        asked = threads.map(ask, range(4))
        try:
            containers.engine.docker("stop", "--time", "40", first)
        finally:
            stopped.set()
        answers = [each for found in asked for each in found]
    try:
        state = json.loads(containers.engine.docker("inspect", first))[0]["State"]
        assert (state["Running"], state["ExitCode"]) == (False, 0)
        assert len(answers) >= 8
        assert set(answers) == {"200"}
    finally:
        containers.engine.docker("start", first)
        containers.compose("up", "--detach", "--wait", "--no-recreate", *scales)


def test_settings_and_secrets_are_in_no_log(containers: Containers) -> None:
    logs = containers.compose("logs", "--no-color")
    secrets = [
        value
        for name, _, value in (
            line.partition("=") for line in containers.settings.read_text("utf-8").splitlines()
        )
        if "PASSWORD" in name or "SECRET" in name or "KEY" in name
    ]
    assert not [secret for secret in secrets if secret and secret in logs]
