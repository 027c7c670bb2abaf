"""What tests use to do things at the same moment: nothing that goes wrong in a thread is lost."""

from __future__ import annotations

import threading

import pytest

from services.common import errors
from tests.support.racing import contend, together


def test_all_run_at_once_and_answer_in_their_order() -> None:
    meet = threading.Barrier(3, timeout=10)

    def work(number: int) -> int:
        meet.wait()
        return number

    assert together(*[lambda n=n: work(n) for n in range(3)]) == [0, 1, 2]


def test_what_one_raises_is_raised_when_all_have_ended() -> None:
    ended: list[str] = []

    def fails() -> None:
        raise errors.Conflict("test.taken", "it is taken")

    with pytest.raises(errors.Conflict):
        together(fails, lambda: ended.append("other"))
    assert ended == ["other"]


def test_a_refusal_is_an_outcome_of_a_contest_and_a_defect_is_none() -> None:
    def refused() -> str:
        raise errors.Conflict("test.taken", "it is taken")

    def defect() -> str:
        raise RuntimeError("a defect")

    won, lost = contend(lambda: "won", refused)
    assert won == "won"
    assert isinstance(lost, errors.Conflict)
    with pytest.raises(RuntimeError, match="a defect"):
        contend(lambda: "won", defect)
