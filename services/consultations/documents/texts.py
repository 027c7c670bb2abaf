"""The words that are written on pictures and tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.common.catalogue import Catalogue


@cache
def document_texts() -> Catalogue:
    """The texts of the branch, read once."""
    return Catalogue(Path(__file__).parents[1] / "locale")
