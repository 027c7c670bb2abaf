"""Which files are taken, and how they are served."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook
from PIL import Image

from services.common import errors
from services.common.contracts.files import LARGEST
from services.common.files.checking import check_file, headers_for


def picture(kind: str, **how: Any) -> bytes:
    """A picture as a program writes it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 10, 10)).save(out, kind, **how)
    return out.getvalue()


PNG, JPEG, WEBP = picture("PNG"), picture("JPEG"), picture("WEBP")
SIGNATURES = {"a.png": PNG[:8], "a.jpg": JPEG[:20], "a.webp": WEBP[:16], "a.pdf": b"%PDF-1.7\n"}
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF"


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


DOCX = zipped(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
ODT_TYPE = "application/vnd.oasis.opendocument.text"
ODT = zipped(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<o/>"})


BLUE = Image.new("RGB", (40, 30), (0, 0, 250))


def named(value: object) -> str | None:
    """The name of a case: not its bytes, in which a packed file has the time."""
    return "bytes" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("تقرير.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
        ("photo.jpeg", picture("JPEG", progressive=True), "image/jpeg"),
        ("of-a-phone.jpg", JPEG + b"its film" * 9, "image/jpeg"),
        ("a.webp", WEBP, "image/webp"),
        ("lossless.webp", picture("WEBP", lossless=True), "image/webp"),
        ("moving.webp", picture("WEBP", save_all=True, append_images=[BLUE]), "image/webp"),
        ("plan.docx", DOCX, None),
        ("list.xlsx", xlsx(), None),
        ("letter.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("note.txt", "مرحباً\n".encode(), "text/plain"),
        ("list.csv", "الاسم;العدد".encode("cp1256"), "text/csv"),
        ("list.csv", "الاسم".encode("utf-16"), "text/csv"),
    ],
    ids=named,
)
def test_a_file_is_what_its_content_says(name: str, data: bytes, content_type: str | None) -> None:
    file = check_file(name, data)
    assert file.name == name
    assert content_type in (None, file.content_type)
    assert (file.size, len(file.sha256)) == (len(data), 64)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", PNG, "not_as_named"),
        ("a.png", b"<html><script>alert(1)</script>", "not_as_named"),
        ("a.docx", xlsx(), "not_as_named"),
        ("a.docx", zipped(a="1"), "not_as_named"),
        ("a.docx", DOCX[:40], "not_as_named"),
        ("a.odt", zipped(mimetype="application/zip"), "not_as_named"),
        ("a.txt", b"MZ\x90\x00\x03", "not_as_named"),
        ("a.csv", b"a\x00b", "not_as_named"),
        (
            "a.xlsx",
            zipped(
                **{
                    "[Content_Types].xml": "<T/>",
                    "xl/workbook.xml": "<w/>",
                    "xl/vbaProject.bin": "",
                }
            ),
            "not_as_named",
        ),
        ("a.exe", b"MZ", "type_not_taken"),
        ("a.svg", b"<svg/>", "type_not_taken"),
        ("a.html", b"<html>", "type_not_taken"),
        ("a.pdf.exe", PDF, "type_not_taken"),
        ("pdf", PDF, "type_not_taken"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", PDF + b"0" * LARGEST, "too_large"),
        ("a\u202efdp.exe.pdf", PDF, "name_invalid"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "name_invalid"),
        ("/", PDF, "name_invalid"),
        ("x" * 151 + ".pdf", PDF, "name_invalid"),
    ],
    ids=named,
)
def test_what_is_not_taken_is_refused_with_the_reason(name: str, data: bytes, code: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        check_file(name, data)
    assert refusal.value.code == f"files.{code}"


@pytest.mark.parametrize("name", SIGNATURES)
@pytest.mark.parametrize("rest", [b"\x00" * 64, b"<script>alert(1)</script>" * 9], ids=["0", "1"])
def test_a_signature_alone_is_no_file(name: str, rest: bytes) -> None:
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file(name, SIGNATURES[name] + rest)


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", PNG), ("a.jpg", JPEG), ("a.webp", WEBP), ("a.pdf", PDF), ("a.xlsx", xlsx())],
    ids=named,
)
def test_a_file_that_was_cut_off_is_not_taken(name: str, data: bytes) -> None:
    for kept in (len(data) // 3, len(data) // 2, len(data) - 6):
        with pytest.raises(errors.Invalid, match="not_as_named"):
            check_file(name, data[:kept])


@pytest.mark.parametrize("place", [20, 45, -20])
def test_a_picture_with_another_byte_is_damaged(place: int) -> None:
    damaged = bytearray(PNG)
    damaged[place] ^= 1
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file("a.png", bytes(damaged))


@pytest.mark.parametrize(("name", "data"), [("a.png", PNG), ("a.webp", WEBP)], ids=named)
def test_nothing_hides_behind_a_picture(name: str, data: bytes) -> None:
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file(name, data + b"PK\x03\x04 another file")


MACROS_TYPE = '<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("a.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "garbage"}),
        ("a.docx", {"[Content_Types].xml": MACROS_TYPE, "word/document.xml": "<w/>"}),
        ("a.odt", {"mimetype": ODT_TYPE, "content.xml": "garbage"}),
        ("a.odt", {"mimetype": ODT_TYPE}),
        ("a.odt", {"mimetype": ODT_TYPE, "content.xml": "<o/>", "Basic/Standard/a.xml": "<x/>"}),
    ],
)
def test_a_document_is_more_than_names_in_a_zip(name: str, members: dict[str, str]) -> None:
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file(name, zipped(**members))


def test_a_part_of_a_document_that_is_damaged_is_found() -> None:
    whole = zipped(
        **{"[Content_Types].xml": "<T/>", "word/document.xml": "<w/>", "m.png": "x" * 99}
    )
    damaged = bytearray(whole)
    damaged[whole.index(b"m.png") + 8] ^= 255
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file("a.docx", bytes(damaged))


def test_a_document_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zipped(
        **{
            "[Content_Types].xml": "<T/>",
            "word/document.xml": "<w/>",
            "x": "0" * (101 * 1024 * 1024),
        }
    )
    assert len(bomb) < LARGEST
    with pytest.raises(errors.Invalid, match="not_as_named"):
        check_file("a.docx", bomb)


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "C:\\secret\\passwd.txt"])
def test_a_folder_before_the_name_is_dropped(name: str) -> None:
    assert check_file(name, b"text").name == "passwd.txt"


def test_a_file_is_served_as_an_attachment_that_nobody_keeps() -> None:
    headers = headers_for('تقرير "1".pdf', "application/pdf")
    assert headers["Cache-Control"] == "no-store"
    disposition = headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert "%D8%AA%D9%82%D8%B1%D9%8A%D8%B1%20%221%22.pdf" in disposition
