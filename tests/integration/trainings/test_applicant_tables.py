"""Tables of applicants by HTTP: checked, imported by the worker, exported, and imported again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.common import csv, xlsx
from services.common.errors import Conflict
from services.common.storage.deadlines import LEASE, DeadlineRunner
from services.trainings.app import App
from services.trainings.deadlines import handlers
from services.trainings.domain.applications import Source
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.imports import TableKind
from services.trainings.operations import applicant_import, applying
from services.trainings.operations.imports import KINDS
from tests.integration.trainings.test_certificates_by_http import Trainings
from tests.support.applications import applicant, apply, approve, check_sound, withdraw
from tests.support.gateway import Door, a_door
from tests.support.stack import Server
from tests.support.trainings import advance, open_cohort, run_due_deadlines

HEADINGS = "الاسم,الهاتف,المنظمة,الجنس,سنة الميلاد,الإعاقة\n"
GOOD = "هبة علي,0944123456,منظمة,أنثى,1990,لا\nعمر الخطيب,,,,,\n"
FAULTY = ",0955123456,,,,\nسلمى,12,منظمة أخرى,,,\n"
WOMEN_ONLY = {"eligibility": [{"kind": "sex", "values": ["female"]}]}


@pytest.fixture
def door(app: App, database: Server, tmp_path: Path) -> Iterator[Door]:
    approve(app, "amal")
    with a_door(tmp_path, database.uri) as door:
        door.stand_before(Trainings(app))
        yield door


def imported(app: App, door: Door, cohort: Cohort, data: bytes, mode: str, key: str) -> Any:
    """The import after the worker has done all of it."""
    path = f"/v1/cohorts/{cohort.id}/imports?kind=applicants&mode={mode}&name=a.csv"
    started = door(
        "POST", path, "desk", key=key, data=data, content_type="application/octet-stream"
    )
    assert started.status_code == 202, started.get_json()
    run_due_deadlines(app)
    return door("GET", f"/v1/imports/{started.get_json()['id']}", "desk").get_json()


def counts(found: Any) -> tuple[str, int, int, int]:
    return found["state"], found["saved"], found["repeated"], found["failed"]


def names(app: App, cohort: Cohort) -> dict[str, str]:
    found = app.applications.of_cohort(cohort.id)
    people = app.participants.named({each.participant_id for each in found})
    return {people[each.participant_id].name: each.status.value for each in found}


def test_applicants_are_checked_and_imported_once(app: App, door: Door) -> None:
    cohort = open_cohort(app, capacity=1)
    data = (HEADINGS + GOOD + FAULTY).encode()
    checked = imported(app, door, cohort, data, "check", "one")
    assert counts(checked) == ("done", 2, 0, 2)
    assert [(each["row"], each["column"], each["code"]) for each in checked["faults"]] == [
        (4, "name", "required"),
        (5, "phone", "invalid"),
        (5, "organisation", "unknown"),
    ]
    assert counts(imported(app, door, cohort, data, "whole", "two")) == ("refused", 0, 0, 2)
    assert names(app, cohort) == {}

    assert counts(imported(app, door, cohort, data, "partial", "three")) == ("done", 2, 0, 2)
    assert names(app, cohort) == {"هبة علي": "enrolled", "عمر الخطيب": "waitlisted"}
    first, second = app.applications.of_cohort(cohort.id)
    assert {first.source, second.source} == {Source.IMPORTED}
    assert {first.organisation_id, second.organisation_id} == {"amal", None}
    again = (HEADINGS + GOOD).encode()
    assert counts(imported(app, door, cohort, again, "whole", "four")) == ("done", 0, 2, 0)
    check_sound(app, cohort)
    path = f"/v1/cohorts/{cohort.id}/imports?kind=applicants&name=a.csv"
    assert (
        door(
            "POST", path, "member", key="five", data=data, content_type="application/octet-stream"
        ).status_code
        == 403
    )


def test_who_may_not_apply_is_a_row_with_a_fault(app: App, door: Door) -> None:
    cohort = open_cohort(app, **WOMEN_ONLY)
    data = (HEADINGS + GOOD).encode()
    for mode in ("check", "partial"):
        found = imported(app, door, cohort, data, mode, mode)
        assert counts(found) == ("done", 1, 0, 1)
        [fault] = found["faults"]
        assert (fault["row"], fault["code"]) == (3, "trainings.not_eligible")
    assert names(app, cohort) == {"هبة علي": "enrolled"}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_is_exported_is_inert_and_imported_unchanged(
    app: App, door: Door, language: str
) -> None:
    cohort = open_cohort(app)
    imported(app, door, cohort, (HEADINGS + GOOD).encode(), "whole", "one")
    apply(app, cohort, applicant("nour"), person={"name": '=HYPERLINK("x")', "phone": "0966123456"})
    path = f"/v1/cohorts/{cohort.id}/export?kind=applicants"
    headers = {"Accept-Language": language}
    exported = door("GET", path, "desk", headers=headers)
    assert exported.status_code == 200
    rows = csv.read(exported.data).rows
    assert [each.cells[:3] for each in rows] == [
        ('=HYPERLINK("x")', "+963966123456", ""),
        ("عمر الخطيب", "", ""),
        ("هبة علي", "+963944123456", "منظمة"),
    ]
    enrolled = "ملتحق/ة" if language == "ar" else "enrolled"
    assert {each.cells[3] for each in rows} == {enrolled}
    assert b"'=HYPERLINK" in exported.data
    assert counts(imported(app, door, cohort, exported.data, "whole", "two")) == ("done", 0, 3, 0)
    assert door("GET", path, "desk", headers=headers).data == exported.data
    assert door("GET", path, "member").status_code == 403


class Killed(BaseException):
    """What ends a worker in the middle of its work."""


def test_a_whole_table_is_imported_in_one_step_or_not_at_all(app: App, door: Door) -> None:
    """More rows than a step has that leaves faulty ones out."""
    cohort = open_cohort(app, capacity=2)
    rows = 2 * KINDS[TableKind.APPLICANTS].step + 1
    data = HEADINGS + "".join(f"شخص {number},,,,,\n" for number in range(rows))
    path = f"/v1/cohorts/{cohort.id}/imports?kind=applicants&mode=whole&name=a.csv"
    started = door(
        "POST",
        path,
        "desk",
        key="one",
        data=data.encode(),
        content_type="application/octet-stream",
    ).get_json()
    made = 0

    def new_id() -> str:
        nonlocal made
        made += 1
        if made > rows + rows // 2:
            raise Killed
        return app.new_id()

    dying = replace(app, new_id=new_id)
    with pytest.raises(Killed):
        run_due_deadlines(dying)
    assert names(app, cohort) == {}
    assert app.participants.page() == []
    advance(app, LEASE)
    assert DeadlineRunner("trainings", app.deadlines, handlers(app), app.clock).step()
    found = door("GET", f"/v1/imports/{started['id']}", "desk").get_json()
    assert counts(found) == ("done", rows, 0, 0)
    assert sorted(names(app, cohort).values()).count("enrolled") == 2
    check_sound(app, cohort)


def test_a_cohort_takes_no_more_applications_than_its_limit(
    app: App, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (applicant_import, applying):
        monkeypatch.setattr(each, "MOST_APPLICATIONS", 3)
    cohort = open_cohort(app, capacity=1)
    apply(app, cohort, applicant("nour"))
    three = (HEADINGS + GOOD + "سارة,,,,,\n").encode()
    found = imported(app, door, cohort, three, "whole", "one")
    assert counts(found) == ("refused", 0, 0, 1)
    assert [each["code"] for each in found["faults"]] == ["trainings.too_many_applications"]
    assert counts(imported(app, door, cohort, three, "partial", "two")) == ("done", 2, 0, 1)
    with pytest.raises(Conflict, match=r"trainings\.too_many_applications"):
        apply(app, cohort, applicant("reem"))
    # Who has left goes on with the application of then.
    left = app.applications.of_person(cohort.id, "nour")
    assert left is not None
    withdraw(app, left)
    assert apply(app, cohort, applicant("nour")).id == left.id


def sent(door: Door, cohort: Cohort, data: bytes, name: str, language: str = "ar") -> Any:
    """What the door answers to a table that is to be checked."""
    path = f"/v1/cohorts/{cohort.id}/imports?kind=applicants&name={name}"
    headers = {"Accept-Language": language}
    content_type = "application/octet-stream"
    return door(
        "POST", path, "desk", key=name, data=data, content_type=content_type, headers=headers
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ["هاتف", "منظمة", "أنثى", "نعم", "1926–2012", "رقم الصف السابق"]),
        ("en", ["telephone", "organisation", "female", "yes", "1926–2012", "an earlier one: 3"]),
    ],
)
def test_each_fault_says_what_would_be_right(
    app: App, door: Door, language: str, words: list[str]
) -> None:
    rows = "هبة,12,منظمة أخرى,آخر,1890,ربما\nعلي,0944123456,,,,\nعلي,0944123456,,,,\n"
    started = sent(door, open_cohort(app), (HEADINGS + rows).encode(), "a.csv", language)
    run_due_deadlines(app)
    found = door("GET", started.location, "desk", headers={"Accept-Language": language}).get_json()
    faults = {each["column"]: each["detail"] for each in found["faults"]}
    columns = ("phone", "organisation", "sex", "disability", "birth_year", "name")
    for column, word in zip(columns, words, strict=True):
        assert word in faults[column]


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj\n<<>>",
        b"PK\x03\x04" + b"a" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
        b"\xef\xbb\xbf <html><table><tr><td>Name",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
    ],
)
def test_another_kind_of_file_is_said_to_be_one(app: App, door: Door, data: bytes) -> None:
    """A workbook or a page that was only given the ending is no table with other headings."""
    refused = sent(door, open_cohort(app), data, "a.csv")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "files.not_as_named")
    assert app.database.collection("imports").count_documents({}) == 0


@pytest.mark.parametrize(("language", "phone"), [("ar", "الهاتف"), ("en", "Phone")])
def test_what_is_wrong_with_a_workbook_is_said_in_words(
    app: App, door: Door, language: str, phone: str
) -> None:
    """The worker reads it, after the answer: what it finds has the words of a refusal."""
    cohort = open_cohort(app)
    book = xlsx.write(["الاسم", "المنظمة"], [["هبة", None]], "ar")
    started = sent(door, cohort, book, "a.xlsx", language)
    run_due_deadlines(app)
    found = door("GET", started.location, "desk", headers={"Accept-Language": language}).get_json()
    assert (found["state"], found["problem"]) == ("refused", "csv.headings_unfit")
    assert phone in found["problem_detail"]
    at_once = sent(door, cohort, "الاسم,المنظمة\nهبة,\n".encode(), "b.csv", language).get_json()
    assert at_once["detail"] == found["problem_detail"]


def test_a_table_that_is_refused_for_its_rows_says_how_many_it_has(app: App, door: Door) -> None:
    cohort = open_cohort(app)
    found = imported(app, door, cohort, (HEADINGS + GOOD + FAULTY).encode(), "whole", "one")
    assert (found["state"], found["rows"], found["rows_done"], found["failed"]) == (
        *("refused", 4),
        *(0, 2),
    )
