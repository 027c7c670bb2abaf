"""CSV as spreadsheets write and read it.

Written: UTF-8 with a byte order mark, by which spreadsheets know it, and inert: a text that a
spreadsheet would run as a formula gets an apostrophe before it. Numbers stay numbers, and a
telephone number such as +963… stays as it is. What was written reads back unchanged.

Read: any encoding, delimiter and kind of digits that people's spreadsheets use, within bounds.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.common import errors
from services.common.errors import ErrorCode, FieldError, Invalid
from services.common.folding import fold
from services.common.languages import DEFAULT_LANGUAGE, direction_of, listed
from services.common.seeing import is_seen

Cell = str | int | float | Decimal | None

CONTENT_TYPE = "text/csv"
_BYTE_ORDER_MARK = "\ufeff"

LARGEST = 2 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 100
LONGEST_CELL = 10_000
_GUESSED = "cp1256"
NONE = "—"
"""In a refusal, where there is nothing to name."""

UNKNOWN_ENCODING = ErrorCode(
    "csv.unknown_encoding",
    Invalid,
    "The file is in none of the encodings that are read: UTF-8, UTF-16 and Windows-1256.",
)
TOO_LARGE = ErrorCode(
    "csv.too_large",
    Invalid,
    "The file has more than `kibibytes` KiB, `rows` rows, `columns` columns, or `characters` "
    "characters in a cell.",
    params=("kibibytes", "rows", "columns", "characters"),
)
UNREADABLE = ErrorCode(
    "csv.unreadable",
    Invalid,
    "The row `row` cannot be separated into cells: a quote is open, or it has too many cells.",
    params=("row",),
)
HEADINGS_UNFIT = ErrorCode(
    "csv.headings_unfit",
    Invalid,
    "The headings lack `missing`, or hold the unknown or repeated `unknown`; a dash where none.",
    params=("missing", "unknown"),
)
EMPTY = ErrorCode("csv.empty", Invalid, "The file holds no table, not even headings.")
CODES = (UNKNOWN_ENCODING, TOO_LARGE, UNREADABLE, HEADINGS_UNFIT, EMPTY)


# -- writing --------------------------------------------------------------------------------------

_DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9"
_HARMLESS = re.compile(
    rf"[+-]?[{_DIGITS}]+(?:[.,\u066b\u066c][{_DIGITS}]+)*(?:[eE][+-]?[0-9]+)?%?"  # a number
    rf"|\+[{_DIGITS}][{_DIGITS} ().-]*"  # a telephone number
)
# Where a cell begins for a spreadsheet that separates by something else, too.
_SEPARATORS = re.compile("([;\t\r\n])")
_FORMULA = frozenset("=+-@\u2212")


def write(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as text, RFC 4180, a byte order mark before it.

    Args:
        headings: in the reader's language.
        rows: with a cell for each heading. A number is written as one, ``None`` as nothing.
    """
    out = io.StringIO()
    out.write(_BYTE_ORDER_MARK)
    lines = csv.writer(out)
    lines.writerow([_inert(each) for each in headings])
    for row in rows:
        lines.writerow([_inert(each) if isinstance(each, str) else each for each in row])
    return out.getvalue()


def _inert(text: str) -> str:
    """The text with an apostrophe before each part that would be run as a formula.

    A part that has apostrophes there already gets one more, so that :func:`_as_written` can
    distinguish them.
    """
    return "".join(f"'{part}" if _runs(part) else part for part in _SEPARATORS.split(text))


# What people write so that a spreadsheet leaves the digits of a telephone number alone.
_DIGITS_AS_TEXT = re.compile(rf'="(\+?[{_DIGITS} ]*)"')


def _as_written(cell: str) -> str:
    """The text from which :func:`_inert` made the cell."""
    if digits := _DIGITS_AS_TEXT.fullmatch(cell):
        return digits[1]
    return "".join(
        part[1:] if part.startswith("'") and _runs(part) else part
        for part in _SEPARATORS.split(cell)
    )


def _runs(part: str) -> bool:
    """Whether a spreadsheet would run it, but for apostrophes before it.

    Blanks and what is not seen are passed over, and full-width forms are as good as the others.
    """
    seen = "".join(
        character for character in part.lstrip("'") if character != '"' and is_seen(character)
    )
    first = unicodedata.normalize("NFKC", seen[:1])
    return first in _FORMULA and not _HARMLESS.fullmatch(part.lstrip("'").strip())


# -- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that was read.

    Attributes:
        number: of the line on which it ends, as a spreadsheet or an editor counts.
        cells: as many as there are headings; spaces around a text are part of it.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read.

    Attributes:
        guessed: whether any bytes are a text in the encoding in which it was read.
    """

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    guessed: bool = False

    def by_name(
        self,
        names: Mapping[str, Collection[str]],
        optional: Collection[str] = (),
        *,
        language: str = DEFAULT_LANGUAGE,
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's number and its cells under the names of their columns, in any order.

        Args:
            names: of a column → the headings that it may have, as of all languages; spelled as
                people spell them (:func:`services.common.folding.fold`).
            optional: names of the columns that may be missing.
            language: in which missing headings are named.

        Raises:
            errors.Invalid: ``csv.headings_unfit``; ``csv.unknown_encoding`` where no heading is
                known of a text whose encoding was guessed.
        """
        known = {fold(heading): name for name, of in names.items() for heading in (name, *of)}
        found = [known.get(fold(heading)) for heading in self.headings]
        if self.guessed and not any(found):
            raise UNKNOWN_ENCODING()
        times = Counter(found)
        unfit = [
            heading
            for heading, name in zip(self.headings, found, strict=True)
            if name is None or times[name] > 1
        ]
        missing = [
            heading_of((*of, name), language)
            for name, of in names.items()
            if name not in times and name not in optional
        ]
        if unfit or missing:
            raise HEADINGS_UNFIT(missing=_named(missing, language), unknown=_named(unfit, language))
        columns = [str(name) for name in found]
        return ((row.number, dict(zip(columns, row.cells, strict=True))) for row in self.rows)


def read(data: bytes, *, largest: int = LARGEST, most_rows: int = MOST_ROWS) -> Table:
    """A table from the bytes of a file: UTF-8 with or without a byte order mark, UTF-16 or
    Windows-1256; separated by commas, semicolons or tabs. Rows that are empty are left out.

    Args:
        largest: in bytes.
        most_rows: beside the headings.

    Raises:
        errors.Invalid: ``csv.unknown_encoding``, ``csv.too_large``, ``csv.unreadable``, or
            ``csv.empty``.
    """
    too_large = TOO_LARGE(
        kibibytes=largest // 1024,
        rows=most_rows,
        columns=MOST_COLUMNS,
        characters=LONGEST_CELL,
    )
    if len(data) > largest:
        raise too_large
    encoding = _encoding_of(data)
    rows = _rows(_text_of(data, encoding), too_large)
    headings = next(rows, None)
    if headings is None:
        raise EMPTY()
    width = len(headings.cells)
    while not headings.cells[width - 1].strip():
        width -= 1
    found: list[Row] = []
    for row in rows:
        if len(found) >= most_rows:
            raise too_large
        if any(row.cells[width:]):
            raise UNREADABLE(row=row.number)
        cells = (*row.cells[:width], *[""] * (width - len(row.cells)))
        found.append(Row(row.number, cells))
    return Table(headings.cells[:width], tuple(found), guessed=encoding == _GUESSED)


def _text_of(data: bytes, encoding: str) -> str:
    """Raises:
    errors.Invalid: ``csv.unknown_encoding``.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UNKNOWN_ENCODING() from error
    # No text has these; pictures, archives and other encodings read as one do.
    if any(
        unicodedata.category(each) in {"Cc", "Cn"} and each not in "\t\r\n" for each in set(text)
    ):
        raise UNKNOWN_ENCODING()
    return text.removeprefix(_BYTE_ORDER_MARK)


def _encoding_of(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: every comma, digit and line end of UTF-16 has a byte that is nothing.
    even, odd = data[::2].count(0), data[1::2].count(0)
    if even or odd:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte is a letter of Windows-1256. Damaged UTF-8 read so would be noise.
        read = data.decode("utf-8", errors="replace")
        whole = sum(each > "\x7f" and each != "\ufffd" for each in read)
        return "utf-8" if whole > read.count("\ufffd") else _GUESSED
    return "utf-8"


def _rows(text: str, too_large: errors.MasahaError) -> Iterator[Row]:
    first, _, rest = text.partition("\n")
    delimiter = ""
    if match := re.fullmatch(r"sep=([,;\t])\r?", first):
        delimiter, text = match[1], rest
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter or _delimiter_of(text), strict=True
    )
    skipped = 1 if delimiter else 0
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS or any(len(each) > LONGEST_CELL for each in cells):
                raise too_large
            if any(each.strip() for each in cells):
                yield Row(reader.line_num + skipped, tuple(_as_written(each) for each in cells))
    except csv.Error as error:
        raise UNREADABLE(row=reader.line_num + skipped) from error


def _delimiter_of(text: str) -> str:
    """What separates the headings: of the three the one that makes most of them."""

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), ()))
        except csv.Error:
            return 0

    return max(",;\t", key=cells)


def _named(headings: Sequence[str], language: str) -> str:
    return listed((each.strip() or NONE for each in headings), language)[:200] or NONE


def heading_of(headings: Sequence[str], language: str) -> str:
    """The first heading in the script of a language; where there is none, the first of all."""
    latin = direction_of(language) == "ltr"
    return next((each for each in headings if each.isascii() is latin), headings[0])


# -- numbers in cells -----------------------------------------------------------------------------

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]{1,2}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_SIGNS = str.maketrans("\u066b\u066c\u2212\uff0b\uff0d", ".,-+-")


def with_ascii_digits(text: str) -> str:
    """The text with Arabic-Indic, Persian and full-width digits as 0–9."""
    return "".join(
        str(unicodedata.digit(each)) if each.isdecimal() and not each.isascii() else each
        for each in text
    )


def number_of(cell: str, pointer: str = "") -> int | Decimal:
    """The number that a person meant: with any digits, ``٫`` or ``.`` (``,`` before one or two
    digits) as decimal sign, and ``٬`` or ``,`` between groups of three.

    Args:
        pointer: of the cell, for the refusal.

    Raises:
        errors.Invalid: it is none.
    """
    text = with_ascii_digits(cell).translate(_SIGNS)
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Zs"})
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise errors.Invalid(errors=[FieldError(pointer, "number")])
    return Decimal(text) if "." in text else int(text)
