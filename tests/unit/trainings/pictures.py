"""What a page of a PDF looks like: its picture, where its ink is, and which of two texts it shows.

The picture is made by PDFium and compared with letters that Pillow draws, so that the typesetter is
not its own judge. Text that is taken out of the file serves to find a place, never to judge it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

SCALE = 4  # pixels of a point: 288 to the inch
_DARK = 128


@dataclass(frozen=True)
class Box:
    """A part of a picture, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


class Page:
    """The first page of a PDF, or another one.

    Attributes:
        picture: black on white, the ink of any colour black.
        pages: how many the PDF has.
    """

    def __init__(self, pdf: bytes, number: int = 0) -> None:
        document = pypdfium2.PdfDocument(pdf)
        self.pages = len(document)
        page = document[number]
        self._text = page.get_textpage()
        self._height = page.get_height()
        grey = page.render(scale=SCALE, grayscale=True).to_pil().convert("L")
        self.picture = grey.point(lambda value: 255 if value > 200 else 0)

    def bands(self, area: Box, gap: int) -> list[Box]:
        """The boxes of ink, from top to bottom, with more empty rows between them than the gap."""
        part = self._part(area)
        rows = [
            row for row in range(part.height) if part.crop((0, row, part.width, row + 1)).getbbox()
        ]
        groups: list[list[int]] = []
        for row in rows:
            if groups and row - groups[-1][-1] - 1 <= gap:
                groups[-1].append(row)
            else:
                groups.append([row])
        found = []
        for group in groups:
            box = part.crop((0, group[0], part.width, group[-1] + 1)).getbbox()
            assert box
            found.append(
                Box(
                    area.left + box[0],
                    area.top + group[0],
                    area.left + box[2],
                    area.top + group[-1] + 1,
                )
            )
        return found

    def place(self, text: str) -> Box:
        """Where a text of one direction stands, by the boxes of its characters."""
        found = self._text.search(text).get_next()
        assert found, f"{text} is not on the page"
        boxes = [self._text.get_charbox(found[0] + n) for n in range(found[1])]
        return Box(
            int(min(box[0] for box in boxes) * SCALE) - 2,
            int((self._height - max(box[3] for box in boxes)) * SCALE) - 2,
            int(max(box[2] for box in boxes) * SCALE) + 3,
            int((self._height - min(box[1] for box in boxes)) * SCALE) + 3,
        )

    def difference(self, area: Box, text: str, font: str, style: str | None = None) -> float:
        """How far the ink of a part is from a text of letters that are not joined, and digits: 0
        is the same picture, 1 its opposite.

        Args:
            style: of a variable font.
        """
        part = self._part(area)
        ink = part.getbbox()
        assert ink, "there is no ink"
        part = part.crop(ink)
        drawn = _drawn(text, font, style).resize(part.size)
        return float(ImageStat.Stat(ImageChops.difference(part, drawn)).mean[0]) / 255

    def blobs(self, area: Box) -> list[Box]:
        """The connected pieces of ink: letters that are joined are one."""
        part = self._part(area)
        pixels = part.load()
        assert pixels
        dark = {
            (x, y)
            for x in range(part.width)
            for y in range(part.height)
            if pixels[x, y] > _DARK  # type: ignore[operator]
        }
        return [
            Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1)
            for piece in _pieces(dark)
            for xs, ys in [([x for x, _ in piece], [y for _, y in piece])]
        ]

    def _part(self, area: Box) -> Image.Image:
        """A part with the ink white on black."""
        crop = self.picture.crop((area.left, area.top, area.right, area.bottom))
        return ImageChops.invert(crop)


def _pieces(dark: set[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    left = set(dark)
    while left:
        waiting = deque([left.pop()])
        piece = []
        while waiting:
            x, y = waiting.popleft()
            piece.append((x, y))
            for near in [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]:
                if near in left:
                    left.remove(near)
                    waiting.append(near)
        yield piece


def _drawn(text: str, font: str, style: str | None) -> Image.Image:
    """A text white on black, cut to its ink."""
    letters = ImageFont.truetype(font, 160)
    if style is not None:
        letters.set_variation_by_name(style)
    width = int(letters.getlength(text)) + 80
    picture = Image.new("L", (width, 400), 0)
    ImageDraw.Draw(picture).text((40, 100), text, font=letters, fill=255)
    box = picture.getbbox()
    assert box
    return picture.crop(box)
