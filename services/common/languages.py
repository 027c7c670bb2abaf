"""The languages in which people are spoken to: which there are, and how each is written.

``docs/adding.md`` says what else a language needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Writing:
    """How a language is written.

    Attributes:
        locale: of CLDR. Its region decides the names of months (تشرين الثاني, not نوفمبر) and the
            clock (09:00, not 9:00 AM).
        direction: as HTML's ``dir`` wants it.
        english_name: as tables of questions name it (XLSForm: ``Arabic (ar)``).
    """

    locale: str
    direction: str
    english_name: str


_WRITINGS: Mapping[str, _Writing] = {
    "ar": _Writing("ar_SY", "rtl", "Arabic"),
    "en": _Writing("en_GB", "ltr", "English"),
}

LANGUAGES = tuple(_WRITINGS)
DEFAULT_LANGUAGE = "ar"


def locale_of(language: str) -> str:
    """The locale (CLDR) by which dates and times are written for readers of a language."""
    return _WRITINGS[language].locale


def direction_of(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return _WRITINGS[language].direction


def listed(parts: Iterable[str], language: str) -> str:
    """Parts in one line, with the comma of the language's script between them."""
    return ("، " if direction_of(language) == "rtl" else ", ").join(parts)


def english_name_of(language: str) -> str:
    """How the language is called in English."""
    return _WRITINGS[language].english_name


def in_language(name: Mapping[str, str], language: str) -> str:
    """A name in the language, else in Arabic, which every name has; empty where there is none."""
    return name.get(language) or name.get(DEFAULT_LANGUAGE) or next(iter(name.values()), "")
