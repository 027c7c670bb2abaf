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

from marshmallow import Schema, fields, validate

from services.common.contracts.fields import Id, Instant, StrictSchema
from services.common.languages import DEFAULT_LANGUAGE, LANGUAGES

KINDS = ("space", "centre", "person")


class CalendarDetails(StrictSchema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the space or centre. A person's calendar is one's own."},
    )


class CreateCalendar(CalendarDetails):
    """As a person says it."""


class Calendar(Schema):
    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
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


class Feed(StrictSchema):
    token = Id(required=True)
    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default=DEFAULT_LANGUAGE)


class FeedText(Schema):
    calendar = fields.String(required=True, metadata={"description": "RFC 5545."})
