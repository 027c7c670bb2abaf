"""marshmallow's messages as a flat list of faults with stable codes, the same at every border.

A client acts on the code. Our own fields and validators raise the code itself; what the library
says in English is known by its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.common.errors import FieldError

# Pattern of a message of the library → the code a client acts upon, and the wording, which says the
# named numbers and choices. The first that fits.
MESSAGES: tuple[tuple[str, str, str], ...] = (
    (r"Missing data", "required", "required"),
    (r"Unknown field", "unknown", "unknown"),
    (r"Field may not be null", "null", "null"),
    (r"Not a valid (string|utf-8 string)", "type", "type.text"),
    (r"Not a valid integer", "type", "type.integer"),
    (r"Not a valid number", "type", "type.number"),
    (r"Special numeric values", "type", "type.number"),
    (r"Not a valid boolean", "type", "type.boolean"),
    (r"Not a valid list", "type", "type.list"),
    (r"(Not a valid mapping|Invalid input type|Invalid type)", "type", "type.object"),
    (r"Number too large", "range", "range"),
    (
        r"Must be greater than or equal to (?P<least>\S+) and less than .* (?P<most>\S+)\.",
        "range",
        "range.between",
    ),
    (r"Must be greater than or equal to (?P<least>\S+)\.", "range", "range.least"),
    (r"Must be less than or equal to (?P<most>\S+)\.", "range", "range.most"),
    (r"Length must be between (?P<least>\d+) and (?P<most>\d+)", "length", "length.between"),
    (r"Length must be (?P<exactly>\d+)", "length", "length.exactly"),
    (r"Shorter than minimum length (?P<least>\d+)", "length", "length.least"),
    (r"Longer than maximum length (?P<most>\d+)", "length", "length.most"),
    (r"Must be one of: (?P<choices>.+)\.", "choice", "choice.of"),
    (r"Must be equal to (?P<choices>.+)\.", "choice", "choice.of"),
)
_PATTERNS = tuple((re.compile(pattern), code, wording) for pattern, code, wording in MESSAGES)
#: What our own fields and validators raise, and the gateway itself.
_OWN = (
    *(
        "blank",
        "letters",
        "characters",
        "unprintable",
        "direction",
        "arabic",
        "language",
        "instant",
        "time",
        "date",
        "week",
    ),
    *(
        "identifier",
        "zone",
        "email",
        "six_digits",
        "feature",
        "each_once",
        "rule_empty",
        "rule_values",
        "too_many_units",
        "phone",
        "minutes_raster",
        "warning_before_limit",
        "month",
    ),
    *(
        "nothing_granted",
        "one_of_both",
        "only_moving_one",
        "names",
        "equipment",
        "cursor",
        "number",
    ),
    *("choice", "repeated", "unknown"),
    # Of the definition of a form.
    *("choices_needed", "choice_level", "not_of_kind", "below_minimum", "scale_levels"),
    *("not_earlier", "not_comparable", "not_an_answer"),
    "hash",
    # Of an instrument.
    *("first_band", "rising"),
)
LONGEST_NAME = 100
CODES = (*dict.fromkeys((*(code for _, code, _ in MESSAGES), *_OWN)), "invalid")
WORDINGS = tuple(dict.fromkeys((*(wording for _, _, wording in MESSAGES), *_OWN)))


def field_errors(messages: Any, pointer: str = "") -> list[FieldError]:
    """The faults in marshmallow's nested ``messages``, each with an RFC 6901 pointer."""
    if isinstance(messages, dict):
        return [
            fault
            for key, below in messages.items()
            for fault in field_errors(
                below,
                pointer if key in {"_schema", "key", "value"} else f"{pointer}/{escape_name(key)}",
            )
        ]
    if isinstance(messages, list | tuple):
        return [fault for below in messages for fault in field_errors(below, pointer)]
    text = str(messages)
    return [FieldError(pointer, code_of(text), text)]


def code_of(text: str) -> str:
    """The stable code of a message."""
    if text in CODES:
        return text
    return next((code for pattern, code, _ in _PATTERNS if pattern.match(text)), "invalid")


def wording_of(fault: FieldError) -> tuple[str, Mapping[str, int | str]]:
    """Which wording fits a fault (one of ``WORDINGS``, or its code), with the limits or choices
    that the wording names."""
    for pattern, code, wording in _PATTERNS:
        if code == fault.code and (found := pattern.match(fault.detail)):
            values = found.groupdict()
            return wording, {k: int(v) if v.isdecimal() else v for k, v in values.items()}
    return fault.code, {}


def escape_name(name: Any) -> str:
    """A member's name as a part of a pointer; an invented one may be as long as a body."""
    return str(name)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
