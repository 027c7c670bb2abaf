"""The sign-ins of the seed data, for the demo and for the page that `make up` prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from deploy.local.settings import ROOT

SEED = ROOT / "deploy" / "seed" / "people.json"


@dataclass(frozen=True)
class Person:
    """One sign-in. `role` is how product language calls the person; `name` is by language."""

    id: str
    email: str
    password: str
    language: str
    name: dict[str, str]
    role: str
    organisation_id: str | None


def everyone() -> list[Person]:
    """All people of the seed data, in the file's order."""
    return [_person(entry) for entry in _seed()["people"]]


def person(wanted: str) -> Person:
    """The person with this id."""
    return next(one for one in everyone() if one.id == wanted)


def service_accounts() -> list[str]:
    """The client ids of the accounts that other systems use."""
    return [entry["id"] for entry in _seed()["service_accounts"]]


def demo_password() -> str:
    """The password that all of them share."""
    passwords = {one.password for one in everyone()}
    return " / ".join(sorted(passwords))


def _seed() -> dict[str, Any]:
    seed: dict[str, Any] = json.loads(SEED.read_text(encoding="utf-8"))
    return seed


def _person(entry: dict[str, Any]) -> Person:
    membership = (entry["memberships"] or [{}])[0]
    role = " ".join([*entry["roles"], *entry["centres"]]).replace("_", " ")
    return Person(
        id=entry["id"],
        email=entry["email"],
        password=entry["password"],
        language=entry["language"],
        name=entry["name"],
        role=role or membership.get("role", "member"),
        organisation_id=membership.get("organisation_id"),
    )
