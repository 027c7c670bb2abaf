"""Which characters a reader sees, and which make a name."""

from __future__ import annotations

import unicodedata

_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})
# Spaces, and what is there to direct, join or hide other characters.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc"})
# Letters, marks and symbols by their category that show nothing; the last of them only
# choose between forms of what is before them (Unicode, "Variation_Selector").
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def is_seen(character: str) -> bool:
    """Whether the character leaves anything to see."""
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS


def has_letter(text: str) -> bool:
    """Whether the text can be read out: it is not made of signs, pictures and digits alone.

    What only lengthens or modifies a letter, such as tatweel, is none (Unicode, ``Lm``).
    """
    return any(unicodedata.category(each) in _LETTERS and is_seen(each) for each in text)


def has_letter_or_digit(text: str) -> bool:
    """As :func:`has_letter`, but the number of a room is enough."""
    return has_letter(text) or any(each.isdecimal() for each in text)
