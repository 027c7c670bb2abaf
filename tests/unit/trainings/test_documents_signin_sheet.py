"""The sign-in sheet: every name in a whole row, room to sign, the session's day and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import fontpkg_amiri
import pytest

from services.trainings.documents.signin_sheet import (
    SPARE_ROWS,
    Participant,
    SheetSession,
    render_signin_sheet,
)
from tests.unit.trainings.certificates import DAMASCUS, FULL_NAME
from tests.unit.trainings.pictures import SCALE, Box, Page

MM = 72 / 25.4 * SCALE
REGULAR = str(fontpkg_amiri.ROOT / "files" / "Amiri-Regular.ttf")
NOW = datetime(2026, 5, 1, tzinfo=UTC)
SESSION = SheetSession(
    number=1,
    starts_at=datetime(2026, 5, 3, 7, tzinfo=UTC),
    ends_at=datetime(2026, 5, 3, 9, 30, tzinfo=UTC),
    place="قاعة التدريب 2",
    trainers=("سلمى الأحمد", "John Smith"),
)
PEOPLE = [
    Participant(FULL_NAME, "جمعية الفرات"),
    Participant("هبة"),
    Participant("Maria Kowalska (Anna)", "Green Steps"),
]


def sheet(
    people: list[Participant], language: str = "ar", sessions: tuple[SheetSession, ...] = (SESSION,)
) -> bytes:
    return render_signin_sheet(
        "Excel للمحاسبة", "مركز الرقة", sessions, people, language, zone=DAMASCUS, now=NOW
    )


def lines(page: Page, *, left: float, right: float) -> list[Box]:
    """The table's lines across, from top to bottom, as seen in a strip of a column."""
    strip = Box(int(left * MM), int(60 * MM), int(right * MM), int(281 * MM))
    return [box for box in page.bands(strip, gap=0) if box.width == strip.width]


def test_there_is_a_row_for_each_person_and_some_to_spare() -> None:
    # The column of signatures is empty: whatever is there is the table's lines.
    page = Page(sheet(PEOPLE))
    rows = len(lines(page, left=25, right=40)) - 2  # the head's upper line, and the last one
    assert rows == len(PEOPLE) + SPARE_ROWS
    assert page.pages == 1


def test_a_row_has_room_for_a_signature_and_is_never_cut_by_the_page() -> None:
    people = PEOPLE * 8
    first, second = Page(sheet(people)), Page(sheet(people), 1)
    assert first.pages == 2
    heights = []
    for page in (first, second):
        ys = [box.top for box in lines(page, left=25, right=40)]
        heights += [lower - upper for upper, lower in pairwise(ys[1:])]
    assert min(heights) > 9 * MM
    assert max(heights) - min(heights) < 1 * MM


@pytest.mark.parametrize("name", ["فاطمة الزهراء " * 14, "W" * 120])
def test_a_long_name_stays_in_its_cell(name: str) -> None:
    plain, long = Page(sheet([Participant("هبة")])), Page(sheet([Participant(name, name)]))
    strip = {"left": 25.0, "right": 40.0}
    assert lines(plain, **strip) == lines(long, **strip)
    # Between the lines of the table there is white on all sides of the text.
    tops = [box.top for box in lines(long, **strip)]
    for left, right in ((70.0, 118.0), (120.0, 181.0)):
        cell = Box(int(left * MM), tops[1] + 5, int(right * MM), tops[2] - 1)
        for box in long.bands(cell, gap=10_000):
            assert box.top > cell.top
            assert box.bottom < cell.bottom


def test_a_latin_name_stands_at_the_right_of_its_cell_and_keeps_its_order() -> None:
    page = Page(sheet([PEOPLE[2]]))
    tops = [box.bottom for box in lines(page, left=25, right=40)]
    cell = Box(int(132 * MM), tops[1] + 4, int(181 * MM), tops[2] - 8)
    assert page.difference(cell, "Maria Kowalska (Anna)", REGULAR) < 0.15
    assert page.difference(cell, "(Anna) Maria Kowalska", REGULAR) > 0.2
    [ink] = page.bands(cell, gap=10_000)
    assert ink.right > 178 * MM


@pytest.mark.parametrize("shown", ["10:00", "12:30", "2026"])
def test_the_day_and_the_time_are_those_of_the_centre(shown: str) -> None:
    page = Page(sheet(PEOPLE))
    assert page.difference(page.place(shown), shown, REGULAR) < 0.15


def test_the_beginning_stands_before_the_end_as_the_page_is_read() -> None:
    arabic, english = Page(sheet(PEOPLE)), Page(sheet(PEOPLE, "en"))
    assert arabic.place("10:00").left > arabic.place("12:30").right
    assert english.place("10:00").right < english.place("12:30").left


def test_each_session_begins_a_page_of_its_own() -> None:
    later = SheetSession(2, SESSION.starts_at + timedelta(days=1), SESSION.ends_at)
    assert Page(sheet(PEOPLE, sessions=(SESSION, later))).pages == 2


def test_a_sheet_without_a_session_is_refused() -> None:
    with pytest.raises(ValueError, match="session"):
        sheet(PEOPLE, sessions=())


def test_one_without_people_has_only_rows_to_spare() -> None:
    assert len(lines(Page(sheet([])), left=25, right=40)) - 2 == SPARE_ROWS


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李 Mei", "? Mei"),
        ("Omar 😀", "Omar ?"),
        ("Աննա Anna", "???? Anna"),
        ("A\u0301\ua8e0nna", "A\u0301?nna"),
    ],
)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_character_without_a_glyph_is_marked_and_the_sheet_is_made(
    name: str, shown: str, language: str
) -> None:
    people = [Participant("Anna"), Participant(name), Participant("هبة")]
    expected = [Participant("Anna"), Participant(shown), Participant("هبة")]
    assert sheet(people, language) == sheet(expected, language)


def test_a_title_and_a_place_without_glyphs_are_marked_too() -> None:
    def set_with(title: str, place: str) -> bytes:
        session = replace(SESSION, place=place)
        return render_signin_sheet(title, "مركز", [session], PEOPLE, "ar", zone=DAMASCUS, now=NOW)

    assert set_with("Excel 😀", "李") == set_with("Excel ?", "?")
