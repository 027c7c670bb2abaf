"""What comes with the refusals of the gateway, the identity and those of any part: params and
further members of problem documents."""

from __future__ import annotations

from marshmallow import Schema, fields


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    branches = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Each branch, `up` or `away`."},
    )
    broker = fields.String(metadata={"description": "`up` or `away`."})
    characters = fields.Integer(metadata={"description": "The limit of characters in a cell."})
    columns = fields.Integer(metadata={"description": "The limit of columns."})
    database = fields.String(metadata={"description": "`up` or `away`."})
    kibibytes = fields.Integer(metadata={"description": "The limit of a file."})
    megabytes = fields.Integer(metadata={"description": "The limit of a file."})
    missing = fields.String(metadata={"description": "Headings that are missing, or a dash."})
    name = fields.String(metadata={"description": "Of the file."})
    retry_after = fields.Integer(metadata={"description": "Seconds."})
    row = fields.Integer(metadata={"description": "The row of the file, from 1."})
    rows = fields.Integer(metadata={"description": "The limit of rows."})
    state = fields.String(metadata={"description": "The status that does not allow it."})
    types = fields.String(metadata={"description": "The endings that are taken."})
    # marshmallow takes fields out of the class, so its own attribute of this name stays.
    unknown = fields.String(  # type: ignore[assignment]
        metadata={"description": "Headings that are unfit, or a dash."}
    )
