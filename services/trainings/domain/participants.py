"""Participants: the people whom trainings knows, with an account or without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Disability(StrEnum):
    """Whether a participant has a disability, as the person says."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Participant:
    """One person whom trainings knows.

    Attributes:
        id: that of the person's account, where there is one; else trainings' own.
        has_account: whether the id is that of an account, to which messages can go.
        name: whole, as the person writes it: one part or five.
        phone: in the international form, ``+963…``.
        birth_year: ``None`` where nobody has said.
        organisation_id: the one that the person came for last; ``None`` for none.
        language: for documents and messages.
        merged_into: the record that counts in place of this one, since the two are one person.
        erased: whether the details are gone; the record remains as a number.
    """

    kind: ClassVar[str] = "participant"

    id: str
    has_account: bool
    name: str
    created_at: datetime
    phone: str | None = None
    sex: Sex = Sex.UNKNOWN
    birth_year: int | None = None
    disability: Disability = Disability.UNKNOWN
    organisation_id: str | None = None
    language: str = "ar"
    merged_into: str | None = None
    erased: bool = False
    version: int = 1
