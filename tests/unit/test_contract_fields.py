"""The fields that every contract shares: what they refuse."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from services.common import clock
from services.common.contracts.fields import Instant


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
