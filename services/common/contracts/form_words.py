"""The closed sets of words of a form: kinds of questions, operators, sources of answers."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What sort of answer a question takes."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    SCALE = "scale"
    NOTE = "note"


class Operator(StrEnum):
    """How a condition compares the answer of an earlier question with its value."""

    EQUALS = "equals"
    DIFFERS = "differs"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES = "includes"


class Source(StrEnum):
    """In which way answers came."""

    SIGNED_IN = "signed_in"
    LINK = "link"
    PAPER = "paper"
