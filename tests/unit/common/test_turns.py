"""Turns: one at a time for each key, and none that is left behind."""

from __future__ import annotations

import threading

import pytest

from services.common.storage.turns import NoTurn, Turns
from tests.support.racing import together


def test_one_has_the_turn_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.turn("cohort/1", 10):
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    together(*[work] * 8)
    assert most == 1
    assert len(turns) == 0


def test_other_keys_do_not_wait() -> None:
    turns = Turns()
    with turns.turn("cohort/1", 0), turns.turn("cohort/2", 0):
        assert len(turns) == 2


def test_who_waits_too_long_has_no_turn() -> None:
    turns = Turns()
    began, end = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn("cohort/1", 10):
            began.set()
            end.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert began.wait(10)
    with pytest.raises(NoTurn), turns.turn("cohort/1", 0.01):
        pass
    end.set()
    holder.join(10)
    with turns.turn("cohort/1", 0):
        pass
    assert len(turns) == 0


def test_a_turn_ends_with_what_its_work_raises() -> None:
    turns = Turns()
    with pytest.raises(LookupError), turns.turn("cohort/1", 0):
        raise LookupError
    with turns.turn("cohort/1", 0):
        pass
