"""Visits of cases on the wire.

=================== =========================== ==========
method              request                     result
=================== =========================== ==========
list_visits         ListVisits                  VisitList
get_visit           ById                        Visit
request_visit       RequestVisit (with key)     Visit
move_visit          MoveVisit                   Visit
accept_visit        ActOnVisit                  Visit
decline_visit       EndVisit                    Visit
hand_over_visit     HandOver                    Visit
complete_visit      ActOnVisit                  Visit
report_visit        ReportVisit                 Visit
return_report       ReturnReport                Visit
approve_report      ActOnVisit                  Visit
call_off_visit      CallOffVisit                Visit
visit_calendar      CalendarOf                  Invitation
=================== =========================== ==========

They are seen by those who may see the case, and by nobody else.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.advisers import Minutes
from services.common.contracts.consultations.appointments import MeetingReason, MeetingTime
from services.common.contracts.consultations.calendar_limits import (
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_REPORT,
    LONGEST_TRAVEL_MINUTES,
    MOST_PEOPLE_MET,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    Text,
    integer,
    name_text,
)


class VisitStatus(Choice):
    choices = (
        "requested",
        "accepted",
        "done",
        "reported",
        "approved",
        "declined",
        "called_off",
    )


class VisitSide(Choice):
    """The side that asks, or accepts."""

    choices = ("centre", "organisation")


class CallOffCause(Choice):
    """Why a visit is called off."""

    choices = ("unsafe", "organisation", "adviser", "road", "other")


class VisitDetails(MeetingTime):
    case_id = Id(required=True)
    adviser_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the advisers on the case; the first one by default."},
    )
    place = name_text(LONGEST_PLACE, required=True)
    travel_minutes = Minutes(
        0, LONGEST_TRAVEL_MINUTES, load_default=0, metadata={"description": "One way."}
    )


class RequestVisit(VisitDetails):
    pass


class ActOnVisit(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class VisitChanges(MeetingTime):
    """Another time, which the other side accepts."""


class MoveVisit(VisitChanges, ActOnVisit):
    pass


class EndVisit(MeetingReason, ActOnVisit):
    pass


class CallOff(MeetingReason):
    cause = CallOffCause(required=True)


class CallOffVisit(CallOff, ActOnVisit):
    pass


class VisitReport(MeetingTime):
    """What an adviser reports: the time it took, whom they met, what was seen and agreed."""

    women = integer(0, MOST_PEOPLE_MET, required=True)
    men = integer(0, MOST_PEOPLE_MET, required=True)
    text = Text(LONGEST_REPORT, lines=True, required=True)


class ReportVisit(VisitReport, ActOnVisit):
    pass


class ReportRemark(StrictSchema):
    remark = Text(LONGEST_REASON, lines=True, required=True)


class ReturnReport(ReportRemark, ActOnVisit):
    pass


class ReportOfVisit(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    women = fields.Integer(required=True)
    men = fields.Integer(required=True)
    text = fields.String(required=True)
    by = Id(required=True)
    at = Instant(required=True)
    remark = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was returned."}
    )


class Visit(Schema):
    id = Id(required=True)
    case_id = Id(required=True)
    centre_id = Id(required=True)
    adviser_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    place = fields.String(required=True)
    travel_minutes = fields.Integer(required=True)
    status = VisitStatus(required=True)
    asked_by = VisitSide(required=True)
    trip_id = Id(required=True, allow_none=True)
    report = fields.Nested(ReportOfVisit, required=True, allow_none=True)
    approved_by = Id(required=True, allow_none=True)
    cause = CallOffCause(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    requested_by = Id(required=True)
    requested_at = Instant(required=True)
    version = fields.Integer(required=True)


class VisitList(Schema):
    items = fields.List(fields.Nested(Visit), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class VisitFilters(StrictSchema):
    case_id = Id(load_default=None, allow_none=True)
    adviser_id = Id(load_default=None, allow_none=True)
    status = VisitStatus(load_default=None, allow_none=True)
    ends_after = Instant(load_default=None, allow_none=True)
    starts_before = Instant(load_default=None, allow_none=True)


class ListVisits(VisitFilters, Page):
    pass
