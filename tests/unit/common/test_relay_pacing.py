"""How long a relay waits between two looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.messaging.pacing import (
    LINGER_SECONDS,
    LONGEST_QUIET_SECONDS,
    LONGEST_REST_SECONDS,
    Pacing,
)


class Machine:
    """Steps that take as long as it says, and the waits after them."""

    def __init__(self, linger: float = LINGER_SECONDS) -> None:
        self.now = 100.0
        self.pacing = Pacing(linger, self.now)

    def step(self, took: float, moved: int = 1, *, full: bool = False) -> float:
        began, self.now = self.now, self.now + took
        wait = self.pacing.after(moved, full=full, began=began, ended=self.now)
        self.now += wait
        return wait

    def steps(self, took: float) -> float:
        """Many alike; the wait after the last one."""
        return [self.step(took) for _ in range(100)][-1]

    def empty(self, seconds: float) -> float:
        self.now += seconds
        return self.step(0.0, moved=0)


def test_quick_steps_are_waited_for_as_little_as_events_come() -> None:
    machine = Machine()
    assert [machine.step(0.005) for _ in range(20)] == [LINGER_SECONDS] * 20


def test_the_longer_steps_take_the_larger_the_part_in_which_it_rests() -> None:
    at_ease, busy = Machine(), Machine()
    assert at_ease.steps(0.02) == pytest.approx(0.4 / 15)
    assert busy.steps(0.03) == pytest.approx(0.06)


@pytest.mark.parametrize("held_up", [0.08, 0.2, 5.0])
def test_one_step_that_was_held_up_changes_little(held_up: float) -> None:
    machine = Machine()
    machine.steps(0.02)
    usual = 0.02 + 0.06 / 5
    assert machine.step(held_up) == pytest.approx(usual * usual / 0.015)


def test_many_long_steps_after_short_ones_are_believed() -> None:
    machine = Machine()
    assert machine.steps(0.001) == LINGER_SECONDS
    assert machine.steps(0.05) == LONGEST_REST_SECONDS


def test_after_a_pause_it_rests_as_if_it_had_never_been_busy() -> None:
    machine = Machine()
    machine.steps(0.05)
    machine.empty(0.1)
    assert machine.step(0.05) == LONGEST_REST_SECONDS
    machine.empty(0.6)
    assert machine.step(0.05) == LINGER_SECONDS


def test_it_never_rests_long() -> None:
    machine = Machine()
    assert machine.steps(2.0) == LONGEST_REST_SECONDS


def test_while_more_is_there_than_one_step_takes_it_does_not_rest() -> None:
    machine = Machine()
    assert [machine.step(0.1, 200, full=True) for _ in range(20)] == [0.0] * 20
    assert machine.step(0.2) == LONGEST_REST_SECONDS


def test_after_a_stream_it_rests_for_nobody() -> None:
    machine = Machine()
    machine.step(0.06)
    assert machine.empty(0.0) == LINGER_SECONDS


def test_the_longer_nothing_comes_the_longer_it_waits_but_never_long() -> None:
    machine = Machine()
    assert machine.empty(0.1) == LINGER_SECONDS
    assert LINGER_SECONDS < machine.empty(0.6) < LONGEST_QUIET_SECONDS
    assert machine.empty(60) == LONGEST_QUIET_SECONDS


@given(
    st.lists(st.tuples(st.floats(0, 10), st.integers(0, 3)), max_size=30),
    st.sampled_from([LINGER_SECONDS, 0.5]),
)
def test_whatever_happens_it_waits_within_bounds(
    steps: list[tuple[float, int]], linger: float
) -> None:
    machine = Machine(linger)
    for took, moved in steps:
        assert linger <= machine.step(took, moved) <= max(linger, LONGEST_REST_SECONDS)
