"""Working documents: an organisation and its advisers write them, every edition is kept."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from services.common import csv, errors
from services.common.context import Caller
from services.common.personal_data import Erasure
from services.consultations.app import App
from services.consultations.domain.working_documents import Holder, WorkingDocument
from services.consultations.operations import (
    document_comments,
    document_output,
    personal_data,
    working_documents,
)
from services.consultations.schemas.working_documents import (
    CommentOnDocument,
    ListWorkingDocuments,
    OfDocument,
    OfDocumentEdition,
    RestoreWorkingDocument,
    TableOfDocument,
    change_working_document,
)
from tests.support.action_plans import advised_case, make_plan, milestone_request
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, REPRESENTATIVE, STRANGER, call
from tests.support.consultations import HUDA, JAMAL
from tests.support.working_documents import begin_document

ROLES = [
    {"id": "board", "title": "مجلس الإدارة"},
    {"id": "director", "title": "المديرة", "reports_to": "board", "holder": {"name": "نور"}},
]


def change(
    app: App, document: WorkingDocument, caller: Caller = MEMBER, **values: Any
) -> WorkingDocument:
    """The document after a change."""
    said = {"id": document.id, "expected_version": document.version, **values}
    command = change_working_document(said)
    return working_documents.change_working_document(app, call(caller), command)


def comment(
    app: App, document: WorkingDocument, text: str, caller: Caller = MEMBER, **of: Any
) -> Any:
    """A comment of the caller on the newest edition."""
    command = CommentOnDocument(document.id, document.current.number, text, of.get("row_id"))
    return document_comments.comment_on_document(app, call(caller), command)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_document_begins_with_a_template_in_its_language(app: App, language: str) -> None:
    structure = begin_document(app, template_id="small-association", language=language)
    titles = {each.id: each.title for each in structure.current.content.roles}
    assert titles["board"] == {"ar": "مجلس الإدارة", "en": "Board"}[language]
    schedule = begin_document(
        app,
        kind="work_schedule",
        template_id="first-ninety-days",
        language=language,
        starts_on="2027-01-03",
    )
    first = schedule.current.content.entries[0]
    assert (first.starts_on.isoformat(), first.due_on.isoformat()) == ("2027-01-03", "2027-01-16")


def test_a_template_of_another_kind_is_unknown(app: App) -> None:
    with pytest.raises(errors.Invalid, match="unknown_template"):
        begin_document(app, template_id="first-ninety-days")


def test_every_edition_is_kept_and_an_earlier_one_comes_back(app: App) -> None:
    first = begin_document(app, roles=ROLES)
    second = change(app, first, roles=[ROLES[0]], reason="استقالت")
    command = RestoreWorkingDocument(first.id, second.version, 1)
    third = working_documents.restore_working_document(app, call(REPRESENTATIVE), command)
    assert third.current.content == first.current.content
    assert (third.current.number, third.current.of) == (3, 1)
    found = working_documents.find_document_editions(
        app, call(MEMBER), OfDocument(first.id, 20, None)
    )
    assert [each.number for each in found] == [3, 2, 1]
    assert [each.made_by for each in found] == [REPRESENTATIVE.id, MEMBER.id, MEMBER.id]
    page = working_documents.find_document_editions(app, call(MEMBER), OfDocument(first.id, 1, 3))
    assert [each.number for each in page] == [2, 1]
    one = working_documents.get_document_edition(app, call(MEMBER), OfDocumentEdition(first.id, 2))
    assert one.reason == "استقالت"


def test_two_who_write_at_once_do_not_overwrite_each_other(app: App) -> None:
    document = begin_document(app, roles=ROLES)
    change(app, document, title="هيكلية 2027")
    with pytest.raises(errors.Stale):
        change(app, document, REPRESENTATIVE, title="هيكلية أخرى")
    assert app.working_documents.get(document.id).current.content.title == "هيكلية 2027"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"roles": [{"id": "a", "title": "أ", "reports_to": "a"}]}, "/roles/0/reports_to"),
        ({"roles": [{"id": "a", "title": "أ", "reports_to": "b"}]}, "/roles/0/reports_to"),
        (
            {
                "entries": [
                    {
                        "id": "e",
                        "task": "م",
                        "responsible": "ف",
                        "starts_on": "2027-01-01",
                        "due_on": "2027-01-01",
                    }
                ]
            },
            "/entries",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    app: App, values: dict[str, Any], pointer: str
) -> None:
    document = begin_document(app, roles=ROLES)
    with pytest.raises(errors.Invalid) as refused:
        change(app, document, **values)
    assert refused.value.errors[0].pointer == pointer
    assert app.working_documents.get(document.id) == document


def test_an_adviser_of_the_organisation_helps_and_another_does_not_see_it(app: App) -> None:
    document = begin_document(app, roles=ROLES)
    everything = ListWorkingDocuments(None, None, None, 20, None)
    for outsider in (HUDA, JAMAL, STRANGER, RAQQA_DESK):
        with pytest.raises(errors.NotFound):
            working_documents.get_working_document(app, call(outsider), document.id)
        assert working_documents.find_working_documents(app, call(outsider), everything) == []
    advised_case(app)
    assert change(app, document, HUDA, title="هيكلية معدّلة").current.made_by == HUDA.id
    assert len(working_documents.find_working_documents(app, call(HUDA), everything)) == 1
    former = replace(HUDA, roles=frozenset())
    assert working_documents.find_working_documents(app, call(former), everything) == []
    with pytest.raises(errors.NotFound):
        change(app, document, former, title="هيكلية أخرى")
    # Managers read it and do not write.
    assert working_documents.get_working_document(app, call(MANAGER), document.id)
    with pytest.raises(errors.Forbidden):
        change(app, app.working_documents.get(document.id), MANAGER, title="من الإدارة")


def test_a_comment_is_on_an_edition_or_on_one_of_its_rows(app: App) -> None:
    document = begin_document(app, roles=ROLES)
    comment(app, document, "من يحلّ محلّها؟", row_id="director")
    comment(app, document, "جيد", REPRESENTATIVE)
    found = document_comments.find_comments(app, call(MEMBER), OfDocument(document.id, 20, None))
    assert [(each.row_id, each.by) for each in found] == [
        ("director", MEMBER.id),
        (None, REPRESENTATIVE.id),
    ]
    with pytest.raises(errors.Invalid, match="unknown_row"):
        comment(app, document, "؟", row_id="nobody")
    with pytest.raises(errors.NotFound):
        comment(app, document, "؟", STRANGER)


def test_an_archived_document_is_read_and_not_changed(app: App) -> None:
    document = change(app, begin_document(app, roles=ROLES), archived=True)
    for act in (
        lambda: change(app, document, title="أخرى"),
        lambda: comment(app, document, "؟"),
    ):
        with pytest.raises(errors.Conflict, match="document_archived"):
            act()
    back = change(app, document, archived=False, title="أخرى")
    assert (back.archived, back.current.number, back.version) == (False, 2, document.version + 1)


def test_limits_are_refused_with_their_code(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_documents, "MOST_DOCUMENTS", 2)
    monkeypatch.setattr(document_comments, "MOST_COMMENTS", 1)
    first, _ = begin_document(app), begin_document(app)
    with pytest.raises(errors.Conflict, match="too_many_documents"):
        begin_document(app)
    filed = change(app, first, archived=True)
    last = begin_document(app)
    with pytest.raises(errors.Conflict, match="too_many_documents"):
        change(app, filed, archived=False)
    comment(app, last, "أول")
    with pytest.raises(errors.Conflict, match="comments_used_up"):
        comment(app, last, "ثان")


def test_a_document_is_a_picture_and_a_table(app: App) -> None:
    roles = [ROLES[0], {**ROLES[1], "title": "=المديرة"}]
    document = begin_document(app, title="هيكلية 2026/2027", roles=roles)
    name, picture = document_output.draw_document(app, call(MEMBER), OfDocumentEdition(document.id))
    assert name == "هيكلية 2026-2027 1.svg"
    assert picture.startswith(b"<svg ")
    _, _, table = document_output.export_document(
        app, call(MEMBER), TableOfDocument(document.id, None, "csv")
    )
    read = csv.read(table)
    assert read.headings[:2] == ("الدور", "يتبع لـ")
    assert read.rows[1].cells[:3] == ("=المديرة", ROLES[0]["title"], "نور")
    assert b"'=" in table
    _, _, book = document_output.export_document(
        app, call(MEMBER), TableOfDocument(document.id, None, "xlsx")
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert [cell.value for cell in sheet[3]][:3] == ["=المديرة", ROLES[0]["title"], "نور"]
    assert sheet["A3"].data_type == "s"


def test_a_milestone_points_at_a_document_of_its_organisation(app: App) -> None:
    document = begin_document(app, roles=ROLES)
    milestones = [milestone_request(document_id=document.id)]
    plan = make_plan(app, advised_case(app), milestones=milestones)
    assert plan.current.content.milestones[0].document_id == document.id


def test_an_erased_person_is_named_in_no_edition(app: App) -> None:
    named = {"name": "نور", "person_id": "nour"}
    roles = [{**ROLES[0], "holder": named}, {**ROLES[1], "holder": {"name": "ريم"}}]
    document = begin_document(app, roles=roles)
    change(app, document, roles=[ROLES[0]])
    later = begin_document(app, roles=roles)
    manager = call(MANAGER)
    exported = personal_data.export(app, manager, "nour", None)["working_documents"]
    assert [each["row_id"] for each in exported] == ["board"]
    for _ in range(2):
        app.database.transact(lambda s: personal_data.erase(app, s, Erasure("nour", 9)))
    for each in (OfDocumentEdition(document.id, 1), OfDocumentEdition(later.id)):
        edition = working_documents.get_document_edition(app, call(MEMBER), each)
        holders = [role.holder for role in edition.content.roles]
        assert holders == [Holder(None, "nour"), Holder("ريم")]
    assert app.working_documents.get(later.id).version == later.version + 1
