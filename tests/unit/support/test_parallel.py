"""Tests on several workers: one that must run alone gets its turn, and nothing runs beside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.awaiting import until
from tests.support.parallel import Turns, group


def waiting(folder: Path) -> int:
    """How many wait for a lock in this folder: `->` marks them in /proc/locks (proc_locks(5))."""
    inodes = {f":{path.stat().st_ino}" for path in folder.iterdir()}
    lines = Path("/proc/locks").read_text("utf-8").splitlines()
    return sum("->" in line and any(f"{each} " in line for each in inodes) for line in lines)


def test_tests_run_beside_each_other(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    with turns.turn(alone=False), turns.turn(alone=False):
        pass


def test_one_that_runs_alone_waits_and_holds_off_those_that_come_later(tmp_path: Path) -> None:
    turns, order = Turns(tmp_path), list[str]()

    def take(name: str, alone: bool) -> None:
        with turns.turn(alone=alone):
            order.append(name)

    with ThreadPoolExecutor(2) as workers:
        with turns.turn(alone=False):
            first = workers.submit(take, "alone", True)
            until(lambda: waiting(tmp_path) == 1, "the test that runs alone")
            second = workers.submit(take, "later", False)
            until(lambda: waiting(tmp_path) == 2, "the test that comes later")
            assert not order
        first.result(5)
        second.result(5)
    assert order == ["alone", "later"]


def test_a_file_has_one_worker_and_so_has_the_whole_system() -> None:
    assert group("tests/unit/test_a.py::TestA::test_b[x::y]") == "tests/unit/test_a.py"
    assert group("tests/e2e/test_a.py::test_b") == group("tests/clients/test_c.py::test_d")
    assert group("tests/e2e/test_a.py::test_b") != group("tests/unit/test_a.py::test_b")
