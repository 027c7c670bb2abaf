"""The fonts of documents: where they are installed."""

from __future__ import annotations

import fontpkg_amiri
import fontpkg_noto_serif

AMIRI, NOTO_SERIF = (each.ROOT / "files" for each in (fontpkg_amiri, fontpkg_noto_serif))
FOLDERS = (AMIRI, NOTO_SERIF)
FAMILIES = (
    (AMIRI / "Amiri-Regular.ttf", AMIRI / "Amiri-Bold.ttf"),
    (NOTO_SERIF / "NotoSerif[wdth,wght].ttf",),
)
"""The files of each family that documents use, upright: regular and bold, where they are two."""
