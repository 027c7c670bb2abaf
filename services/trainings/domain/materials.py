"""Materials: the files that trainers hand out in a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Material:
    """One file of a session. It is added and removed, and never changed.

    Attributes:
        id: of the stored file.
        name: as people see it.
        content_type: by its content.
        size: in bytes.
        sha256: of the bytes, in hex.
    """

    kind: ClassVar[str] = "material"

    id: str
    cohort_id: str
    session_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    version: int = 1


def owner_of(session_id: str) -> str:
    """How stored files name the session that they belong to."""
    return f"session/{session_id}"
