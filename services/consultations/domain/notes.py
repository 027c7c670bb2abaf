"""Notes of a case: what its people write down, open to all who see the case or sealed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

MOST_COMMENTS = 100
MOST_NOTES = 500


@dataclass(frozen=True, slots=True)
class Comment:
    """What one of the people says about a note."""

    id: str
    author_id: str
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a case.

    Attributes:
        sealed: whether only the people of the case see it. Sealing the case is another act: a
            sealed note stays sealed when its case is open again.
    """

    kind: ClassVar[str] = "note"

    id: str
    case_id: str
    author_id: str
    written_at: datetime
    text: str
    sealed: bool = False
    comments: tuple[Comment, ...] = ()
    version: int = 1

    def sealed_as(self, sealed: bool) -> Note:
        """The note sealed, or open; itself where it was so before."""
        if self.sealed is sealed:
            return self
        return replace(self, sealed=sealed, version=self.version + 1)

    def rewritten(self, text: str) -> Note:
        """The note with another text; itself where it says so already."""
        return self if text == self.text else replace(self, text=text, version=self.version + 1)

    def commented(self, comment: Comment) -> Note:
        """The note with one more comment."""
        return replace(self, comments=(*self.comments, comment), version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it: no text."""
        return {"sealed": self.sealed, "comments": len(self.comments)}
