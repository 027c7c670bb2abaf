"""Guests: people without an account, who are known by the id of an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.directory.people import ErasedPerson, Person


@dataclass(frozen=True, slots=True)
class Guest:
    """How a guest is called and reached, or that nothing is kept of them any more.

    Attributes:
        details: as of a person with an account, under the invitation's id.
        until: when the invitation is forgotten, with all that is known of the guest.
    """

    details: Person | ErasedPerson
    until: datetime | None
