"""What notifications knows of people and organisations: a projection of their owners' events.

Each carries the version of the aggregate it came from. A fact with an older or equal version than
the one known changes nothing, so late and repeated deliveries are harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who can be reached; or a guest without an account, by the invitation's id.

    Attributes:
        name: by language; Arabic is always there.
        language: in which the person wants messages, ``ar`` or ``en``.
        until: when the address of a person without an account is deleted.
        disabled: whether the person gets no messages for now.
    """

    person_id: str
    version: int
    name: Mapping[str, str]
    email: str
    language: str
    until: datetime | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """A person, or a guest, whose data is deleted.

    Attributes:
        until: when a guest's invitation is forgotten too.
    """

    person_id: str
    version: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation and its name by language."""

    organisation_id: str
    version: int
    name: Mapping[str, str]
    status: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a person belongs to an organisation.

    A revoked membership stays, as a tombstone with its version: a grant that arrives late cannot
    bring it back.
    """

    organisation_id: str
    person_id: str
    version: int
    role: str
    active: bool

    @property
    def id(self) -> str:
        return membership_id(self.organisation_id, self.person_id)


def membership_id(organisation_id: str, person_id: str) -> str:
    """The id of the membership of a person in an organisation, whether there is one or not."""
    return f"{organisation_id}.{person_id}"
