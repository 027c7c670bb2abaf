"""Invitations into an organisation: a membership begins when the person accepts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.contracts.identity.errors import INVITATION_NOT_OPEN
from services.common.transitions import Transitions

OPEN, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED = (
    "open",
    "accepted",
    "declined",
    "withdrawn",
    "expired",
)
INVITATION_STATUSES = (OPEN, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED)

#: Time itself does the last.
TRANSITIONS = Transitions(
    {
        (OPEN, "accept"): ACCEPTED,
        (OPEN, "decline"): DECLINED,
        (OPEN, "withdraw"): WITHDRAWN,
        (OPEN, "expire"): EXPIRED,
    },
    refusal=INVITATION_NOT_OPEN,
    first=OPEN,
)

LIFETIME = timedelta(days=14)

#: An invitation sends a mail, so an organisation issues this many in a day, to one address and in
#: all. One that is withdrawn was sent nevertheless.
COUNTED = timedelta(days=1)
MOST_TO_ADDRESS = 5
MOST_OF_ORGANISATION = 200


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
        """The invitation after an action of ``TRANSITIONS``, one version on.

        Raises:
            errors.Conflict: ``organisations.invitation_not_open``.
        """
        status = self.status if action == "expire" else self.status_at(now)
        following = TRANSITIONS.after(status, action)
        return replace(self, status=following, version=self.version + 1, updated_at=now)
