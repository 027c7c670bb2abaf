"""Pictures as SVG: boxes, lines and texts that begin on the side where their language begins.

A picture is data alone: no script, no style sheet, no address. A text is escaped and never becomes
markup. What does not fit into its place ends in an ellipsis, and is whole in the title of its
group, which programs show and screen readers read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from services.common.bidi import POP_ISOLATE, line_direction, one_line
from services.common.languages import direction_of

INK = "#1d3b3a"
PALE = "#5b6b6a"
PAPER = "#ffffff"
_FONTS = "Amiri, 'Noto Naskh Arabic', 'Noto Sans', Tahoma, sans-serif"
_ELLIPSIS = "…"
_ISOLATES = {"rtl": "\u2067", "ltr": "\u2066"}
_BEGINNINGS = {"rtl": "end", "ltr": "start"}
_LINE_HEIGHT = 1.35
# Of the height of the letters. Guessed, since no font is at hand; wide enough for the usual ones.
_WIDTHS = {"W": 1.0, "F": 1.0}
_USUAL_WIDTH = 0.58
_ARABIC_WIDTH = 0.5
_NARROW = frozenset("iljtfrI.,:;'|!()[]اأإآلرزدذو،؛ ")


class Drawing:
    """A picture in the making.

    Args:
        language: decides on which side it begins.
        width, height: in pixels.
        title: what it shows.
    """

    def __init__(self, language: str, width: float, height: float, title: str) -> None:
        self.language = language
        self.direction = direction_of(language)
        self.width = width
        self.height = height
        self._title = title
        self._parts: list[str] = []

    def open_group(self, title: str) -> None:
        """Begin a group; all that follows belongs to it until it is closed."""
        self._parts.append(f"<g><title>{_text(title)}</title>")

    def close_group(self) -> None:
        """End the group."""
        self._parts.append("</g>")

    def draw_box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = PAPER,
        stroke: str = INK,
        radius: float = 6,
    ) -> None:
        """A box; ``x`` is counted from the side on which the language begins."""
        left = self._left(x, width)
        self._parts.append(
            f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius:g}" fill="{fill}" stroke="{stroke}"/>'
        )

    def draw_line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        stroke: str = PALE,
        dashes: str | None = None,
    ) -> None:
        """A line through points."""
        path = " ".join(f"{self._left(x, 0):.1f},{y:.1f}" for x, y in points)
        dashed = "" if dashes is None else f' stroke-dasharray="{dashes}"'
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{stroke}"{dashed}/>')

    def write_lines(
        self,
        lines: Iterable[str],
        x: float,
        y: float,
        *,
        size: float = 14,
        bold: bool = False,
        centred: bool = False,
        fill: str = INK,
    ) -> None:
        """Lines of text below each other, the middle of the first at ``y``.

        Args:
            x: where they begin; their middle where they are centred.
        """
        weight = ' font-weight="bold"' if bold else ""
        for number, line in enumerate(lines):
            # Programs differ in what the attribute `direction` does to the anchor, so there is
            # none: an isolate gives the line its own direction.
            isolate = _ISOLATES[line_direction(line, self.direction)]
            anchor = "middle" if centred else _BEGINNINGS[self.direction]
            self._parts.append(
                f'<text x="{self._left(x, 0):.1f}" y="{y + number * size * _LINE_HEIGHT:.1f}" '
                f'dy="0.35em" font-size="{size:g}" text-anchor="{anchor}" '
                f'fill="{fill}"{weight}>{isolate}{_text(line)}{POP_ISOLATE}</text>'
            )

    def to_svg(self) -> bytes:
        """The picture."""
        title = _text(self._title)
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'xml:lang="{self.language}" '
            f'width="{self.width:.0f}" height="{self.height:.0f}" '
            f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" font-family="{escape(_FONTS)}">'
        )
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        return "".join((head, f"<title>{title}</title>", paper, *self._parts, "</svg>")).encode()

    def _left(self, x: float, width: float) -> float:
        return x if self.direction == "ltr" else self.width - x - width


def fit_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """The words of a text in at most so many lines of this width; the last ends in an ellipsis
    where not all of them fit."""
    lines: list[str] = []
    waiting = one_line(text).split(" ")
    while waiting and len(lines) < most:
        line = waiting.pop(0)
        while waiting and width_of(f"{line} {waiting[0]}", size) <= width:
            line = f"{line} {waiting.pop(0)}"
        lines.append(line)
    if waiting:
        lines[-1] = f"{lines[-1]} {_ELLIPSIS}"
    return [_shorten_line(line, width, size) for line in lines]


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in the units of its size."""
    return size * sum(_width(each) for each in text)


def _width(character: str) -> float:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    if character in _NARROW:
        return 0.36
    if "\u0600" <= character <= "\u06ff":
        return _ARABIC_WIDTH
    return _WIDTHS.get(unicodedata.east_asian_width(character), _USUAL_WIDTH)


def _shorten_line(line: str, width: float, size: float) -> str:
    if width_of(line, size) <= width:
        return line
    kept = line.removesuffix(_ELLIPSIS).rstrip()
    while kept and width_of(kept + _ELLIPSIS, size) > width:
        kept = kept[:-1]
    # A mark without its letter would stand on the ellipsis.
    while kept and unicodedata.category(kept[-1]) in {"Mn", "Cf"}:
        kept = kept[:-1]
    return kept + _ELLIPSIS


def _text(value: str) -> str:
    return escape(one_line(value))
