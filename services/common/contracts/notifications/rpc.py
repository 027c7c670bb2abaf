"""What the RPC methods of notifications accept and return: the wire form, with every limit.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
list_inbox            ListInbox                      NotificationList
get_notification      ById                           Notification
mark_read             ChangeNotification             Notification
archive_notification  ChangeNotification             Notification
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    Page,
    StrictSchema,
    integer,
)

STATES = ("unread", "read", "archived")


class MessageState(Choice):
    choices = STATES


class ById(StrictSchema):
    id = Id(required=True)


class InboxFilters(StrictSchema):
    state = MessageState(load_default=None, allow_none=True)


class ListInbox(InboxFilters, Page):
    """Newest first. Without ``state``: everything that is not archived."""


class ChangeNotification(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Notification(Schema):
    id = Id(required=True)
    category = fields.String(required=True)
    event_id = Id(required=True)
    event_type = fields.String(required=True)
    subject_id = Id(required=True, metadata={"description": "What it is about, e.g. a booking."})
    language = LanguageCode(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    state = MessageState(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)


class NotificationList(Schema):
    items = fields.List(fields.Nested(Notification), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
    unread = fields.Integer(required=True)
