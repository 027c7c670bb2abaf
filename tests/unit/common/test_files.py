"""Which files are taken, and how they are served."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from services.common import errors
from services.common.contracts.files import LARGEST
from services.common.files.checking import check_file, headers_for

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 32
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
ODT = zipped(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<o/>"})


def named(value: object) -> str | None:
    """The name of a case: not its bytes, in which a packed file has the time."""
    return "bytes" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("تقرير.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
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
            zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": "", "xl/vbaProject.bin": "x"}),
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


def test_a_document_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zipped(
        **{"[Content_Types].xml": "", "word/document.xml": "", "x": "0" * (101 * 1024 * 1024)}
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
    assert headers["X-Content-Type-Options"] == "nosniff"
    disposition = headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert "%D8%AA%D9%82%D8%B1%D9%8A%D8%B1%20%221%22.pdf" in disposition
