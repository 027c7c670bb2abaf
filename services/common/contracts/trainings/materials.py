"""Materials on the wire: the files of a session.

=================== ============================== ============
method              request                        result
=================== ============================== ============
list_materials      OfCohort                       MaterialList
read_material       OfMaterial                     File
add_material        AddMaterial (with key)         Material
remove_material     OfMaterial                     nothing
sign_in_sheet       OfSession                      File
=================== ============================== ============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, StrictSchema, text
from services.common.contracts.files import LARGEST, LONGEST_NAME, FileContent

MOST_MATERIALS = 20


class OfCohort(StrictSchema):
    cohort_id = Id(required=True)


class OfSession(OfCohort):
    session_id = Id(required=True)


class OfMaterial(OfCohort):
    id = Id(required=True)


class AddMaterial(OfSession):
    name = text(LONGEST_NAME, required=True)
    content = FileContent(LARGEST, required=True)


class Material(Schema):
    """A file of a session."""

    id = Id(required=True)
    cohort_id = Id(required=True)
    session_id = Id(required=True)
    name = fields.String(required=True)
    content_type = fields.String(required=True, metadata={"example": "application/pdf"})
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    sha256 = fields.String(required=True, metadata={"description": "Of the bytes, in hex."})
    added_by = Id(required=True)
    added_at = Instant(required=True)
    version = fields.Integer(required=True)


class MaterialList(Schema):
    """The files of all sessions, in the order in which they were added."""

    items = fields.List(fields.Nested(Material), required=True)
