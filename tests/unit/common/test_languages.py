"""What is known of languages: how they are written, and which name is shown to their readers."""

from __future__ import annotations

import pytest
from babel import Locale

from services.common.languages import LANGUAGES, direction_of, in_language, locale_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_written_as_cldr_says(language: str) -> None:
    locale = Locale.parse(locale_of(language))
    assert locale.language == language
    assert direction_of(language) == locale.text_direction


def test_a_name_is_shown_in_the_language_else_in_arabic() -> None:
    name = {"ar": "الرقة", "en": "Raqqa"}
    shown = [in_language(name, language) for language in ("en", "ar", "fr")]
    assert shown == ["Raqqa", "الرقة", "الرقة"]


def test_what_nobody_has_named_is_shown_as_nothing() -> None:
    assert in_language({}, "ar") == ""
