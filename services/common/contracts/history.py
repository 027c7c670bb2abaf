"""Histories: who changed what, when and why, from what to what."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, Page


class HistoryEntry(Schema):
    """Who changed what, when and why, from what to what."""

    at = Instant(required=True)
    by = Id(required=True)
    action = fields.String(required=True)
    reason = fields.String(allow_none=True, required=True)
    changes = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)),
        required=True,
        metadata={"description": 'Field → {"from": …, "to": …}.'},
    )
    version = fields.Integer(required=True)


class History(Schema):
    items = fields.List(fields.Nested(HistoryEntry), required=True)


class HistoryList(History):
    next = fields.List(fields.Raw(), allow_none=True)


class ListHistory(Page):
    """Of one thing; ordered by version, oldest first."""

    id = Id(required=True)
