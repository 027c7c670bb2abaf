"""Texts as people look for them: without what Arabic and Latin writing leave to the writer.

``fold`` makes one form of the spellings that readers take for the same; ``search_words`` and
``wanted_words`` are what a store keeps beside a document and compares with
(:mod:`services.common.storage.searching`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Letters that Unicode does not take apart, and that are written one for the other: alef wasla, alef
# maqsura, ta marbuta, and the Persian forms of kaf and ya that keyboards and copying bring along.
_SAME = str.maketrans(
    {
        "\u0671": "\u0627",
        "\u0649": "\u064a",
        "\u0629": "\u0647",
        "\u06a9": "\u0643",
        "\u06cc": "\u064a",
        "\u06c0": "\u0647",
        "\u0621": "",  # a hamza alone, which is left out as often as written
        "\u0640": "",  # tatweel
    }
)
_ARTICLE = "\u0627\u0644"
# Of a word without its article: shorter ones are seldom an article and a word.
_SHORTEST = 2
MOST_WORDS = 10


def fold(text: str) -> str:
    """The text with its letters in one form: no marks, no tatweel, one alef, ya for alef maqsura,
    ha for ta marbuta, small letters without accents, ASCII digits; what is no letter or digit is a
    space."""
    # Compatibility forms are letters again; hamza, madda, vowels and accents become marks.
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(each for each in apart if unicodedata.category(each) not in {"Mn", "Cf"})
    letters = "".join(
        str(unicodedata.digit(each)) if each.isdecimal() else each if each.isalnum() else " "
        for each in bare.translate(_SAME).casefold()
    )
    return " ".join(letters.split())


def search_words(texts: Iterable[str]) -> list[str]:
    """What texts are found by: their folded words, and those with an article without it too."""
    words = {word for text in texts for word in fold(text).split()}
    bare = {
        word.removeprefix(_ARTICLE)
        for word in words
        if word.startswith(_ARTICLE) and len(word) >= len(_ARTICLE) + _SHORTEST
    }
    return sorted(words | bare)


def wanted_words(text: str) -> list[str]:
    """The folded words of a search; all of them must begin a word of what is found."""
    return list(dict.fromkeys(fold(text).split()))[:MOST_WORDS]
