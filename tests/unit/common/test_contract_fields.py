"""The fields that every contract shares: what they refuse."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import pytest
from marshmallow import ValidationError

from gateway.web import text_patterns
from services.common import clock
from services.common.contracts.fields import (
    Instant,
    LocalisedText,
    Zone,
    integer,
    name_text,
    person_name,
    text,
)
from services.common.time.slots import on_raster


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_instant_from_which_nobody_could_count_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Instant().deserialize(text)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_the_first_and_the_last_are_taken(text: str) -> None:
    assert clock.to_wire(Instant().deserialize(text)) == text


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_beyond_the_calendar_in_utc_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        clock.from_wire(text)


@pytest.mark.parametrize("value", [10, 10.0, 1e1])
def test_a_whole_number_is_one_however_it_is_written(value: Any) -> None:
    whole = integer(1, 10).deserialize(value)
    assert (whole, type(whole)) == (10, int)


@pytest.mark.parametrize(
    "value", ["10", "10.0", True, False, 10.5, 11.0, 0.0, 1e300, math.inf, math.nan, None, [10]]
)
def test_what_is_no_whole_number_within_its_limits_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        integer(1, 10).deserialize(value)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z"),
        ("2026-11-24t09:00:00z", "2026-11-24T09:00:00Z"),
        ("2026-11-24T12:00:00.5+03:00", "2026-11-24T09:00:00.500Z"),
        ("2026-11-24T09:00:00.123456789Z", "2026-11-24T09:00:00.123Z"),
        ("2026-11-24T09:00:00-00:00", "2026-11-24T09:00:00Z"),
    ],
)
def test_an_instant_reads_as_rfc_3339_allows_it(text: str, utc: str) -> None:
    assert clock.to_wire(Instant().deserialize(text)) == utc


@pytest.mark.parametrize("fraction", ["000400", "0009999", "000000001", "0001000000"])
def test_an_instant_finer_than_a_millisecond_is_on_no_raster(fraction: str) -> None:
    assert not on_raster(Instant().deserialize(f"2026-11-24T09:00:00.{fraction}Z"))
    assert on_raster(Instant().deserialize("2026-11-24T09:00:00.0000000Z"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-W48-2T09:00:00Z",
        "2026-328T09:00:00Z",
        "20261124T090000Z",
        "2026-11-24T09:00Z",
        "2026-11-24T09Z",
        "2026-11-24T09:00:00,5Z",
        "2026-11-24T09:00:00.Z",
        "2026-11-24T09:00:00+03:00:30",
        "2026-11-24T09:00:00+0300",
        "2026-11-24T09:00:00+03",
        "2026-11-24T09:00:00+24:00",
        "2026-11-24T09:00:00+03:60",
        "2026-11-24T09:00:00",
        "2026-11-24 09:00:00Z",
        "2026-11-24T09:00:00Z\n",
        "٢٠٢٦-11-24T09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2026-11-24T25:00:00Z",
        "",
    ],
)
def test_other_ways_to_write_an_instant_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Instant().deserialize(text)
    with pytest.raises(ValueError, match=r".+"):
        clock.from_wire(text)


BLANKS = ["", "   ", "\u200b", "\u2060", "\ufeff", "\u202e", "\u3164", " \u200b\u00a0\u3164\u2800"]
BLANKS += ["\ufe0f", "\u180b", "\U000e0100", "\U000e0041"]
CONTROLS = [
    "a\u0000",
    "x\u000by",
    "a\u001b",
    "a\u007f",
    "a\u0085b",
    "a\u009f",
    "a\u2028",
    "a\u2029b",
]
CONTROLS += ["Hall \u202egnp.exe", "\u202aa", "a\u202bb\u202c", "a\u202d"]
LINES = ["a\nb", "a\tb"]
BREAKS = ["a\r\nb", "a\rb", "\r\na\r\nb\r\n", "\ra\nb\r"]


@pytest.mark.parametrize("value", [*BLANKS, *CONTROLS, "a\ud800"])
@pytest.mark.parametrize("lines", [True, False])
def test_a_text_that_shows_nothing_or_holds_controls_is_refused(value: str, lines: bool) -> None:
    with pytest.raises(ValidationError):
        text(200, lines=lines).deserialize(value)
    with pytest.raises(ValidationError):
        LocalisedText(lines=lines).deserialize({"ar": "قاعة", "en": value})


@pytest.mark.parametrize("value", LINES)
def test_a_reason_may_have_lines_and_a_name_has_one(value: str) -> None:
    assert text(200, lines=True).deserialize(value) == value
    assert LocalisedText(lines=True).deserialize({"ar": value}) == {"ar": value}
    with pytest.raises(ValidationError):
        text(200).deserialize(value)
    with pytest.raises(ValidationError):
        LocalisedText().deserialize({"ar": value})


@pytest.mark.parametrize("value", BREAKS)
def test_the_line_breaks_of_any_system_are_kept_as_lf(value: str) -> None:
    assert text(3, lines=True).deserialize(value) == "a\nb"
    assert LocalisedText(limit=3, lines=True).deserialize({"ar": value}) == {"ar": "a\nb"}


@pytest.mark.parametrize("value", ["a\r\nBcc: a@b", "a\rb", "a\r\n"])
def test_a_name_has_no_line_break_of_any_system(value: str) -> None:
    with pytest.raises(ValidationError):
        text(200).deserialize(value)
    with pytest.raises(ValidationError):
        LocalisedText().deserialize({"ar": value})


def test_blank_lines_of_windows_show_nothing() -> None:
    with pytest.raises(ValidationError):
        text(200, lines=True).deserialize("\r\n \r\n")


# The joiners of Persian and of families, and the marks that turn the direction, beside others.
@pytest.mark.parametrize("value", ["قاعة", "می\u200cشود", "👩\u200d👧", "\u200fقاعة A\u200f"])
def test_what_only_directs_or_joins_may_stand_beside_what_is_seen(value: str) -> None:
    assert text(200).deserialize(value) == value


OUTSIDE = [" ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u2060", "\ufeff \u200b", "\u2068"]
UNWANTED = ["\ufeff", "\u2066", "\u2067", "\u2068", "\u2069"]


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("outside", OUTSIDE)
def test_what_copying_leaves_around_a_text_is_taken_away(outside: str, lines: bool) -> None:
    field = text(3, lines=lines)
    assert field.deserialize(f"{outside}a b{outside}") == "a b"
    localised = LocalisedText(limit=3, lines=lines)
    assert localised.deserialize({"ar": f"{outside}a b{outside}"}) == {"ar": "a b"}


@pytest.mark.parametrize("unwanted", UNWANTED)
def test_what_copying_brings_along_is_taken_out(unwanted: str) -> None:
    assert text(2).deserialize(f"a{unwanted}b") == "ab"


def test_lines_around_a_reason_are_taken_away() -> None:
    assert text(9, lines=True).deserialize("\n\ta\nb \n") == "a\nb"


def test_a_text_is_kept_in_its_composed_form() -> None:
    assert text(1).deserialize("\u0627\u0653") == "\u0622"
    assert LocalisedText().deserialize({"ar": "cafe\u0301"}) == {"ar": "caf\u00e9"}


@pytest.mark.parametrize("number", [*range(0x202A, 0x202F), *range(0x206A, 0x2070)])
@pytest.mark.parametrize("lines", [True, False])
def test_what_shows_a_text_in_another_order_is_refused(number: int, lines: bool) -> None:
    for value in (f"a{chr(number)}b", f"{chr(number)}a"):
        with pytest.raises(ValidationError, match="direction"):
            text(200, lines=lines).deserialize(value)
        with pytest.raises(ValidationError):
            LocalisedText(lines=lines).deserialize({"ar": value})


# Signs, pictures with and without joiners, a tatweel, a lone mark, a hidden letter beside a sign.
NAMELESS = ["...", "؟!", "😀", "👩\u200d👧", "🎉 — 🎉", "ـــ", "\u0651\u0301", "«»", "\u3164.", "①"]


@pytest.mark.parametrize("value", NAMELESS)
def test_a_name_without_a_letter_is_refused(value: str) -> None:
    for field in (name_text(200), person_name(200)):
        with pytest.raises(ValidationError, match="letters"):
            field.deserialize(value)
    with pytest.raises(ValidationError):
        LocalisedText().deserialize({"ar": "قاعة", "en": value})
    assert text(200).deserialize(value) == value, "a text that is no name may be a sign"
    assert LocalisedText(lines=True).deserialize({"ar": value}) == {"ar": value}


@pytest.mark.parametrize("value", ["101", "٢٠٢٦", "#3"])
def test_a_number_names_a_thing_and_no_person(value: str) -> None:
    assert name_text(200).deserialize(value) == value
    assert LocalisedText().deserialize({"ar": value}) == {"ar": value}
    for refusing in (person_name(200), LocalisedText(person=True).value_field):
        assert refusing is not None
        with pytest.raises(ValidationError, match="letters"):
            refusing.deserialize(value)


@pytest.mark.parametrize(
    "value", ["هبة", "李", "Ö", "O’Neill 🎓", "ܣ", "علي (أبو حسن)", "ሰላም", "𐎠", "ض"]
)
def test_a_name_in_letters_of_any_script_is_taken(value: str) -> None:
    assert person_name(200).deserialize(value) == value
    assert re.search(text_patterns.NAME, value)


def test_the_description_of_the_http_door_refuses_no_name_and_nearly_all_signs() -> None:
    refused = 0
    for number in (*range(0xD800), *range(0xE000, 0x10000)):
        character = chr(number)
        said = re.search(text_patterns.NAME, character) is not None
        try:
            name_text(200).deserialize(character)
        except ValidationError:
            refused += not said
        else:
            assert said, hex(number)
    assert refused > 1500
    assert not any(re.search(text_patterns.NAME, each) for each in ("...", "؟!", "«»", "ـــ", "→"))


@pytest.mark.parametrize("lines", [True, False])
def test_the_description_of_the_http_door_says_the_same(lines: bool) -> None:
    pattern = re.compile(text_patterns.LINES if lines else text_patterns.LINE)
    field = text(200, lines=lines)

    def taken(value: str) -> bool:
        try:
            field.deserialize(value)
        except ValidationError:
            return False
        return True

    for number in (*range(0xD800), *range(0xE000, 0x10000)):
        character = chr(number)
        for value in (character, f"a{character}b"):
            said = pattern.search(value) is not None
            assert said == taken(value), (hex(number), unicodedata.category(character))


@pytest.mark.parametrize("name", ["Asia/Damascus", "Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_a_zone_of_the_database_is_taken(name: str) -> None:
    assert Zone().deserialize(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "localtime",
        "Factory",
        "posixrules",
        "right/Asia/Damascus",
        "posix/Asia/Damascus",
        "asia/damascus",
        "Asia",
        "Asia/../Asia/Damascus",
        "/etc/localtime",
        "Mars/Olympus",
        "",
        "\u0000",
        "a" * 5000,
    ],
)
def test_what_only_lies_beside_the_database_is_no_zone(name: str) -> None:
    with pytest.raises(ValidationError):
        Zone().deserialize(name)
