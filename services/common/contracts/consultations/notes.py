"""Notes of a case on the wire.

================ ======================= ============
method           request                 result
================ ======================= ============
list_notes       ListNotes               CaseNoteList
get_note         OfNote                  CaseNote
add_note         AddNote (with key)      CaseNote
change_note      ChangeNote              CaseNote
seal_note        VersionOfNote           CaseNote
unseal_note      VersionOfNote           CaseNote
comment_on_note  CommentOnNote (w. key)  CaseNote
================ ======================= ============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import Id, Instant, Page, StrictSchema, Truth, text

LONGEST_NOTE = 10_000
LONGEST_COMMENT = 2_000


class ListNotes(Page):
    case_id = Id(required=True)


class OfNote(StrictSchema):
    case_id = Id(required=True)
    id = Id(required=True)


class NoteText(StrictSchema):
    text = text(LONGEST_NOTE, lines=True, required=True)


class NewNote(NoteText):
    sealed = Truth(
        load_default=False,
        metadata={"description": "Whether only the people of the case see it."},
    )


class AddNote(NewNote):
    case_id = Id(required=True)


class VersionOfNote(Versioned):
    case_id = Id(required=True)


class ChangeNote(NoteText, VersionOfNote):
    pass


class CommentText(StrictSchema):
    text = text(LONGEST_COMMENT, lines=True, required=True)


class CommentOnNote(CommentText, OfNote):
    pass


class NoteComment(Schema):
    id = Id(required=True)
    author_id = Id(required=True)
    written_at = Instant(required=True)
    text = fields.String(required=True)


class CaseNote(Schema):
    id = Id(required=True)
    case_id = Id(required=True)
    author_id = Id(required=True)
    written_at = Instant(required=True)
    text = fields.String(required=True)
    sealed = fields.Boolean(
        required=True, metadata={"description": "Whether only the people of the case see it."}
    )
    comments = fields.List(fields.Nested(NoteComment), required=True)
    version = fields.Integer(required=True)


class CaseNoteList(Schema):
    items = fields.List(fields.Nested(CaseNote), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
