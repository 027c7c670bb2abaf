"""A process is started again under work: nobody is refused, and new settings are taken."""

from __future__ import annotations

import threading
from collections import Counter

import httpx
import pytest

from deploy.local.problems import StackError
from deploy.local.stack import Stack as LocalStack
from tests.support.awaiting import until
from tests.support.stack import Stack

CLIENTS = 6
SECONDS = 60


class Crowd:
    """Clients that read all the time, each on a new connection or always on the same one."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/spaces"
        self._over = threading.Event()
        self.answers: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def await_more(self) -> None:
        """Until each has had some more answers."""
        enough = self.answers.total() + 5 * CLIENTS
        until(self.answers.total, "more answers", SECONDS, enough=lambda so_far: so_far >= enough)

    def _ask(self, number: int) -> None:
        with httpx.Client(timeout=SECONDS) as client:
            while not self._over.is_set():
                try:
                    get = httpx.get if number % 2 else client.get
                    self.answers[str(get(self._url, timeout=SECONDS).status_code)] += 1
                except httpx.HTTPError as error:
                    self.answers[repr(error)] += 1


def test_no_request_fails_while_the_gateway_is_started_again(stack: Stack) -> None:
    before = stack.pid("gateway")
    with Crowd(stack.gateway_url) as crowd:
        crowd.await_more()
        stack.restart("gateway")
        crowd.await_more()
    assert stack.pid("gateway") != before
    assert set(crowd.answers) == {"200"}


def test_a_killed_gateway_keeps_who_connects_waiting(stack: Stack) -> None:
    killed = stack.kill("gateway")
    answer = httpx.get(f"{stack.gateway_url}/healthz", timeout=SECONDS)
    assert answer.status_code == 200
    stack.wait_ready("gateway", but_pid=killed)


def policy(stack: LocalStack) -> str:
    answer = httpx.get(f"{stack.gateway_url}/v1/spaces", timeout=SECONDS)
    return answer.headers.get("RateLimit-Policy", "")


def test_a_restart_takes_the_settings_of_its_command(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stack.settings.folder
    assert policy(stack) == ""
    monkeypatch.setenv("RATE_LIMIT", "777")
    LocalStack(folder).restart("gateway")
    assert policy(stack) == '"caller";q=777;w=60'

    before = stack.pid("gateway")
    monkeypatch.setenv("RATE_LIMIT", "many")
    with pytest.raises(StackError, match="RATE_LIMIT is 'many'"):
        LocalStack(folder).restart("gateway")
    assert stack.pid("gateway") == before

    monkeypatch.setenv("MASAHA_PORT_BASE", "9300")
    with pytest.raises(StackError, match="MASAHA_PORT_BASE cannot change"):
        LocalStack(folder).restart("gateway")
    monkeypatch.undo()

    # Without any of its own, those that the stack was started with.
    LocalStack(folder).restart("gateway")
    assert policy(stack) == ""
