"""CSV is inert and readable when written, and read however a spreadsheet wrote it."""

from __future__ import annotations

import csv as library
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.common import csv, errors

FORMULAS = ["=1+1", "+cmd|x", "-2+cmd", "@SUM(A1)", "＝1+1", "＋cmd", "－1-a", "＠SUM(A1)"]
FORMULAS += ["﹦1", "−cmd", "=HYPERLINK(1)"]
BEFORE = ["", " ", "\t", "\r", "\n", "\u00a0", "\u200b", "\ufeff", "\u202a", "\u2066", " \u200f "]
BEFORE += ['"', "x;", "x; ", "a\n", "a\t "]
# Letters and marks that show nothing.
BEFORE += ["\u3164", "\u2800", "\u034f", "\u115f", "\u17b4", "\ufe0f"]
AS_THEY_ARE = ["-5", "+5", "-5.25", "1e5", "-1,234.5", "+963944123456", "+963 944 123 456"]
AS_THEY_ARE += [
    "+963 (11) 222-3344",
    "+٩٦٣٩٤٤١٢٣٤٥٦",
    "-٥",
    "a-b",
    "a=b",
    "x;5",
    "x;-5",
    "قاعة",
    "'a",
]


def cell_of(value: Any) -> str:
    text = csv.write(["h", "v"], [["x", value]])
    rows = list(library.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    return rows[1][1]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_inert_whatever_is_before_it(before: str, formula: str) -> None:
    cell = cell_of(before + formula)
    for delimiter in ("\n", "\r", "\t", ";"):
        cell = cell.replace(delimiter, "\n")
    assert [part for part in cell.split("\n") if part][-1].startswith("'")


@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_numbers_telephone_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert cell_of(text) == text


@pytest.mark.parametrize(
    ("value", "written"), [(-5, "-5"), (0.5, "0.5"), (Decimal("-1.50"), "-1.50"), (None, "")]
)
def test_a_number_is_written_as_one(value: Any, written: str) -> None:
    assert cell_of(value) == written


def test_headings_are_inert_too() -> None:
    assert csv.write(["=1", "ب"], []) == "\ufeff'=1,ب\r\n"


CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\t\r\n"), max_size=12
) | st.sampled_from([b + f for b in BEFORE for f in FORMULAS] + ["'=1", "''=1", "'", "a;'=1"])


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6))
def test_what_was_written_reads_back_unchanged(rows: list[tuple[str, str, str]]) -> None:
    assume(all(any(row) for row in rows))
    read = csv.read(csv.write(["a", "b", "ج"], rows).encode())
    assert read.headings == ("a", "b", "ج")
    assert [row.cells for row in read.rows] == rows


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_whatever_a_spreadsheet_writes_is_read(
    encoding: str, delimiter: str, line_end: str
) -> None:
    lines = [["الاسم", "العدد"], ["قاعة «أ»، الرقة", "12"], ['ليلى "ل"', "7"]]
    out = io.StringIO()
    library.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(lines)
    table = csv.read(out.getvalue().encode(encoding))
    assert [list(table.headings), *(list(row.cells) for row in table.rows)] == lines
    assert [row.number for row in table.rows] == [2, 3]


def test_a_file_may_name_its_separator_and_have_empty_and_short_rows() -> None:
    table = csv.read(b"sep=;\r\na;b;c\r\n\r\n1,5;2\r\n;;\r\n3;4;5;\r\n")
    assert [(row.number, row.cells) for row in table.rows] == [
        (4, ("1,5", "2", "")),
        (6, ("3", "4", "5")),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x06\x00",
        "الاسم,العدد\nقاعة,1".encode()[:-6] + b"\xd9,1",  # damaged UTF-8
        "a,b\n1,2".encode("utf-32"),
        b"\xff\xfea",
        b"a,b\n\x00,1",
        b"\x01\x02\x03",
    ],
)
def test_no_known_encoding_is_said_clearly(data: bytes) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(data)
    assert refused.value.code == csv.UNKNOWN_ENCODING.code


@pytest.mark.parametrize(
    "data",
    [
        b"a\n" + b"1\n" * 11,
        b"a\n" + b"1" * 2000,
        b",".join([b"a"] * 101),
        b"a\n" + b"x" * (csv.LONGEST_CELL + 1),
    ],
)
def test_what_is_beyond_the_bounds_is_refused(data: bytes) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(data, largest=1024 if len(data) < 5000 else csv.LARGEST, most_rows=10)
    assert refused.value.code == csv.TOO_LARGE.code


@pytest.mark.parametrize(("data", "row"), [(b'a,b\n1,2\n"x,3\n', 3), (b"a,b\n1,2,3\n", 2)])
def test_a_row_that_cannot_be_split_is_named(data: bytes, row: int) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(data)
    assert (refused.value.code, refused.value.params) == (csv.UNREADABLE.code, {"row": row})


NAMES = {"name": ("الاسم", "Name"), "women": ("نساء", "Women")}


def test_columns_are_known_by_their_headings_in_any_language_and_order() -> None:
    for text in ("Women,NAME\n3,x", "نِساء, الاســم \n3,x", "women,name\n3,x"):
        assert list(csv.read(text.encode()).by_name(NAMES)) == [(2, {"women": "3", "name": "x"})]


@pytest.mark.parametrize(("language", "missing"), [("ar", "نساء"), ("en", "Women")])
def test_a_missing_heading_is_named_in_the_language_of_its_reader(
    language: str, missing: str
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(b"Name\nx").by_name(NAMES, language=language)
    assert refused.value.params["missing"] == missing


def test_headings_are_known_however_people_spell_them() -> None:
    names = {"organisation": ("المنظمة", "Organisation"), "disability": ("الإعاقة", "Disability")}
    for text in ("المنظمه,الاعاقه\na,b", "المُنظّمة,الأعاقة\na,b", "organisation :,DISABILITY\na,b"):
        (row,) = csv.read(text.encode()).by_name(names)
        assert row == (2, {"organisation": "a", "disability": "b"})


@pytest.mark.parametrize("encoding", ["iso-8859-6", "cp720", "mac_arabic"])
def test_a_text_in_another_arabic_encoding_is_said_to_be_one(encoding: str) -> None:
    """Windows-1256 has a letter for each byte, so only the headings show that it is another."""
    data = "الاسم,نساء\nهبة,1".encode(encoding)
    with pytest.raises(errors.Invalid) as refused:
        csv.read(data).by_name(NAMES)
    assert refused.value.code == csv.UNKNOWN_ENCODING.code


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b"  \n ,\t\n", b"sep=;\n"])
def test_a_file_of_nothing_is_said_to_be_empty(data: bytes) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(data)
    assert refused.value.code == csv.EMPTY.code


def test_empty_columns_behind_the_last_heading_are_left_out() -> None:
    assert csv.read(b"a,b,,\n1,2,,\n").rows == (csv.Row(2, ("1", "2")),)
    with pytest.raises(errors.Invalid, match=r"csv\.unreadable"):
        csv.read(b"a,b,,\n1,2,3,\n")


def test_digits_that_a_spreadsheet_was_kept_from_reading_are_digits() -> None:
    table = csv.read('a,b\n="0944123456","=""٠٩٤٤"""\n="=1+1",x\n'.encode())
    assert [row.cells for row in table.rows] == [
        ("0944123456", "٠٩٤٤"),
        ('="=1+1"', "x"),
    ]


def test_a_column_that_is_optional_may_be_missing() -> None:
    assert list(csv.read(b"Name\nx").by_name(NAMES, ["women"])) == [(2, {"name": "x"})]


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("Name\nx", {"missing": "نساء", "unknown": "—"}),
        ("Name,Women,Age\n", {"missing": "—", "unknown": "Age"}),
        ("Name,Women,الاسم\n", {"missing": "—", "unknown": "Name، الاسم"}),
        ("Name, ,Women\n", {"missing": "—", "unknown": "—"}),
    ],
)
def test_headings_that_do_not_fit_are_named(text: str, params: dict[str, str]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.read(text.encode()).by_name(NAMES)
    assert (refused.value.code, refused.value.params) == (csv.HEADINGS_UNFIT.code, params)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("١٢", 12),
        ("۱۲", 12),
        ("１２", 12),
        (" -٥ ", -5),
        ("١٫٥", Decimal("1.5")),
        ("1,5", Decimal("1.5")),
        ("١٬٢٣٤", 1234),
        ("1,234.50", Decimal("1234.50")),
        ("−3", -3),
        ("\u200f7", 7),
    ],
)
def test_a_number_is_read_in_any_digits(cell: str, number: int | Decimal) -> None:
    assert csv.number_of(cell) == number


@pytest.mark.parametrize("cell", ["", "x", "1.2.3", "1,23,4", "²", "١٢x", "nan", "1e5", "½"])
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        csv.number_of(cell, "/rows/2/women")
    assert refused.value.errors[0].to_wire()["pointer"] == "/rows/2/women"
