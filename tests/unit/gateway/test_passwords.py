"""Passwords: argon2id, and computed where no other request waits for it."""

from __future__ import annotations

import subprocess
import sys

from gateway.identity.auth import passwords


def test_only_the_password_itself_matches() -> None:
    stored = passwords.hashed("correct horse")
    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, "correct horse")
    assert not passwords.matches(stored, "correct horse ")


def test_nobody_and_a_broken_hash_match_nothing() -> None:
    assert not passwords.matches(None, "nobody signs in with this")
    assert not passwords.matches("not a hash", "x")


def test_the_same_password_never_gives_the_same_hash() -> None:
    assert passwords.hashed("a") != passwords.hashed("a")


def test_under_gevent_few_threads_keep_the_memory_of_a_hash() -> None:
    script = """
from gevent import monkey; monkey.patch_all()
import gevent, os
from gateway.identity.auth import passwords
stored = passwords.hashed("x")
before = len(os.listdir("/proc/self/task"))
checks = [gevent.spawn(passwords.matches, stored, "x") for _ in range(30)]
gevent.joinall(checks)
assert all(check.value for check in checks)
threads = len(os.listdir("/proc/self/task")) - before + 1
assert threads <= passwords.THREADS + 1, threads
"""
    _run(script)


def test_under_gevent_other_requests_go_on_meanwhile() -> None:
    script = """
from gevent import monkey; monkey.patch_all()
import gevent, time
from gateway.identity.auth import passwords
stored = passwords.hashed("x")
turns = 0
def tick():
    global turns
    while True:
        gevent.sleep(0)  # Takes no time: lets the others have their turn.
        turns += 1
ticker = gevent.spawn(tick)
gevent.sleep(0)  # The ticker's first turn.
before = turns
assert passwords.matches(stored, "x")
assert turns - before > 5, turns - before
"""
    _run(script)


def _run(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
