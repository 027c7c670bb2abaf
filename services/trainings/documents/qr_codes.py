"""QR codes that phones read from paper (ISO/IEC 18004)."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno

MODULE = 0.45
"""Millimetres of a module: what the camera of a plain phone tells apart at a hand's distance."""
SMALLEST = 38.0
"""Millimetres of a code's side, so that a short text has no tiny code."""
_QUIET = 4
# Up to this version a code stays small enough to bear 15 % of damage; a larger one bears 7 %.
_LARGEST_ROBUST = 20


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code.

    Attributes:
        svg: the picture, with its quiet zone.
        width: millimetres that its side needs to be read, quiet zone included.
        version: 1 … 40.
        level: of error correction, ``M`` or ``L``.
    """

    svg: str
    width: float
    version: int
    level: str


def draw_qr_code(text: str) -> QrCode:
    """The QR code of a text.

    Raises:
        ValueError: if no code holds so much.
    """
    code = segno.make_qr(text, error="m", boost_error=False)
    if int(code.version) > _LARGEST_ROBUST:
        code = segno.make_qr(text, error="l", boost_error=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=_QUIET, xmldecl=False, svgns=True, omitsize=True)
    modules = code.symbol_size(border=_QUIET)[0]
    width = max(SMALLEST, modules * MODULE)
    return QrCode(out.getvalue().decode(), width, int(code.version), str(code.error))
