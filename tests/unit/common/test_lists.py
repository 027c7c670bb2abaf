"""Where a list goes on: what is no position of it is refused, never guessed at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.common import errors
from services.common.lists import after_id, after_time, after_version, page_to_wire


def test_the_first_page_has_none() -> None:
    assert after_id(None) is None
    assert after_time(None) is None
    assert after_version(None) is None


def test_it_is_read_as_the_list_gave_it() -> None:
    assert after_id(["b7"]) == "b7"
    assert after_time(["2026-11-23T06:00:00Z", "b7"]) == (
        datetime(2026, 11, 23, 6, tzinfo=UTC),
        "b7",
    )


def test_a_page_says_where_the_next_one_begins_and_the_last_says_nothing() -> None:
    def shown(value: int) -> dict[str, Any]:
        return {"id": value}

    def position(value: int) -> list[Any]:
        return [value]

    one, two = {"id": 1}, {"id": 2}
    assert page_to_wire([1, 2, 3], 2, shown, position) == {"items": [one, two], "next": [2]}
    assert page_to_wire([1, 2], 2, shown, position) == {"items": [one, two], "next": None}
    assert page_to_wire([], 2, shown, position) == {"items": [], "next": None}


@pytest.mark.parametrize("position", [[], [5], ["b7", "b8"], [None]])
def test_what_is_no_id_is_refused(position: list[Any]) -> None:
    with pytest.raises(errors.Malformed):
        after_id(position)


@pytest.mark.parametrize(
    "position", [[], ["b7"], ["soon", "b7"], ["2026-11-23T06:00:00Z", 5], [1, "b7"]]
)
def test_what_is_no_time_and_id_is_refused(position: list[Any]) -> None:
    with pytest.raises(errors.Malformed):
        after_time(position)


@pytest.mark.parametrize("position", [[], ["7"], [1, 2], [None], [1.5]])
def test_what_is_no_version_is_refused(position: list[Any]) -> None:
    with pytest.raises(errors.Malformed):
        after_version(position)
