"""Text of one direction inside text of the other.

Without isolation a Latin name or a number with dashes inside an Arabic sentence moves the words
around it. First strong isolates (U+2068 … U+2069) keep it apart:
https://www.w3.org/International/questions/qa-bidi-unicode-controls
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"

_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
# Embeddings, overrides and isolates: in a name they can reverse the sentence after it.
_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def one_line(value: str) -> str:
    """The value on one line: controls and runs of spaces become one space; no-break ones stay.

    What a person typed may go into a mail's header; a line break there would start a new header.
    """
    if value.isprintable():
        # Nearly always: no control, no direction mark, and no space but the plain one.
        return " ".join(value.split())
    printable = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c
        for c in value.translate(_CONTROLS)
    )
    return " ".join(word for word in printable.split(" ") if word)


# What mail programs and front ends make a link of, in a text that a person typed.
_LINKED = re.compile(r"(?<=\w)\.(?=[^\W\d_])|(?<=\w)@(?=\w)|:(?=//)")
_WORD_JOINER = "\u2060"


def unlinked(value: str) -> str:
    """The value in a form that no program makes into a link: a name such as "verify at
    evil.example" must not become an address to click in a message of ours.

    A word joiner (U+2060) breaks what looks like a host, an address or a scheme; it is not seen.
    """
    return _LINKED.sub(lambda found: f"{found[0]}{_WORD_JOINER}", value)


def line_direction(value: str, direction: str) -> str:
    """The direction of a value on a line of its own: that of its letters. Of a value with letters
    of both, right to left in an Arabic page, and in another page where most of them are Arabic.

    So «Excel للمحاسبة» begins with Excel, on the right, and the parts of «سارة Miller العلي» are in
    their order in every page.

    Args:
        direction: of the page, ``rtl`` or ``ltr``.
    """
    found = Counter(_STRONG[d] for c in value if (d := unicodedata.bidirectional(c)) in _STRONG)
    if direction == "rtl":
        return "rtl" if found["rtl"] else "ltr"
    return "rtl" if found["rtl"] > found["ltr"] else "ltr"


# The same names and dates are in most messages.
@lru_cache(maxsize=8192)
def isolated(value: str, direction: str) -> str:
    """The value on one line, making no link, isolated where a text of this direction would disturb
    it.

    In a right-to-left text every value that is not wholly right-to-left is isolated, numbers
    included; in a left-to-right text only what holds right-to-left letters.

    Args:
        direction: ``rtl`` or ``ltr``.
    """
    line = unlinked(one_line(value))
    found = {_STRONG[d] for c in line if (d := unicodedata.bidirectional(c)) in _STRONG}
    if not line or found == {direction}:
        return line
    if not found and direction == "ltr":
        return line
    return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}"
