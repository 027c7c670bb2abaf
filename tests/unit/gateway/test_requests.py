"""Reading what clients send: strict JSON, conditions, cursors."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from gateway.web import preconditions
from gateway.web.cursors import Cursors
from gateway.web.request_parsing import parse
from gateway.web.schemas import AvailabilityQuery
from services.common.errors import Malformed, MasahaError, PreconditionMissing, Stale

BAD_JSON = {
    "cut off": b'{"a": ',
    "empty": b"",
    "not UTF-8": b'{"a": "\xff"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "duplicate member": b'{"a": 1, "a": 2}',
    "duplicate member inside": b'{"a": {"b": 1, "b": 1}}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "beyond a double": b'{"a": 1e999}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "bottomless": b"[" * 60_000,
    "nested past any use": b"[" * 5_000 + b"]" * 5_000,
    "single quotes": b"{'a': 1}",
}


@pytest.mark.parametrize("raw", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_json_that_nobody_can_rely_on_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse(raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        parse(raw)
    except MasahaError as error:
        assert isinstance(error, Malformed)


def test_if_match_is_one_strong_tag() -> None:
    assert preconditions.expected_version('"3"') == 3
    assert preconditions.expected_version(' "3" ') == 3


def test_what_is_read_before_it_is_first_written_has_version_0() -> None:
    assert preconditions.expected_version('"0"', lowest=0) == 0
    for header in ('"00"', '"-0"', f'"{10**20}"'):
        with pytest.raises(Stale):
            preconditions.expected_version(header, lowest=0)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_a_missing_if_match_is_asked_for(header: str | None) -> None:
    with pytest.raises(PreconditionMissing):
        preconditions.expected_version(header)


@pytest.mark.parametrize("header", ["3", "*", '"1", "2"', '"1', "'1'", '"1"x'])
def test_an_if_match_that_is_no_tag_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        preconditions.expected_version(header)


@pytest.mark.parametrize("header", ['W/"1"', '"abc"', '"0"', '"01"', '""', f'"{10**20}"', '"٣"'])
def test_a_tag_that_no_version_has_is_stale(header: str) -> None:
    with pytest.raises((Stale, Malformed)):
        preconditions.expected_version(header)


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ('"3"', True),
        ('W/"3"', True),
        ('"1", "3"', True),
        ("*", True),
        ('"4"', False),
        (None, False),
    ],
)
def test_if_none_match_compares_weakly(header: str | None, same: bool) -> None:
    assert preconditions.not_modified(header, preconditions.etag(3)) is same


def test_a_cursor_opens_its_own_list_only() -> None:
    cursors = Cursors("secret")
    cursor = cursors.sign(["2026", 3], "/v1/bookings", {"status": "held"}, "sara")
    assert cursors.read(cursor, "/v1/bookings", {"status": "held", "x": None}, "sara") == [
        "2026",
        3,
    ]
    for route, filters, caller in (
        ("/v1/inbox", {"status": "held"}, "sara"),
        ("/v1/bookings", {"status": "confirmed"}, "sara"),
        ("/v1/bookings", {}, "sara"),
        ("/v1/bookings", {"status": "held"}, "omar"),
    ):
        with pytest.raises(Malformed):
            cursors.read(cursor, route, filters, caller)
    with pytest.raises(Malformed):
        Cursors("another").read(cursor, "/v1/bookings", {"status": "held"}, "sara")


@given(st.text(max_size=200))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Cursors("secret").read(text, "/v1/bookings", {}, "sara")


class TestAvailabilityQuery:
    wanted: ClassVar = {"from": "2026-11-24T06:00:00Z", "to": "2026-11-25T06:00:00Z"}

    def test_lists_are_separated_by_commas(self) -> None:
        query = AvailabilityQuery().load(
            {**self.wanted, "features": "projector,whiteboard", "equipment": "laptop:6,screen"}
        )
        assert query["features"] == ["projector", "whiteboard"]
        assert query["equipment"] == [
            {"equipment_id": "laptop", "quantity": 6},
            {"equipment_id": "screen", "quantity": 1},
        ]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("features", ""),
            ("features", "projector,"),
            ("features", ",".join("abcdefghijk")),
            ("equipment", ""),
            ("equipment", "laptop:0"),
            ("equipment", "laptop:-1"),
            ("equipment", "laptop:many"),
            ("equipment", "laptop:51"),
            ("equipment", "laptop:1,laptop:2"),
            ("equipment", "lap top"),
            ("equipment", "laptop:\u0661"),
        ],
    )
    def test_what_cannot_be_is_refused(self, name: str, value: str) -> None:
        with pytest.raises(ValidationError):
            AvailabilityQuery().load({**self.wanted, name: value})
