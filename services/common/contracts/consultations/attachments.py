"""Files of a case on the wire.

================== ============================ ==============
method             request                      result
================== ============================ ==============
list_attachments   OfCase                       AttachmentList
read_attachment    OfAttachment                 File
add_attachment     AddAttachment (with key)     Attachment
remove_attachment  OfAttachment                 nothing
================== ============================ ==============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, StrictSchema, text
from services.common.contracts.files import LARGEST, LONGEST_NAME, FileContent


class OfCase(StrictSchema):
    case_id = Id(required=True)


class OfAttachment(OfCase):
    id = Id(required=True)


class NewAttachment(StrictSchema):
    """What the query of an upload says of the file."""

    name = text(LONGEST_NAME, required=True)
    note_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The note that it belongs to, if it is a note's."},
    )


class AddAttachment(NewAttachment, OfCase):
    content = FileContent(LARGEST, required=True)


class Attachment(Schema):
    """A file of a case. Its address works for those who may read it now, and for nobody else."""

    id = Id(required=True)
    case_id = Id(required=True)
    note_id = Id(required=True, allow_none=True)
    sealed = fields.Boolean(required=True, metadata={"description": "As its note is."})
    name = fields.String(required=True)
    content_type = fields.String(required=True, metadata={"example": "application/pdf"})
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    sha256 = fields.String(required=True, metadata={"description": "Of the bytes, in hex."})
    added_by = Id(required=True)
    added_at = Instant(required=True)
    version = fields.Integer(required=True)


class AttachmentList(Schema):
    items = fields.List(fields.Nested(Attachment), required=True)
