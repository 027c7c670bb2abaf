"""Links: of one purpose, about one subject, until a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.ids import new_id
from services.common.links import INVITATION, Link, Links

LINKS = Links("a secret of this test")
UNTIL = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)


def test_a_link_says_what_it_is_about_and_until_when() -> None:
    subject = new_id()
    token = LINKS.expiring_token("feedback", subject, UNTIL)
    assert len(token) == 64
    assert LINKS.read(token, "feedback") == Link(subject, UNTIL)


def test_a_link_of_one_purpose_is_refused_for_another() -> None:
    subject = new_id()
    tokens = {
        "feedback": LINKS.expiring_token("feedback", subject, UNTIL),
        "follow_up": LINKS.expiring_token("follow_up", subject, UNTIL),
        INVITATION: LINKS.reply_token(subject, "nonce"),
    }
    opened = {
        (made_for, asked_for)
        for made_for, token in tokens.items()
        for asked_for in tokens
        if LINKS.read(token, asked_for) or LINKS.opens(token, asked_for, subject, "nonce")
    }
    assert opened == {(each, each) for each in tokens}


def test_another_secret_makes_all_links_void() -> None:
    subject = new_id()
    other = Links("another secret of this test")
    assert other.read(LINKS.expiring_token("feedback", subject, UNTIL), "feedback") is None
    assert not other.opens(LINKS.reply_token(subject, "nonce"), INVITATION, subject, "nonce")


@pytest.mark.parametrize("place", [0, 31, 32, 39, 40, 63])
def test_a_link_that_was_altered_anywhere_is_refused(place: int) -> None:
    token = LINKS.expiring_token("feedback", new_id(), UNTIL)
    other = "0" if token[place] != "0" else "1"
    assert LINKS.read(token[:place] + other + token[place + 1 :], "feedback") is None
    assert Links("another secret").read(token, "feedback") is None


def test_a_link_with_a_later_expiry_is_another_one() -> None:
    subject = new_id()
    one = LINKS.expiring_token("feedback", subject, UNTIL)
    other = LINKS.expiring_token("feedback", subject, UNTIL + timedelta(seconds=1))
    assert one[40:] != other[40:]


@given(st.text(max_size=80))
def test_what_is_no_token_opens_nothing_and_breaks_nothing(token: str) -> None:
    assert LINKS.read(token, "feedback") is None
