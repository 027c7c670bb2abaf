"""Tables as workbooks of spreadsheets (Office Open XML), written and read within the bounds of
``services/common/csv.py``.

Written: every text is a text, also one that looks like a formula. Read: the first sheet; of a
formula its last result.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from services.common.contracts.files_errors import FILE_NOT_AS_NAMED
from services.common.csv import (
    EMPTY,
    LARGEST,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_LARGE,
    UNREADABLE,
    Cell,
    Row,
    Table,
)
from services.common.languages import direction_of

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(headings: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> bytes:
    """The table as a workbook of one sheet.

    Args:
        headings: in the reader's language.
        rows: with a cell for each heading.
        language: by its direction the sheet begins on the right or on the left.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.sheet_view.rightToLeft = direction_of(language) == "rtl"
    for row in (headings, *rows):
        sheet.append([_cell(sheet, each) for each in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # A text that begins with "=" would become a formula.
    return cell


def read(name: str, data: bytes, *, most_rows: int = MOST_ROWS) -> Table:
    """The table of the first sheet. Rows that are empty are left out.

    Args:
        name: of the file.
        data: checked by :func:`services.common.files.checking.check_file`, so that it is no more
            than it seems.
        most_rows: beside the headings.

    Raises:
        errors.Invalid: ``files.not_as_named``, ``csv.too_large``, ``csv.unreadable``, or
            ``csv.empty``.
    """
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            # What the sheet says of its own size need not be true.
            sheet.reset_dimensions()
            return _table(sheet.iter_rows(values_only=True), most_rows)
        finally:
            book.close()
    except (
        *(InvalidFileException, zipfile.BadZipFile, ParseError),
        *(KeyError, IndexError, ValueError, TypeError, OSError, AttributeError),
    ) as error:
        raise FILE_NOT_AS_NAMED(name=name) from error


def _table(found: Iterable[Sequence[Any]], most_rows: int) -> Table:
    headings: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, values in enumerate(found, start=1):
        cells = tuple(_text(each) for each in values)
        while cells and not cells[-1].strip():
            cells = cells[:-1]
        if not cells:
            continue
        if (
            len(rows) >= most_rows
            or len(cells) > MOST_COLUMNS
            or any(len(each) > LONGEST_CELL for each in cells)
        ):
            raise TOO_LARGE(
                kibibytes=LARGEST // 1024,
                rows=most_rows,
                columns=MOST_COLUMNS,
                characters=LONGEST_CELL,
            )
        if not headings:
            headings = cells
            continue
        if len(cells) > len(headings):
            # Cells beyond the headings belong to no column.
            raise UNREADABLE(row=number)
        rows.append(Row(number, (*cells, *[""] * (len(headings) - len(cells)))))
    if not headings:
        raise EMPTY()
    return Table(headings, tuple(rows))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date():
            return value.isoformat()
    return str(value)
