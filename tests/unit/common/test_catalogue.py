"""Texts follow the number, isolate their values, and name things in the reader's language."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.common.catalogue import Catalogue

HEADER = 'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n"Plural-Forms: {rule}\\n"\n\n'
ARABIC = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
    "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
)
ENGLISH = "nplurals=2; plural=(n != 1);"
DAYS = ("لا أيام", "يوم واحد", "يومان", "{days} أيام", "{days} يوماً", "{days} يوم")


def forms(*texts: str) -> str:
    lines = [f'msgstr[{index}] "{text}"' for index, text in enumerate(texts)]
    return "\n".join(['msgid "days"', 'msgid_plural "days"', *lines, ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    named = '\nmsgid "named"\nmsgstr "{mark} {{thing}}."\n'
    for code in ("ar", "en"):
        (tmp_path / code).mkdir()
    (tmp_path / "ar" / "days.po").write_text(
        HEADER.format(code="ar", rule=ARABIC) + forms(*DAYS) + named.format(mark="عدد"), "utf-8"
    )
    (tmp_path / "en" / "days.po").write_text(
        HEADER.format(code="en", rule=ENGLISH)
        + forms("{days} day", "{days} days")
        + named.format(mark="Of"),
        "utf-8",
    )
    return tmp_path


# CLDR: https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html#ar
@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "لا أيام"),
        (1, "يوم واحد"),
        (2, "يومان"),
        (3, "3 أيام"),
        (10, "10 أيام"),
        (11, "11 يوماً"),
        (99, "99 يوماً"),
        (100, "100 يوم"),
        (101, "101 يوم"),
        (102, "102 يوم"),
        (103, "103 أيام"),
        (400, "400 يوم"),
        (731, "731 يوماً"),
    ],
)
def test_arabic_has_six_forms(folder: Path, number: int, text: str) -> None:
    assert Catalogue(folder).text("days", "ar", {"days": number}) == text


def test_english_has_two(folder: Path) -> None:
    texts = [Catalogue(folder).text("days", "en", {"days": n}) for n in (0, 1, 2)]
    assert texts == ["0 days", "1 day", "2 days"]


def test_what_is_no_number_takes_the_last_form(folder: Path) -> None:
    assert Catalogue(folder).text("days", "ar", {"days": "بلا حد"}) == "بلا حد يوم"


def test_a_language_that_lacks_a_form_is_refused_at_the_start(folder: Path) -> None:
    path = folder / "ar" / "days.po"
    path.write_text(path.read_text("utf-8").replace('msgstr[5] "{days} يوم"\n', ""), "utf-8")
    with pytest.raises(ValueError, match="days needs 6 forms"):
        Catalogue(folder)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-24", "\u20682026-11-24\u2069"),
        ("Hall B", "\u2068Hall B\u2069"),
        ("القاعة", "القاعة"),
        ("a\u202eb", "\u2068ab\u2069"),
        ({"ar": "جهاز عرض", "en": "Projector"}, "جهاز عرض"),
        (3, "3"),
        (date(2026, 11, 29), "الأحد، 29 تشرين الثاني 2026"),
    ],
)
def test_a_value_is_isolated_where_its_direction_differs(
    folder: Path, value: object, shown: str
) -> None:
    assert Catalogue(folder).text("named", "ar", {"thing": value}) == f"عدد {shown}."


def test_a_name_is_that_of_the_readers_language(folder: Path) -> None:
    name = {"ar": "جهاز عرض", "en": "Projector"}
    assert Catalogue(folder).text("named", "en", {"thing": name}) == "Of Projector."


def test_the_files_of_a_language_are_one_catalogue(folder: Path) -> None:
    more = HEADER.format(code="en", rule=ENGLISH) + '\nmsgid "more"\nmsgstr "More"\n'
    (folder / "en" / "more.po").write_text(more, "utf-8")
    assert {"days", "named", "more"} <= Catalogue(folder).keys("en")


def test_a_text_stands_in_one_file(folder: Path) -> None:
    again = HEADER.format(code="en", rule=ENGLISH) + '\nmsgid "named"\nmsgstr "Again"\n'
    (folder / "en" / "more.po").write_text(again, "utf-8")
    with pytest.raises(ValueError, match="another file has named too"):
        Catalogue(folder)
