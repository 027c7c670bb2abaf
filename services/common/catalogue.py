"""Texts in every language: a folder of ``.po`` files each, read at start (no compile step).

A language's folder has one file for each part of the project that the texts are about, so that a
new branch brings its own file.

The key of a text (its ``msgid``) is a stable name such as ``bookings.space_taken.title``, not a
sentence in one of the languages, so that no language is the "original".

A text whose wording follows a number is a plural entry; its ``msgid_plural`` names the param that
holds the number. It has as many forms as the language's ``Plural-Forms`` header says: two in
English, six in Arabic. A number behind a colon ("Bookings left: 3") needs none.

A text value is isolated where its direction differs from the language's (``services.common.bidi``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from gettext import c2py
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.pofile import read_po

from services.common.bidi import isolated
from services.common.languages import direction_of, in_language, locale_of

FALLBACK = "en"


class MissingText(KeyError):
    """No language has the text: a defect that the catalogue tests find before a user does."""


@dataclass(frozen=True, slots=True)
class _Plural:
    """The forms of a text that follows a number.

    Attributes:
        param: holds the number.
        forms: by the index that the language's plural rule gives.
    """

    param: str
    forms: tuple[str, ...]


class _Language:
    def __init__(self, folder: Path) -> None:
        self.code = folder.name
        self.direction = direction_of(self.code)
        self.texts: dict[str, str | _Plural] = {}
        for path in sorted(folder.glob("*.po")):
            self._read(path)

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=self.code, abort_invalid=True)
        self._form_of: Callable[[int], int] = c2py(catalogue.plural_expr)
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key in self.texts:
                raise ValueError(f"{path}: another file has {key} too")
            if isinstance(message.id, str):
                if message.id and message.string:
                    self.texts[message.id] = str(message.string)
                continue
            forms = tuple(message.string or ())
            if len(forms) != catalogue.num_plurals or not all(forms):
                raise ValueError(f"{path}: {key} needs {catalogue.num_plurals} forms")
            self.texts[key] = _Plural(message.id[1], forms)

    def template(self, key: str, params: Mapping[str, Any]) -> str:
        """The text before its values are filled in, in the form that the number asks for."""
        text = self.texts[key]
        if isinstance(text, str):
            return text
        number = params[text.param]
        return text.forms[self._form_of(number) if isinstance(number, int) else -1]

    def written(self, value: Any) -> Any:
        """A value as a text of this language shows it."""
        if isinstance(value, Mapping):
            value = in_language(value, self.code)
        if isinstance(value, date):
            return format_date(value, "full", locale=locale_of(self.code))
        return isolated(value, self.direction) if isinstance(value, str) else value


class Catalogue:
    """All languages of one folder.

    Args:
        folder: holds the folders ``ar``, ``en`` and those of further languages.
    """

    def __init__(self, folder: Path) -> None:
        folders = sorted({path.parent for path in folder.glob("*/*.po")})
        self._languages = {path.name: _Language(path) for path in folders}
        if FALLBACK not in self._languages:
            raise FileNotFoundError(f"{folder} has no texts in {FALLBACK}")

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages there are, in alphabetical order."""
        return tuple(self._languages)

    def keys(self, language: str) -> set[str]:
        """Every key that the language's file has a text for."""
        return set(self._languages[language].texts)

    def forms(self, key: str, language: str) -> tuple[str, ...]:
        """Every form of a text, before its values are filled in; one where no number decides."""
        text = self._languages[language].texts[key]
        return (text,) if isinstance(text, str) else text.forms

    def has(self, key: str, language: str) -> bool:
        """Whether this language itself, not only the fallback, has the text."""
        return key in self.keys(language)

    def text(self, key: str, language: str, params: Mapping[str, Any] | None = None) -> str:
        """The text with its ``{params}`` filled in; English where the language lacks it.

        Args:
            params: a text value is isolated; of a name by language (``{"ar": …, "en": …}``) the
                one in the text's language is taken; a day is written as its readers write it.

        Raises:
            MissingText: if neither has it.
            KeyError: if the text names a param that is not given.
        """
        given = params or {}
        for code in (language, FALLBACK):
            found = self._languages.get(code)
            if found and key in found.texts:
                values = {name: found.written(value) for name, value in given.items()}
                return found.template(key, given).format_map(values)
        raise MissingText(key)
