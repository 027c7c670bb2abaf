"""The breaker opens on silence only, lets one probe through, and says when to come back."""

from __future__ import annotations

import pytest

from gateway.remote.breaker import CLOSED, HALF_OPEN, OPEN, Breaker
from services.common.errors import Unavailable


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("b", failures=3, seconds=2, longest=5, now=clock)


def silent(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.before_call(5)
        breaker.silent()


def test_stays_closed_below_the_limit(breaker: Breaker) -> None:
    silent(breaker, 2)
    breaker.before_call(5)
    assert breaker.state == CLOSED


def test_an_answer_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    silent(breaker, 2)
    breaker.answered()
    silent(breaker, 2)
    assert breaker.state == CLOSED


def test_open_refuses_and_says_when_to_come_back(breaker: Breaker, clock: Clock) -> None:
    silent(breaker, 3)
    assert breaker.state == OPEN
    with pytest.raises(Unavailable) as refused:
        breaker.before_call(5)
    assert refused.value.extra["retry_after"] >= 2
    clock.now += 1.9
    with pytest.raises(Unavailable):
        breaker.before_call(5)


def test_half_open_lets_one_probe_through(breaker: Breaker, clock: Clock) -> None:
    silent(breaker, 3)
    clock.now += 2.1
    breaker.before_call(5)
    assert breaker.state == HALF_OPEN
    with pytest.raises(Unavailable):
        breaker.before_call(5)
    breaker.answered()
    breaker.before_call(5)
    assert breaker.state == CLOSED


def test_a_failed_probe_doubles_the_wait_up_to_its_end(breaker: Breaker, clock: Clock) -> None:
    silent(breaker, 3)
    for wait in (2, 4, 5, 5):
        clock.now += wait - 0.1
        with pytest.raises(Unavailable):
            breaker.before_call(1)
        clock.now += 0.2
        breaker.before_call(1)
        breaker.silent()


def test_a_probe_that_never_reports_back_is_replaced(breaker: Breaker, clock: Clock) -> None:
    silent(breaker, 3)
    clock.now += 2.1
    breaker.before_call(5)
    clock.now += 5.1
    breaker.before_call(5)


def test_after_an_outage_of_the_broker_the_next_call_may_ask_at_once(
    breaker: Breaker, clock: Clock
) -> None:
    silent(breaker, 3)
    for _ in range(3):
        clock.now += 10
        silent(breaker, 1)
    breaker.forgive()
    breaker.before_call(5)
    assert breaker.state == HALF_OPEN
    breaker.silent()
    with pytest.raises(Unavailable) as refused:
        breaker.before_call(5)
    assert refused.value.extra["retry_after"] <= 4


def test_a_probe_that_was_lost_with_the_connection_holds_up_no_other(breaker: Breaker) -> None:
    silent(breaker, 3)
    breaker.forgive()
    breaker.before_call(5)
    breaker.forgive()
    breaker.before_call(5)
    assert breaker.state == HALF_OPEN


def test_one_that_is_closed_stays_so(breaker: Breaker) -> None:
    breaker.forgive()
    assert breaker.state == CLOSED
