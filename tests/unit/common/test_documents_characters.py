"""What documents can print: the table agrees with the fonts, and with the typesetter."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest

from services.common.documents.characters import PRINTABLE, is_printed
from services.common.documents.lines import line_of
from services.common.documents.typesetting import Unprintable, set_document
from services.common.plain_text import fault_of_name
from services.common.seeing import is_seen
from services.trainings.documents.qr_codes import draw_qr_code
from tests.support.fonts import ranges_of_fonts

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PRINTED = ["محمد عبد الله أحمد الصالح", "مُحَمَّد", "پەڕەسێلکە", "Ḥālid", "Zoë", "Иван", "Νίκος"]
NOT_PRINTED = ["李雷", "علي 😀", "Արամ", "שלום", "ܣܪܓܘܢ", "ሰላም", "नमस्ते", "ქართული"]


def print_name(name: str) -> bytes:
    """A certificate for a person of this name."""
    code = draw_qr_code("https://masaha.example/verify/MSH-AAAA")
    values = {
        "document": "x",
        "centre": line_of("x", "en"),
        "heading": "x",
        "given_to": "x",
        "name": line_of(name, "ar"),
        "given_for": "x",
        "title": line_of("x", "en"),
        "facts": [],
        "signature": "x",
        "verify": "x",
        "qr": code.svg,
        "qr_width": code.width,
        "qr_says": "x",
        "address": "https://masaha.example",
        "address_shown": "masaha.example",
    }
    return set_document("trainings/documents/certificate.typ", values, language="ar", moment=NOW)


def test_the_table_is_that_of_the_fonts() -> None:
    assert list(PRINTABLE) == ranges_of_fonts()


def test_the_typesetter_prints_every_letter_of_the_table() -> None:
    letters = [
        chr(point)
        for first, last in PRINTABLE
        for point in range(first, last + 1)
        if unicodedata.category(chr(point)) in {"Lu", "Ll", "Lo", "Nd"} and is_seen(chr(point))
    ]
    assert len(letters) > 2_000
    assert print_name(" ".join(letters)).startswith(b"%PDF")


@pytest.mark.parametrize("name", PRINTED)
def test_a_name_of_the_region_is_printed(name: str) -> None:
    assert is_printed(name)
    assert fault_of_name(name, person=True, printed=True) is None
    assert print_name(name).startswith(b"%PDF")


@pytest.mark.parametrize("name", NOT_PRINTED)
def test_a_name_that_is_refused_could_not_be_printed(name: str) -> None:
    assert fault_of_name(name, person=True) is None
    assert fault_of_name(name, person=True, printed=True) == "unprintable"
    with pytest.raises(Unprintable):
        print_name(name)


def test_what_is_not_seen_keeps_no_name_from_a_document() -> None:
    assert is_printed("علي\u200cرضا \u3000\ufe0f\u200e")
