"""The fields that every contract shares: what they refuse."""

from __future__ import annotations

import math
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import clock
from services.common.contracts.fields import Instant, integer


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_instant_from_which_nobody_could_count_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Instant().deserialize(text)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_the_first_and_the_last_are_taken(text: str) -> None:
    assert clock.to_wire(Instant().deserialize(text)) == text


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_beyond_the_calendar_in_utc_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        clock.from_wire(text)


@pytest.mark.parametrize("value", [10, 10.0, 1e1])
def test_a_whole_number_is_one_however_it_is_written(value: Any) -> None:
    whole = integer(1, 10).deserialize(value)
    assert (whole, type(whole)) == (10, int)


@pytest.mark.parametrize(
    "value", ["10", "10.0", True, False, 10.5, 11.0, 0.0, 1e300, math.inf, math.nan, None, [10]]
)
def test_what_is_no_whole_number_within_its_limits_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        integer(1, 10).deserialize(value)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z"),
        ("2026-11-24t09:00:00z", "2026-11-24T09:00:00Z"),
        ("2026-11-24T12:00:00.5+03:00", "2026-11-24T09:00:00.500Z"),
        ("2026-11-24T09:00:00.123456789Z", "2026-11-24T09:00:00.123Z"),
        ("2026-11-24T09:00:00-00:00", "2026-11-24T09:00:00Z"),
    ],
)
def test_an_instant_reads_as_rfc_3339_allows_it(text: str, utc: str) -> None:
    assert clock.to_wire(Instant().deserialize(text)) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-W48-2T09:00:00Z",
        "2026-328T09:00:00Z",
        "20261124T090000Z",
        "2026-11-24T09:00Z",
        "2026-11-24T09Z",
        "2026-11-24T09:00:00,5Z",
        "2026-11-24T09:00:00.Z",
        "2026-11-24T09:00:00+03:00:30",
        "2026-11-24T09:00:00+0300",
        "2026-11-24T09:00:00+03",
        "2026-11-24T09:00:00+24:00",
        "2026-11-24T09:00:00+03:60",
        "2026-11-24T09:00:00",
        "2026-11-24 09:00:00Z",
        "2026-11-24T09:00:00Z\n",
        "٢٠٢٦-11-24T09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2026-11-24T25:00:00Z",
        "",
    ],
)
def test_other_ways_to_write_an_instant_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Instant().deserialize(text)
    with pytest.raises(ValueError, match=r".+"):
        clock.from_wire(text)
