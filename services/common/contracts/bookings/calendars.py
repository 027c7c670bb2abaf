"""What the RPC methods about calendar feeds accept and return.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
create_calendar       CreateCalendar (with key)      NewCalendar
list_calendars        {}                             CalendarList
delete_calendar       rpc.ById                       {}
calendar_owner        FeedOwner                      Owner
calendar_feed         Feed                           FeedText
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, Instant, LanguageCode, StrictSchema
from services.common.languages import DEFAULT_LANGUAGE

KINDS = ("space", "centre", "person")


class CalendarKind(Choice):
    choices = KINDS


class CalendarDetails(StrictSchema):
    kind = CalendarKind(required=True)
    id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the space or centre. A person's calendar is one's own."},
    )


class CreateCalendar(CalendarDetails):
    """As a person says it."""


class Calendar(Schema):
    id = Id(required=True)
    kind = CalendarKind(required=True)
    subject_id = Id(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class NewCalendar(Calendar):
    token = Id(
        required=True, metadata={"description": "The secret of the link; shown now and not again."}
    )


class CalendarList(Schema):
    items = fields.List(fields.Nested(Calendar), required=True)


class FeedOwner(StrictSchema):
    token = Id(required=True)


class Owner(Schema):
    owner_id = Id(required=True)
    kind = CalendarKind(required=True)


class Feed(StrictSchema):
    token = Id(required=True)
    language = LanguageCode(load_default=DEFAULT_LANGUAGE)


class FeedText(Schema):
    calendar = fields.String(required=True, metadata={"description": "RFC 5545."})
