"""Tables of attendance: checked, imported step by step, and exported so that they can be imported
again."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import csv, errors, xlsx
from services.common.storage.deadlines import BACKOFF, DeadlineRunner
from services.trainings.app import App
from services.trainings.deadlines import handlers
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.imports import Import, ImportMode, ImportState, TableKind
from services.trainings.operations import exports, imports
from services.trainings.schemas.imports import ExportTable, StartImport, import_to_wire
from services.trainings.steps import attendance_import
from tests.support.attendance import (
    TRAINER,
    accept,
    assign,
    cohort_of,
    during,
    mark,
    seat,
    send,
)
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import run_due_deadlines

PEOPLE = ("p1", "p2", "p3")
HEADINGS = ("الجلسة", "الاسم", "الهاتف", "الحضور")


@pytest.fixture
def cohort(app: App) -> Cohort:
    cohort = seat(app, cohort_of(app, sessions=2), *PEOPLE)
    during(app, cohort, 2)
    return cohort


def table(*rows: tuple[Any, ...]) -> bytes:
    return csv.write(HEADINGS, rows).encode()


def row(number: int, person: str, status: str = "حاضرة") -> tuple[Any, ...]:
    return (number, f"Name of {person}", "", status)


def start(
    app: App,
    cohort: Cohort,
    data: bytes,
    mode: str = "whole",
    *,
    name: str = "حضور.csv",
    key: str = "one",
) -> Import:
    command = StartImport(cohort.id, TableKind.ATTENDANCE, ImportMode(mode), name, data)
    return imports.start_import(app, call(RAQQA_DESK, key), command)


def imported(app: App, cohort: Cohort, data: bytes, mode: str = "whole", **more: Any) -> Import:
    """The import after the worker has done all of it."""
    started = start(app, cohort, data, mode, **more)
    run_due_deadlines(app)
    return app.imports.get(started.id)


def statuses(app: App, cohort: Cohort) -> dict[tuple[str, str], str]:
    return {
        (each.session_id, each.person_id): each.status.value for each in app.marks.of(cohort.id)
    }


def counts(found: Import) -> tuple[str, int, int, int]:
    return found.state.value, found.saved, found.repeated, found.failed


def export(app: App, cohort: Cohort, language: str, format: str) -> tuple[str, str, bytes]:
    query = ExportTable(cohort.id, TableKind.ATTENDANCE, format, language)
    return exports.export_table(app, call(RAQQA_DESK), query)


def test_a_table_is_imported_once(app: App, cohort: Cohort) -> None:
    data = table(row(1, "p1"), row(1, "p2", "غائب بعذر"), row(2, "p3", "late"))
    assert counts(imported(app, cohort, data)) == ("done", 3, 0, 0)
    first, second = (each.id for each in cohort.sessions)
    expected = {(first, "p1"): "present", (first, "p2"): "excused", (second, "p3"): "late"}
    assert statuses(app, cohort) == expected
    assert counts(imported(app, cohort, data, key="again")) == ("done", 0, 3, 0)
    assert statuses(app, cohort) == expected


def test_a_check_imports_nothing_and_says_what_would_be(app: App, cohort: Cohort) -> None:
    send(app, cohort, mark(cohort, 1, "p1"))
    data = table(row(1, "p1"), row(1, "p2"), row(9, "p2"), row(1, "nobody"))
    found = imported(app, cohort, data, "check")
    assert counts(found) == ("done", 1, 1, 2)
    assert [(each.row, each.column, each.code) for each in found.faults] == [
        (4, "session", "range"),
        (5, "name", "unknown"),
    ]
    assert len(statuses(app, cohort)) == 1


def test_one_row_with_a_fault_stops_the_whole(app: App, cohort: Cohort) -> None:
    data = table(row(1, "p1"), row(1, "p2", "maybe"))
    found = imported(app, cohort, data)
    assert counts(found) == ("refused", 0, 0, 1)
    assert [(each.row, each.column, each.code) for each in found.faults] == [
        (3, "status", "choice")
    ]
    assert statuses(app, cohort) == {}


def test_the_rows_without_a_fault_are_imported_where_asked_for(app: App, cohort: Cohort) -> None:
    data = table(row(1, "p1"), row(1, "p2", "maybe"), row(2, "p2"))
    assert counts(imported(app, cohort, data, "partial")) == ("done", 2, 0, 1)
    assert len(statuses(app, cohort)) == 2


def test_a_row_of_a_person_without_a_seat_then_has_a_fault(app: App, cohort: Cohort) -> None:
    seat(app, cohort, "late", by_hand=True)
    found = imported(app, cohort, table(row(1, "late"), row(2, "late")), "partial")
    assert [(each.row, each.code) for each in found.faults] == [(2, "trainings.not_enrolled")]
    assert found.saved == 1


def test_a_row_of_a_session_that_has_not_begun_has_a_fault(app: App) -> None:
    cohort = seat(app, cohort_of(app, sessions=2), *PEOPLE)
    during(app, cohort, 1)
    found = imported(app, cohort, table(row(1, "p1"), row(2, "p1"), row(2, "p2", "excused")))
    assert [(each.row, each.code) for each in found.faults] == [(3, "trainings.session_not_begun")]
    assert statuses(app, cohort) == {}


def test_another_status_than_the_phone_said_is_a_contradiction(app: App, cohort: Cohort) -> None:
    send(app, cohort, mark(cohort, 1, "p1"))
    assert counts(imported(app, cohort, table(row(1, "p1", "absent")))) == ("done", 1, 0, 0)
    assert len(app.marks.of(cohort.id, person_id="p1")) == 2
    again = imported(app, cohort, table(row(1, "p1", "absent")), key="again")
    assert counts(again) == ("done", 0, 1, 0)


def test_a_worker_that_is_killed_leaves_steps_that_are_done_or_not(
    app: App, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rows a step; the second step fails in its transaction, after its rows were written."""
    kind = imports.KINDS[TableKind.ATTENDANCE]
    calls = 0

    def die_in_second(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        step = attendance_import.import_attendance(*arguments)
        if calls == 2:
            raise ConnectionResetError("killed")
        return step

    small = imports.Kind(kind.columns, 2, kind.check, die_in_second)
    monkeypatch.setitem(imports.KINDS, TableKind.ATTENDANCE, small)
    data = table(*(row(number, person) for number in (1, 2) for person in PEOPLE))
    started = start(app, cohort, data, mode="partial")
    runner = DeadlineRunner("trainings", app.deadlines, handlers(app), app.clock)
    runner.step()
    assert app.imports.get(started.id).rows_done == 2
    runner.step()
    half = app.imports.get(started.id)
    assert (half.rows_done, half.state, len(statuses(app, cohort))) == (2, ImportState.WAITING, 2)
    app.clock.advance(BACKOFF[0])  # type: ignore[attr-defined]
    run_due_deadlines(app)
    assert counts(app.imports.get(started.id)) == ("done", 6, 0, 0)
    assert len(statuses(app, cohort)) == 6


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_is_exported_is_imported_unchanged(
    app: App, cohort: Cohort, language: str, format: str
) -> None:
    said = ("present", "late", "excused", "absent")
    places = [(number, person) for number in (1, 2) for person in PEOPLE][:4]
    marks = [mark(cohort, *place, status) for place, status in zip(places, said, strict=True)]
    send(app, cohort, *marks)
    name, _, data = export(app, cohort, language, format)
    assert counts(imported(app, cohort, data, name=name)) == ("done", 0, 4, 0)
    # Into the same cohort as if it had no marks.
    app.database.collection("attendance_marks").delete_many({})
    assert counts(imported(app, cohort, data, name=name, key="two")) == ("done", 4, 0, 0)
    assert sorted(statuses(app, cohort).values()) == sorted(said)
    assert export(app, cohort, language, format)[2] is not None
    if format == "csv":
        assert export(app, cohort, language, format)[2] == data


def test_a_trainer_exports_no_telephones(app: App, cohort: Cohort) -> None:
    accept(app, assign(app, cohort))
    people = app.database.collection("participants")
    people.update_one({"_id": "p1"}, {"$set": {"phone": "+963944123456"}})
    send(app, cohort, mark(cohort, 1, "p1"))
    query = ExportTable(cohort.id, TableKind.ATTENDANCE, "csv", "en")
    for who, shown in ((RAQQA_DESK, True), (TRAINER, False)):
        _, _, data = exports.export_table(app, call(who), query)
        assert (b"963944123456" in data) is shown
        assert b"Name of p1" in data


def test_a_file_that_cannot_be_read_is_refused_at_once(app: App, cohort: Cohort) -> None:
    many = b"Session,Name,Phone,Status\n" + b"1,a,,p\n" * 5_001
    with pytest.raises(errors.Invalid, match=r"csv\.too_large"):
        start(app, cohort, many)
    with pytest.raises(errors.Invalid, match=r"csv\.unknown_encoding"):
        start(app, cohort, b"\x00\x01\x02\x03" * 10)
    with pytest.raises(errors.Invalid, match=r"csv\.headings_unfit"):
        start(app, cohort, b"Session,Name\n1,a\n")
    with pytest.raises(errors.Invalid, match=r"files\.type_not_taken"):
        start(app, cohort, b"%PDF-", name="a.pdf")
    with pytest.raises(errors.Invalid, match=r"files\.not_as_named"):
        start(app, cohort, b"PK no workbook", name="a.xlsx")
    assert app.database.collection("imports").count_documents({}) == 0


def test_a_workbook_with_other_headings_says_so(app: App, cohort: Cohort) -> None:
    found = imported(app, cohort, xlsx.write(["A", "B"], [["=1+1", 2]], "en"), name="a.xlsx")
    assert (found.state, found.problem) == (ImportState.REFUSED, "csv.headings_unfit")
    assert import_to_wire(found)["finished_at"] is not None


def test_the_table_is_not_kept(app: App, cohort: Cohort) -> None:
    found = imported(app, cohort, table(row(1, "p1")))
    assert app.files.sweep() == 1
    with pytest.raises(errors.NotFound):
        app.files.read(found.file_id, "import")


def test_the_same_key_starts_one_import(app: App, cohort: Cohort) -> None:
    both = [start(app, cohort, table(row(1, "p1"))) for _ in range(2)]
    assert both[0] == both[1]
