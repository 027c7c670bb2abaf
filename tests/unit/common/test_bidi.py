"""The direction of a line that a person wrote."""

from __future__ import annotations

import pytest

from services.common.bidi import line_direction


@pytest.mark.parametrize(
    ("value", "in_arabic_page", "in_english_page"),
    [
        ("هبة", "rtl", "rtl"),
        ("Nour O'Brien", "ltr", "ltr"),
        ("2026-05-02", "ltr", "ltr"),
        ("Excel للمحاسبة", "rtl", "rtl"),
        ("سارة Miller العلي", "rtl", "rtl"),
        ("Introduction to المحاسبة", "rtl", "ltr"),
        ("", "ltr", "ltr"),
    ],
)
def test_words_are_in_their_order(value: str, in_arabic_page: str, in_english_page: str) -> None:
    """The name of a person with a Latin word is not turned about because its page is English."""
    found = line_direction(value, "rtl"), line_direction(value, "ltr")
    assert found == (in_arabic_page, in_english_page)
