"""People, service accounts, and the identity that a token carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.common.context import Caller
from services.common.languages import DEFAULT_LANGUAGE

MANAGER = "manager"
STAFF_ROLES = (MANAGER, "front_desk", "trainer", "adviser", "operator")


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller as a token describes them, with the language they chose, if they did."""

    caller: Caller
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person who signs in.

    Attributes:
        name: language → name; empty once erased.
        email: lower case; signs in with it; empty once erased.
        roles: staff roles; none for a member of an organisation.
        centres: centres at which a front-desk role holds.
        version: rises with every change.
        active: whether they may sign in; a person who may not gets no messages either.
        erased: whether nothing is kept of them but the id.
    """

    id: str
    name: Mapping[str, str]
    email: str
    language: str
    roles: frozenset[str]
    centres: frozenset[str]
    password_hash: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    active: bool = True
    erased: bool = False

    def is_manager(self) -> bool:
        """Whether they manage the centre now."""
        return self.active and MANAGER in self.roles

    def with_roles(self, roles: frozenset[str], centres: frozenset[str], at: datetime) -> Person:
        """The person with these staff roles, one version on."""
        return self._next(at, roles=roles, centres=centres)

    def with_access(self, active: bool, at: datetime) -> Person:
        """The person enabled or disabled, one version on."""
        return self._next(at, active=active)

    def with_password(self, password_hash: str, at: datetime) -> Person:
        """The person with another password, one version on."""
        return self._next(at, password_hash=password_hash)

    def erased_at(self, at: datetime) -> Person:
        """What stays of the person: the id, one version on."""
        return self._next(
            at,
            name={},
            email="",
            language=DEFAULT_LANGUAGE,
            roles=frozenset(),
            centres=frozenset(),
            password_hash=None,
            active=False,
            erased=True,
        )

    def _next(self, at: datetime, **changes: Any) -> Person:
        return replace(self, version=self.version + 1, updated_at=at, **changes)

    def changed(
        self, *, at: datetime, name: Mapping[str, str] | None, language: str | None
    ) -> Person:
        """The person with a new name or language, one version on."""
        return replace(
            self,
            name=dict(name) if name is not None else self.name,
            language=language or self.language,
            version=self.version + 1,
            updated_at=at,
        )

    @property
    def status(self) -> str:
        """As others see it: ``active``, ``disabled`` or ``erased``."""
        if self.erased:
            return "erased"
        return "active" if self.active else "disabled"

    def event(self) -> dict[str, Any]:
        """The data of an event about this person, which a log keeps for ever."""
        return {"person_id": self.id, "version": self.version}

    def state(self) -> dict[str, Any]:
        """How the person is called and reached and which work they do, which no log keeps."""
        details = {"name": dict(self.name), "email": self.email, "language": self.language}
        return {
            "person_id": self.id,
            "version": self.version,
            "status": self.status,
            "roles": sorted(self.roles),
            "centres": sorted(self.centres),
            "details": None if self.erased else details,
        }


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Another system that signs in, with scopes in place of roles."""

    id: str
    name: Mapping[str, str]
    language: str
    scopes: frozenset[str]
    secret_hash: str | None


def normalised_email(email: str) -> str:
    """An address as it is stored and compared."""
    return email.strip().lower()
