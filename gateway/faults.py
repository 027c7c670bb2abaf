"""marshmallow's nested messages as a flat list of faults with stable codes.

The library's texts are English sentences; a client acts on the code, and a person reads the
catalogue's text for it (``field.<code>``).
"""

from __future__ import annotations

from typing import Any

from services.common.errors import FieldError

# Beginning of marshmallow's (and our fields') message → the code a client acts upon.
_CODES = (
    ("Missing data", "required"),
    ("Unknown field", "unknown"),
    ("Field may not be null", "null"),
    ("Not a valid", "type"),
    ("Not true or false", "type"),
    ("Invalid input type", "type"),
    ("Number too large", "range"),
    ("Must be greater", "range"),
    ("Must be less", "range"),
    ("Shorter than", "length"),
    ("Longer than", "length"),
    ("Length must", "length"),
    ("Must be one of", "choice"),
    ("Must be equal", "choice"),
    ("Must not be blank", "blank"),
    ("Must not hold control", "characters"),
    ("Not an RFC 3339", "instant"),
    ("Not a time", "time"),
    ("Not a date", "date"),
    ("not an identifier", "identifier"),
    ("Not a zone", "zone"),
    ("Needs at least a text in Arabic", "arabic"),
)
LONGEST_NAME = 100
CODES = (*dict.fromkeys(code for _, code in _CODES), "invalid", "repeated", "email")


def flatten(messages: Any, pointer: str = "") -> list[FieldError]:
    """The faults in marshmallow's ``messages``, each with an RFC 6901 pointer."""
    if isinstance(messages, dict):
        return [
            fault
            for key, below in messages.items()
            for fault in flatten(
                below,
                pointer if key in {"_schema", "key", "value"} else f"{pointer}/{escaped(key)}",
            )
        ]
    if isinstance(messages, list | tuple):
        return [fault for below in messages for fault in flatten(below, pointer)]
    text = str(messages)
    return [FieldError(pointer, code_of(text), text)]


def code_of(text: str) -> str:
    """The stable code of a message."""
    if text in CODES:
        return text
    return next((code for start, code in _CODES if text.startswith(start)), "invalid")


def escaped(key: Any) -> str:
    """A member's name as a part of a pointer; an invented one may be as long as a body."""
    return str(key)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
