"""Certificates as PDF, judged by their picture (case TR9): order, letters, fonts, QR code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import fontpkg_amiri
import fontpkg_noto_serif
import pypdf
import pypdfium2
import pytest
import zxingcpp

from services.common.documents.lines import line_of
from services.common.documents.typesetting import Unprintable
from services.common.signing_keys import ED25519, SigningKeys
from services.trainings.documents.certificate import render_certificate
from services.trainings.domain.certificates import Certificate, Kind, erase_person
from services.trainings.statements import read_certificate, sign_certificate
from tests.unit.trainings.certificates import DAMASCUS, FULL_NAME, certificate
from tests.unit.trainings.pictures import SCALE, Box, Page

REGULAR = str(fontpkg_amiri.ROOT / "files" / "Amiri-Regular.ttf")
BOLD = str(fontpkg_amiri.ROOT / "files" / "Amiri-Bold.ttf")
FALLBACK = str(fontpkg_noto_serif.ROOT / "files" / "NotoSerif[wdth,wght].ttf")
LONG_CODE = "MSH-7Q4K-9XPD-M2RT"
MM = 72 / 25.4 * SCALE

#: The lines in the middle of the page, from top to bottom.
CENTRE, HEADING, GIVEN_TO, NAME, GIVEN_FOR, TITLE = range(6)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return SigningKeys(tmp_path_factory.mktemp("keys"), ED25519)


def address(one: Certificate) -> str:
    return f"https://masaha.example/certificates/{one.code}"


def rendered(one: Certificate, keys: SigningKeys, language: str = "ar") -> bytes:
    return render_certificate(
        one,
        language,
        zone=DAMASCUS,
        address=address(one),
        statement=sign_certificate(one, DAMASCUS, keys),
    )


def middle(page: Page) -> list[Box]:
    """The lines between the border and what stands at the foot."""
    area = Box(int(20 * MM), int(14 * MM), int(277 * MM), int(118 * MM))
    return page.bands(area, gap=int(1.7 * MM))


def read_code(pdf: bytes, dots_per_inch: int) -> str:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=dots_per_inch / 72).to_pil()
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    [text] = {code.text for code in found}
    return str(text)


def fonts(pdf: bytes) -> Iterator[tuple[str, pypdf.generic.DictionaryObject]]:
    """Each font of a file with its descriptor, down to those of composed fonts."""
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for each in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font = each.get_object()
            for below in font.get("/DescendantFonts", [font]):
                found = below.get_object()
                yield str(found["/BaseFont"]), found["/FontDescriptor"].get_object()


@pytest.fixture(scope="module")
def arabic(keys: SigningKeys) -> bytes:
    return rendered(certificate(), keys)


# -- the picture -------------------------------------------------------------------------------


def test_excel_is_the_rightmost_of_the_title(arabic: bytes) -> None:
    page = Page(arabic)
    title = middle(page)[TITLE]
    # Two words and the space between them: the widest empty stretch parts them.
    ink = sorted((box.left, box.right) for box in page.blobs(title))
    gaps = []
    reached = ink[0][1]
    for left, right in ink[1:]:
        gaps.append((left - reached, reached, left))
        reached = max(reached, right)
    _, ends, begins = max(gaps)
    right = Box(title.left + begins - 1, title.top, title.right, title.bottom)
    left = Box(title.left, title.top, title.left + ends + 1, title.bottom)
    assert page.difference(right, "Excel", BOLD) < 0.12
    assert page.difference(left, "Excel", BOLD) > 0.25


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    ("shown", "reversed_"), [("2026-04-26", "26-04-2026"), ("2026-05-02", "02-05-2026")]
)
def test_dates_read_unbroken(keys: SigningKeys, language: str, shown: str, reversed_: str) -> None:
    page = Page(rendered(certificate(), keys, language))
    place = page.place(shown)
    assert page.difference(place, shown, REGULAR) < 0.12
    assert page.difference(place, reversed_, REGULAR) > 0.2


@pytest.mark.parametrize(("language", "left", "right"), [("ar", 233, 273.5), ("en", 23.5, 64)])
def test_the_code_reads_unbroken(
    keys: SigningKeys, language: str, left: float, right: float
) -> None:
    page = Page(rendered(certificate(), keys, language))
    column = Box(int(left * MM), int(140 * MM), int(right * MM), int(175 * MM))
    _, hours, _, code = page.bands(column, gap=int(0.5 * MM))[:4]
    assert page.difference(hours, "40", REGULAR) < 0.12
    assert page.difference(code, "MSH-7Q4K", REGULAR) < 0.12
    assert page.difference(code, "7Q4K-MSH", REGULAR) > 0.2


def test_letters_are_joined(keys: SigningKeys) -> None:
    page = Page(rendered(certificate(name="هبة"), keys))
    line = middle(page)[NAME]
    # One body for three letters, and dots, which are narrow.
    widths = sorted((box.width for box in page.blobs(line)), reverse=True)
    assert widths[0] > 0.9 * line.width
    assert all(width < 0.3 * line.width for width in widths[1:])


def test_letters_that_are_not_joined_are_seen(keys: SigningKeys) -> None:
    page = Page(rendered(certificate(name="ه\u200cب\u200cة"), keys))
    line = middle(page)[NAME]
    assert max(box.width for box in page.blobs(line)) < 0.9 * line.width


def test_a_latin_name_on_an_arabic_page_keeps_its_order(keys: SigningKeys) -> None:
    page = Page(rendered(certificate(name="Maria Kowalska (Anna)"), keys))
    assert page.difference(middle(page)[NAME], "Maria Kowalska (Anna)", BOLD) < 0.12
    assert page.difference(middle(page)[NAME], "(Anna) Maria Kowalska", BOLD) > 0.15


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "هبة"},
        {"name": FULL_NAME},
        {"name": "فاطمة الزهراء عبد الرحمن " * 8},
        {"name": "W" * 120},
        {"title": {"ar": "التخطيط الاستراتيجي وإدارة المشاريع " * 6, "en": "Planning of " * 16}},
        {"title": {"ar": "م" * 200, "en": "W" * 200}},
        {"centre": {"ar": "مركز دعم المجتمع المدني " * 8, "en": "W" * 200}},
    ],
    ids=lambda changes: f"{next(iter(changes))} {len(str(changes))}",
)
def test_every_text_fits_its_place_on_one_page(
    keys: SigningKeys, language: str, changes: dict[str, Any]
) -> None:
    page = Page(rendered(certificate(code=LONG_CODE, **changes), keys, language))
    assert page.pages == 1
    inside = page.bands(Box(int(12 * MM), int(12 * MM), int(285 * MM), int(198 * MM)), gap=0)
    assert min(box.left for box in inside) >= int(23.5 * MM), "over the left margin"
    assert max(box.right for box in inside) <= int(273.5 * MM), "over the right margin"
    assert min(box.top for box in inside) >= int(15 * MM)
    assert max(box.bottom for box in inside) <= int(194 * MM)


# -- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_usual_font_is_amiri_and_embedded(keys: SigningKeys, language: str) -> None:
    found = list(fonts(rendered(certificate(), keys, language)))
    assert len({name for name, _ in found}) >= 2
    for name, descriptor in found:
        assert "Amiri" in name
        assert {"/FontFile2", "/FontFile3"} & set(descriptor), f"{name} is not embedded"


@pytest.mark.parametrize(
    ("text", "lacking"), [("李", "李"), ("😀", "😀"), ("Հայ", "Հ"), ("ܣ", "ܣ"), ("Иван 李", "李")]
)
def test_a_missing_glyph_is_refused_never_printed(
    keys: SigningKeys, text: str, lacking: str
) -> None:
    for changes in ({"name": text}, {"title": {"ar": text}}, {"centre": {"ar": text}}):
        with pytest.raises(Unprintable, match=lacking):
            rendered(certificate(**changes), keys)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Иван Петрович Сидоров", "Сидоров Петрович Иван"),
        ("Ђорђе Ћосић", "Ћосић Ђорђе"),
        ("Ẍezal Ḧesen", "Ḧesen Ẍezal"),
        ("Șerban Əliyev", "Əliyev Șerban"),
        ("Γιώργος Παπαδόπουλος", "Παπαδόπουλος Γιώργος"),
    ],
)
def test_a_name_that_the_first_font_lacks_is_drawn_by_the_second(
    keys: SigningKeys, language: str, name: str, other: str
) -> None:
    page = Page(rendered(certificate(name=name), keys, language))
    line = middle(page)[NAME]
    assert page.difference(line, name, FALLBACK, "Bold") < 0.12
    assert page.difference(line, other, FALLBACK, "Bold") > 0.15


def test_both_fonts_of_a_name_in_two_scripts_are_embedded(keys: SigningKeys) -> None:
    found = dict(fonts(rendered(certificate(name="محمد Иван"), keys)))
    assert {name.partition("+")[2].partition("-")[0] for name in found} == {"Amiri", "NotoSerif"}
    assert all({"/FontFile2", "/FontFile3"} & set(each) for each in found.values())


@pytest.mark.parametrize(
    "name", ["şğıİçöüêîû ŞŁńżÀñČ", "ڕێۆڵ پچگژ ک ی ە", "O’Neill – «أبو» 1/2", "سُعادٌ ّ"]
)
def test_names_of_the_region_are_printed(keys: SigningKeys, name: str) -> None:
    assert Page(rendered(certificate(name=name), keys)).pages == 1


def test_a_name_never_becomes_markup(keys: SigningKeys) -> None:
    hostile = '#set page() *x* `y` $z$ <a> @b \\ "[#panic()]" // c'
    page = Page(rendered(certificate(name=hostile), keys, "en"))
    assert page.pages == 1
    assert page.place(hostile).width > 100 * MM


@pytest.mark.parametrize(
    ("text", "language", "direction"),
    [
        ("Excel للمحاسبة", "ar", "rtl"),
        ("Excel", "ar", "ltr"),
        ("المحاسبة", "en", "rtl"),
        ("Excel للمحاسبة", "en", "rtl"),
        ("2026", "ar", "ltr"),
    ],
)
def test_a_line_has_the_direction_of_its_letters(text: str, language: str, direction: str) -> None:
    assert line_of(text, language) == {"text": text, "direction": direction}


def test_what_is_not_seen_is_not_printed() -> None:
    assert line_of("\u202eا\u2067ب\u2060\u200b\n\u200fج\ufeff", "ar")["text"] == "اب ج"
    assert line_of("می\u200cخواهم", "ar")["text"] == "می\u200cخواهم"


def test_it_is_the_same_whenever_and_wherever_it_is_made(keys: SigningKeys) -> None:
    one = certificate()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: rendered(one, keys), range(8)))
    assert len(set(made)) == 1


def test_a_screen_reader_finds_the_title_the_language_and_the_order(arabic: bytes) -> None:
    root = pypdf.PdfReader(io.BytesIO(arabic)).root_object
    assert root["/Lang"] == "ar"
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    about = root["/Metadata"].get_object().get_data().decode()  # type: ignore[attr-defined]
    assert "pdfaid:part>2<" in about
    assert "pdfuaid:part>1<" in about
    assert "شهادة إتمام" in about


def test_an_erased_person_has_no_page(keys: SigningKeys) -> None:
    with pytest.raises(ValueError, match="erased"):
        render_certificate(
            erase_person(certificate()), "ar", zone=DAMASCUS, address="x", statement="y"
        )


# -- the QR code --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Maria Kowalska", "kind": Kind.ATTENDANCE},
        {
            "name": "محمد عبد الرحمن عبد الله أحمد " * 4,
            "title": {"ar": "التخطيط الاستراتيجي وإدارة المشاريع " * 5},
            "expires_at": datetime(2029, 5, 1, 21, tzinfo=UTC),
        },
    ],
    ids=["usual", "latin", "longest"],
)
@pytest.mark.parametrize("dots_per_inch", [150, 300])
def test_a_phone_reads_the_address_and_the_statement(
    keys: SigningKeys, changes: dict[str, Any], dots_per_inch: int
) -> None:
    one = certificate(code=LONG_CODE, **changes)
    before, _, token = read_code(rendered(one, keys), dots_per_inch).partition("#")
    assert before == address(one)
    assert read_certificate(token, keys).name == one.name


def test_on_a_page_that_was_altered_the_code_says_what_was_issued(keys: SigningKeys) -> None:
    """Case TR7: the holder makes 80 hours of 40, and has the file's every other part."""
    issued = certificate()
    altered = render_certificate(
        certificate(minutes=80 * 60),
        "ar",
        zone=DAMASCUS,
        address=address(issued),
        statement=sign_certificate(issued, DAMASCUS, keys),
    )
    page = Page(altered)
    assert page.difference(page.place("80"), "80", REGULAR) < 0.12
    said = read_certificate(read_code(altered, 150).partition("#")[2], keys)
    assert (said.hours, said.name, said.title) == (40, FULL_NAME, "Excel للمحاسبة")
