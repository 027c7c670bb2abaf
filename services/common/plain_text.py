"""What people write: how it is kept, and what it may not hold.

The rules of ``contracts.fields.Text``, for borders that have no schema, such as tables.
"""

from __future__ import annotations

import re
import unicodedata

from services.common.documents.characters import is_printed
from services.common.seeing import has_letter, has_letter_or_digit, is_seen

# Spaces (Zs), zero-width space and word joiner.
_OUTSIDE = "".join(c for c in map(chr, range(0x3001)) if unicodedata.category(c) == "Zs")
_OUTSIDE += "\u200b\u2060"
# Byte order marks, and isolates, which our messages have around names.
_UNWANTED = dict.fromkeys([0xFEFF, *range(0x2066, 0x206A)])
# The category Cc, the two separators of Unicode (U+2028, U+2029), halves of pairs, annotations,
# and what is no character.
_CONTROLS = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufff9-\\ufffb\\ufffe\\uffff]"
)
_LINES = frozenset("\n\t")
# Embeddings and overrides of direction (and what Unicode has given up of the kind): by them a
# name turns the text around it. The marks (U+061C, U+200E, U+200F) turn nothing.
_TURNS = re.compile("[\\u202a-\\u202e\\u206a-\\u206f]")


def tidy_text(text: str, *, lines: bool = False) -> str:
    """The text in Unicode's composed form (NFC), without the spaces around it, and without byte
    order marks and isolates, which copying brings along.

    Args:
        lines: whether it may have several lines; CRLF and CR become LF.
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    outside = _OUTSIDE + ("\n\t" if lines else "")
    return unicodedata.normalize("NFC", text.translate(_UNWANTED)).strip(outside)


def fault_of_text(text: str, *, lines: bool = False, blank: bool = False) -> str | None:
    """The code of what is wrong with a text: ``blank``, ``characters`` or ``direction``.

    Args:
        lines: whether it may have several lines and tabs, as a reason may and a name may not.
        blank: whether it may show nothing at all.
    """
    if not blank and not any(map(is_seen, text)):
        return "blank"
    allowed = _LINES if lines else frozenset[str]()
    if any(found[0] not in allowed for found in _CONTROLS.finditer(text)):
        return "characters"
    return "direction" if _TURNS.search(text) else None


def fault_of_name(name: str, *, person: bool = False, printed: bool = False) -> str | None:
    """The code of what is wrong with a name: those of :func:`fault_of_text`, ``letters`` where it
    is made of signs and pictures alone, and ``unprintable``.

    Args:
        person: whether it is the name of a person, which a number is not.
        printed: whether a document shows it that may lack none of it, such as a certificate.
    """
    fault = fault_of_text(name)
    if fault is not None:
        return fault
    if not (has_letter(name) if person else has_letter_or_digit(name)):
        return "letters"
    return "unprintable" if printed and not is_printed(name) else None
