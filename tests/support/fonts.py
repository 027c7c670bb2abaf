"""Which characters the fonts of documents have.

``python -m tests.support.fonts`` prints the table of ``services/common/documents/characters.py``
anew, after other fonts were installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

from services.common.documents.fonts import FAMILIES


def ranges_of_fonts() -> list[tuple[int, int]]:
    """The code points that one of the families has in all its weights, as ranges: first and last
    included, in order."""
    points = set[int]().union(
        *(set.intersection(*(_mapped(each) for each in family)) for family in FAMILIES)
    )
    found: list[tuple[int, int]] = []
    for point in sorted(points):
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def _mapped(path: Path) -> set[int]:
    """The code points that a font maps to a glyph."""
    with TTFont(path) as font:
        return set(font.getBestCmap())


if __name__ == "__main__":
    for first, last in ranges_of_fonts():
        sys.stdout.write(f"    (0x{first:X}, 0x{last:X}),\n")
