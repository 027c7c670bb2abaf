"""Organisations, their members and people are found by their names, however these are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway import Door, a_door, rows
from tests.support.stack import Server


@pytest.fixture(scope="module")
def door(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder: Path = tmp_path_factory.mktemp("door")
    with a_door(folder, database.uri) as opened:
        names = {
            "hamza": {"ar": "رابطةُ أمـــل الرقة", "en": "Raqqa Hope League"},
            "maqsura": {"ar": "ملتقى الإعلام", "en": "Média Forum"},
        }
        for key, name in names.items():
            answer = opened("POST", "/v1/organisations", "stranger", key=key, json={"name": name})
            assert answer.status_code == 201, answer.json
        yield opened


def found(door: Door, path: str, who: str, search: str) -> list[str]:
    answer = door("GET", path, who, query_string={"search": search})
    assert answer.status_code == 200, answer.json
    return [each["name"]["ar"] for each in answer.json["items"]]


@pytest.mark.parametrize(
    "search", ["امل الرقه", "رابطه", "أَمَل", "الرقة", "رقة", "hope RAQQA", "leag"]
)
def test_staff_find_an_organisation_however_they_write(door: Door, search: str) -> None:
    for who in ("manager", "desk"):
        assert "رابطةُ أمـــل الرقة" in found(door, "/v1/organisations", who, search)


def test_all_words_must_be_there(door: Door) -> None:
    assert found(door, "/v1/organisations", "manager", "ملتقي اعلام") == ["ملتقى الإعلام"]
    assert found(door, "/v1/organisations", "manager", "media") == ["ملتقى الإعلام"]
    assert found(door, "/v1/organisations", "manager", "ملتقى الرقة") == []
    assert found(door, "/v1/organisations", "manager", ".*") == []


def test_members_find_only_what_is_theirs(door: Door) -> None:
    assert found(door, "/v1/organisations", "stranger", "اعلام") == ["ملتقى الإعلام"]
    assert found(door, "/v1/organisations", "member", "اعلام") == []
    assert found(door, "/v1/organisations", "member", "امل") == ["أمل"]
    assert found(door, "/v1/organisations/hope/members", "member", "rep") == ["rep"]
    refused = door("GET", "/v1/organisations/other/members", "member", query_string={"search": "s"})
    assert refused.status_code == 404
    assert door("GET", "/v1/people", "member", query_string={"search": "rep"}).status_code == 403


def test_staff_find_people_by_name_and_address(door: Door) -> None:
    for who in ("manager", "desk"):
        assert found(door, "/v1/people", who, "strang") == ["stranger"]
        assert found(door, "/v1/people", who, "desk@hope.example") == ["desk"]


def test_a_name_that_changes_is_found_by_the_new_one(door: Door) -> None:
    name = {"ar": "هُدى", "en": "Huda"}
    assert door("PATCH", "/v1/me", "desk", version=1, json={"name": name}).status_code == 200
    assert found(door, "/v1/people", "manager", "هدي") == ["هُدى"]
    assert found(door, "/v1/people", "manager", "desk") == ["هُدى"], "the address stays"


def test_a_page_goes_on_with_the_same_search(door: Door) -> None:
    path = "/v1/people"
    first = door("GET", path, "manager", query_string={"search": "hope example", "limit": 2})
    assert len(first.json["items"]) == 2
    cursor = first.json["next_cursor"]
    more = {"search": "hope example", "limit": 2, "cursor": cursor}
    second = door("GET", path, "manager", query_string=more)
    ids = [each["id"] for each in (*first.json["items"], *second.json["items"])]
    assert len(ids) == len(set(ids)) == 4
    other = door("GET", path, "manager", query_string={**more, "search": "hope"})
    assert other.json["code"] == "cursor.invalid"


def test_the_words_are_stored_with_an_index(door: Door) -> None:
    stored = rows(door.gateway, "organisations")
    assert all(each["search"] for each in stored)
    for collection in ("organisations", "people"):
        indexes = door.gateway.database.collection(collection).index_information()
        assert [("search", 1)] in [each["key"] for each in indexes.values()]
