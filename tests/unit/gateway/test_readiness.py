"""Readiness is asked seldom, however often it is asked for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from gateway.remote.readiness import KEPT, Readiness


class Parts:
    """Checks that count, on a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.there = True
        self.may_end = threading.Event()
        self.may_end.set()
        self.readiness = Readiness(lambda: self.now)

    def check(self) -> bool:
        self.asked += 1
        self.may_end.wait(10)
        return self.there

    def find(self, seconds: float = 5) -> bool:
        return self.readiness.find({"broker": self.check}, seconds)["broker"]


def test_a_finding_holds_for_a_second() -> None:
    parts = Parts()
    assert parts.find()
    parts.there = False
    parts.now = KEPT - 0.01
    assert parts.find()
    assert parts.asked == 1
    parts.now = KEPT
    assert not parts.find()
    assert parts.asked == 2


def test_who_asks_at_the_same_time_gets_the_same_finding() -> None:
    parts = Parts()
    parts.may_end.clear()
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(parts.find) for _ in range(8)]
        parts.may_end.set()
        assert all(each.result() for each in asking)
    assert parts.asked == 1


def test_a_check_that_hangs_is_away_and_not_started_again_beside_itself() -> None:
    parts = Parts()
    parts.may_end.clear()
    before = threading.active_count()
    for _ in range(5):
        assert not parts.find(seconds=0)
        parts.now += KEPT
    assert parts.asked == 1
    assert threading.active_count() == before + 1
    hanging = parts.readiness._running["broker"]
    parts.may_end.set()
    hanging.join(10)
    assert parts.find()
    assert parts.asked == 2


def test_a_check_that_fails_is_away() -> None:
    def broken() -> bool:
        raise OSError

    assert Readiness().find({"broker": broken, "database": lambda: True}, 5) == {
        "broker": False,
        "database": True,
    }
