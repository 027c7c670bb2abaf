"""How the people of a case are reached: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import case_contacts as contract
from services.consultations.domain.cases import Case, Contact
from services.consultations.schemas import Request

_set_contact = contract.SetContact()


@dataclass(frozen=True, slots=True)
class SetContact:
    id: str
    expected_version: int
    contact: Contact


def set_contact(request: Request) -> SetContact:
    data = _set_contact.load(request)
    contact = Contact(data["name"], data["phone"])
    return SetContact(data["id"], data["expected_version"], contact)


def contact(case: Case) -> dict[str, Any]:
    found = case.content.contact
    return {"name": found.name, "phone": found.phone, "version": case.version}
