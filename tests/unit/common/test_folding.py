"""Arabic and Latin texts are found however people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.folding import fold, search_words, wanted_words
from services.common.storage.searching import matching


@pytest.mark.parametrize(
    ("written", "looked_for"),
    [
        ("أمل", "امل"),
        ("إدلب", "ادلب"),
        ("آفاق", "افاق"),
        ("ٱلرقة", "الرقه"),
        ("منى", "مني"),
        ("رابطة", "رابطه"),
        ("مُنَظَّمَةٌ", "منظمة"),
        ("الـــرقـــة", "الرقة"),
        ("مؤسسة", "موسسة"),
        ("عائلة", "عايلة"),
        ("بناء", "بنا"),
        ("ﻻجئون", "لاجئون"),
        ("کتاب", "كتاب"),
        ("فریق", "فريق"),
        ("٢٠٢٦", "2026"),
        ("ÉDUCATION", "education"),
        ("Al-Furat", "al furat"),
        ("\u200fأمل\u200e", "أمل"),
    ],
)
def test_spellings_that_readers_take_for_the_same_are_one(written: str, looked_for: str) -> None:
    assert fold(written) == fold(looked_for)


def test_different_words_stay_different() -> None:
    assert len({fold(each) for each in ("رقة", "رقم", "درعا", "رق")}) == 4


def test_a_word_is_found_with_and_without_its_article() -> None:
    words = search_words(["منظمة الفرات للتنمية", "Euphrates Development"])
    assert {"الفرات", "فرات", "منظمه", "للتنميه", "euphrates"} <= set(words)


def test_nothing_to_look_for_matches_nothing() -> None:
    assert wanted_words(" ـ - ") == []
    assert matching("--") == {"search": {"$in": []}}
    assert matching(None) == {}


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_a_text_is_found_by_itself(text: str) -> None:
    words = search_words([text])
    assert all(any(each.startswith(word) for each in words) for word in wanted_words(text))
