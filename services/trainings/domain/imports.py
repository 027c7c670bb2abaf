"""Imports: a table that a person has sent, and how far it has been imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from services.common.contracts.trainings.imports import MOST_ERRORS
from services.common.errors import FieldError, MasahaError
from services.common.languages import DEFAULT_LANGUAGE


class TableKind(StrEnum):
    APPLICANTS = "applicants"
    ATTENDANCE = "attendance"


class ImportMode(StrEnum):
    """What is imported of a table."""

    CHECK = "check"
    WHOLE = "whole"
    PARTIAL = "partial"


class ImportState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of one cell."""

    row: int
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RowsImported:
    """What became of some rows, one after the other.

    Attributes:
        through: number of the last of them.
        rows: how many they are.
        faults: in the form of :class:`services.common.errors.FieldError`.
    """

    through: int
    rows: int
    saved: int
    repeated: int
    faults: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """A table that is imported step by step.

    Attributes:
        file_id: of the stored file.
        rows: ``None`` until it was read.
        through: number of the last row that is done.
        saved: rows that were new; with ``CHECK``, those that would be.
        repeated: rows that were known already.
        failed: rows with a fault.
        faults: the first of them.
        problem: code of what is wrong with the file as a whole.
        problem_params: what its text names.
        language: of the person who has sent it.
    """

    kind: ClassVar[str] = "import"

    id: str
    cohort_id: str
    table: TableKind
    mode: ImportMode
    file_name: str
    file_id: str
    asked_by: str
    asked_at: datetime
    state: ImportState = ImportState.WAITING
    rows: int | None = None
    rows_done: int = 0
    through: int = 0
    saved: int = 0
    repeated: int = 0
    failed: int = 0
    faults: tuple[RowFault, ...] = ()
    problem: str | None = None
    problem_params: Mapping[str, str | int] = field(default_factory=dict)
    language: str = DEFAULT_LANGUAGE
    finished_at: datetime | None = None
    version: int = 1

    def after(self, step: RowsImported, rows: int, now: datetime) -> Import:
        """The import after a step; it is done with its last row.

        Args:
            rows: how many the table has.
        """
        done = self.rows_done + step.rows
        over = done >= rows
        found = [fault_of(each) for each in step.faults]
        return replace(
            self,
            rows=rows,
            rows_done=done,
            through=step.through,
            saved=self.saved + step.saved,
            repeated=self.repeated + step.repeated,
            failed=self.failed + len({each.row for each in found}),
            faults=(*self.faults, *found)[:MOST_ERRORS],
            state=ImportState.DONE if over else ImportState.WAITING,
            finished_at=now if over else None,
            version=self.version + 1,
        )

    def refused(
        self,
        now: datetime,
        *,
        problem: MasahaError | None = None,
        rows: int | None = None,
        faults: Sequence[FieldError] = (),
    ) -> Import:
        """The import of a table that is not imported: the file is not read, or rows have faults.

        Args:
            rows: how many the table has, where it was read.
        """
        found = [fault_of(each) for each in faults]
        return replace(
            self,
            failed=len({each.row for each in found}),
            faults=tuple(found[:MOST_ERRORS]),
            rows=rows,
            problem=None if problem is None else problem.code,
            problem_params={} if problem is None else dict(problem.params),
            state=ImportState.REFUSED,
            finished_at=now,
            version=self.version + 1,
        )


def fault_of(error: FieldError) -> RowFault:
    """A fault whose pointer is ``/rows/<number>/<column>``."""
    _, _, row, column = error.pointer.split("/")
    return RowFault(int(row), column, error.code, error.detail)


def row_of(error: FieldError) -> int:
    """The number of the row that a fault is in."""
    return fault_of(error).row
