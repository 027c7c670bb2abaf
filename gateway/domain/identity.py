"""People, service accounts, and the identity that a token carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.common.context import Caller


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller as a token describes them, with the language they chose, if they did."""

    caller: Caller
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in.

    Attributes:
        name: language → name.
        email: lower case; signs in with it.
        roles: staff roles; none for a member of an organisation.
        branches: centres at which a front-desk role holds.
        version: rises with every change.
    """

    id: str
    name: Mapping[str, str]
    email: str
    language: str
    roles: frozenset[str]
    branches: frozenset[str]
    password_hash: str | None
    version: int
    created_at: datetime
    updated_at: datetime

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

    def event(self) -> dict[str, Any]:
        """The data of an event about this person."""
        return {
            "person_id": self.id,
            "version": self.version,
            "name": dict(self.name),
            "email": self.email,
            "language": self.language,
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
