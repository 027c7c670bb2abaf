"""Lines of a document: texts that people wrote, with their direction. No typesetter is needed."""

from __future__ import annotations

from services.common.bidi import line_direction, one_line
from services.common.languages import direction_of
from services.common.seeing import is_seen

# They join or part letters of Persian, Kurdish and others, and are no glyphs themselves.
_JOINERS = "\u200c\u200d"


def line_of(text: str, language: str) -> dict[str, str]:
    """A text that a person wrote, for a line of its own in a document: its characters that are
    seen, and its direction.
    """
    line = one_line(text)
    seen = "".join(each for each in line if each.isspace() or each in _JOINERS or is_seen(each))
    return {"text": seen, "direction": line_direction(seen, direction_of(language))}
