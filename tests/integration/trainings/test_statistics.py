"""Trainees of a period: exact for staff, frozen and without small cells for others."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from gateway.api.training_reports import as_rows
from services.common import csv, errors, xlsx
from services.common.context import Caller
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Sex
from services.trainings.operations import merging
from services.trainings.schemas.participants import MergeParticipants
from services.trainings.service import TrainingsService
from services.trainings.steps.participations import participations_in
from tests.support.attendance import cohort_of, during, mark, seat, send
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.trainings import now_is, register

WOMEN = ("a", "b", "c", "d", "e", "f")
MEN = ("g", "h")


def ask(app: App, who: Caller, method: str, key: str | None = None, **request: Any) -> Any:
    service = TrainingsService()
    service.app, service.call = app, call(who, key) if key else call(who)
    return getattr(service, method)(request)


def table(report: dict[str, Any], by: str) -> dict[str, tuple[int | None, int | None]]:
    (found,) = [each for each in report["tables"] if each["by"] == by]
    return {row["category"]: (row["people"], row["attendances"]) for row in found["rows"]}


@pytest.fixture
def cohort(app: App) -> Cohort:
    """Six women and two men have attended two sessions of a cohort; one man was absent once."""
    cohort = cohort_of(app, sessions=2)
    for name in (*WOMEN, *MEN):
        sex = Sex.FEMALE if name in WOMEN else Sex.MALE
        register(app, name, id=name, has_account=True, sex=sex, birth_year=1996)
    seat(app, cohort, *WOMEN, *MEN)
    for number in (1, 2):
        during(app, cohort, number)
        send(app, cohort, *[mark(cohort, number, name) for name in WOMEN])
        send(app, cohort, mark(cohort, number, "g", "late"))
        send(app, cohort, mark(cohort, number, "h", "absent" if number == 2 else "present"))
    return app.cohorts.get(cohort.id)


def days(cohort: Cohort) -> dict[str, str]:
    first, last = cohort.sessions[0].starts_at.date(), cohort.sessions[-1].starts_at.date()
    return {"first_day": first.isoformat(), "last_day": last.isoformat()}


def test_staff_read_exact_figures(app: App, cohort: Cohort) -> None:
    report = ask(app, RAQQA_DESK, "report_trainings", **days(cohort))
    assert (report["people"], report["attendances"], report["suppressed"]) == (8, 15, False)
    assert table(report, "sex") == {"female": (6, 12), "male": (2, 3), "unknown": (0, 0)}
    assert table(report, "age_band")["25_34"] == (8, 15)
    assert table(report, "centre") == {"raqqa": (8, 15), "tabqa": (0, 0), "unknown": (0, 0)}
    (topics,) = [each for each in report["tables"] if each["by"] == "topic"]
    row = next(each for each in topics["rows"] if each["category"] == "project-management")
    assert row["name"]["ar"] == "إدارة المشاريع"
    assert row["by_sex"] == {"female": 6, "male": 2, "unknown": 0}


def test_only_sessions_within_the_period_count(app: App, cohort: Cohort) -> None:
    one_day = {**days(cohort), "last_day": days(cohort)["first_day"]}
    report = ask(app, RAQQA_DESK, "report_trainings", **one_day)
    assert (report["people"], report["attendances"]) == (8, 8)
    elsewhere = ask(app, RAQQA_DESK, "report_trainings", **days(cohort), centre_id="tabqa")
    assert elsewhere["people"] == 0


def test_two_records_of_one_person_count_once(app: App, cohort: Cohort) -> None:
    command = MergeParticipants("a", 1, "b")
    merging.merge_participants(app, call(MANAGER), command)
    report = ask(app, RAQQA_DESK, "report_trainings", **days(cohort))
    assert (report["people"], report["attendances"]) == (7, 13)


def test_others_read_frozen_periods_alone_and_without_small_cells(app: App, cohort: Cohort) -> None:
    with pytest.raises(errors.Forbidden):
        ask(app, MEMBER, "report_trainings", **days(cohort))
    now_is(app, cohort.sessions[-1].ends_at + timedelta(days=2))
    frozen = ask(app, MANAGER, "freeze_period", "key", title="Q", **days(cohort))
    shown = ask(app, MEMBER, "get_frozen_period", id=frozen["id"])["report"]
    exact = ask(app, RAQQA_DESK, "get_frozen_period", id=frozen["id"])["report"]
    assert (shown["people"], shown["suppressed"]) == (8, True)
    # Two men: hidden, and with them what would give them away.
    assert table(shown, "sex")["male"] == (None, None)
    assert table(exact, "sex")["male"] == (2, 3)
    assert ask(app, MEMBER, "list_frozen_periods")["items"] == [frozen]


def test_a_frozen_period_is_the_same_for_ever(app: App, cohort: Cohort) -> None:
    now_is(app, cohort.sessions[-1].ends_at + timedelta(days=2))
    frozen = ask(app, MANAGER, "freeze_period", "key", title="Q", **days(cohort))
    again = ask(app, MANAGER, "freeze_period", "key", title="Q", **days(cohort))
    assert again == frozen
    before = ask(app, MANAGER, "get_frozen_period", id=frozen["id"])
    send(app, cohort, mark(cohort, 2, "h", "present", id="later"))
    command = MergeParticipants("a", 1, "b")
    merging.merge_participants(app, call(MANAGER), command)
    assert ask(app, MANAGER, "get_frozen_period", id=frozen["id"]) == before
    assert ask(app, MANAGER, "report_trainings", **days(cohort))["people"] == 7


def test_what_is_frozen_is_read_in_the_transaction(app: App, cohort: Cohort) -> None:
    first, last = cohort.sessions[0].starts_at.date(), cohort.sessions[-1].starts_at.date()

    def work(session: Session) -> list[str]:
        marks = app.database.collection("attendance_marks")
        marks.delete_many({"person_id": {"$ne": "a"}}, session=session)
        return [each.person_id for each in participations_in(app, first, last, session=session)]

    assert app.database.transact(work) == ["a"]


def test_periods_that_overlap_or_are_not_over_are_not_frozen(app: App, cohort: Cohort) -> None:
    with pytest.raises(errors.Conflict, match=r"trainings\.period_not_over"):
        ask(app, MANAGER, "freeze_period", "one", title="Q", **days(cohort))
    now_is(app, cohort.sessions[-1].ends_at + timedelta(days=2))
    ask(app, MANAGER, "freeze_period", "two", title="Q", **days(cohort))
    last = days(cohort)["last_day"]
    with pytest.raises(errors.Conflict, match=r"trainings\.periods_overlap"):
        ask(app, MANAGER, "freeze_period", "three", title="R", first_day=last, last_day=last)
    next_day = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    ask(app, MANAGER, "freeze_period", "four", title="S", first_day=next_day, last_day=next_day)
    with pytest.raises(errors.Invalid, match=r"trainings\.period_ends_early"):
        first = days(cohort)["first_day"]
        ask(app, MANAGER, "report_trainings", first_day=last, last_day=first)
    assert len(ask(app, MANAGER, "list_frozen_periods")["items"]) == 2


def test_a_name_that_is_a_formula_stays_a_text_in_spreadsheets(app: App, cohort: Cohort) -> None:
    report = ask(app, RAQQA_DESK, "report_trainings", **days(cohort))
    formula = '=HYPERLINK("http://example.org")'
    (topics,) = [each for each in report["tables"] if each["by"] == "topic"]
    topics["rows"][0]["name"] = {"ar": formula}
    rows = as_rows(report, "ar")
    written = csv.write(["x"] * 7, rows)
    assert "'=HYPERLINK" in written
    sheet = load_workbook(BytesIO(xlsx.write(["x"] * 7, rows, "ar"))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == formula]
    assert [cell.data_type for cell in cells] == ["s"]
    assert [cell.value for cell in list(sheet.iter_rows())[1]][2:4] == [8, 15]
