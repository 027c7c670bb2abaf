"""What every branch answers for a person's calendar, which the gateway composes.

================= ================ ===================
method            request          result
================= ================ ===================
calendar_entries  EntriesOf        CalendarEntryList
================= ================ ===================

The entries are those of the caller's own calendar, with the rights that the caller has now.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Instant, LanguageCode, StrictSchema
from services.common.languages import DEFAULT_LANGUAGE


class EntriesOf(StrictSchema):
    language = LanguageCode(load_default=DEFAULT_LANGUAGE)


class EntryStatus(Choice):
    """RFC 5545, 3.8.1.11."""

    choices = ("TENTATIVE", "CONFIRMED", "CANCELLED")


class CalendarEntry(Schema):
    uid = fields.String(required=True)
    sequence = fields.Integer(required=True)
    status = EntryStatus(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = fields.String(required=True)
    place = fields.String(required=True)
    changed_at = Instant(required=True)


class CalendarEntryList(Schema):
    items = fields.List(fields.Nested(CalendarEntry), required=True)
