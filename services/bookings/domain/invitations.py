"""Joint meetings: who is invited, what they answer, and what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.centre import Space
from services.common.contracts.bookings.errors import (
    INVITATION_OVER,
    INVITATION_REVOKED,
    MEETING_CALLED_OFF,
    NOT_A_JOINT_MEETING,
    NOT_ALLOWED_NOW,
)
from services.common.transitions import Transitions

JOINT_MEETING = "joint_meeting"
MOST_INVITATIONS = 100
# A meeting can still be moved, at most half a year ahead; afterwards nobody needs the address.
GUEST_KEPT = timedelta(days=200)


class Standing(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    REVOKED = "revoked"
    CALLED_OFF = "called_off"


class Action(StrEnum):
    ACCEPT = "accept"
    HESITATE = "hesitate"
    DECLINE = "decline"
    REVOKE = "revoke"
    CALL_OFF = "call_off"


_OPEN = (Standing.INVITED, Standing.ACCEPTED, Standing.TENTATIVE, Standing.DECLINED)
_LEADS_TO: Mapping[Action, Standing] = {
    Action.ACCEPT: Standing.ACCEPTED,
    Action.HESITATE: Standing.TENTATIVE,
    Action.DECLINE: Standing.DECLINED,
    Action.REVOKE: Standing.REVOKED,
    Action.CALL_OFF: Standing.CALLED_OFF,
}

# Who was asked may change their mind until the meeting begins.
TRANSITIONS = Transitions(
    {(standing, action): target for standing in _OPEN for action, target in _LEADS_TO.items()},
    refusal={
        Standing.REVOKED: INVITATION_REVOKED,
        Standing.CALLED_OFF: MEETING_CALLED_OFF,
    },
    first=Standing.INVITED,
)

ANSWERS: Mapping[str, Action] = {
    "yes": Action.ACCEPT,
    "maybe": Action.HESITATE,
    "no": Action.DECLINE,
}

OPEN = frozenset(_OPEN)
# A guest who has declined gets no mail about later changes of the meeting.
FOLLOWS = OPEN - {Standing.DECLINED}


@dataclass(frozen=True, slots=True)
class Guest:
    """A person without an account."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An organisation, or an outside guest, asked to a meeting.

    Attributes:
        guest: None for an organisation, and once the details of a guest are erased.
        nonce: part of what the token of its link is made of.
        people: how many come; 0 unless accepted.
        until: when the invitation of a guest is forgotten.
    """

    id: str
    booking_id: str
    organisation_id: str | None
    guest: Guest | None
    nonce: str
    status: Standing
    people: int
    invited_by: str
    invited_at: datetime
    updated_at: datetime
    replied_at: datetime | None = None
    version: int = 1
    until: datetime | None = None

    @property
    def invitee(self) -> str:
        """Who is asked, the same however the address is written: asked once a meeting."""
        if self.guest is not None:
            return f"guest|{self.guest.email.lower()}"
        if self.organisation_id is None:
            return f"erased|{self.id}"
        return f"organisation|{self.organisation_id}"

    def after(self, action: Action) -> Standing:
        """The standing that the action leads to.

        Raises:
            errors.Conflict: ``bookings.invitation_revoked`` or ``bookings.meeting_called_off``.
        """
        return TRANSITIONS.after(self.status, action)

    def answered(self, answer: str, people: int, now: datetime) -> Invitation:
        """The invitation with this answer in place of an earlier one."""
        status = self.after(ANSWERS[answer])
        coming = people if status is Standing.ACCEPTED else 0
        return self._changed(now, status=status, people=coming, replied_at=now)

    def revoked(self, now: datetime) -> Invitation:
        """The invitation taken back; its link opens nothing any more."""
        return self._changed(now, status=self.after(Action.REVOKE), people=0)

    def called_off(self, now: datetime) -> Invitation:
        """The invitation to a meeting that does not take place; who would have come stays."""
        return self._changed(now, status=self.after(Action.CALL_OFF))

    def left_out(self, now: datetime) -> Invitation:
        """The invitation to a meeting that goes on without guests; nobody of them comes."""
        return self._changed(now, status=self.after(Action.CALL_OFF), people=0)

    def erased(self, nonce: str, now: datetime) -> Invitation:
        """The invitation of a guest whose details are deleted. Standing and number of people stay.

        Args:
            nonce: another one, which makes the link void.
        """
        return self._changed(now, guest=None, nonce=nonce)

    def moved(self, now: datetime) -> Invitation:
        """The invitation to the meeting as it now is."""
        return self._changed(now)

    def _changed(self, now: datetime, **values: object) -> Invitation:
        return replace(self, updated_at=now, version=self.version + 1, **values)  # type: ignore[arg-type]


def room_for_guests(booking: Booking, space: Space) -> int:
    """How many guests the space holds beside the host's own people: at least one comes."""
    return space.capacity - (booking.people or 1)


def check_can_invite(booking: Booking, now: datetime) -> None:
    """Raises:
    errors.Conflict: it is no joint meeting, not confirmed, or has begun.
    """
    if booking.purpose != JOINT_MEETING:
        raise NOT_A_JOINT_MEETING()
    if booking.status is not Status.CONFIRMED:
        raise NOT_ALLOWED_NOW(state=booking.status.value)
    check_not_begun(booking, now)


def check_not_begun(booking: Booking, now: datetime) -> None:
    """Raises:
    errors.Conflict: ``bookings.invitation_over``.
    """
    if booking.period.starts_at <= now:
        raise INVITATION_OVER()


def is_off(booking: Booking) -> bool:
    """Whether a meeting does not take place. Its guest list stays, for calendars to say so.

    Not where nobody was seen at the door a quarter of an hour after its start: who came stands
    there, and who hosts it may only have forgotten to check in, which can be corrected. Invitations
    to what has begun are over either way, see :func:`check_not_begun`.
    """
    return booking.status in {Status.CANCELLED, Status.REJECTED, Status.EXPIRED}


def takes_guests(booking: Booking) -> bool:
    """Whether a meeting is one to which others may come."""
    return booking.purpose == JOINT_MEETING and not is_off(booking)


def guests_notice(before: Booking, after: Booking) -> bool:
    """Whether the facts in the guests' mails have changed. Guests of a meeting that goes on learn
    of its end in the room.
    """
    if before.status is Status.CHECKED_IN:
        return False
    return (before.period, before.space_id, before.title) != (
        after.period,
        after.space_id,
        after.title,
    )
