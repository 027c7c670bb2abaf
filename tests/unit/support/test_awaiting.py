"""The one loop by which tests wait: until it is so, for so long at most, and then it says why."""

from __future__ import annotations

import pytest

from tests.support.awaiting import tries, until


def test_what_is_there_is_returned() -> None:
    states = iter([None, [], ["it"]])
    assert until(lambda: next(states), "something", 5, every=0) == ["it"]


def test_what_is_enough_may_be_said() -> None:
    counts = iter([3, 1, 0])
    assert until(lambda: next(counts), "none", 5, enough=lambda n: n == 0, every=0) == 0


def test_in_vain_it_names_what_was_awaited_and_what_was_seen_last() -> None:
    with pytest.raises(AssertionError) as told:
        until(lambda: 3, "an empty queue", 0, enough=lambda n: n == 0)
    assert str(told.value) == "an empty queue did not come within 0 s; last seen: 3"


def test_of_a_long_text_the_end_is_shown() -> None:
    log = "start\n" + "x" * 9000 + "\nthe end"
    with pytest.raises(AssertionError, match=r"the end$") as told:
        until(lambda: log, "a line", 0, enough=lambda text: "a line" in text)
    assert len(str(told.value)) < 2100


def test_an_expected_error_is_no_end_and_is_shown() -> None:
    answers = iter([ConnectionError("away"), "here"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert until(ask, "an answer", 5, hurt_by=(OSError,), every=0) == "here"

    def away() -> str:
        raise ConnectionError("still away")

    with pytest.raises(AssertionError, match=r"an answer .* last seen: .*still away"):
        until(away, "an answer", 0, hurt_by=(OSError,))


def test_any_other_error_ends_it_at_once() -> None:
    def broken() -> str:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        until(broken, "an answer", 5, hurt_by=(OSError,))


def test_it_is_looked_once_even_without_time() -> None:
    assert len(list(tries(0))) == 1
