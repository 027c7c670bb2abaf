"""Invitations into an organisation: a membership begins when the person accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OPEN, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED = (
    "open",
    "accepted",
    "declined",
    "withdrawn",
    "expired",
)
INVITATION_STATUSES = (OPEN, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED)

#: (status, action) → status: the whole state machine. Time itself does the last.
INVITATION_TRANSITIONS: Mapping[tuple[str, str], str] = {
    (OPEN, "accept"): ACCEPTED,
    (OPEN, "decline"): DECLINED,
    (OPEN, "withdraw"): WITHDRAWN,
    (OPEN, "expire"): EXPIRED,
}

LIFETIME = timedelta(days=14)

#: An invitation sends a mail, so an organisation issues this many in a day, to one address and in
#: all. One that is withdrawn was sent nevertheless.
COUNTED = timedelta(days=1)
MOST_TO_ADDRESS = 5
MOST_OF_ORGANISATION = 200


class InvitationNotOpen(Exception):
    """The invitation has been answered or withdrawn, or has expired."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Invitation:
    """One address, invited into one organisation.

    Attributes:
        email: lower case; of a person who signs in here, or of nobody. Which it is shows nowhere.
        role: that the membership is to have.
        status: as it is stored; :meth:`status_at` knows of the time too.
        invited_by: id of the person who invites.
    """

    id: str
    organisation_id: str
    email: str
    role: str
    status: str
    invited_by: str
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    def status_at(self, now: datetime) -> str:
        """One of ``INVITATION_STATUSES``."""
        return EXPIRED if self.status == OPEN and self.expires_at <= now else self.status

    def after(self, action: str, now: datetime) -> Invitation:
        """The invitation after an action of ``INVITATION_TRANSITIONS``, one version on.

        Raises:
            InvitationNotOpen: if it is not open any more.
        """
        status = self.status if action == "expire" else self.status_at(now)
        following = INVITATION_TRANSITIONS.get((status, action))
        if following is None:
            raise InvitationNotOpen(status)
        return replace(self, status=following, version=self.version + 1, updated_at=now)
