"""Which characters a reader sees."""

from __future__ import annotations

import unicodedata

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
