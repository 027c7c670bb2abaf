"""Numbers of cases, such as ``7Q4K-9XPD``: by which people call a case on the telephone.

They are drawn by chance, so that a number says neither how many cases there are nor which came
before. The alphabet has no sign that is read for another, and no vowel, so that no number spells a
word.
"""

from __future__ import annotations

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
SIGNS = 8
NUMBERS = len(ALPHABET) ** SIGNS
"""How many numbers there are."""

_HALF = SIGNS // 2


def case_number(drawn: int) -> str:
    """The number of a case.

    Args:
        drawn: below :data:`NUMBERS`, by chance that nobody can foresee.

    Raises:
        ValueError: if it is outside of that.
    """
    if not 0 <= drawn < NUMBERS:
        raise ValueError(f"{drawn} gives no number")
    signs = ""
    for _ in range(SIGNS):
        drawn, index = divmod(drawn, len(ALPHABET))
        signs = ALPHABET[index] + signs
    return f"{signs[:_HALF]}-{signs[_HALF:]}"
