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


LINE = _printable_pattern(r"\u0000-\u001f\u007f-\u009f")
# Line breaks are LF, CRLF or CR; they are kept as LF.
LINES = _printable_pattern(r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f")
