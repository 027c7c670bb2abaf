"""Structures and work schedules: their rules, their editions and their templates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.common import errors
from services.common.languages import LANGUAGES
from services.consultations.domain.working_documents import (
    MOST_EDITIONS,
    DocumentContent,
    DocumentEdition,
    DocumentKind,
    Entry,
    Role,
    WorkingDocument,
    check_schedule,
    check_structure,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
SEEDS = Path(__file__).parents[3] / "deploy" / "seed" / "document_templates.json"


def document(*roles: Role) -> WorkingDocument:
    content = DocumentContent("هيكلية", roles=roles)
    edition = DocumentEdition(1, content, "nour", NOW)
    return WorkingDocument("d1", "org", DocumentKind.STRUCTURE, "ar", edition, NOW)


@pytest.mark.parametrize(
    ("roles", "code", "pointer"),
    [
        ([("a", "a")], "structure_circle", "/roles/0/reports_to"),
        ([("a", "b"), ("b", "a")], "structure_circle", "/roles/0/reports_to"),
        # What leads into a circle is not in it.
        ([("a", "b"), ("b", "c"), ("c", "b")], "structure_circle", "/roles/1/reports_to"),
        ([("a", None), ("b", "x")], "unknown_role", "/roles/1/reports_to"),
    ],
)
def test_nobody_answers_to_themselves_or_to_a_role_that_is_not_there(
    roles: list[tuple[str, str | None]], code: str, pointer: str
) -> None:
    with pytest.raises(errors.Invalid, match=code) as refused:
        check_structure([Role(name, name, above) for name, above in roles])
    assert refused.value.errors[0].pointer == pointer


def test_a_structure_may_have_several_tops_and_any_order() -> None:
    check_structure([Role("c", "c", "a"), Role("a", "a"), Role("b", "b"), Role("d", "d", "c")])
    check_structure([])


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2027, 1, 2), date(2027, 1, 1), "starts_after_due"),
        (date(2027, 1, 1), date(2032, 2, 1), "schedule_too_long"),
        (date(2190, 1, 1), date(2190, 2, 1), "schedule_too_long"),
    ],
)
def test_a_task_that_ends_before_it_begins_or_takes_too_long_is_refused(
    first: date, last: date, code: str
) -> None:
    with pytest.raises(errors.Invalid, match=code):
        check_schedule([Entry("e", "t", "r", first, last)], date(2027, 1, 1))


def test_a_task_of_one_day_is_fine() -> None:
    check_schedule([Entry("e", "t", "r", date(2027, 1, 1), date(2027, 1, 1))], date(2026, 12, 1))


def test_each_change_is_an_edition_and_the_same_words_are_none() -> None:
    first = document(Role("a", "مجلس الإدارة"))
    second = first.changed(DocumentContent("هيكلية 2027"), "maya", NOW, reason="اسم جديد")
    assert (second.current.number, second.version) == (2, 2)
    assert (second.current.made_by, second.current.reason) == ("maya", "اسم جديد")
    assert second.changed(second.current.content, "nour", NOW) is second


def test_an_archived_document_does_not_change_until_it_is_back() -> None:
    filed = document().filed(True)
    with pytest.raises(errors.Conflict, match="document_archived"):
        filed.changed(DocumentContent("أخرى"), "nour", NOW)
    assert filed.filed(True) is filed
    assert filed.filed(False).changed(DocumentContent("أخرى"), "nour", NOW).current.number == 2


def test_editions_have_an_end() -> None:
    last = document()
    last = replace(last, current=replace(last.current, number=MOST_EDITIONS))
    with pytest.raises(errors.Conflict, match="editions_used_up"):
        last.changed(DocumentContent("أخرى"), "nour", NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_template_begins_with_obeys_the_rules(language: str) -> None:
    from services.consultations.schemas.working_documents import template_of_seed

    entries = json.loads(SEEDS.read_text("utf-8"))["document_templates"]
    templates = [template_of_seed(each) for each in entries]
    assert {each.what for each in templates} == set(DocumentKind)
    for template in templates:
        said = template.content("عنوان", language, date(2027, 1, 3))
        assert said.roles or said.entries
        check_structure(said.roles)
        check_schedule(said.entries, date(2027, 1, 3))
        texts = [each.title for each in said.roles] + [each.task for each in said.entries]
        assert all(texts) and len({*texts}) == len(texts)
