"""Imports of tables: sent by people, worked on by the worker step by step.

Each step is one transaction: the rows, and how far the import has come. A worker that is killed has
done a step or not, and the next one goes on from there. A table that is imported whole or not at
all is one step; the limits of tables and of cohorts keep it small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from services.common import csv, errors, xlsx
from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call, Caller
from services.common.contracts.files_errors import FILE_NOT_AS_NAMED, FILE_TYPE_NOT_TAKEN
from services.common.files.checking import (
    TYPES,
    CheckedFile,
    check_file,
    is_other_than_text,
)
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import applicant_rows, attendance_rows, permissions
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.deadlines import DeadlineKind
from services.trainings.domain.imports import Import, ImportMode, RowsImported, TableKind
from services.trainings.operations.applicant_import import check_applicants, import_applicants
from services.trainings.operations.attendance import cohort_to_mark
from services.trainings.operations.cohorts import check_may_see_cohort
from services.trainings.schemas.imports import StartImport
from services.trainings.steps.attendance_import import check_attendance, import_attendance
from services.trainings.store.imports import ImportStore

_OWNER = "import"
_ENDINGS = (".csv", ".xlsx")

Rows = list[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """How tables of one kind are imported.

    Attributes:
        columns: their headings.
        step: how many rows are imported in one transaction where faulty ones are left out.
        check: what would become of all rows; writes nothing.
        write: imports the rows after those that are done, up to ``through``.
        optional: columns that a table may leave out.
    """

    columns: Mapping[str, tuple[str, ...]]
    step: int
    check: Callable[[App, Session, Cohort, Rows], RowsImported]
    write: Callable[[App, Session, Cohort, Import, Rows, int], RowsImported]
    optional: Collection[str] = ()


KINDS: dict[TableKind, Kind] = {
    TableKind.ATTENDANCE: Kind(attendance_rows.COLUMNS, 500, check_attendance, import_attendance),
    TableKind.APPLICANTS: Kind(
        applicant_rows.COLUMNS, 100, check_applicants, import_applicants, applicant_rows.OPTIONAL
    ),
}


def start_import(app: App, call: Call, command: StartImport) -> Import:
    """Take a table that the worker imports; the same key gives the same import again.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: of attendance, for anybody but trainers of the
            cohort and staff of its centre; of applicants, for anybody but staff of the centre.
        errors.Invalid: the file is none that is read; its headings or size are wrong. Of a
            workbook the worker finds out, and the import says so.
    """
    cohort_of_table(app, call.caller, command.cohort_id, command.kind)
    file = _checked(command.name, command.content)
    if file.name.lower().endswith(".csv"):
        read_rows(file.name, file.data, command.kind, call.language)
    asked = {"cohort_id": command.cohort_id, "kind": command.kind, "mode": command.mode}
    request = Request.of(call, "trainings.start_import", {**asked, "sha256": file.sha256})
    file_id = app.files.put(file, _OWNER)

    def work(session: Session) -> Import:
        cohort_of_table(app, call.caller, command.cohort_id, command.kind, session)
        now = app.clock.now()
        started = Import(
            id=app.new_id(),
            cohort_id=command.cohort_id,
            table=command.kind,
            mode=command.mode,
            file_name=file.name,
            file_id=file_id,
            asked_by=call.caller.id,
            asked_at=now,
            language=call.language,
        )
        app.files.attach(session, file_id, _OWNER)
        app.imports.add(session, started)
        app.deadlines.set(session, DeadlineKind.IMPORT, started.id, now)
        return started

    store: ImportStore = app.imports
    return app.keys.once(request, work, save=store.document_of, load=store.aggregate_of)


def get_import(app: App, call: Call, import_id: str) -> Import:
    """How far an import has come.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, for anybody but who has started it and staff of the
            centre.
    """
    check_signed_in(call.caller)
    found = app.imports.get(import_id)
    cohort = app.cohorts.get(found.cohort_id)
    if call.caller.id != found.asked_by and not is_staff_of(call.caller, cohort.centre_id):
        raise errors.NotFound()
    return found


def run_import(app: App, deadline: Deadline) -> None:
    """Import the next rows of a table. While there are more, the deadline falls due again.

    Raises:
        LeaseLost: if another worker has it by now; nothing has changed.
    """
    waiting = app.imports.get(deadline.subject)
    kind = KINDS[waiting.table]
    problem: errors.Invalid | None = None
    rows = Rows()
    try:
        _, data = app.files.read(waiting.file_id, _OWNER)
        rows = read_rows(waiting.file_name, data, waiting.table, waiting.language)
    except errors.Invalid as error:
        problem = error

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.imports.get(deadline.subject, session)
        cohort = app.cohorts.get(before.cohort_id, session)
        now = app.clock.now()
        if problem is not None:
            after = before.refused(now, problem=problem)
        else:
            after = _next_step(app, session, cohort, before, kind, rows)
        app.imports.save(session, after, before.version)
        if after.finished_at is None:
            app.deadlines.set(session, DeadlineKind.IMPORT, after.id, now)
        else:
            # The table names people; what was imported does not need it any more.
            app.files.detach(session, after.file_id, _OWNER)

    app.database.transact(work)


def _next_step(
    app: App, session: Session, cohort: Cohort, before: Import, kind: Kind, rows: Rows
) -> Import:
    now = app.clock.now()
    if before.mode is ImportMode.CHECK:
        return before.after(kind.check(app, session, cohort, rows), len(rows), now)
    whole = before.mode is ImportMode.WHOLE
    if whole:
        found = kind.check(app, session, cohort, rows)
        if found.faults:
            return before.refused(now, rows=len(rows), faults=found.faults)
    left = [number for number, _ in rows if number > before.through]
    if not left:
        return before.after(RowsImported(before.through, 0, 0, 0, ()), len(rows), now)
    through = left[-1] if whole else left[: kind.step][-1]
    return before.after(kind.write(app, session, cohort, before, rows, through), len(rows), now)


def read_rows(name: str, data: bytes, kind: TableKind, language: str) -> Rows:
    """The rows of a table, each with its number and its cells by the names of the columns.

    Args:
        language: in which missing headings are named.

    Raises:
        errors.Invalid: as of :func:`services.common.csv.read` and
            :func:`services.common.xlsx.read`.
    """
    table = csv.read(data) if name.lower().endswith(".csv") else xlsx.read(name, data)
    of = KINDS[kind]
    return list(table.by_name(of.columns, of.optional, language=language))


def _checked(name: str, data: bytes) -> CheckedFile:
    """Raises:
    errors.Invalid: ``files.type_not_taken``, ``files.not_as_named``, and as of
        :func:`services.common.files.checking.check_file`.
    """
    if not name.lower().endswith(_ENDINGS):
        raise FILE_TYPE_NOT_TAKEN(types=", ".join(each[1:] for each in _ENDINGS))
    if name.lower().endswith(".csv"):
        if is_other_than_text(data):
            raise FILE_NOT_AS_NAMED(name=name)
        # Its own reader knows more encodings, and says more of what is wrong.
        return CheckedFile(name, TYPES[".csv"], len(data), hashlib.sha256(data).hexdigest(), data)
    return check_file(name, data, largest=csv.LARGEST)


def cohort_of_table(
    app: App, caller: Caller, cohort_id: str, kind: TableKind, session: Session | None = None
) -> Cohort:
    """The cohort whose tables of a kind the caller sends and gets.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden
    """
    if kind is TableKind.ATTENDANCE:
        return cohort_to_mark(app, caller, cohort_id, session)
    cohort = app.cohorts.get(cohort_id, session)
    check_may_see_cohort(app, caller, cohort, session)
    permissions.check_runs_cohorts_at(caller, cohort.centre_id)
    return cohort
