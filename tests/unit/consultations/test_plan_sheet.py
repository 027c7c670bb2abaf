"""Action plans as PDF: what is on the page, in both languages, from a process of its own."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pypdf
import pypdfium2
import pytest

from services.common import errors
from services.common.documents import apart
from services.consultations.documents.plan_sheet import PlanNames, render_plan
from services.consultations.domain.action_plans import (
    ActionPlan,
    Owner,
    PlanContent,
    PlannedMilestone,
    Side,
    make_edition,
)

ZONE = ZoneInfo("Asia/Damascus")
MADE = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAMES = PlanNames(
    case_number="C-7Q4K-9XPD",
    centre={"ar": "مركز الرقة", "en": "Raqqa centre"},
    organisation={"ar": "منظمة أمل", "en": "Amal"},
    people={
        "rana": {"ar": "رنا الأحمد", "en": "Rana Alahmad"},
        "huda": {"ar": "هدى", "en": "Huda"},
    },
    items={"budget": {"ar": "موازنة سنوية معتمدة", "en": "An approved annual budget"}},
)


def milestone(number: int = 1, **changes: object) -> PlannedMilestone:
    planned = PlannedMilestone(
        id=f"m{number}",
        title="دليل مالي معتمد وفق Excel 2026",
        owner=Owner(Side.ORGANISATION, "المسؤولة المالية"),
        due_on=date(2027, 3, 31),
        evidence="محضر المجلس\nونسخة من الدليل",
        item_ids=("budget",),
    )
    return replace(planned, **changes)  # type: ignore[arg-type]


def plan(*milestones: PlannedMilestone) -> ActionPlan:
    content = PlanContent("إدارة مالية يمكن التحقق منها", milestones or (milestone(),), "a1")
    edition = make_edition("p1", 1, content, "huda", MADE)
    return ActionPlan("p1", "c1", "amal", "raqqa", MADE, edition)


def signed(one: ActionPlan, *sides: tuple[Side, str]) -> ActionPlan:
    for side, by in sides:
        current = one.current
        one = one.signed(side, by, MADE, edition=current.number, content_hash=current.content_hash)
    return one


@pytest.mark.parametrize("language", ["ar", "en"])
def test_codes_and_the_hash_are_copied_as_they_are_read(language: str) -> None:
    one = signed(plan(), (Side.CENTRE, "rana"))
    data = render_plan(one, one.current, NAMES, language, ZONE)
    copied = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_bounded().split()
    assert one.current.content_hash in copied
    assert NAMES.case_number in copied
    assert pypdf.PdfReader(io.BytesIO(data)).root_object["/Lang"] == language


def rendered(one: ActionPlan, language: str = "en") -> bytes:
    return render_plan(one, one.current, NAMES, language, ZONE)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


BOTH = ((Side.ORGANISATION, "rana"), (Side.CENTRE, "huda"))


def test_the_page_says_what_was_signed_by_whom_and_until_when() -> None:
    one = signed(plan(), *BOTH)
    text = text_of(rendered(one))
    for said in (
        "Action plan",
        "Amal",
        "Raqqa centre",
        "C-7Q4K-9XPD",
        "In force",
        "22 November 2026, 11:00",
        "31 March 2027",
        "An approved annual budget",
        "Rana Alahmad",
        "Huda",
        one.current.content_hash,
        "Page 1 of 1",
    ):
        assert said in text
    assert "Not signed yet" not in text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_readers_of_screens_learn_the_language_and_every_font_is_in_the_file(
    language: str,
) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(rendered(plan(), language)))
    assert pdf.trailer["/Root"]["/Lang"] == language  # type: ignore[index]
    for page in pdf.pages:
        for each in page["/Resources"]["/Font"].values():  # type: ignore[index]
            for font in each.get_object()["/DescendantFonts"]:
                assert "/FontFile2" in font.get_object()["/FontDescriptor"]


@pytest.mark.parametrize(
    ("sides", "unsigned", "state"),
    [((), 2, "Waits for signatures"), (BOTH[:1], 1, "Waits for signatures"), (BOTH, 0, "In force")],
)
def test_a_side_that_has_not_signed_is_named_as_such(
    sides: tuple[tuple[Side, str], ...], unsigned: int, state: str
) -> None:
    text = text_of(rendered(signed(plan(), *sides)))
    assert text.count("Not signed yet") == unsigned
    assert state in text


def test_an_edition_that_was_replaced_says_so() -> None:
    first = signed(plan(), *BOTH)
    content = replace(first.current.content, goal="هدف آخر")
    second = first.changed(content, "huda", MADE)
    # What was agreed stays in force until the newer one is agreed.
    assert "In force" in text_of(render_plan(second, first.current, NAMES, "en", ZONE))
    third = signed(second, *BOTH)
    assert "newer edition" in text_of(render_plan(third, first.current, NAMES, "en", ZONE))


def test_a_name_that_was_erased_is_not_made_up() -> None:
    one = signed(plan(), *BOTH)
    nameless = replace(NAMES, people={})
    text = text_of(render_plan(one, one.current, nameless, "en", ZONE))
    assert text.count("Name erased") == 2
    assert "rana" not in text


def test_the_largest_plan_has_all_its_milestones_on_pages_that_say_which() -> None:
    long = "نصّ " * 240
    many = [milestone(n, title=f"Step {n:02} " + "س" * 280, evidence=long) for n in range(40)]
    pdf = rendered(plan(*many))
    text = text_of(pdf)
    assert all(f"Step {n:02}" in text for n in range(40))
    pages = len(pypdfium2.PdfDocument(pdf))
    assert pages > 5
    assert f"Page {pages} of {pages}" in text


def test_what_people_write_is_no_markup_and_a_missing_letter_is_a_question_mark() -> None:
    text = text_of(rendered(plan(milestone(title="#strong[x] $1$ \\ 漢字"))))
    assert "#strong[x] $1$ \\ ??" in text


def test_the_same_edition_is_the_same_file() -> None:
    assert rendered(plan()) == rendered(plan())


def test_the_process_that_sets_it_gets_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are secrets, such as the address of the database with its password."""
    seen: list[dict[str, str]] = []
    run = apart.subprocess.run

    def watched(*args: object, **options: object) -> object:
        seen.append(dict(options["env"]))  # type: ignore[call-overload]
        return run(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(apart.subprocess, "run", watched)
    monkeypatch.setenv("MONGO_URI", "mongodb://somebody:secret@db")
    rendered(plan())
    assert set(seen[0]) <= {"PATH", "HOME"}
    assert "MONGO_URI" in os.environ


def test_a_document_that_cannot_be_made_is_an_error_and_nothing_of_it_is_logged(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(errors.Unavailable):
        apart.set_document_apart(
            "consultations/documents/plan_sheet.typ",
            {"goal": "secret"},
            language="en",
            moment=MADE,
        )
    said = capfd.readouterr()
    assert "secret" not in said.out + said.err
