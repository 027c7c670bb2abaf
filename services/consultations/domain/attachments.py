"""Attachments: files of a case, or of one of its notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

MOST_ATTACHMENTS = 100


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. It is added and removed, and never changed.

    Attributes:
        id: of the stored file.
        note_id: of the note that it belongs to: who may read the note may read the file.
        sealed: whether only the people of the case see it, as of its note.
        name: as people see it.
        content_type: by its content.
        size: in bytes.
        sha256: of the bytes, in hex.
    """

    kind: ClassVar[str] = "attachment"

    id: str
    case_id: str
    note_id: str | None
    sealed: bool
    name: str
    content_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    version: int = 1
