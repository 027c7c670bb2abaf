"""Working documents on the wire: structures and work schedules of organisations.

=========================== =================================== ===========================
method                      request                             result
=========================== =================================== ===========================
list_document_templates     ListDocumentTemplates               DocumentTemplateList
list_working_documents      ListWorkingDocuments                WorkingDocumentList
get_working_document        ById                                WorkingDocument
create_working_document     CreateWorkingDocument (with key)    WorkingDocument
change_working_document     ChangeWorkingDocument               WorkingDocument
restore_working_document    RestoreWorkingDocument              WorkingDocument
list_document_editions      OfDocument                          DocumentEditionList
get_document_edition        OfDocumentEdition                   DocumentEdition
document_picture            PictureOfDocument                   File
document_table              TableOfDocument                     File
list_document_comments      OfDocument                          DocumentCommentList
comment_on_document         CommentOnDocument (with key)        DocumentComment
working_document_history    ListHistory                         HistoryList
=========================== =================================== ===========================

Each change is a new edition; all are kept. A structure has ``roles``, a work schedule ``entries``.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    Page,
    StrictSchema,
    Text,
    Truth,
    integer,
    name_text,
    person_name,
    text,
)
from services.common.contracts.hours import Day

MOST_DOCUMENTS = 50
MOST_ROLES = 150
MOST_ENTRIES = 200
MOST_COMMENTS = 500
LONGEST_TITLE = 200
LONGEST_LINE = 200
LONGEST_TEXT = 1_000
LONGEST_REASON = 1_000
#: Of a document in JSON: 200 entries with their texts.
LARGEST_DOCUMENT = 512 * 1024

DOCUMENT_KINDS = ("structure", "work_schedule")
ENTRY_STATUSES = ("planned", "under_way", "done")
TABLE_FORMATS = ("csv", "xlsx")


class DocumentKind(Choice):
    choices = DOCUMENT_KINDS


class EntryStatus(Choice):
    choices = ENTRY_STATUSES


class TableFormat(Choice):
    choices = TABLE_FORMATS


class RowHolder(StrictSchema):
    """The person who has a role or a task."""

    name = person_name(LONGEST_LINE, required=True)
    person_id = Id(load_default=None, allow_none=True)


class StructureRole(StrictSchema):
    """A role of a structure."""

    id = Id(required=True, metadata={"description": "The same in every edition."})
    title = name_text(LONGEST_LINE, required=True)
    reports_to = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of the role that it answers to; null at the top."},
    )
    holder = fields.Nested(RowHolder, load_default=None, allow_none=True)
    duties = text(LONGEST_TEXT, lines=True, load_default=None, allow_none=True)


class ScheduleEntry(StrictSchema):
    """A task of a work schedule."""

    id = Id(required=True, metadata={"description": "The same in every edition."})
    task = name_text(LONGEST_LINE, required=True)
    responsible = name_text(
        LONGEST_LINE, required=True, metadata={"description": "The role or the group."}
    )
    starts_on = Day(required=True)
    due_on = Day(required=True)
    status = EntryStatus(load_default="planned")
    holder = fields.Nested(RowHolder, load_default=None, allow_none=True)


def _ids_once(value: list[dict[str, Any]]) -> None:
    if len({each["id"] for each in value}) != len(value):
        raise ValidationError("each_once")


def _roles(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(StructureRole),
        validate=[validate.Length(max=MOST_ROLES), _ids_once],
        **kwargs,
    )


def _entries(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ScheduleEntry),
        validate=[validate.Length(max=MOST_ENTRIES), _ids_once],
        **kwargs,
    )


class CreateWorkingDocument(StrictSchema):
    organisation_id = Id(required=True)
    kind = DocumentKind(required=True)
    language = LanguageCode(load_default="ar")
    title = name_text(LONGEST_TITLE, required=True)
    template_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "What it begins with, where no roles or entries are sent."},
    )
    starts_on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "The first day of a schedule by template; today by default."},
    )
    roles = _roles(load_default=None, allow_none=True)
    entries = _entries(load_default=None, allow_none=True)


class DocumentChanges(StrictSchema):
    """What is left out stays as it is. A list takes the place of the one before."""

    title = name_text(LONGEST_TITLE)
    roles = _roles()
    entries = _entries()
    archived = Truth(metadata={"description": "Archived ones stay readable and do not change."})
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeWorkingDocument(DocumentChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class EditionToRestore(StrictSchema):
    number = integer(1, 2**31, required=True)


class RestoreWorkingDocument(EditionToRestore):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class HolderShown(Schema):
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "null: erased on request."}
    )
    person_id = Id(required=True, allow_none=True)


class RoleShown(Schema):
    id = Id(required=True)
    title = fields.String(required=True)
    reports_to = Id(required=True, allow_none=True)
    holder = fields.Nested(HolderShown, required=True, allow_none=True)
    duties = fields.String(required=True, allow_none=True)


class EntryShown(Schema):
    id = Id(required=True)
    task = fields.String(required=True)
    responsible = fields.String(required=True)
    starts_on = Day(required=True)
    due_on = Day(required=True)
    status = EntryStatus(required=True)
    holder = fields.Nested(HolderShown, required=True, allow_none=True)


class DocumentEdition(Schema):
    """One edition."""

    number = fields.Integer(required=True)
    title = fields.String(required=True)
    roles = fields.List(fields.Nested(RoleShown), required=True)
    entries = fields.List(fields.Nested(EntryShown), required=True)
    made_by = Id(required=True)
    made_at = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)
    of = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the earlier edition that it brings back."},
    )


class DocumentEditionList(Schema):
    items = fields.List(fields.Nested(DocumentEdition), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class WorkingDocument(Schema):
    """A working document of an organisation, in its newest edition."""

    id = Id(required=True)
    organisation_id = Id(required=True)
    kind = DocumentKind(required=True)
    language = LanguageCode(required=True)
    current = fields.Nested(DocumentEdition, required=True)
    template_id = Id(required=True, allow_none=True)
    archived = fields.Boolean(required=True)
    made_at = Instant(required=True)
    version = fields.Integer(required=True)


class WorkingDocumentList(Schema):
    items = fields.List(fields.Nested(WorkingDocument), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class WorkingDocumentFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)
    kind = DocumentKind(load_default=None, allow_none=True)
    archived = Truth(load_default=None, allow_none=True)


class ListWorkingDocuments(WorkingDocumentFilters, Page):
    pass


class OfDocument(Page):
    id = Id(required=True)


class OfDocumentEdition(StrictSchema):
    id = Id(required=True)
    number = integer(1, 2**31, required=True)


class PictureOfDocument(StrictSchema):
    id = Id(required=True)
    number = integer(
        1,
        2**31,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the edition; the newest by default."},
    )


class TableOfDocument(PictureOfDocument):
    format = TableFormat(load_default="xlsx")


class DocumentRemark(StrictSchema):
    text = Text(LONGEST_TEXT, lines=True, required=True)
    edition = integer(
        1, 2**31, required=True, metadata={"description": "The one that the person has read."}
    )
    row_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The role or the entry that it is about."},
    )


class CommentOnDocument(DocumentRemark):
    id = Id(required=True)


class DocumentComment(Schema):
    id = Id(required=True)
    document_id = Id(required=True)
    edition = fields.Integer(required=True)
    row_id = Id(required=True, allow_none=True)
    by = Id(required=True)
    at = Instant(required=True)
    text = fields.String(
        required=True, allow_none=True, metadata={"description": "null: erased on request."}
    )
    version = fields.Integer(required=True)


class DocumentCommentList(Schema):
    items = fields.List(fields.Nested(DocumentComment), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class TemplateRole(Schema):
    id = Id(required=True)
    title = LocalisedText(required=True)
    reports_to = Id(required=True, allow_none=True)
    duties = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class TemplateEntry(Schema):
    id = Id(required=True)
    task = LocalisedText(required=True)
    responsible = LocalisedText(required=True)
    after_days = fields.Integer(
        required=True, metadata={"description": "Days from the first day of the schedule."}
    )
    days = fields.Integer(required=True)


class DocumentTemplate(Schema):
    """What a document may begin with."""

    id = Id(required=True)
    kind = DocumentKind(required=True)
    name = LocalisedText(required=True)
    summary = LocalisedText(required=True)
    roles = fields.List(fields.Nested(TemplateRole), required=True)
    entries = fields.List(fields.Nested(TemplateEntry), required=True)
    version = fields.Integer(required=True)


class DocumentTemplateList(Schema):
    items = fields.List(fields.Nested(DocumentTemplate), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListDocumentTemplates(Page):
    kind = DocumentKind(load_default=None, allow_none=True)
