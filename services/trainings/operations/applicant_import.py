"""Importing applicants: rows become applications, one for each person who has none yet.

A row is for a person who has applied already, however that came about, if an applicant of the
cohort has its name and telephone number; without a number, its name and organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.context import Caller
from services.common.contracts.trainings.application_errors import TOO_MANY_APPLICATIONS
from services.common.contracts.trainings.limits import MOST_APPLICATIONS
from services.common.contracts.trainings.roster_errors import ALREADY_ON_ROSTER
from services.common.errors import FieldError, MasahaError
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.applicant_rows import (
    Applicant,
    PersonKey,
    key_of_person,
    read_applicants,
)
from services.trainings.domain.applications import Source
from services.trainings.domain.applying import check_takes_applications
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.duplicates import normalise_phone
from services.trainings.domain.imports import Import, RowsImported, row_of
from services.trainings.domain.participants import Disability, Participant, Sex
from services.trainings.operations.applying import (
    count_applications,
    new_application,
    take_applications,
)
from services.trainings.steps.applicants import (
    Named,
    check_eligible,
    find_by_name,
    participants_by_name,
)
from services.trainings.steps.cohort_time import advance_cohort, due_action

Rows = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class _Understood:
    """Some rows of a table: new ones, how many are known, and the faults of the others."""

    numbers: tuple[int, ...]
    new: tuple[Applicant, ...]
    known: int
    faults: tuple[FieldError, ...]

    @property
    def counted(self) -> RowsImported:
        """What becomes of the rows, all new ones saved."""
        return RowsImported(
            through=max(self.numbers, default=0),
            rows=len(self.numbers),
            saved=len(self.new),
            repeated=self.known,
            faults=self.faults,
        )


def check_applicants(app: App, session: Session, cohort: Cohort, rows: Rows) -> RowsImported:
    """What would become of all rows; writes nothing."""
    while (step := due_action(cohort, app.clock.now())) is not None:
        cohort = cohort.after(step[0])
    numbers = [number for number, _ in rows]
    # Nothing is written, and so nobody is named as having done it.
    return _understand(app, Caller(id=""), session, cohort, rows, numbers).counted


def import_applicants(
    app: App, session: Session, cohort: Cohort, before: Import, rows: Rows, through: int
) -> RowsImported:
    """Import the rows after the last one that is done; each person gets a seat, waits or is to be
    selected, as anybody who applies.

    Args:
        rows: all of the table; one row may repeat an earlier one.
        through: number of the last row to import now.
    """
    caller = Caller(id=before.asked_by)
    cohort = advance_cohort(app, session, app.cohorts.lock(session, cohort.id))
    numbers = [number for number, _ in rows if before.through < number <= through]
    understood = _understand(app, caller, session, cohort, rows, numbers)
    people = [Named(_details(each), each.organisation_id) for each in understood.new]
    wanted = [
        new_application(
            app, cohort, participant, Source.IMPORTED, each.organisation_id, cohort.centre_id
        )
        for each, participant in zip(
            people, participants_by_name(app, caller, session, people), strict=True
        )
    ]
    if wanted:
        take_applications(app, caller, session, cohort, wanted)
    return understood.counted


def _understand(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    rows: Rows,
    numbers: Iterable[int],
) -> _Understood:
    """What the rows with these numbers say, read with all rows before them."""
    wanted = set(numbers)
    organisations = app.directory.all_organisations(session)
    names = {each.organisation_id: each.name.values() for each in organisations}
    table = read_applicants(rows, names, this_year=app.clock.now().year)
    known = _people_of(app, session, cohort)
    rules = _Rules(app, caller, session, cohort, table.applicants)
    room = MOST_APPLICATIONS - count_applications(app, session, cohort)
    new: list[Applicant] = []
    repeated = 0
    faults = [each for each in table.errors if row_of(each) in wanted]
    for each in table.applicants:
        if each.row not in wanted:
            continue
        if key_of_person(each.name, each.phone, each.organisation_id) in known:
            repeated += 1
        elif fault := rules.fault_of(each):
            faults.append(fault)
        elif len(new) == room:
            faults.append(FieldError(f"/rows/{each.row}/name", TOO_MANY_APPLICATIONS.code))
        else:
            new.append(each)
    in_order = tuple(sorted(faults, key=row_of))
    return _Understood(tuple(sorted(wanted)), tuple(new), repeated, in_order)


def _people_of(app: App, session: Session, cohort: Cohort) -> set[PersonKey]:
    """Who has applied, by all that a row may say; also by a record that was merged since."""
    applied = app.applications.of_cohort(cohort.id, session=session)
    organisations = {each.participant_id: each.organisation_id for each in applied}
    records = app.participants.records_of(organisations, session)
    found: set[PersonKey] = set()
    for id, person in app.participants.named(records, session).items():
        if not person.erased:
            organisation_id = organisations[records[id]]
            found.add(key_of_person(person.name, normalise_phone(person.phone), organisation_id))
            found.add(key_of_person(person.name, None, organisation_id))
    return found


class _Rules:
    """Whether people may apply, as anybody. People without a record share one answer for each
    organisation and sex."""

    def __init__(
        self,
        app: App,
        caller: Caller,
        session: Session,
        cohort: Cohort,
        rows: Sequence[Applicant],
    ) -> None:
        self._app, self._caller, self._session, self._cohort = app, caller, session, cohort
        people = [Named(_details(each), each.organisation_id) for each in rows]
        records = find_by_name(app, session, people)
        self._records = {each.row: record for each, record in zip(rows, records, strict=True)}
        self._closed = _refusal(check_takes_applications, cohort)
        self._organisations: dict[str, str | None] = {}
        self._strangers: dict[tuple[str | None, Sex], str | None] = {}

    def fault_of(self, row: Applicant) -> FieldError | None:
        """Why the person of a row may not apply."""
        code = self._closed
        if code is None and row.organisation_id is not None:
            code = self._organisation(row.organisation_id)
            if code is not None:
                return FieldError(f"/rows/{row.row}/organisation", code)
        code = code or self._person(row)
        return FieldError(f"/rows/{row.row}/name", code) if code else None

    def _organisation(self, id: str) -> str | None:
        if id not in self._organisations:
            check = self._app.organisations.check_may_use
            self._organisations[id] = _refusal(check, self._session, self._caller, id)
        return self._organisations[id]

    def _person(self, row: Applicant) -> str | None:
        details = _details(row)
        known = self._records[row.row]
        if known is not None:
            roster = self._cohort.roster
            if roster is not None and roster.entry_of(known.id) is not None:
                return ALREADY_ON_ROSTER.code
            return self._eligible(known.changed(details), row.organisation_id)
        stranger = Participant(
            id=self._app.new_id(), has_account=False, created_at=self._app.clock.now(), **details
        )
        key = row.organisation_id, stranger.sex
        if key not in self._strangers:
            self._strangers[key] = self._eligible(stranger, row.organisation_id)
        return self._strangers[key]

    def _eligible(self, person: Participant, organisation_id: str | None) -> str | None:
        asked = self._app, self._caller, self._session, self._cohort
        return _refusal(check_eligible, *asked, person, organisation_id, self._cohort.centre_id)


def _refusal(check: Any, *arguments: Any) -> str | None:
    """The code with which a check refuses; ``None`` where it does not."""
    try:
        check(*arguments)
    except MasahaError as error:
        return error.code
    return None


def _details(row: Applicant) -> dict[str, Any]:
    """What a row says of the person; an empty cell says nothing."""
    said: dict[str, Any] = {"name": row.name}
    if row.phone is not None:
        said["phone"] = row.phone
    if row.sex is not None:
        said["sex"] = Sex(row.sex)
    if row.birth_year is not None:
        said["birth_year"] = row.birth_year
    if row.disability is not None:
        said["disability"] = Disability(row.disability)
    return said
