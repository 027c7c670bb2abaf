"""Texts in every language: one ``.po`` file each, read at start (no compile step).

The key of a text (its ``msgid``) is a stable name such as ``bookings.space_taken.title``, not a
sentence in one of the languages, so that no language is the "original". A number stands behind a
colon ("Bookings left: 3"), so that a text is right for every number in every language (Arabic has
six plural forms).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

FALLBACK = "en"


class MissingText(KeyError):
    """No language has the text: a defect that the catalogue tests find before a user does."""


class _Language:
    def __init__(self, path: Path) -> None:
        self.code = path.stem
        self.texts: dict[str, str] = {}
        with path.open("rb") as file:
            catalogue = read_po(file, locale=self.code, abort_invalid=True)
        for message in catalogue:
            if message.id and message.string:
                self.texts[str(message.id)] = str(message.string)


class Catalogue:
    """All languages of one folder.

    Args:
        folder: holds ``ar.po``, ``en.po`` and whatever language is added.
    """

    def __init__(self, folder: Path) -> None:
        self._languages = {path.stem: _Language(path) for path in sorted(folder.glob("*.po"))}
        if FALLBACK not in self._languages:
            raise FileNotFoundError(f"{folder} has no {FALLBACK}.po")

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages there are, in alphabetical order."""
        return tuple(self._languages)

    def keys(self, language: str) -> set[str]:
        """Every key that the language's file has a text for."""
        return set(self._languages[language].texts)

    def has(self, key: str, language: str) -> bool:
        """Whether this language itself, not only the fallback, has the text."""
        return key in self.keys(language)

    def text(self, key: str, language: str, params: Mapping[str, Any] | None = None) -> str:
        """The text with its ``{params}`` filled in; English where the language lacks it.

        Raises:
            MissingText: if neither has it.
            KeyError: if the text names a param that is not given.
        """
        for code in (language, FALLBACK):
            found = self._languages.get(code)
            if found and key in found.texts:
                return found.texts[key].format_map(params or {})
        raise MissingText(key)
