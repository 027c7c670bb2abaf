"""The last public answers: only when the branch is away, with their age, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.remote.public_cache import LONGEST_SECONDS, PATIENCE_SECONDS, PublicCache
from services.common.context import Call
from services.common.errors import NotFound, Unavailable


class Branch:
    def __init__(self) -> None:
        self.answer: Any = {"items": [1]}
        self.patience: float | None = None

    def call(self, *_: Any) -> Any:
        self.patience = _[-1]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(cache: PublicCache, **request: Any) -> tuple[Any, int | None]:
    return cache.get("bookings", "list_centres", request, Call())


def test_a_fresh_answer_wins_and_has_no_age() -> None:
    branch = Branch()
    cache = PublicCache(branch)  # type: ignore[arg-type]
    ask(cache)
    branch.answer = {"items": [2]}
    assert ask(cache) == ({"items": [2]}, None)


def test_a_known_answer_is_given_with_its_age_and_less_patience() -> None:
    branch, clock = Branch(), Clock()
    cache = PublicCache(branch, now=clock)  # type: ignore[arg-type]
    ask(cache)
    assert branch.patience is None
    branch.answer = Unavailable()
    clock.now = 61.5
    assert ask(cache) == ({"items": [1]}, 61)
    assert branch.patience == PATIENCE_SECONDS


def test_what_nobody_asked_before_or_too_long_ago_is_unavailable() -> None:
    branch, clock = Branch(), Clock()
    cache = PublicCache(branch, now=clock)  # type: ignore[arg-type]
    ask(cache)
    branch.answer = Unavailable()
    with pytest.raises(Unavailable):
        ask(cache, limit=2)
    clock.now = LONGEST_SECONDS + 1
    with pytest.raises(Unavailable):
        ask(cache)


def test_a_refusal_of_the_branch_is_an_answer() -> None:
    branch = Branch()
    cache = PublicCache(branch)  # type: ignore[arg-type]
    ask(cache)
    branch.answer = NotFound()
    with pytest.raises(NotFound):
        ask(cache)


@pytest.mark.parametrize(
    ("method", "lists"),
    [
        ("get_centre", "list_centres"),
        ("get_space", "list_spaces"),
        ("get_equipment", "list_equipment"),
    ],
)
def test_each_thing_is_found_in_its_lists(method: str, lists: str) -> None:
    branch = Branch()
    cache = PublicCache(branch)  # type: ignore[arg-type]
    branch.answer = {"items": [{"id": "a"}]}
    cache.get("bookings", lists, {"limit": 1}, Call())
    branch.answer = Unavailable()
    assert cache.get("bookings", method, {"id": "a"}, Call()) == ({"id": "a"}, 0)


def test_one_thing_is_found_in_the_list_that_holds_it() -> None:
    branch, clock = Branch(), Clock()
    cache = PublicCache(branch, now=clock)  # type: ignore[arg-type]
    for at, name in ((0.0, "old"), (10.0, "new")):
        clock.now = at
        branch.answer = {"items": [{"id": "a", "name": name}, {"id": "b", "name": "other"}]}
        cache.get("bookings", "list_spaces", {"limit": int(at) + 1}, Call())
    branch.answer = Unavailable()
    clock.now = 15.0
    found = cache.get("bookings", "get_space", {"id": "a"}, Call())
    assert found == ({"id": "a", "name": "new"}, 5)
    for method, wanted in (("get_space", "c"), ("get_centre", "a")):
        with pytest.raises(Unavailable):
            cache.get("bookings", method, {"id": wanted}, Call())
    clock.now = 11.0 + LONGEST_SECONDS
    with pytest.raises(Unavailable):
        cache.get("bookings", "get_space", {"id": "a"}, Call())
