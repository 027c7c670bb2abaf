"""Pictures of structures and schedules: nothing overlaps, and Arabic begins on the right."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.consultations.documents.drawing import fit_lines, width_of
from services.consultations.documents.schedule_picture import draw_schedule
from services.consultations.documents.structure_picture import draw_structure
from services.consultations.domain.working_documents import (
    DocumentContent,
    Entry,
    EntryStatus,
    Holder,
    Role,
)

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2027, 1, 15)


def parse(picture: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def boxes(picture: ElementTree.Element) -> dict[str, tuple[float, float, float, float]]:
    """The box of each titled group: left, top, right, bottom."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        [title], [box] = group.findall(f"{SVG}title"), group.findall(f"{SVG}rect")
        x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
        found[str(title.text)] = (x, y, x + width, y + height)
    return found


def structure(*roles: Role) -> DocumentContent:
    return DocumentContent("هيكلية", roles=roles)


@st.composite
def forests(draw: st.DrawFn) -> tuple[Role, ...]:
    """Roles that answer to an earlier one, or to nobody."""
    count = draw(st.integers(1, 25))
    above = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(count)]
    return tuple(
        Role(f"r{n}", f"دور {n}", None if up is None else f"r{up}") for n, up in enumerate(above)
    )


@settings(max_examples=60, deadline=None)
@given(roles=forests(), language=st.sampled_from(["ar", "en"]))
def test_no_box_overlaps_another_or_leaves_the_picture(
    roles: tuple[Role, ...], language: str
) -> None:
    picture = parse(draw_structure(structure(*roles), language))
    found = list(boxes(picture).values())
    assert len(found) == len(roles)
    width, height = float(picture.get("width", "")), float(picture.get("height", ""))
    for left, top, right, bottom in found:
        assert left >= 0 and top >= 0 and right <= width + 0.5 and bottom <= height + 0.5
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            beside = one[2] <= other[0] + 0.2 or other[2] <= one[0] + 0.2
            below = one[3] <= other[1] + 0.2 or other[3] <= one[1] + 0.2
            assert beside or below


@settings(max_examples=30, deadline=None)
@given(roles=forests())
def test_an_arabic_structure_is_the_mirror_of_an_english_one(roles: tuple[Role, ...]) -> None:
    content = structure(*(Role(e.id, e.title, e.reports_to, Holder("س")) for e in roles))
    arabic, english = (parse(draw_structure(content, each)) for each in ("ar", "en"))
    width = float(english.get("width", ""))
    mirrored = {
        title: (width - right, top, width - left, bottom)
        for title, (left, top, right, bottom) in boxes(english).items()
    }
    for title, box in boxes(arabic).items():
        assert box == pytest.approx(mirrored[title], abs=0.2)


def test_a_role_is_below_the_one_that_it_answers_to() -> None:
    content = structure(Role("a", "مجلس"), Role("b", "مديرة", "a"), Role("c", "محاسب", "b"))
    tops = [box[1] for box in boxes(parse(draw_structure(content, "ar"))).values()]
    assert all(one < other for one, other in pairwise(tops))


def test_what_people_write_never_becomes_markup() -> None:
    title = "</text><script>alert('x')</script>&amp;\"\u202e"
    content = DocumentContent(title, roles=(Role("a", title, None, Holder(title)),))
    picture = draw_structure(content, "en")
    parsed = parse(picture)
    assert {each.tag.removeprefix(SVG) for each in parsed.iter()} <= {
        *("svg", "title", "rect", "g", "text", "polyline")
    }
    assert "\u202e" not in picture.decode()
    assert parse(picture).findtext(f"{SVG}title") == title.removesuffix("\u202e")


def schedule(*entries: Entry) -> DocumentContent:
    return DocumentContent("جدول", entries=entries)


def entry(name: str, first: date, days: int, **values: object) -> Entry:
    last = first + timedelta(days=days - 1)
    return Entry(name, name, "الفريق", first, last, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_time_goes_the_way_the_language_is_read(language: str) -> None:
    content = schedule(
        entry("a", date(2027, 1, 1), 10),
        entry("b", date(2027, 1, 11), 10),
        entry("c", date(2027, 1, 1), 20),
    )
    found = boxes(parse(draw_schedule(content, language, TODAY)))
    a, b, c = (next(box for title, box in found.items() if title[0] == name) for name in "abc")
    if language == "ar":
        assert (a[0], a[2]) == pytest.approx((b[2], c[2]), abs=0.2)
    else:
        assert (a[2], a[0]) == pytest.approx((b[0], c[0]), abs=0.2)
    assert a[2] - a[0] == pytest.approx((c[2] - c[0]) / 2, abs=0.2)


@pytest.mark.parametrize("days", [1, 30, 400, 1_830])
def test_a_schedule_of_any_length_fits_a_page(days: int) -> None:
    content = schedule(entry("a", date(2027, 1, 31), days))
    picture = parse(draw_schedule(content, "ar", TODAY))
    assert 320 <= float(picture.get("width", "")) <= 2_250
    [(left, _, right, _)] = boxes(picture).values()
    assert left >= 0 and right - left >= 0.9


def test_an_empty_document_is_a_picture_too() -> None:
    assert parse(draw_schedule(schedule(), "ar", TODAY)).findtext(f"{SVG}title") == "جدول"
    assert parse(draw_structure(structure(), "en")).findtext(f"{SVG}title") == "هيكلية"


def test_the_states_of_tasks_are_distinguished() -> None:
    content = schedule(
        *(entry(each.value, TODAY, 5, status=each) for each in EntryStatus),
    )
    picture = parse(draw_schedule(content, "ar", TODAY))
    bars = [group.find(f"{SVG}rect") for group in picture.iter(f"{SVG}g")]
    assert len({bar.get("fill") for bar in bars if bar is not None}) == 3


def test_a_text_that_does_not_fit_ends_in_an_ellipsis() -> None:
    assert fit_lines("قصير", 100, 14, 2) == ["قصير"]
    lines = fit_lines("المسؤولة المالية والإدارية في المكتب الرئيسي وفروعه", 120, 14, 2)
    assert len(lines) == 2 and lines[-1].endswith("…")
    assert all(width_of(line, 14) <= 120 for line in lines)
    [cut] = fit_lines("ا" * 300, 100, 14, 1)
    assert cut.endswith("…") and width_of(cut, 14) <= 100
