"""Imports and exports: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts.trainings import imports as contract
from services.trainings.domain.imports import Import, ImportMode, TableKind
from services.trainings.schemas import Request, instant

_start_import = contract.StartImport()
_export_table = contract.ExportTable()


@dataclass(frozen=True, slots=True)
class StartImport:
    cohort_id: str
    kind: TableKind
    mode: ImportMode
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ExportTable:
    cohort_id: str
    kind: TableKind
    format: str
    language: str


def start_import(request: Request) -> StartImport:
    data = _start_import.load(request)
    kind, mode = TableKind(data.pop("kind")), ImportMode(data.pop("mode"))
    return StartImport(kind=kind, mode=mode, **data)


def export_table(request: Request) -> ExportTable:
    data = _export_table.load(request)
    return ExportTable(kind=TableKind(data.pop("kind")), **data)


def import_to_wire(value: Import) -> dict[str, Any]:
    return {
        "id": value.id,
        "cohort_id": value.cohort_id,
        "kind": value.table.value,
        "mode": value.mode.value,
        "file_name": value.file_name,
        "state": value.state.value,
        "rows": value.rows,
        "rows_done": value.rows_done,
        "saved": value.saved,
        "repeated": value.repeated,
        "failed": value.failed,
        "faults": [
            {"row": each.row, "column": each.column, "code": each.code, "detail": each.detail}
            for each in value.faults
        ],
        "problem": value.problem,
        "problem_params": dict(value.problem_params),
        "problem_detail": None,
        "asked_by": value.asked_by,
        "asked_at": clock.to_wire(value.asked_at),
        "finished_at": instant(value.finished_at),
        "version": value.version,
    }
