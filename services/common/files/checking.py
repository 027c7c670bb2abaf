"""Which files are taken: by size, name and content, never by what the sender claims."""

from __future__ import annotations

import codecs
import hashlib
import io
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import puremagic
from marshmallow import ValidationError

from services.common.contracts.fields import text
from services.common.contracts.files import LARGEST, LONGEST_NAME
from services.common.contracts.files_errors import (
    FILE_EMPTY,
    FILE_NAME_INVALID,
    FILE_NOT_AS_NAMED,
    FILE_TOO_LARGE,
    FILE_TYPE_NOT_TAKEN,
)
from services.common.files.structure import is_whole

#: A document of an office program is a zip file, which may hold far more than its size.
LARGEST_UNPACKED = 100 * 1024 * 1024

#: Ending → content type under which the file is served.
TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".txt": "text/plain",
    ".csv": "text/csv",
}
_MAIN_PARTS: Mapping[str, str] = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
}
_TYPES_OF_PARTS = "[Content_Types].xml"
_OPEN_DOCUMENTS = frozenset({".odt", ".ods"})
_CONTENT = "content.xml"
_TEXTS = frozenset({".txt", ".csv"})
_TEXT_ENCODINGS = ("utf-8-sig", "utf-16", "cp1256")
_NAME = text(LONGEST_NAME)

# Of documents, archives, pictures, programs and markup; in small letters.
_OTHER_BEGINNINGS = (
    *(b"%pdf-", b"pk\x03\x04", b"pk\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"),
    *(b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"bzh9"),
    *(b"\x89png", b"\xff\xd8\xff", b"gif8", b"mz\x90", b"\x7felf"),
    *(b"<!doctype", b"<html", b"<?xml", b"<svg", b"<table", b"<script"),
)
_LONGEST_BEGINNING = 100


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that is taken.

    Attributes:
        name: as people see it, without any folder.
        content_type: by its content.
        sha256: of the bytes, in hex.
    """

    name: str
    content_type: str
    size: int
    sha256: str
    data: bytes


def check_file(
    name: str, data: bytes, *, largest: int = LARGEST, types: Collection[str] = TYPES
) -> CheckedFile:
    """What a file really is, if it is one of :data:`TYPES`.

    Args:
        name: as the sender calls it; a folder before it is dropped.
        largest: in bytes.
        types: the endings that are taken, of :data:`TYPES`.

    Raises:
        errors.Invalid: ``files.name_invalid``, ``files.empty``, ``files.too_large``,
            ``files.type_not_taken`` or ``files.not_as_named``.
    """
    name = _clean(name)
    if not data:
        raise FILE_EMPTY()
    if len(data) > largest:
        raise FILE_TOO_LARGE(megabytes=largest // (1024 * 1024))
    ending = PurePosixPath(name).suffix.lower()
    if ending not in types:
        raise FILE_TYPE_NOT_TAKEN(types=", ".join(sorted(each[1:] for each in types)))
    if not _is(ending, data):
        raise FILE_NOT_AS_NAMED(name=name)
    return CheckedFile(name, TYPES[ending], len(data), hashlib.sha256(data).hexdigest(), data)


def _clean(name: str) -> str:
    try:
        cleaned: str = _NAME.deserialize(name.replace("\\", "/").rpartition("/")[2])
    except ValidationError as error:
        raise FILE_NAME_INVALID() from error
    return cleaned


def _is(ending: str, data: bytes) -> bool:
    if ending in _TEXTS:
        return _is_text(data)
    try:
        found = {match.extension for match in puremagic.magic_string(data)}
    except puremagic.PureError:
        return False
    if ending in _MAIN_PARTS or ending in _OPEN_DOCUMENTS:
        return _is_document(ending, data)
    return ending in found and is_whole(ending, data)


def _is_document(ending: str, data: bytes) -> bool:
    """Whether a zip file is the document that it is named, whole; one with macros is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {each.filename for each in members}
            if sum(each.file_size for each in members) > LARGEST_UNPACKED:
                return False
            if any(map(_is_macro, names)) or archive.testzip() is not None:
                return False
            if ending in _MAIN_PARTS:
                needed = {_TYPES_OF_PARTS, _MAIN_PARTS[ending]}
                return (
                    needed <= names
                    and all(_is_xml(archive, each) for each in needed)
                    and b"macroenabled" not in archive.read(_TYPES_OF_PARTS).lower()
                )
            return (
                _mimetype_of(archive, names) == TYPES[ending]
                and _CONTENT in names
                and _is_xml(archive, _CONTENT)
            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError):
        # Damaged; compressed in a way that zipfile lacks; encrypted: nobody can look into it.
        return False


def _is_macro(name: str) -> bool:
    """Whether a part of a document is a program: of Microsoft's formats, or of OpenDocument."""
    folder, _, last = name.lower().rpartition("/")
    return last == "vbaproject.bin" or folder.partition("/")[0] in ("basic", "scripts")


def _is_xml(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a part begins as XML does; it is not parsed."""
    with archive.open(name) as file:
        begin = file.read(200)
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if begin.startswith(mark):
            return begin[2:].decode(encoding, "replace").lstrip().startswith("<")
    return begin.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _mimetype_of(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    """What an OpenDocument file says that it is (OpenDocument 1.3, part 2, 3.3)."""
    if "mimetype" not in names:
        return None
    with archive.open("mimetype") as file:
        return file.read(100).decode("ascii", "replace").strip()


def is_other_than_text(data: bytes) -> bool:
    """Whether the bytes begin as a file of another kind does: one that was only given the ending of
    a text, such as a workbook or a page that was saved from a browser."""
    begins = data[:_LONGEST_BEGINNING].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return begins.startswith(_OTHER_BEGINNINGS)


def _is_text(data: bytes) -> bool:
    for encoding in _TEXT_ENCODINGS:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            decoded = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(c < " " and c not in "\t\n\r\f" for c in decoded)
    return False


def headers_for(name: str, content_type: str) -> dict[str, str]:
    """How a file is served: never shown in the page and never cached (RFC 6266). That its type
    is not to be guessed at, the gateway says of all answers."""
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {
        "Content-Type": content_type,
        "Content-Disposition": disposition,
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def document_of(file: CheckedFile) -> dict[str, Any]:
    """The facts about a file, without its bytes."""
    return {
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }
