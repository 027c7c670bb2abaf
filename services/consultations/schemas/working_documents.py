"""Working documents: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import working_documents as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.working_documents import (
    Comment,
    DocumentEdition,
    DocumentKind,
    DocumentTemplate,
    Entry,
    EntryStatus,
    Holder,
    Role,
    TemplateEntry,
    TemplateRole,
    WorkingDocument,
)
from services.consultations.schemas import Request
from services.consultations.schemas.action_plans import after_number

_list_templates = contract.ListDocumentTemplates()
_list_working_documents = contract.ListWorkingDocuments()
_create_working_document = contract.CreateWorkingDocument()
_change_working_document = contract.ChangeWorkingDocument()
_restore_working_document = contract.RestoreWorkingDocument()
_of_document = contract.OfDocument()
_of_document_edition = contract.OfDocumentEdition()
_picture_of_document = contract.PictureOfDocument()
_table_of_document = contract.TableOfDocument()
_comment_on_document = contract.CommentOnDocument()


@dataclass(frozen=True, slots=True)
class ListTemplates:
    kind: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ListWorkingDocuments:
    organisation_id: str | None
    kind: str | None
    archived: bool | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class CreateWorkingDocument:
    """``roles`` and ``entries`` are ``None`` where they were not said."""

    organisation_id: str
    kind: DocumentKind
    language: str
    title: str
    template_id: str | None
    starts_on: date | None
    roles: tuple[Role, ...] | None
    entries: tuple[Entry, ...] | None


@dataclass(frozen=True, slots=True)
class ChangeWorkingDocument:
    """``said`` holds what was said of ``title``, ``roles`` and ``entries``."""

    id: str
    expected_version: int
    said: Mapping[str, Any]
    archived: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RestoreWorkingDocument:
    id: str
    expected_version: int
    number: int


@dataclass(frozen=True, slots=True)
class OfDocument:
    id: str
    limit: int
    after: Any


@dataclass(frozen=True, slots=True)
class OfDocumentEdition:
    """``number`` is ``None`` for the newest."""

    id: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class TableOfDocument:
    id: str
    number: int | None
    format: str


@dataclass(frozen=True, slots=True)
class CommentOnDocument:
    id: str
    edition: int
    text: str
    row_id: str | None


def list_templates(request: Request) -> ListTemplates:
    data = _list_templates.load(request)
    after = data.pop("after")
    return ListTemplates(**data, after=after_id(after))


def list_working_documents(request: Request) -> ListWorkingDocuments:
    data = _list_working_documents.load(request)
    after = data.pop("after")
    return ListWorkingDocuments(**data, after=after_id(after))


def create_working_document(request: Request) -> CreateWorkingDocument:
    data = _create_working_document.load(request)
    return CreateWorkingDocument(**_domain(data) | {"kind": DocumentKind(data["kind"])})


def change_working_document(request: Request) -> ChangeWorkingDocument:
    data = _domain(_change_working_document.load(request))
    return ChangeWorkingDocument(
        id=data["id"],
        expected_version=data["expected_version"],
        said={name: data[name] for name in ("title", "roles", "entries") if name in data},
        archived=data.get("archived"),
        reason=data["reason"],
    )


def restore_working_document(request: Request) -> RestoreWorkingDocument:
    return RestoreWorkingDocument(**_restore_working_document.load(request))


def editions_of(request: Request) -> OfDocument:
    data = _of_document.load(request)
    return OfDocument(data["id"], data["limit"], after_number(data["after"]))


def comments_of(request: Request) -> OfDocument:
    data = _of_document.load(request)
    return OfDocument(data["id"], data["limit"], after_id(data["after"]))


def of_document_edition(request: Request) -> OfDocumentEdition:
    return OfDocumentEdition(**_of_document_edition.load(request))


def picture_of_document(request: Request) -> OfDocumentEdition:
    return OfDocumentEdition(**_picture_of_document.load(request))


def table_of_document(request: Request) -> TableOfDocument:
    return TableOfDocument(**_table_of_document.load(request))


def comment_on_document(request: Request) -> CommentOnDocument:
    return CommentOnDocument(**_comment_on_document.load(request))


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as a document has it."""
    said = dict(data)
    if said.get("roles") is not None:
        said["roles"] = tuple(
            Role(**each | {"holder": _holder(each["holder"])}) for each in said["roles"]
        )
    if said.get("entries") is not None:
        said["entries"] = tuple(
            Entry(
                **each | {"holder": _holder(each["holder"]), "status": EntryStatus(each["status"])}
            )
            for each in said["entries"]
        )
    return said


def _holder(said: Mapping[str, Any] | None) -> Holder | None:
    return None if said is None else Holder(**said)


def template_of_seed(entry: Mapping[str, Any]) -> DocumentTemplate:
    """A template as a seed file has it."""
    return DocumentTemplate(
        id=entry["id"],
        what=DocumentKind(entry["kind"]),
        name=entry["name"],
        summary=entry["summary"],
        roles=tuple(TemplateRole(**each) for each in entry.get("roles", ())),
        entries=tuple(TemplateEntry(**each) for each in entry.get("entries", ())),
    )


# -- wire form -------------------------------------------------------------------------------------


def document_edition(value: DocumentEdition) -> dict[str, Any]:
    return {
        "number": value.number,
        "title": value.content.title,
        "roles": [_role(each) for each in value.content.roles],
        "entries": [_entry(each) for each in value.content.entries],
        "made_by": value.made_by,
        "made_at": to_wire(value.made_at),
        "reason": value.reason,
        "of": value.of,
    }


def _role(value: Role) -> dict[str, Any]:
    return {
        "id": value.id,
        "title": value.title,
        "reports_to": value.reports_to,
        "holder": _holder_to_wire(value.holder),
        "duties": value.duties,
    }


def _entry(value: Entry) -> dict[str, Any]:
    return {
        "id": value.id,
        "task": value.task,
        "responsible": value.responsible,
        "starts_on": value.starts_on.isoformat(),
        "due_on": value.due_on.isoformat(),
        "status": value.status.value,
        "holder": _holder_to_wire(value.holder),
    }


def _holder_to_wire(value: Holder | None) -> dict[str, Any] | None:
    return None if value is None else {"name": value.name, "person_id": value.person_id}


def document_edition_page(values: Sequence[DocumentEdition], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, document_edition, lambda each: [each.number])


def working_document(value: WorkingDocument) -> dict[str, Any]:
    return {
        "id": value.id,
        "organisation_id": value.organisation_id,
        "kind": value.what.value,
        "language": value.language,
        "current": document_edition(value.current),
        "template_id": value.template_id,
        "archived": value.archived,
        "made_at": to_wire(value.made_at),
        "version": value.version,
    }


def working_document_page(values: Sequence[WorkingDocument], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, working_document, by_id)


def document_comment(value: Comment) -> dict[str, Any]:
    return {
        "id": value.id,
        "document_id": value.document_id,
        "edition": value.edition,
        "row_id": value.row_id,
        "by": value.by,
        "at": to_wire(value.at),
        "text": value.text,
        "version": value.version,
    }


def document_comment_page(values: Sequence[Comment], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, document_comment, by_id)


def document_template(value: DocumentTemplate) -> dict[str, Any]:
    return {
        "id": value.id,
        "kind": value.what.value,
        "name": dict(value.name),
        "summary": dict(value.summary),
        "roles": [
            {
                "id": each.id,
                "title": dict(each.title),
                "reports_to": each.reports_to,
                "duties": dict(each.duties),
            }
            for each in value.roles
        ],
        "entries": [
            {
                "id": each.id,
                "task": dict(each.task),
                "responsible": dict(each.responsible),
                "after_days": each.after_days,
                "days": each.days,
            }
            for each in value.entries
        ],
        "version": value.version,
    }


def document_template_page(values: Sequence[DocumentTemplate], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, document_template, by_id)
