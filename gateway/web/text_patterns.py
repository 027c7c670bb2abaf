"""What a text may hold, as patterns for the description of the HTTP door."""

from __future__ import annotations

# As contracts.fields.Printable: something that is seen, and no control characters. Those beyond
# Latin-1 are the separators of Unicode, the embeddings and overrides of direction, annotations, and
# what is no character.
_NEVER = r"\u2028-\u202e\u206a-\u206f\ufff9-\ufffb\ufffe\uffff"
_UNSEEN = (
    r"\u0020\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    r"\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u2064\u2066-\u206f\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)


def _printable_pattern(controls: str) -> str:
    allowed = f"[^{controls}{_NEVER}]"
    return f"^{allowed}*[^\\u0000-\\u001f\\u007f-\\u009f{_NEVER}{_UNSEEN}]{allowed}*$"


# Ranges without a letter or a decimal digit: signs and punctuation of Latin and Arabic, arrows,
# shapes, pictures. Names of signs of rarer scripts alone pass the pattern, and are refused.
_NO_NAMES = (
    r"\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u00d7\u00f7\u02b0-\u036f\u0606-\u061f\u0640\u064b-\u065f\u066a-\u066d\u0670\u06d4\u06d6-\u06ed\u2010-\u2070"
    r"\u2074-\u2101\u2190-\u2bff\u3001-\u3004\u3008-\u3020"
)


def _name_pattern() -> str:
    allowed = f"[^\\u0000-\\u001f\\u007f-\\u009f{_NEVER}]"
    named = f"[^\\u0000-\\u001f\\u007f-\\u009f{_NEVER}{_UNSEEN}{_NO_NAMES}]"
    return f"^{allowed}*{named}{allowed}*$"


NAME = _name_pattern()
LINE = _printable_pattern(r"\u0000-\u001f\u007f-\u009f")
# Line breaks are LF, CRLF or CR; they are kept as LF.
LINES = _printable_pattern(r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f")
