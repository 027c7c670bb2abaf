"""Ranked needs at the door: as a table for spreadsheets, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.gateway import MEMBER, Door, a_door


def named(words: str) -> dict[str, str]:
    return {"ar": words, "en": words}


def need(label: str, people: int | None, mean: float | None, rank: int | None) -> dict[str, Any]:
    return {
        "question_id": label,
        "topic_id": None,
        "case_kind": None,
        "label": named(label),
        "people": people,
        "need": mean,
        "rank": rank,
    }


def group(name: str, people: int | None, *needs: dict[str, Any]) -> dict[str, Any]:
    label = None if name == "unknown" else named(name)
    return {"group": name, "label": label, "people": people, "needs": list(needs)}


FOUND = {
    "campaign_id": "spring",
    "title": named("Spring"),
    "closed_at": "2027-04-01T00:00:00Z",
    "least": 1,
    "most": 4,
    "people": 11,
    "needs": [need("=law", 11, 3.5, 1), need("finance", None, None, None)],
    "tables": [
        {
            "by": "centre",
            "groups": [
                group("Raqqa", 11, need("=law", 11, 3.5, 1)),
                group("Tabqa", None),
                group("unknown", 0, need("=law", 0, None, None)),
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as door:
        door.branches.answers = {
            "ranked_needs": lambda _: FOUND,
            "needs_picture": lambda _: {"svg": "<svg/>"},
        }
        yield door


def test_the_table_has_a_line_for_each_need_and_a_sign_for_what_is_hidden(door: Door) -> None:
    english = {"Accept-Language": "en"}
    answer = door("GET", "/v1/campaigns/spring/needs.csv", MEMBER, headers=english)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="needs-spring.csv"'
    lines = [line.split(",") for line in answer.text.lstrip("\ufeff").split("\r\n") if line]
    assert lines == [
        ["Grouped by", "Group", "Rank", "Need", "Mean", "People"],
        ["Everybody", "", "1", "'=law", "3.5", "11"],
        ["Everybody", "", "", "finance", "*", "*"],
        ["Centre", "Raqqa", "1", "'=law", "3.5", "11"],
        ["Centre", "Tabqa", "", "", "*", "*"],
    ]


def test_the_picture_is_for_the_centre_that_is_asked_for(door: Door) -> None:
    path = "/v1/campaigns/spring/needs.svg?centre_id=raqqa"
    answer = door("GET", path, MEMBER)
    assert (answer.status_code, answer.text) == (200, "<svg/>")
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert door.branches.asked[-1][2] == {"id": "spring", "centre_id": "raqqa"}
