"""People as they are known here, the work that they do, and the organisations they belong to.

Each fact carries the version of the aggregate that it came from. One with an older or equal version
than the one known changes nothing, so late and repeated deliveries are harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FRONT_DESK = "front_desk"
MANAGER = "manager"
TRAINER = "trainer"
ADVISER = "adviser"

REPRESENTATIVE = "representative"

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who can be named and reached.

    Attributes:
        name: by language; Arabic is always there.
        language: in which the person wants messages.
        status: ``active``, or ``disabled`` while the person neither signs in nor hears anything.
        roles: the staff roles held, as :class:`services.common.context.Caller` has them.
        centres: ids of the centres at which a front-desk role holds.
    """

    person_id: str
    version: int
    name: Mapping[str, str]
    email: str
    language: str
    status: str = ACTIVE
    roles: frozenset[str] = frozenset()
    centres: frozenset[str] = frozenset()

    @property
    def disabled(self) -> bool:
        return self.status != ACTIVE

    def works_as(self, role: str, centre_id: str) -> bool:
        """Whether the person does this work at the centre now. A front-desk role holds at its
        centres; every other one at all of them."""
        at_it = role != FRONT_DESK or centre_id in self.centres
        return not self.disabled and role in self.roles and at_it


@dataclass(frozen=True, slots=True)
class HeldRoles:
    """The staff roles that a person holds now.

    Attributes:
        gone: whether the person is disabled or erased.
    """

    roles: frozenset[str]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """A staff role at a centre."""

    role: str
    centre_id: str


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """A person who is erased: nothing is kept but the id."""

    person_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a person belongs to an organisation.

    A revoked membership stays, as a tombstone with its version: a grant that arrives late cannot
    bring it back.

    Attributes:
        role: ``member`` or ``representative``.
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
