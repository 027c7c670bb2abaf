"""Tables of a cohort for spreadsheets; what is exported can be imported again as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.common import csv, xlsx
from services.common.authorisation import is_staff_of
from services.common.context import Call, Caller
from services.common.csv import Cell
from services.common.languages import DEFAULT_LANGUAGE
from services.trainings.app import App
from services.trainings.domain import applicant_rows, attendance_rows
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.imports import TableKind
from services.trainings.operations.imports import cohort_of_table
from services.trainings.schemas.imports import ExportTable
from services.trainings.steps.known_attendance import attendance_in

Words = Mapping[str, tuple[str, ...]]


def export_table(app: App, call: Call, query: ExportTable) -> tuple[str, str, bytes]:
    """Name, content type and bytes of a table, with headings and words of the language.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: of attendance, for anybody but trainers of the
            cohort and staff of its centre; of applicants, for anybody but staff of the centre.
    """
    cohort = cohort_of_table(app, call.caller, query.cohort_id, query.kind)
    if query.kind is TableKind.ATTENDANCE:
        columns = list(attendance_rows.COLUMNS.values())
        rows = _attendance(app, call.caller, cohort, query.language)
    else:
        columns = [applicant_rows.COLUMNS[each] for each in applicant_rows.EXPORTED]
        rows = _applicants(app, cohort, query.language)
    headings = [word_of(words, query.language) for words in columns]
    name = f"{query.kind.value}-{cohort.id}.{query.format}"
    if query.format == "xlsx":
        return name, xlsx.CONTENT_TYPE, xlsx.write(headings, rows, query.language)
    return name, csv.CONTENT_TYPE, csv.write(headings, rows).encode()


def _attendance(app: App, caller: Caller, cohort: Cohort, language: str) -> list[Sequence[Cell]]:
    """What counts for each person in each session. Marks that disagree count as none, and people
    whose data are erased have no name to be found by. Trainers are not given telephones: those
    of people who share a name have to be added before it is imported."""
    with_phones = is_staff_of(caller, cohort.centre_id)
    entries = attendance_in(app, cohort.id).entries
    people = app.participants.named({person_id for _, person_id in entries})
    numbers = {each.id: number for number, each in enumerate(cohort.sessions, start=1)}
    found = [
        (
            numbers[session_id],
            people[person_id].name,
            people[person_id].phone if with_phones else None,
            word_of(attendance_rows.STATUSES[entry.status], language),
        )
        for (session_id, person_id), entry in entries.items()
        if entry.status is not None
        and session_id in numbers
        and person_id in people
        and not people[person_id].erased
    ]
    return sorted(found, key=lambda row: (row[0], row[1], row[2] or ""))


def _applicants(app: App, cohort: Cohort, language: str) -> list[Sequence[Cell]]:
    """Each person who has applied, by name. People whose data are erased have no name."""
    applied = [each for each in app.applications.of_cohort(cohort.id) if each.merged_into is None]
    people = app.participants.named({each.participant_id for each in applied})
    coming_for = {each.organisation_id for each in applied if each.organisation_id is not None}
    organisations = app.directory.organisations(coming_for)
    names = {
        id: each.name.get(language) or each.name[DEFAULT_LANGUAGE]
        for id, each in organisations.items()
    }
    found = [
        (
            people[each.participant_id].name,
            people[each.participant_id].phone,
            names.get(each.organisation_id or ""),
            word_of(applicant_rows.STATUSES[each.status], language),
        )
        for each in applied
        if each.participant_id in people and not people[each.participant_id].erased
    ]
    return sorted(found, key=lambda row: (row[0], row[1] or "", row[2] or ""))


def word_of(words: Sequence[str], language: str) -> str:
    """The word of a language; in Arabic the form for women and men, where there is one."""
    arabic = [each for each in words if not each.isascii()]
    if language == "ar":
        return next((each for each in arabic if "/" in each), arabic[0])
    return next(each for each in words if each.isascii())
