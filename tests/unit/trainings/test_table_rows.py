"""Applicants and attendance from spreadsheets, in Arabic and English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import csv
from services.common.errors import FieldError, Invalid
from services.common.field_errors import CODES
from services.trainings.domain import applicant_rows, attendance_rows
from services.trainings.domain.applicant_rows import Applicant, ApplicantTable, read_applicants
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.attendance import Status
from services.trainings.domain.attendance_rows import (
    AttendanceTable,
    Enrolled,
    MarkToMake,
    read_attendance,
)

ORGANISATIONS = {"org": ("جمعية الأمل", "Hope")}


def applicants(text: str) -> ApplicantTable:
    table = csv.read(text.encode())
    rows = table.by_name(applicant_rows.COLUMNS, applicant_rows.OPTIONAL)
    return read_applicants(rows, ORGANISATIONS, this_year=2026)


def attendance(text: str, people: list[Enrolled] | None = None) -> AttendanceTable:
    table = csv.read(text.encode())
    return read_attendance(
        table.by_name(attendance_rows.COLUMNS), ["first", "second"], people or PEOPLE
    )


HEADINGS = "الاسم,الهاتف,المنظمة,الجنس,سنة الميلاد,الإعاقة\n"


class TestApplicants:
    def test_arabic_and_english_tables_say_the_same(self) -> None:
        arabic = applicants(
            "سنة الميلاد;الاسم الكامل;رقم الهاتف;الجنس;الإعاقة;المنظمة\n"
            "١٩٩٠;هبة  علي;٠٩٤٤ ١٢٣ ٤٥٦;أنثى;لا;جمعيّة الامل\n"
        )
        english = applicants(
            "Name,Phone,Organisation,Sex,Birth year,Disability\n"
            "هبة علي,+963944123456,hope,Female,1990,No\n"
        )
        assert arabic == english
        assert english == ApplicantTable(
            (Applicant(2, "هبة علي", "+963944123456", "org", "female", 1990, "no"),), ()
        )

    @pytest.mark.parametrize(
        "headings",
        [
            "الاسم الثلاثي,رقم الجوال,اسم المنظمة,النوع الاجتماعي,المواليد,اعاقه",
            "Trainee name,Mobile,Organization name,Gender,Date of birth,disability",
            "Full_Name,PHONE NUMBER,organization,sex,Year of Birth,Disability",
        ],
    )
    def test_columns_are_known_by_what_people_call_them(self, headings: str) -> None:
        found = applicants(f"{headings}\nهبة علي,0944123456,hope,f,1990,no\n")
        assert found.applicants == (
            Applicant(2, "هبة علي", "+963944123456", "org", "female", 1990, "no"),
        )

    @pytest.mark.parametrize(
        "cell",
        ["1990", "١٩٩٠", "1990.0", "1990-05-01", "1990-05-01T00:00:00", "٠١/٠٥/١٩٩٠", "1.5.1990"],
    )
    def test_a_date_of_birth_says_the_year(self, cell: str) -> None:
        found = applicants(f"Name,Phone,Organisation,Date of birth\nهبة,,,{cell}\n")
        assert [each.birth_year for each in found.applicants] == [1990]

    @pytest.mark.parametrize("cell", ["90", "01/05/90", "1990-05", "19x0", "1/1990"])
    def test_what_says_no_year_is_a_fault(self, cell: str) -> None:
        found = applicants(f"Name,Phone,Organisation,Birth year\nهبة,,,{cell}\n")
        assert found.errors[0].pointer == "/rows/2/birth_year"

    def test_only_the_name_is_required(self) -> None:
        found = applicants(HEADINGS + "محمد,,,,,\n")
        assert found.applicants == (Applicant(2, "محمد"),)

    def test_each_fault_is_named_and_the_other_rows_are_read(self) -> None:
        found = applicants(
            HEADINGS + ",0944123456,,,,\n"
            "هبة,12,منظمة أخرى,آخر,1890,ربما\n"
            "علي,,,,abcd,\n"
            "سارة,0955123456,,ذكر,2000,نعم\n"
        )
        assert [each.name for each in found.applicants] == ["سارة"]
        assert {(each.pointer, each.code) for each in found.errors} == {
            ("/rows/2/name", "required"),
            ("/rows/3/phone", "invalid"),
            ("/rows/3/organisation", "unknown"),
            ("/rows/3/sex", "choice"),
            ("/rows/3/birth_year", "range"),
            ("/rows/3/disability", "choice"),
            ("/rows/4/birth_year", "number"),
        }

    def test_the_same_person_twice_is_a_fault_of_the_second_row(self) -> None:
        found = applicants(
            HEADINGS + "هبة علي,0944123456,,,,\nهبه علي,963944123456,,,,\nهبة علي,,,,,\n"
        )
        assert [each.row for each in found.applicants] == [2, 4]
        assert found.errors == (FieldError("/rows/3/name", "repeated", "2"),)

    def test_a_table_may_leave_out_what_statistics_ask_for(self) -> None:
        found = applicants("Name,Phone,Organisation\nهبة,,Hope\n")
        assert found.applicants == (Applicant(2, "هبة", organisation_id="org"),)

    def test_namesakes_of_two_organisations_are_two_people(self) -> None:
        found = applicants(HEADINGS + "هبة علي,,Hope,,,\nهبة علي,,,,,\nهبة علي,,Hope,,,\n")
        assert [each.row for each in found.applicants] == [2, 3]
        assert found.errors == (FieldError("/rows/4/name", "repeated", "2"),)

    def test_a_name_of_two_organisations_names_none(self) -> None:
        rows = [(2, {"name": "هبة", "organisation": "الأمل"})]
        found = read_applicants(rows, {"one": ["الأمل"], "two": ["الامل"]}, this_year=2026)
        assert [(each.pointer, each.code) for each in found.errors] == [
            ("/rows/2/organisation", "unknown")
        ]

    def test_a_name_that_is_too_long_is_refused(self) -> None:
        found = applicants(HEADINGS + "ا" * 201 + ",,,,,\n")
        assert [each.code for each in found.errors] == ["length"]

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            *(("...", "letters"), ("😀", "letters"), ("0944123456", "letters"), ("ء", "letters")),
            ("李雷", "unprintable"),
            *(("\u3164", "blank"), ("هبة\u202eعلي", "direction"), ("هبة\u0007", "characters")),
        ],
    )
    def test_what_is_no_name_is_refused(self, name: str, code: str) -> None:
        found = read_applicants([(2, {"name": name})], {}, this_year=2026)
        assert found.errors == (FieldError("/rows/2/name", code),)

    def test_a_name_is_kept_composed_and_tidy(self) -> None:
        (found,) = read_applicants(
            [(2, {"name": " \u2068cafe\u0301 x\u2069"})], {}, this_year=2026
        ).applicants
        assert found.name == "caf\u00e9 x"

    def test_every_status_has_words_in_both_languages(self) -> None:
        assert set(applicant_rows.STATUSES) == set(ApplicationStatus)
        for words in applicant_rows.STATUSES.values():
            assert [each.isascii() for each in words] == [True, False]

    def test_headings_that_are_not_known_refuse_the_table(self) -> None:
        with pytest.raises(Invalid, match="headings_unfit"):
            applicants("الاسم,العنوان\nهبة,الرقة\n")


PEOPLE = [
    Enrolled("p1", "هبة علي", "0944123456"),
    Enrolled("p2", "فاطمة أحمد", "0955123456"),
    Enrolled("p3", "فاطمة أحمد", "+963 966 123 456"),
]


class TestAttendance:
    @pytest.mark.parametrize(
        ("word", "status"),
        [
            *(("حاضر", Status.PRESENT), ("حاضرة", Status.PRESENT), ("حاضر/ة", Status.PRESENT)),
            *(("متأخّرة", Status.LATE), ("متاخر", Status.LATE), ("Late", Status.LATE)),
            *(("غائبة بعذر", Status.EXCUSED), ("غائب/ة بعذر", Status.EXCUSED)),
            *(("غائب", Status.ABSENT), ("غائب/ة", Status.ABSENT), ("ABSENT", Status.ABSENT)),
        ],
    )
    def test_the_words_for_each_status(self, word: str, status: Status) -> None:
        found = attendance(f"الجلسة,الاسم,الهاتف,الحالة\n١,هبه علي,,{word}\n")
        assert found == AttendanceTable((MarkToMake(2, "first", "p1", status),), ())

    def test_namesakes_are_told_apart_by_their_telephones(self) -> None:
        found = attendance(
            "Session,Name,Phone,Status\n"
            "2,فاطمة أحمد,0966123456,present\n"
            "2,فاطمه احمد,,present\n"
            "2,فاطمة أحمد,0977123456,present\n"
        )
        assert found.marks == (MarkToMake(2, "second", "p3", Status.PRESENT),)
        assert [(each.pointer, each.code) for each in found.errors] == [
            ("/rows/3/phone", "required"),
            ("/rows/4/phone", "unknown"),
        ]

    def test_each_fault_is_named_and_the_other_rows_are_read(self) -> None:
        found = attendance(
            "Session,Name,Phone,Status\n"
            ",,,\n"
            "3,هبة علي,,maybe\n"
            "x,سارة,,\n"
            "1,هبة علي,no,late\n"
            "1,,,late\n"
            "1,هبة علي,,late\n"
            "1,هبة علي,,absent\n"
        )
        assert found.marks == (MarkToMake(7, "first", "p1", Status.LATE),)
        assert [(each.pointer, each.code) for each in found.errors] == [
            ("/rows/3/session", "range"),
            ("/rows/3/status", "choice"),
            ("/rows/4/session", "number"),
            ("/rows/4/name", "unknown"),
            ("/rows/4/status", "required"),
            ("/rows/5/phone", "invalid"),
            ("/rows/6/name", "required"),
            ("/rows/8/name", "repeated"),
        ]


cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["1", "٢", "هبة علي", "فاطمة أحمد", "0955123456", "present", "أنثى", "1990"]),
)


@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys([*applicant_rows.COLUMNS, "session", "status"], cells)),
        max_size=6,
    )
)
def test_every_row_is_a_command_or_has_a_fault_with_a_code_that_is_known(
    rows: list[dict[str, str]],
) -> None:
    numbered = list(enumerate(rows, 2))
    of_applicants = read_applicants(numbered, ORGANISATIONS, this_year=2026)
    of_attendance = read_attendance(numbered, ["first", "second"], PEOPLE)
    for good, errors in (
        ([each.row for each in of_applicants.applicants], of_applicants.errors),
        ([each.row for each in of_attendance.marks], of_attendance.errors),
    ):
        bad = {int(each.pointer.split("/")[2]) for each in errors}
        assert sorted([*good, *bad]) == [number for number, _ in numbered]
        assert {each.code for each in errors} <= set(CODES)
