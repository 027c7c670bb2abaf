"""The fonts of documents, and which characters they have.

``python -m services.common.documents.fonts`` prints the table of ``characters.py`` anew, after
other fonts were installed.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import fontpkg_amiri
import fontpkg_noto_serif

FOLDERS = tuple(each.ROOT / "files" for each in (fontpkg_amiri, fontpkg_noto_serif))
#: The files of each family that documents use, upright: regular and bold, where they are two.
_FAMILIES = (
    (FOLDERS[0] / "Amiri-Regular.ttf", FOLDERS[0] / "Amiri-Bold.ttf"),
    (FOLDERS[1] / "NotoSerif[wdth,wght].ttf",),
)
_SEGMENTED_COVERAGE = 12
_SEGMENT_MAPPING = 4


def characters() -> set[int]:
    """The code points that one of the families has in all its weights."""
    return set[int]().union(
        *(set.intersection(*(_mapped(each) for each in family)) for family in _FAMILIES)
    )


def ranges(points: set[int]) -> list[tuple[int, int]]:
    """The code points as ranges, first and last included, in order."""
    found: list[tuple[int, int]] = []
    for point in sorted(points):
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def _mapped(path: Path) -> set[int]:
    """The code points that a font maps to a glyph: its table ``cmap`` (OpenType 1.9)."""
    data = path.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    directory = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * tables, 16)
    }
    table = directory[b"cmap"]
    (count,) = struct.unpack_from(">H", data, table + 2)
    points: set[int] = set()
    for number in range(count):
        (offset,) = struct.unpack_from(">I", data, table + 8 + 8 * number)
        at = table + offset
        (kind,) = struct.unpack_from(">H", data, at)
        if kind == _SEGMENTED_COVERAGE:
            points |= _covered(data, at)
        elif kind == _SEGMENT_MAPPING:
            points |= _segments(data, at)
    return points


def _covered(data: bytes, at: int) -> set[int]:
    """Of a subtable of format 12."""
    (groups,) = struct.unpack_from(">I", data, at + 12)
    points: set[int] = set()
    for number in range(groups):
        first, last = struct.unpack_from(">II", data, at + 16 + 12 * number)
        points.update(range(first, last + 1))
    return points


def _segments(data: bytes, at: int) -> set[int]:
    """Of a subtable of format 4; its last segment ends at 0xFFFF, which is no character."""
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", data, at + where)
        for where in (14, 16 + 2 * count, 16 + 4 * count, 16 + 6 * count)
    )
    points: set[int] = set()
    for number in range(count):
        for point in range(starts[number], min(ends[number], 0xFFFE) + 1):
            glyph = point
            if offsets[number]:
                place = 16 + 6 * count + 2 * number + offsets[number]
                (glyph,) = struct.unpack_from(">H", data, at + place + 2 * (point - starts[number]))
                if not glyph:
                    continue
            if (glyph + deltas[number]) & 0xFFFF:
                points.add(point)
    return points


if __name__ == "__main__":
    for first, last in ranges(characters()):
        sys.stdout.write(f"    (0x{first:X}, 0x{last:X}),\n")
