"""Who gets messages about bookings, series, the waitlist and joint meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.contracts.bookings import events
from services.common.contracts.bookings.events import (
    BOOKING_CANCELLED,
    BOOKING_CHANGED,
    BOOKING_CHECK_IN_UNDONE,
    BOOKING_CONFIRMED,
    BOOKING_END_CHANGED,
    BOOKING_ENDED,
    BOOKING_EXPIRED,
    BOOKING_LEFT_OUTSIDE,
    BOOKING_NO_SHOW,
    BOOKING_NO_SHOW_CORRECTED,
    BOOKING_REJECTED,
    BOOKING_REQUESTED,
    BOOKING_RESCHEDULED,
    INVITATION_CALLED_OFF,
    INVITATION_CHANGED,
    INVITATION_ISSUED,
    INVITATION_REPLIED,
    INVITATION_REVOKED,
    SERIES_CANCELLED,
    SERIES_CHANGED,
    SERIES_CREATED,
    WAITLIST_ACCEPTED,
    WAITLIST_DECLINED,
    WAITLIST_EXPIRED,
    WAITLIST_LEFT,
    WAITLIST_OFFERED,
    WAITLIST_WITHDRAWN,
)
from services.common.contracts.registry import EventType
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import (
    BOTH,
    BY_EMAIL,
    IN_INBOX,
    INVITATIONS,
    Category,
    Publisher,
    Rule,
    Urgency,
)

BOOKINGS = Category("bookings")
WAITLIST = Category("waitlist")

MEMBERS, ACTOR = Audience.MEMBERS, Audience.ACTOR
INVITED, GUEST = Audience.INVITED, Audience.GUEST
DESK = Audience.FRONT_DESK
NORMAL, URGENT = Urgency.NORMAL, Urgency.URGENT

# fmt: off
_RULES = (
    # event                         audience  category      template              urgency  channels
    Rule(BOOKING_CONFIRMED,         MEMBERS, BOOKINGS,    "booking_confirmed",    NORMAL, BOTH),
    Rule(BOOKING_CONFIRMED,         ACTOR,   BOOKINGS,    "booking_confirmed",    NORMAL, IN_INBOX),
    Rule(BOOKING_CHANGED,           MEMBERS, BOOKINGS,    "booking_changed",      NORMAL, IN_INBOX),
    Rule(BOOKING_CHANGED,           ACTOR,   BOOKINGS,    "booking_changed",      NORMAL, IN_INBOX),
    Rule(BOOKING_RESCHEDULED,       MEMBERS, BOOKINGS,    "booking_rescheduled",  URGENT, BOTH),
    Rule(BOOKING_RESCHEDULED,       ACTOR,   BOOKINGS,    "booking_rescheduled",  NORMAL, IN_INBOX),
    Rule(BOOKING_CANCELLED,         MEMBERS, BOOKINGS,    "booking_cancelled",    URGENT, BOTH),
    Rule(BOOKING_CANCELLED,         ACTOR,   BOOKINGS,    "booking_cancelled",    NORMAL, IN_INBOX),
    Rule(BOOKING_REQUESTED,         MEMBERS, BOOKINGS,    "booking_requested",    NORMAL, IN_INBOX),
    Rule(BOOKING_REQUESTED,         ACTOR,   BOOKINGS,    "booking_requested",    NORMAL, IN_INBOX),
    Rule(BOOKING_REQUESTED,         DESK,    BOOKINGS,    "booking_to_approve",   NORMAL, IN_INBOX),
    Rule(BOOKING_REJECTED,          MEMBERS, BOOKINGS,    "booking_rejected",     URGENT, BOTH),
    Rule(BOOKING_REJECTED,          ACTOR,   BOOKINGS,    "booking_rejected",     NORMAL, IN_INBOX),
    Rule(BOOKING_EXPIRED,           MEMBERS, BOOKINGS,    "booking_expired",      URGENT, BOTH),
    Rule(BOOKING_EXPIRED,           ACTOR,   BOOKINGS,    "booking_expired",      NORMAL, IN_INBOX),
    Rule(BOOKING_NO_SHOW,           MEMBERS, BOOKINGS,    "booking_no_show",      NORMAL, BOTH),
    Rule(BOOKING_NO_SHOW,           ACTOR,   BOOKINGS,    "booking_no_show",      NORMAL, IN_INBOX),
    Rule(BOOKING_NO_SHOW_CORRECTED, MEMBERS, BOOKINGS,    "no_show_corrected",    NORMAL, BOTH),
    Rule(BOOKING_NO_SHOW_CORRECTED, ACTOR,   BOOKINGS,    "no_show_corrected",    NORMAL, IN_INBOX),
    Rule(BOOKING_CHECK_IN_UNDONE,   MEMBERS, BOOKINGS,    "check_in_undone",      URGENT, BOTH),
    Rule(BOOKING_CHECK_IN_UNDONE,   ACTOR,   BOOKINGS,    "check_in_undone",      NORMAL, IN_INBOX),
    Rule(BOOKING_END_CHANGED,       MEMBERS, BOOKINGS,    "booking_end_changed",  NORMAL, IN_INBOX),
    Rule(BOOKING_END_CHANGED,       ACTOR,   BOOKINGS,    "booking_end_changed",  NORMAL, IN_INBOX),
    Rule(BOOKING_ENDED,             MEMBERS, BOOKINGS,    "booking_ended",        NORMAL, IN_INBOX),
    Rule(BOOKING_ENDED,             ACTOR,   BOOKINGS,    "booking_ended",        NORMAL, IN_INBOX),
    Rule(BOOKING_LEFT_OUTSIDE,      MEMBERS, BOOKINGS,    "booking_left_outside", NORMAL, BOTH),
    Rule(BOOKING_LEFT_OUTSIDE,      ACTOR,   BOOKINGS,    "booking_left_outside", NORMAL, IN_INBOX),
    Rule(SERIES_CREATED,            MEMBERS, BOOKINGS,    "series_created",       NORMAL, BOTH),
    Rule(SERIES_CREATED,            ACTOR,   BOOKINGS,    "series_created",       NORMAL, IN_INBOX),
    Rule(SERIES_CHANGED,            MEMBERS, BOOKINGS,    "series_changed",       URGENT, BOTH),
    Rule(SERIES_CHANGED,            ACTOR,   BOOKINGS,    "series_changed",       NORMAL, IN_INBOX),
    Rule(SERIES_CANCELLED,          MEMBERS, BOOKINGS,    "series_cancelled",     URGENT, BOTH),
    Rule(SERIES_CANCELLED,          ACTOR,   BOOKINGS,    "series_cancelled",     NORMAL, IN_INBOX),
    Rule(WAITLIST_OFFERED,          MEMBERS, WAITLIST,    "waitlist_offered",     URGENT, BOTH),
    Rule(WAITLIST_WITHDRAWN,        MEMBERS, WAITLIST,    "waitlist_withdrawn",   URGENT, BOTH),
    Rule(WAITLIST_EXPIRED,          MEMBERS, WAITLIST,    "waitlist_expired",     NORMAL, BOTH),
    Rule(INVITATION_ISSUED,         INVITED, INVITATIONS, "invitation_sent",      NORMAL, BOTH),
    Rule(INVITATION_ISSUED,         GUEST,   INVITATIONS, "invitation_sent",      NORMAL, BY_EMAIL),
    Rule(INVITATION_CHANGED,        INVITED, INVITATIONS, "invitation_changed",   URGENT, BOTH),
    Rule(INVITATION_CHANGED,        GUEST,   INVITATIONS, "invitation_changed",   URGENT, BY_EMAIL),
    Rule(INVITATION_CALLED_OFF,     INVITED, INVITATIONS, "invitation_off",       URGENT, BOTH),
    Rule(INVITATION_CALLED_OFF,     GUEST,   INVITATIONS, "invitation_off",       URGENT, BY_EMAIL),
    Rule(INVITATION_REVOKED,        INVITED, INVITATIONS, "invitation_revoked",   URGENT, BOTH),
    Rule(INVITATION_REVOKED,        GUEST,   INVITATIONS, "invitation_revoked",   URGENT, BY_EMAIL),
    Rule(INVITATION_REPLIED,        MEMBERS, BOOKINGS,    "invitation_replied",   NORMAL, IN_INBOX),
)
# fmt: on


def _whole_series(data: Mapping[str, Any]) -> bool:
    """What was said of the rest of a series still holds after a change of a part."""
    return bool(data["whole"])


def _created_or_split(data: Mapping[str, Any]) -> EventType:
    """To people a series that was split from another is nothing new, but what that has become."""
    return SERIES_CREATED if data.get("follows") is None else SERIES_CHANGED


PUBLISHER = Publisher(
    contract=events,
    rules=_RULES,
    endings=(WAITLIST_ACCEPTED, WAITLIST_DECLINED, WAITLIST_LEFT),
    overtaking={
        SERIES_CHANGED: _whole_series,
        SERIES_CANCELLED: _whole_series,
    },
    announced={SERIES_CREATED: _created_or_split},
)
