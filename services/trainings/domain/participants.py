"""Participants: the people whom trainings knows, with an account or without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.trainings.participants_errors import PARTICIPANT_GONE


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

    @property
    def is_current(self) -> bool:
        """Whether the record counts: it is neither erased nor merged into another one."""
        return not self.erased and self.merged_into is None

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "name": self.name,
            "phone": self.phone,
            "sex": self.sex.value,
            "birth_year": self.birth_year,
            "disability": self.disability.value,
            "language": self.language,
            "merged_into": self.merged_into,
        }

    def changed(self, changes: Mapping[str, Any]) -> Participant:
        """The record with these changes; the record itself where nothing differs.

        Raises:
            errors.Conflict: ``trainings.participant_gone``.
        """
        if not self.is_current:
            raise PARTICIPANT_GONE()
        after = replace(self, **changes)
        return self if after == self else replace(after, version=self.version + 1)

    def completed_by(self, other: Participant) -> Participant:
        """The record with what it lacks and the other record of the same person knows, one version
        further."""
        return replace(
            self,
            phone=self.phone or other.phone,
            sex=other.sex if self.sex is Sex.UNKNOWN else self.sex,
            birth_year=self.birth_year or other.birth_year,
            disability=other.disability
            if self.disability is Disability.UNKNOWN
            else self.disability,
            organisation_id=self.organisation_id or other.organisation_id,
            version=self.version + 1,
        )

    def without_details(self) -> Participant:
        """The record as a number: what statistics count stays, and nothing that leads to the
        person. The record itself where that is done."""
        if self.erased:
            return self
        return replace(
            self,
            has_account=False,
            name="",
            phone=None,
            organisation_id=None,
            erased=True,
            version=self.version + 1,
        )
