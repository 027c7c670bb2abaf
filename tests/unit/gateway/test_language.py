"""Accept-Language against Arabic and English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.language import negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ar"),
        ("", "ar"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("ar-SY", "ar"),
        ("en;q=0.5, ar;q=0.4", "en"),
        ("en;q=0.4, ar;q=0.5", "ar"),
        ("en, ar", "ar"),  # equals: the platform's own language
        ("zxx, en;q=0.1", "en"),
        ("zxx", "ar"),
        ("*", "ar"),
        ("ar;q=0", "en"),
        ("ar;q=0, *", "en"),
        ("en;q=0, *;q=0.1", "ar"),
        ("en;q=2", "ar"),  # malformed: passed over
        (";;;,,=", "ar"),
    ],
)
def test_the_heaviest_wish_that_can_be_met_wins(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@given(st.text(max_size=80))
def test_whatever_is_sent_a_language_comes_out(header: str) -> None:
    assert negotiate(header) in {"ar", "en"}
