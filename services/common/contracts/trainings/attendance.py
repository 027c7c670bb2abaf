"""Attendance on the wire.

=================== ============================== ====================
method              request                        result
=================== ============================== ====================
record_marks        RecordMarks                    RecordedMarks
session_attendance  OfSession                      SessionAttendance
cohort_attendance   OfCohort                       CohortAttendance
list_contradictions ListContradictions             EntryList
get_attendance      OfPlace                        AttendanceEntry
settle_attendance   SettleAttendance               AttendanceEntry
attendance_history  ListHistoryOfPlace             history
my_attendance       OfCohort                       PersonAttendance
=================== ============================== ====================

A device makes the id of a mark, and sends a mark as often as it likes: one that is stored is not
stored again. So `record_marks` takes no idempotency key.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.fields import (
    Choice,
    DeviceInstant,
    Id,
    Instant,
    Page,
    StrictSchema,
    integer,
    text,
)
from services.common.contracts.trainings.limits import LONGEST_REASON

MOST_MARKS = 500
LARGEST_BATCH = 256 * 1024
"""Bytes of a batch of so many marks, with room to spare."""
HIGHEST_VERSION = 2**53


class AttendanceStatus(Choice):
    choices = ("present", "late", "excused", "absent")


class MarkOutcome(Choice):
    choices = ("saved", "repeated", "refused")


class MarkRefusal(Choice):
    choices = (
        "trainings.mark_conflict",
        "trainings.not_enrolled",
        "trainings.session_unknown",
        "trainings.session_not_begun",
    )


class MarkDetails(StrictSchema):
    id = Id(required=True, metadata={"description": "Made by the device; unique in the cohort."})
    session_id = Id(required=True)
    person_id = Id(required=True)
    status = AttendanceStatus(required=True)
    marked_at = DeviceInstant(
        required=True, metadata={"description": "By the clock of the device, whatever it says."}
    )


class MarkBatch(StrictSchema):
    device_id = Id(required=True)
    marks = fields.List(
        fields.Nested(MarkDetails), required=True, validate=validate.Length(min=1, max=MOST_MARKS)
    )


class RecordMarks(MarkBatch):
    cohort_id = Id(required=True)


class OfCohort(StrictSchema):
    cohort_id = Id(required=True)


class OfSession(OfCohort):
    session_id = Id(required=True)


class OfPlace(OfSession):
    person_id = Id(required=True)


class Settlement(StrictSchema):
    status = AttendanceStatus(required=True)
    reason = text(LONGEST_REASON, lines=True, required=True)


class SettleAttendance(OfPlace, Settlement):
    expected_version = integer(0, HIGHEST_VERSION, required=True)


class ListContradictions(Page):
    cohort_id = Id(required=True)


class ListHistoryOfPlace(Page, OfPlace):
    pass


# -- answers --------------------------------------------------------------------------------------


class RecordedMark(Schema):
    id = Id(required=True)
    outcome = MarkOutcome(
        required=True,
        metadata={"description": "`repeated`: it was stored before, and nothing has changed."},
    )
    code = MarkRefusal(required=True, allow_none=True)
    clock_suspect = fields.Boolean(
        required=True,
        metadata={"description": "The clock of the device cannot have been right."},
    )


class RecordedMarks(Schema):
    """What became of each mark, in the order of the batch."""

    marks = fields.List(fields.Nested(RecordedMark), required=True)
    saved = fields.Integer(required=True)
    repeated = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class StoredMark(Schema):
    id = Id(required=True)
    status = AttendanceStatus(required=True)
    marked_at = Instant(required=True)
    received_at = Instant(required=True)
    device_id = Id(required=True)
    marked_by = Id(required=True)
    clock_suspect = fields.Boolean(required=True)


class DecidedSettlement(Schema):
    status = AttendanceStatus(required=True)
    decided_by = Id(required=True)
    decided_at = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)


class AttendanceEntry(Schema):
    """What is known of one person in one session."""

    session_id = Id(required=True)
    person_id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    status = AttendanceStatus(
        required=True,
        allow_none=True,
        metadata={"description": "Null where nothing is known, or the marks disagree."},
    )
    contradictory = fields.Boolean(
        required=True, metadata={"description": "The marks disagree: a person has to settle it."}
    )
    clock_suspect = fields.Boolean(required=True)
    late_minutes = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null where no mark says it with a clock that can be right."},
    )
    marks = fields.List(fields.Nested(StoredMark), required=True)
    settlement = fields.Nested(DecidedSettlement, required=True, allow_none=True)
    unseen = fields.List(
        Id(),
        required=True,
        metadata={"description": "Marks that came later and disagree with what was settled."},
    )
    version = fields.Integer(required=True)


class SessionAttendance(Schema):
    """Everybody who has a seat at some time of the session, and everybody who was marked."""

    cohort_id = Id(required=True)
    session_id = Id(required=True)
    items = fields.List(fields.Nested(AttendanceEntry), required=True)


class EntryList(Schema):
    items = fields.List(fields.Nested(AttendanceEntry), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class PersonAttendance(Schema):
    """A person's sessions, each in one of the groups; percents of those that count."""

    person_id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    attended = fields.List(Id(), required=True)
    missed = fields.List(Id(), required=True)
    excused = fields.List(Id(), required=True)
    not_enrolled = fields.List(Id(), required=True)
    open = fields.List(
        Id(), required=True, metadata={"description": "Not marked, or marks that disagree."}
    )
    counted = fields.Integer(
        required=True, metadata={"description": "Attended and missed; excused ones do not count."}
    )
    percent = fields.Float(
        required=True, allow_none=True, metadata={"description": "Null where none counts."}
    )


class CohortAttendance(Schema):
    cohort_id = Id(required=True)
    items = fields.List(fields.Nested(PersonAttendance), required=True)
