"""Codes of certificates, such as ``MSH-7Q4K-9XPD-M2RT``: printed on paper, typed on a phone.

The alphabet has no character that is read for another on paper (0/O, 1/I/L) and no vowel, so that
no code spells a word. Twelve characters of 28 are 57 bits. A code shows a name, so codes must not
be found by trying: with a million certificates, one guess in 2·10¹¹ meets one. A typing error meets
none for the same reason, so there is no check character.
"""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
PREFIX = "MSH"
GROUPS = 3
GROUP = 4
CODES = len(ALPHABET) ** (GROUPS * GROUP)
"""How many codes there are."""

_CODE = re.compile(rf"{PREFIX}([{ALPHABET}]{{{GROUPS * GROUP}}})")


def code_of(number: int) -> str:
    """The code of a number.

    Args:
        number: below :data:`CODES`, drawn by chance that nobody can foresee.

    Raises:
        ValueError: if the number has no code.
    """
    if not 0 <= number < CODES:
        raise ValueError(f"{number} has no code")
    letters = ""
    for _ in range(GROUPS * GROUP):
        number, index = divmod(number, len(ALPHABET))
        letters = ALPHABET[index] + letters
    return _grouped(letters)


def normal_code(typed: str) -> str | None:
    """The code that a person means: small letters, any digits, any or no dashes and spaces.

    Returns:
        The code as it is printed; ``None`` for what cannot be a code.
    """
    if len(typed) > 100:
        return None
    characters = "".join(
        str(unicodedata.digit(each)) if each.isdecimal() else each.upper()
        for each in unicodedata.normalize("NFKC", typed)
        if each.isalnum()
    )
    found = _CODE.fullmatch(characters)
    return _grouped(found[1]) if found else None


def _grouped(letters: str) -> str:
    return "-".join([PREFIX, *(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))])
