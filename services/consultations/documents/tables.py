"""Working documents as tables, one row a role or a task, for spreadsheets; people read them, so
there are names in them and no ids."""

from __future__ import annotations

from services.common.csv import Cell
from services.consultations.documents.texts import document_texts
from services.consultations.domain.working_documents import (
    DocumentContent,
    DocumentKind,
    Holder,
)

Rows = list[list[Cell]]
_COLUMNS = {
    DocumentKind.STRUCTURE: ("role", "reports_to", "holder", "duties"),
    DocumentKind.WORK_SCHEDULE: (
        *("task", "responsible", "holder", "starts_on", "due_on", "status"),
    ),
}


def headings(what: DocumentKind, language: str) -> list[str]:
    """The headings of the columns, in the language."""
    texts = document_texts()
    return [texts.text(f"table.{column}", language) for column in _COLUMNS[what]]


def rows(what: DocumentKind, content: DocumentContent, language: str) -> Rows:
    """A row for each role, or for each task in the order of the document."""
    if what is DocumentKind.STRUCTURE:
        titles = {each.id: each.title for each in content.roles}
        return [
            [each.title, titles.get(each.reports_to or ""), _name(each.holder), each.duties]
            for each in content.roles
        ]
    texts = document_texts()
    return [
        [
            each.task,
            each.responsible,
            _name(each.holder),
            each.starts_on.isoformat(),
            each.due_on.isoformat(),
            texts.text(f"schedule.status.{each.status.value}", language),
        ]
        for each in content.entries
    ]


def _name(holder: Holder | None) -> str | None:
    return None if holder is None else holder.name
