"""Pictures and tables of working documents: what people print, show and send on."""

from __future__ import annotations

from services.common import csv, xlsx
from services.common.context import Call
from services.consultations.app import App
from services.consultations.documents import tables
from services.consultations.documents.schedule_picture import draw_schedule
from services.consultations.documents.structure_picture import draw_structure
from services.consultations.domain.working_documents import DocumentEdition, DocumentKind
from services.consultations.operations.working_documents import (
    edition_of,
    get_working_document,
    today_of,
)
from services.consultations.schemas.working_documents import OfDocumentEdition, TableOfDocument

SVG = "image/svg+xml"
LONGEST_TITLE = 80
"""Of the title in the name of a file: what a phone shows of it."""
_NO_FOLDERS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


def draw_document(app: App, call: Call, query: OfDocumentEdition) -> tuple[str, bytes]:
    """Name and bytes of the picture of an edition, SVG.

    Raises:
        as :func:`get_document_edition`.
    """
    document = get_working_document(app, call, query.id)
    edition = edition_of(app, document, query.number)
    name = _file_name(edition, "svg")
    if document.what is DocumentKind.STRUCTURE:
        return name, draw_structure(edition.content, document.language)
    return name, draw_schedule(edition.content, document.language, today_of(app))


def export_document(app: App, call: Call, query: TableOfDocument) -> tuple[str, str, bytes]:
    """Name, content type and bytes of the table of an edition, in the document's own language.

    Raises:
        as :func:`get_document_edition`.
    """
    document = get_working_document(app, call, query.id)
    edition = edition_of(app, document, query.number)
    headings = tables.headings(document.what, document.language)
    rows = tables.rows(document.what, edition.content, document.language)
    name = _file_name(edition, query.format)
    if query.format == "xlsx":
        return name, xlsx.CONTENT_TYPE, xlsx.write(headings, rows, document.language)
    return name, csv.CONTENT_TYPE, csv.write(headings, rows).encode()


def _file_name(edition: DocumentEdition, ending: str) -> str:
    """What people find the file by: its title and which edition it is."""
    title = edition.content.title.translate(_NO_FOLDERS)[:LONGEST_TITLE].strip()
    return f"{title} {edition.number}.{ending}"
