"""Names, titles and the words of faults, through the real door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import SignIn
from tests.support.client import code_of, key

# Weeks that no other test of the run books.
WEEKS_AHEAD = 19


def booking(**values: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    day: date = today + timedelta(days=7 * WEEKS_AHEAD + 1 - today.weekday())
    return {
        "space_id": "raqqa-meeting-room",
        "organisation_id": "euphrates-development",
        "starts_at": f"{day}T07:00:00Z",
        "ends_at": f"{day}T08:00:00Z",
        "title": "لقاء",
        "purpose": "meeting",
        **values,
    }


def test_a_title_and_a_name_are_kept_without_what_copying_brings_along(signed_in: SignIn) -> None:
    member = signed_in("member")
    made = member.post(
        "/v1/bookings", json=booking(title="\ufeff \u2068cafe\u0301\u2069\u00a0"), headers=key()
    )
    assert (made.status_code, made.json()["title"]) == (201, "caf\u00e9")
    name = {"ar": "\ufeff جمعية ", "en": " Society\u200b"}
    registered = member.post("/v1/organisations", json={"name": name}, headers=key())
    assert registered.json()["name"] == {"ar": "جمعية", "en": "Society"}


@pytest.mark.parametrize(
    ("values", "fault", "words"),
    [
        ({"title": "Hall \u202egnp"}, ("/title", "direction"), "reverse its direction"),
        ({"title": "a\ufffeb"}, ("/title", "characters"), "not allowed"),
        ({"title": "x" * 121}, ("/title", "length"), "from 1 to 120"),
        ({"people": 0}, ("/people", "range"), "from 1 to 1000"),
        ({"purpose": "party"}, ("/purpose", "choice"), "meeting, training, workshop"),
    ],
)
def test_a_fault_says_what_is_wrong(
    signed_in: SignIn, values: dict[str, Any], fault: tuple[str, str], words: str
) -> None:
    member = signed_in("member")
    for language, expected in (("en", words), ("ar", "")):
        refused = member.post(
            "/v1/bookings",
            json=booking(**values),
            headers=key() | {"Accept-Language": language},
        )
        assert code_of(refused) == (422, "invalid")
        (said,) = refused.json()["errors"]
        assert (said["pointer"], said["code"]) == fault
        assert expected in said["detail"]


@pytest.mark.parametrize("time", ["07:10:00", "07:00:00.000001", "07:00:00.000000001"])
def test_a_time_off_the_raster_is_said_in_words(signed_in: SignIn, time: str) -> None:
    starts_at = booking()["starts_at"].replace("07:00:00", time)
    refused = signed_in("member").post(
        "/v1/bookings",
        json=booking(starts_at=starts_at),
        headers=key() | {"Accept-Language": "en"},
    )
    assert code_of(refused) == (422, "bookings.off_raster")
    (said,) = refused.json()["errors"]
    assert said == {
        "pointer": "/starts_at",
        "code": "bookings.off_raster",
        "detail": refused.json()["detail"],
    }
    assert "15 minutes" in said["detail"]
