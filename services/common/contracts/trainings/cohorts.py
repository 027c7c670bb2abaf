"""Cohorts and their sessions on the wire.

=================== ============================== ==========
method              request                        result
=================== ============================== ==========
list_cohorts        ListCohorts                    CohortList
get_cohort          ById                           Cohort
create_cohort       CreateCohort (with key)        Cohort
copy_cohort         CopyCohort (with key)          Cohort
change_cohort       ChangeCohort                   Cohort
add_session         AddSession (with key)          Cohort
change_session      ChangeSession                  Cohort
remove_session      RemoveSession                  Cohort
announce_cohort     ActOnCohort                    Cohort
open_applications   ActOnCohort                    Cohort
close_applications  ActOnCohort                    Cohort
cancel_cohort       CancelCohort                   Cohort
close_cohort        ActOnCohort                    Cohort
request_rooms       ActOnCohort                    Cohort
cohort_history      ListHistory                    history
=================== ============================== ==========

Visitors see cohorts from their announcement on; drafts are seen by staff of the centre.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    Page,
    StrictSchema,
    integer,
    text,
)
from services.common.contracts.hours import Day
from services.common.contracts.trainings.applications import MOST_RULES, EligibilityRule
from services.common.contracts.trainings.limits import (
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TITLE,
    MOST_SEATS,
    MOST_SESSIONS,
)

COHORT_STATUSES = (
    "draft",
    "announced",
    "applications_open",
    "applications_closed",
    "running",
    "completed",
    "closed",
    "cancelled",
)
MODES = ("first_come", "selection")
LONGEST_QUERY = 100
LONGEST_OFFER_HOURS = 14 * 24
MOST_FEATURES = 10
LONGEST_FEATURE = 40


class CohortStatus(Choice):
    choices = COHORT_STATUSES


class Mode(Choice):
    choices = MODES


def _features(**kwargs: Any) -> fields.List[Any]:
    name = validate.Regexp(rf"\A[a-z][a-z0-9_]{{0,{LONGEST_FEATURE - 1}}}\Z", error="feature")
    return fields.List(
        fields.String(validate=name),
        validate=validate.Length(max=MOST_FEATURES),
        metadata={"description": "What the room must have, such as `projector`."},
        **kwargs,
    )


class SessionDetails(StrictSchema):
    """A session takes a room of the cohort's centre, or says where else it is."""

    title = LocalisedText(limit=LONGEST_TITLE, load_default=None, allow_none=True)
    starts_at = Instant(required=True, metadata={"description": "On the quarter hour."})
    ends_at = Instant(required=True)
    elsewhere = LocalisedText(
        limit=LONGEST_PLACE,
        load_default=None,
        allow_none=True,
        metadata={"description": "Where it is, if not in a room of the centre."},
    )
    space_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The room that is wanted; null: any that fits."},
    )
    features = _features(load_default=list)


class SessionChanges(StrictSchema):
    """What is left out stays as it is."""

    title = LocalisedText(limit=LONGEST_TITLE, allow_none=True)
    starts_at = Instant()
    ends_at = Instant()
    elsewhere = LocalisedText(limit=LONGEST_PLACE, allow_none=True)
    space_id = Id(allow_none=True)
    features = _features()
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class CentreFloor(StrictSchema):
    centre_id = Id(required=True)
    seats = integer(1, MOST_SEATS, required=True)


def _each_centre_once(value: list[dict[str, Any]]) -> None:
    if len({each["centre_id"] for each in value}) < len(value):
        raise ValidationError("each_once")


class Floors(StrictSchema):
    """Seats that are kept for some people until a time."""

    women = integer(0, MOST_SEATS, load_default=0)
    centres = fields.List(
        fields.Nested(CentreFloor),
        load_default=list,
        validate=[validate.Length(max=20), _each_centre_once],
    )
    released_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "From then on the seats are for all; null: the first session."},
    )


def _eligibility(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(EligibilityRule),
        validate=validate.Length(max=MOST_RULES),
        metadata={"description": "Who may apply, beside the prerequisites of the course."},
        **kwargs,
    )


class CohortRules(StrictSchema):
    capacity = integer(1, MOST_SEATS, required=True)
    cap_per_organisation = integer(
        1,
        MOST_SEATS,
        load_default=None,
        allow_none=True,
        metadata={"description": "Most seats and live offers of one organisation; null: no cap."},
    )
    floors = fields.Nested(Floors, load_default=None, allow_none=True)
    eligibility = _eligibility(load_default=list)
    offer_hours = integer(
        1,
        LONGEST_OFFER_HOURS,
        load_default=48,
        metadata={"description": "How long an offer holds; never beyond the first session."},
    )
    applications_open_at = Instant(load_default=None, allow_none=True)
    applications_close_at = Instant(load_default=None, allow_none=True)


class CreateCohort(CohortRules):
    course_id = Id(required=True)
    centre_id = Id(required=True)
    title = LocalisedText(
        limit=LONGEST_TITLE,
        printed=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "null: the title of the course."},
    )
    mode = Mode(load_default="first_come")
    language = LanguageCode(load_default="ar", metadata={"description": "Of the teaching."})
    sessions = fields.List(
        fields.Nested(SessionDetails),
        load_default=list,
        validate=validate.Length(max=MOST_SESSIONS),
    )


class CohortChanges(StrictSchema):
    """What is left out stays as it is."""

    title = LocalisedText(limit=LONGEST_TITLE, printed=True)
    mode = Mode()
    language = LanguageCode()
    capacity = integer(1, MOST_SEATS)
    cap_per_organisation = integer(1, MOST_SEATS, allow_none=True)
    floors = fields.Nested(Floors, allow_none=True)
    eligibility = _eligibility()
    offer_hours = integer(1, LONGEST_OFFER_HOURS)
    applications_open_at = Instant(allow_none=True)
    applications_close_at = Instant(allow_none=True)
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class Copy(StrictSchema):
    starts_on = Day(
        required=True,
        metadata={"description": "Date of the first session, by the clock of the centre."},
    )
    centre_id = Id(
        load_default=None, allow_none=True, metadata={"description": "null: the same centre."}
    )


class CopyCohort(Copy):
    id = Id(required=True)


class _OfVersion(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ChangeCohort(CohortChanges, _OfVersion):
    pass


class AddSession(SessionDetails):
    cohort_id = Id(required=True)


class ChangeSession(SessionChanges, _OfVersion):
    session_id = Id(required=True)


class GivenReason(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class RemoveSession(GivenReason, _OfVersion):
    session_id = Id(required=True)


class ActOnCohort(_OfVersion):
    pass


class CohortCancellation(StrictSchema):
    reason = LocalisedText(
        limit=LONGEST_REASON,
        lines=True,
        required=True,
        metadata={"description": "All who are in the cohort read it."},
    )


class CancelCohort(CohortCancellation, _OfVersion):
    pass


class RoomStatus(Choice):
    choices = ("awaiting", "granted", "refused", "lost")


class RoomAsked(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    space_id = Id(required=True, allow_none=True)
    features = fields.List(fields.String(), required=True)


class RoomHeld(Schema):
    space_id = Id(required=True)
    name = LocalisedText(required=True)
    booking_id = Id(required=True)


class Room(Schema):
    """The room of a session. Others than staff of the centre and trainers see one that is held,
    and nothing else."""

    status = RoomStatus(required=True)
    since = Instant(required=True, allow_none=True, metadata={"description": "When it was asked."})
    asked = fields.Nested(
        RoomAsked,
        required=True,
        allow_none=True,
        metadata={
            "description": "The time and room that the session is to have, and has not: it is in "
            "force when its room is granted. null: the session is as it is to be."
        },
    )
    space = fields.Nested(
        RoomHeld,
        required=True,
        allow_none=True,
        metadata={"description": "The room that is held at the time of the session."},
    )
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "Why bookings has refused."}
    )
    alternatives = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "What could be had instead, best first; may be none."},
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was taken away."}
    )


class Session(Schema):
    id = Id(required=True)
    title = LocalisedText(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    elsewhere = LocalisedText(required=True, allow_none=True)
    space_id = Id(required=True, allow_none=True)
    features = fields.List(fields.String(), required=True)
    room = fields.Nested(
        Room,
        required=True,
        allow_none=True,
        metadata={"description": "null: elsewhere, or not to be seen."},
    )


class FloorsShown(Schema):
    women = fields.Integer(required=True)
    centres = fields.List(fields.Nested(CentreFloor), required=True)
    released_at = Instant(required=True, allow_none=True)


class Cohort(Schema):
    id = Id(required=True)
    course_id = Id(required=True)
    topic_id = Id(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedText(required=True)
    time_zone = fields.String(required=True)
    title = LocalisedText(required=True)
    mode = Mode(required=True)
    language = LanguageCode(required=True)
    status = CohortStatus(required=True)
    sessions = fields.List(fields.Nested(Session), required=True)
    capacity = fields.Integer(required=True)
    cap_per_organisation = fields.Integer(required=True, allow_none=True)
    floors = fields.Nested(FloorsShown, required=True, allow_none=True)
    eligibility = fields.List(fields.Nested(EligibilityRule), required=True)
    offer_hours = fields.Integer(required=True)
    applications_open_at = Instant(required=True, allow_none=True)
    applications_close_at = Instant(required=True, allow_none=True)
    cancellation_reason = LocalisedText(required=True, allow_none=True)
    forms = fields.Dict(
        keys=fields.String(),
        values=Id(),
        required=True,
        metadata={"description": "Purpose → id of the form that is used for it."},
    )
    version = fields.Integer(required=True)


class CohortList(Schema):
    items = fields.List(fields.Nested(Cohort), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class CohortFilters(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    topic_id = Id(load_default=None, allow_none=True)
    course_id = Id(load_default=None, allow_none=True)
    status = CohortStatus(load_default=None, allow_none=True)
    search = text(
        LONGEST_QUERY,
        load_default=None,
        allow_none=True,
        metadata={"description": "Words of the title, in any language and spelling."},
    )


class ListCohorts(CohortFilters, Page):
    pass
