"""Whether a file is built as its format says, from its first part to its end: a signature alone is
written by anybody.

Only the structure is read. What a picture shows or a document says is not looked at, so nothing is
unpacked that may be far larger than the file.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

Part = tuple[bytes, bytes]
"""The type of a part of a file, and what the part holds."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PDF_HEADER = re.compile(rb"%PDF-[12]\.\d")
_PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
#: A reader looks for the end of a PDF file in its last 1,024 bytes (ISO 32000, annex H); some
#: programs add a little more.
_PDF_END = 2_048

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
#: Markers of a frame, which says how large the picture is.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Markers without a length: they are not to come before the picture's data.
_BARE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_FRAME = struct.Struct(">BHH")


def is_whole(ending: str, data: bytes) -> bool:
    """Whether a file has the structure of its format, and an end.

    Args:
        ending: of the file's name, one of :data:`CHECKS`.
    """
    return CHECKS[ending](data)


def _is_png(data: bytes) -> bool:
    """Chunks with their sums, from IHDR to IEND (PNG, third edition, 5); nothing after them."""
    if not data.startswith(_PNG):
        return False
    chunks = list(_png_chunks(data))
    if not chunks or b"".join(_bytes_of_png(chunks)) != data:
        return False
    (first, header), (last, end) = chunks[0], chunks[-1]
    if (first, len(header), last, end) != (b"IHDR", 13, b"IEND", b""):
        return False
    picture = next((held for name, held in chunks if name == b"IDAT"), None)
    return 0 not in struct.unpack(">II", header[:8]) and picture is not None and _is_zlib(picture)


def _png_chunks(data: bytes) -> Iterator[Part]:
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, held = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        yield name, held
        at += 12 + length
        if name == b"IEND":
            return


def _bytes_of_png(chunks: list[Part]) -> Iterator[bytes]:
    yield _PNG
    for name, held in chunks:
        yield struct.pack(">I", len(held)) + name + held
        yield struct.pack(">I", zlib.crc32(name + held))


def _is_zlib(data: bytes) -> bool:
    try:
        zlib.decompressobj().decompress(data, 1)
    except zlib.error:
        return False
    return True


def _is_jpeg(data: bytes) -> bool:
    """Segments with a frame, before the data of the picture and its end (ITU T.81, annex B). Phones
    put more after the end."""
    if data[:2] != bytes((0xFF, _SOI)):
        return False
    at, framed = 2, False
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF:
            # A byte that fills up.
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _BARE or marker in (_SOI, _EOI) or length < 2 or at + 2 + length > len(data):
            return False
        if marker in _FRAMES:
            framed = length >= 8 and 0 not in _FRAME.unpack_from(data, at + 4)[1:]
        at += 2 + length
        if marker == _SOS:
            return framed and data.find(bytes((0xFF, _EOI)), at) > at
    return False


def _is_webp(data: bytes) -> bool:
    """A RIFF file of the length that it says, with a picture in its chunks (RFC 9649)."""
    if len(data) < 12 or (data[:4], data[8:12]) != (b"RIFF", b"WEBP"):
        return False
    end = 8 + int.from_bytes(data[4:8], "little")
    if end != len(data):
        return False
    at, names = 12, []
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        names.append(data[at : at + 4])
        # Chunks begin at even places.
        at += 8 + length + length % 2
    pictures = {b"VP8 ", b"VP8L", b"ANMF"}
    return at == end and names[0] in {b"VP8 ", b"VP8L", b"VP8X"} and not pictures.isdisjoint(names)


def _is_pdf(data: bytes) -> bool:
    """A header, an object and an end (ISO 32000-1, 7.5)."""
    return (
        _PDF_HEADER.match(data) is not None
        and _PDF_OBJECT.search(data) is not None
        and b"%%EOF" in data.rstrip(b"\x00 \t\r\n")[-_PDF_END:]
    )


CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    ".pdf": _is_pdf,
    ".png": _is_png,
    ".jpg": _is_jpeg,
    ".jpeg": _is_jpeg,
    ".webp": _is_webp,
}
"""Ending → whether a file has the structure of that format."""
