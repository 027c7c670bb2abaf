"""Participants on the wire: the people whom trainings knows, for staff.

===================== =============================== ==================
method                request                         result
===================== =============================== ==================
list_participants     ListParticipants                ParticipantList
get_participant       ById                            Participant
change_participant    ChangeParticipant               Participant
participant_history   ListHistory                     history
list_duplicates       ListDuplicates                  DuplicateList
mark_different        MarkDifferent                   DifferentPeople
merge_participants    MergeParticipants               Merge
===================== =============================== ==================
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
    printed_name,
    text,
)
from services.common.contracts.trainings.limits import LONGEST_NAME, LONGEST_REASON

LONGEST_QUERY = 100
LONGEST_PHONE = 30
EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR = 1900, 2100
SEXES = ("female", "male", "unknown")
DISABILITIES = ("yes", "no", "unknown")
REASONS = ("name_and_phone", "phone_and_first_name", "name_and_organisation")
MOVES = (
    *("seat_moved", "seat_given_back"),
    *("attendance_moved", "attendance_counted_once", "attendance_settled", "attendance_to_settle"),
    "application_moved",
)
ATTENDANCE_STATUSES = ("present", "late", "excused", "absent")


class Sex(Choice):
    choices = SEXES


class Disability(Choice):
    choices = DISABILITIES


class DuplicateReason(Choice):
    choices = REASONS


class Moved(Choice):
    choices = MOVES


class AttendanceStatus(Choice):
    choices = ATTENDANCE_STATUSES


class Participant(Schema):
    id = Id(required=True)
    has_account = fields.Boolean(
        required=True, metadata={"description": "Whether the id is that of an account."}
    )
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "Whole; null once it is erased."}
    )
    phone = fields.String(required=True, allow_none=True, metadata={"description": "As +963…"})
    sex = Sex(required=True)
    birth_year = fields.Integer(required=True, allow_none=True)
    disability = Disability(required=True)
    organisation_id = Id(
        required=True, allow_none=True, metadata={"description": "For which the person came last."}
    )
    language = fields.String(required=True)
    merged_into = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The record that counts in place of this one."},
    )
    erased = fields.Boolean(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class ParticipantList(Schema):
    items = fields.List(fields.Nested(Participant), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ParticipantFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)
    search = text(
        LONGEST_QUERY,
        load_default=None,
        allow_none=True,
        metadata={"description": "Words of the name, in any spelling."},
    )


class ListParticipants(ParticipantFilters, Page):
    """Records that were merged or erased are left out."""


class ParticipantChanges(StrictSchema):
    """What is left out stays as it is."""

    name = printed_name(LONGEST_NAME)
    phone = text(LONGEST_PHONE, allow_none=True)
    sex = Sex()
    birth_year = integer(EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR, allow_none=True)
    disability = Disability()
    language = LanguageCode()
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeParticipant(ParticipantChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


# -- duplicates ------------------------------------------------------------------------------------


class ListDuplicates(Page):
    pass


class Duplicate(Schema):
    """Two records that may be of one person; people decide."""

    reason = DuplicateReason(required=True)
    across_organisations = fields.Boolean(
        required=True, metadata={"description": "Whether they have no organisation in common."}
    )
    participants = fields.List(fields.Nested(Participant), required=True)


class DuplicateList(Schema):
    items = fields.List(fields.Nested(Duplicate), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class MarkDifferent(StrictSchema):
    id = Id(required=True)
    other_id = Id(required=True)


class DifferentPeople(Schema):
    """That two records are of two people."""

    ids = fields.List(Id(), required=True)
    decided_by = Id(required=True)
    decided_at = Instant(required=True)


class Merging(StrictSchema):
    merged_id = Id(required=True, metadata={"description": "The record that goes."})
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class MergeParticipants(Merging):
    id = Id(required=True, metadata={"description": "The record that stays."})
    expected_version = integer(1, 2**53, required=True)


class Move(Schema):
    """What became of one thing of the record that goes."""

    moved = Moved(required=True)
    of = fields.String(
        required=True,
        metadata={"description": "Id of the application, session or test; a certificate's code."},
    )
    cohort_id = Id(required=True, allow_none=True)
    before = AttendanceStatus(
        required=True,
        allow_none=True,
        metadata={"description": "Of an attendance: what the record that stays had."},
    )
    after = AttendanceStatus(
        required=True, allow_none=True, metadata={"description": "Of an attendance: what counts."}
    )


class Merge(Schema):
    participant = fields.Nested(
        Participant, required=True, metadata={"description": "The record that stays."}
    )
    merged_id = Id(required=True)
    moves = fields.List(fields.Nested(Move), required=True)
    version = fields.Integer(required=True)
