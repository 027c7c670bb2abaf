"""Imports and exports of tables on the wire.

=================== ============================== ============
method              request                        result
=================== ============================== ============
start_import        StartImport (with key)         Import
get_import          ById                           Import
export_table        ExportTable                    File
=================== ============================== ============

The file is a CSV as spreadsheets write it (``services/common/csv.py``) or a workbook. Its headings
and the words in its cells are Arabic or English.

A table of applicants has a name, telephone number and organisation, and where people say so, sex,
birth year and disability. The status in an exported one is for its reader only.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common import csv
from services.common.contracts.fields import Choice, Id, Instant, LanguageCode, StrictSchema, text
from services.common.contracts.files import LONGEST_NAME, FileContent

MOST_ERRORS = 200


class TableKind(Choice):
    choices = ("applicants", "attendance")


class TableFormat(Choice):
    choices = ("csv", "xlsx")


class ImportMode(Choice):
    choices = ("check", "whole", "partial")


class ImportState(Choice):
    choices = ("waiting", "done", "refused")


class StartImport(StrictSchema):
    cohort_id = Id(required=True)
    kind = TableKind(required=True)
    mode = ImportMode(load_default="check")
    name = text(LONGEST_NAME, required=True)
    content = FileContent(csv.LARGEST, required=True)


class ById(StrictSchema):
    id = Id(required=True)


class ExportTable(StrictSchema):
    cohort_id = Id(required=True)
    kind = TableKind(required=True)
    format = TableFormat(load_default="csv")
    language = LanguageCode(required=True)


class RowFault(Schema):
    """One fault of one cell."""

    row = fields.Integer(
        required=True, metadata={"description": "As a spreadsheet counts, the headings are row 1."}
    )
    column = fields.String(required=True)
    code = fields.String(required=True, metadata={"example": "required"})
    detail = fields.String(required=True, metadata={"description": "In the caller's language."})


class Import(Schema):
    """A table that is imported, or was checked."""

    id = Id(required=True)
    cohort_id = Id(required=True)
    kind = TableKind(required=True)
    mode = ImportMode(
        required=True,
        metadata={
            "description": "`check`: nothing is imported; `whole`: nothing if one row has a fault; "
            "`partial`: the rows without a fault."
        },
    )
    file_name = fields.String(required=True)
    state = ImportState(
        required=True,
        metadata={"description": "`refused`: nothing was imported; the faults say why."},
    )
    rows = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null until it was read."}
    )
    rows_done = fields.Integer(required=True)
    saved = fields.Integer(
        required=True, metadata={"description": "New; with `check`, what would be new."}
    )
    repeated = fields.Integer(required=True, metadata={"description": "Known already."})
    failed = fields.Integer(required=True, metadata={"description": "Rows with a fault."})
    faults = fields.List(
        fields.Nested(RowFault), required=True, metadata={"description": "At most 200."}
    )
    problem = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of what is wrong with the file as a whole."},
    )
    problem_params = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "What its text names, as in the problem of this code."},
    )
    problem_detail = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In the caller's language, which the gateway knows."},
    )
    asked_by = Id(required=True)
    asked_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
