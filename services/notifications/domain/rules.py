"""Who is told what of which event, over which channels: one table, read from top to bottom.

A person whom several rows of an event name is told once, by the first of them. That is how the
person who caused an event is told as a member of the organisation, or, where staff acted for an
organisation they do not belong to, by a confirmation of their own. An event without a row is
nobody's message; nor is one that is *part of* something greater, such as each booking of a series
that is changed as a whole: the series' own event has its row, and one message tells of them all.

What comes later has its place here: a person's preferences choose among a row's ``channels`` by
its ``category``; quiet hours hold back what is not ``URGENT``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

INBOX = "inbox"
EMAIL = "email"

INVITATIONS = "invitations"
"""The category of what people are told who do not belong to the organisation that tells them."""


class Audience(Enum):
    """Whom a row means. A visitor who causes an event is nobody that could be told."""

    MEMBERS = "every member of the organisation"
    ACTOR = "the person who caused the event"
    INVITED = "every member of the organisation that is invited"
    INVITEE = "the person who is asked to belong to the organisation"
    GUEST = "somebody without an account, at the address of the invitation"


class Urgency(Enum):
    """Whether a message may wait until morning."""

    NORMAL = "normal"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        event_type: of the publisher's contract.
        audience: whom it means.
        category: what a person may choose about; also a mail's List-Id.
        template: prefix of the texts in ``locale/``.
        urgency: whether it passes quiet hours.
        channels: names of channels, see ``channels/``.
    """

    event_type: str
    audience: Audience
    category: str
    template: str
    urgency: Urgency
    channels: tuple[str, ...]


_CONFIRMED = "bookings.booking.confirmed"
_CHANGED = "bookings.booking.changed"
_RESCHEDULED = "bookings.booking.rescheduled"
_CANCELLED = "bookings.booking.cancelled"
_REQUESTED = "bookings.booking.requested"
_REJECTED = "bookings.booking.rejected"
_EXPIRED = "bookings.booking.expired"
_NO_SHOW = "bookings.booking.no_show"
_CORRECTED = "bookings.booking.no_show_corrected"
_UNDONE = "bookings.booking.check_in_undone"
_OTHER_END = "bookings.booking.end_changed"
_ENDED = "bookings.booking.ended"
_LEFT = "bookings.booking.left_outside_hours"
_SERIES = "bookings.series.created"
_SERIES_NEW = "bookings.series.changed"
_SERIES_OFF = "bookings.series.cancelled"
_OFFERED = "bookings.waitlist.offered"
_TAKEN_BACK = "bookings.waitlist.withdrawn"
_UNOFFERED = "bookings.waitlist.expired"
_INVITED = "bookings.invitation.issued"
_MOVED = "bookings.invitation.changed"
_OFF = "bookings.invitation.called_off"
_REVOKED = "bookings.invitation.revoked"
_REPLIED = "bookings.invitation.replied"
_JOIN = "gateway.invitation.issued"

_MEMBERS, _ACTOR = Audience.MEMBERS, Audience.ACTOR
_ASKED, _GUEST = Audience.INVITED, Audience.GUEST
_INVITEE = Audience.INVITEE
_NORMAL, _URGENT = Urgency.NORMAL, Urgency.URGENT

# fmt: off
RULES: tuple[Rule, ...] = (
    # event            audience  category    template               urgency   channels
    Rule(_CONFIRMED,   _MEMBERS, "bookings", "booking_confirmed",   _NORMAL,  (INBOX, EMAIL)),
    Rule(_CONFIRMED,   _ACTOR,   "bookings", "booking_confirmed",   _NORMAL,  (INBOX,)),
    Rule(_CHANGED,     _MEMBERS, "bookings", "booking_changed",     _NORMAL,  (INBOX,)),
    Rule(_CHANGED,     _ACTOR,   "bookings", "booking_changed",     _NORMAL,  (INBOX,)),
    Rule(_RESCHEDULED, _MEMBERS, "bookings", "booking_rescheduled", _URGENT,  (INBOX, EMAIL)),
    Rule(_RESCHEDULED, _ACTOR,   "bookings", "booking_rescheduled", _NORMAL,  (INBOX,)),
    Rule(_CANCELLED,   _MEMBERS, "bookings", "booking_cancelled",   _URGENT,  (INBOX, EMAIL)),
    Rule(_CANCELLED,   _ACTOR,   "bookings", "booking_cancelled",   _NORMAL,  (INBOX,)),
    Rule(_REQUESTED,   _MEMBERS, "bookings", "booking_requested",   _NORMAL,  (INBOX,)),
    Rule(_REQUESTED,   _ACTOR,   "bookings", "booking_requested",   _NORMAL,  (INBOX,)),
    Rule(_REJECTED,    _MEMBERS, "bookings", "booking_rejected",    _URGENT,  (INBOX, EMAIL)),
    Rule(_REJECTED,    _ACTOR,   "bookings", "booking_rejected",    _NORMAL,  (INBOX,)),
    Rule(_EXPIRED,     _MEMBERS, "bookings", "booking_expired",     _URGENT,  (INBOX, EMAIL)),
    Rule(_EXPIRED,     _ACTOR,   "bookings", "booking_expired",     _NORMAL,  (INBOX,)),
    Rule(_NO_SHOW,     _MEMBERS, "bookings", "booking_no_show",     _NORMAL,  (INBOX, EMAIL)),
    Rule(_NO_SHOW,     _ACTOR,   "bookings", "booking_no_show",     _NORMAL,  (INBOX,)),
    Rule(_CORRECTED,   _MEMBERS, "bookings", "no_show_corrected",   _NORMAL,  (INBOX, EMAIL)),
    Rule(_CORRECTED,   _ACTOR,   "bookings", "no_show_corrected",   _NORMAL,  (INBOX,)),
    Rule(_UNDONE,      _MEMBERS, "bookings", "check_in_undone",     _URGENT,  (INBOX, EMAIL)),
    Rule(_UNDONE,      _ACTOR,   "bookings", "check_in_undone",     _NORMAL,  (INBOX,)),
    Rule(_OTHER_END,   _MEMBERS, "bookings", "booking_end_changed", _NORMAL,  (INBOX,)),
    Rule(_OTHER_END,   _ACTOR,   "bookings", "booking_end_changed", _NORMAL,  (INBOX,)),
    Rule(_ENDED,       _MEMBERS, "bookings", "booking_ended",       _NORMAL,  (INBOX,)),
    Rule(_ENDED,       _ACTOR,   "bookings", "booking_ended",       _NORMAL,  (INBOX,)),
    Rule(_LEFT,        _MEMBERS, "bookings", "booking_left_outside", _NORMAL, (INBOX, EMAIL)),
    Rule(_LEFT,        _ACTOR,   "bookings", "booking_left_outside", _NORMAL, (INBOX,)),
    Rule(_SERIES,      _MEMBERS, "bookings", "series_created",      _NORMAL,  (INBOX, EMAIL)),
    Rule(_SERIES,      _ACTOR,   "bookings", "series_created",      _NORMAL,  (INBOX,)),
    Rule(_SERIES_NEW,  _MEMBERS, "bookings", "series_changed",      _URGENT,  (INBOX, EMAIL)),
    Rule(_SERIES_NEW,  _ACTOR,   "bookings", "series_changed",      _NORMAL,  (INBOX,)),
    Rule(_SERIES_OFF,  _MEMBERS, "bookings", "series_cancelled",    _URGENT,  (INBOX, EMAIL)),
    Rule(_SERIES_OFF,  _ACTOR,   "bookings", "series_cancelled",    _NORMAL,  (INBOX,)),
    Rule(_OFFERED,     _MEMBERS, "waitlist", "waitlist_offered",    _URGENT,  (INBOX, EMAIL)),
    Rule(_TAKEN_BACK,  _MEMBERS, "waitlist", "waitlist_withdrawn",  _URGENT,  (INBOX, EMAIL)),
    Rule(_UNOFFERED,   _MEMBERS, "waitlist", "waitlist_expired",    _NORMAL,  (INBOX, EMAIL)),
    Rule(_INVITED,     _ASKED,   INVITATIONS, "invitation_sent",    _NORMAL,  (INBOX, EMAIL)),
    Rule(_INVITED,     _GUEST,   INVITATIONS, "invitation_sent",    _NORMAL,  (EMAIL,)),
    Rule(_MOVED,       _ASKED,   INVITATIONS, "invitation_changed", _URGENT,  (INBOX, EMAIL)),
    Rule(_MOVED,       _GUEST,   INVITATIONS, "invitation_changed", _URGENT,  (EMAIL,)),
    Rule(_OFF,         _ASKED,   INVITATIONS, "invitation_off",     _URGENT,  (INBOX, EMAIL)),
    Rule(_OFF,         _GUEST,   INVITATIONS, "invitation_off",     _URGENT,  (EMAIL,)),
    Rule(_REVOKED,     _ASKED,   INVITATIONS, "invitation_revoked", _URGENT,  (INBOX, EMAIL)),
    Rule(_REVOKED,     _GUEST,   INVITATIONS, "invitation_revoked", _URGENT,  (EMAIL,)),
    Rule(_REPLIED,     _MEMBERS, "bookings", "invitation_replied",  _NORMAL,  (INBOX,)),
    Rule(_JOIN,        _INVITEE, INVITATIONS, "membership_offered", _NORMAL,  (INBOX, EMAIL)),
)
# fmt: on

UNTOLD = frozenset(
    {
        "bookings.waitlist.accepted",
        "bookings.waitlist.declined",
        "bookings.waitlist.left",
        "gateway.invitation.accepted",
        "gateway.invitation.declined",
        "gateway.invitation.withdrawn",
    }
)
"""Nobody is told of these, but they end what an earlier message speaks of."""

_OF_SERIES = frozenset({_SERIES_NEW, _SERIES_OFF})

_BY_TYPE: Mapping[str, tuple[Rule, ...]] = {
    event_type: tuple(rule for rule in RULES if rule.event_type == event_type)
    for event_type in {rule.event_type for rule in RULES}
}


def rules_for(event_type: str) -> tuple[Rule, ...]:
    """The rows of an event type, in the table's order; empty when nobody is to be told."""
    return _BY_TYPE.get(event_type, ())


def matters(event_type: str) -> bool:
    """Whether anything is to be done about an event."""
    return event_type in _BY_TYPE or event_type in UNTOLD


def is_part_of_another(facts: Mapping[str, Any]) -> bool:
    """Whether another event's message tells of this one too.

    Args:
        facts: data of the event.
    """
    return facts.get("part_of") is not None


def told_as(event_type: str, facts: Mapping[str, Any]) -> str:
    """The event type whose rows tell of an event: to people a series that was split from another is
    nothing new, but what that has become.

    Args:
        facts: data of the event.
    """
    splits = event_type == _SERIES and facts.get("follows") is not None
    return _SERIES_NEW if splits else event_type


def overtakes(event_type: str, facts: Mapping[str, Any]) -> bool:
    """Whether what was said of the same aggregate before does not hold any more once this has
    happened, so that a mail about it that has not gone out is better not sent: whoever read it
    after the news would believe it.

    That is so of all that leaves the house, because each message says how things stand now, and of
    what ends an offer. It is not of a part of a series: what was said of the rest still holds.

    Args:
        facts: data of the event.
    """
    if event_type in _OF_SERIES:
        # Version 1 of the events did not say; when all was cancelled nothing was left.
        return bool(facts.get("whole", event_type == _SERIES_OFF and facts["scope"] == "all"))
    if event_type == _MOVED:
        # Without the link it cannot stand for the invitation; version 1 of the event had none.
        return "link_nonce" in facts
    leaves = any(set(rule.channels) - {INBOX} for rule in rules_for(event_type))
    return leaves or event_type in UNTOLD


def audiences(event_type: str) -> frozenset[Audience]:
    """Whom the rows of an event type mean."""
    return frozenset(rule.audience for rule in rules_for(event_type))


def told(
    event_type: str,
    *,
    members: Collection[str],
    actor: str | None,
    invited: Collection[str] = (),
    guest: str | None = None,
    invitee: str | None = None,
) -> list[tuple[str, Rule]]:
    """The people to tell, each with the first row that names them, in a stable order.

    Args:
        members: ids of the people who belong to the organisation now.
        actor: id of the person who caused the event; None when it was no person.
        invited: ids of the people who belong to the organisation that is invited.
        guest: id of the invitation of somebody without an account.
        invitee: id of the person who is asked to belong to the organisation.
    """
    people = {
        Audience.MEMBERS: sorted(members),
        Audience.ACTOR: [] if actor is None else [actor],
        Audience.INVITED: sorted(invited),
        Audience.GUEST: [] if guest is None else [guest],
        Audience.INVITEE: [] if invitee is None else [invitee],
    }
    chosen: dict[str, Rule] = {}
    for rule in rules_for(event_type):
        for person in people[rule.audience]:
            chosen.setdefault(person, rule)
    return list(chosen.items())
