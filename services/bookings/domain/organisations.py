"""What bookings knows of organisations: a projection of the identity's events.

Who may use the centre is the identity's to say. Its facts come a moment late, so there are two
witnesses: the events that have arrived, and the call of a member of the organisation. The gateway
names in a call only organisations that were approved when it gave the caller their token.

============ =============== ==================
known as     its own people  anybody else
============ =============== ==================
(not yet)    may             unknown
``pending``  may             not approved
``approved`` may             may
other        not approved    not approved
============ =============== ==================

To people of other organisations one that is not approved is as unknown as one that does not exist
(:func:`services.bookings.steps.organisation_checks.check_may_use`).

What an event has said wins over a token, but for the two states that come before an approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.contracts.bookings.errors import (
    ORGANISATION_NOT_APPROVED,
    UNKNOWN_ORGANISATION,
)
from services.common.errors import FieldError

PENDING, APPROVED = "pending", "approved"

_POINTER = "/organisation_id"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as the newest event that has arrived shows it.

    Attributes:
        version: the identity's, of the organisation; a fact with an older or equal one changes
            nothing.
        name: by language.
        status: the identity's word. One that is not known here is not approved.
    """

    organisation_id: str
    version: int
    name: Mapping[str, str]
    status: str

    @property
    def approved(self) -> bool:
        """Whether it may use the centre."""
        return self.status == APPROVED


def check_may_use(known: Organisation | None, *, vouched: bool) -> None:
    """Whether time, a place or a share may be given to the organisation now.

    Args:
        vouched: the call comes from its own people; or it is about something that was accepted
            from the organisation before, which therefore was approved then.

    Raises:
        errors.Invalid: ``bookings.unknown_organisation``.
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    if not vouched:
        check_known(known)
    if known is None or known.approved or (vouched and known.status == PENDING):
        return
    raise ORGANISATION_NOT_APPROVED(errors=[FieldError(_POINTER, ORGANISATION_NOT_APPROVED.code)])


def check_known(known: Organisation | None) -> None:
    """Raises:
    errors.Invalid: ``bookings.unknown_organisation``.
    """
    if known is None:
        raise UNKNOWN_ORGANISATION(errors=[FieldError(_POINTER, UNKNOWN_ORGANISATION.code)])
