"""Participants: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.trainings import participants as contract
from services.common.errors import Malformed
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.domain.duplicates import DifferentPeople, Pair, Proposal, normalise_phone
from services.trainings.domain.merging import Move
from services.trainings.domain.participants import Disability, Participant, Sex
from services.trainings.schemas import Request, instant

_list_participants = contract.ListParticipants()
_change_participant = contract.ChangeParticipant()
_list_duplicates = contract.ListDuplicates()
_mark_different = contract.MarkDifferent()
_merge_participants = contract.MergeParticipants()


@dataclass(frozen=True, slots=True)
class ListParticipants:
    organisation_id: str | None
    search: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangeParticipant:
    """``changes`` holds what was said."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ListDuplicates:
    """``after`` is the strength of the reason and the pair where the page before ended."""

    limit: int = 20
    after: tuple[int, Pair] | None = None


@dataclass(frozen=True, slots=True)
class MarkDifferent:
    id: str
    other_id: str


@dataclass(frozen=True, slots=True)
class MergeParticipants:
    """``id`` is the record that stays."""

    id: str
    expected_version: int
    merged_id: str
    reason: str | None = None


def list_participants(request: Request) -> ListParticipants:
    data = _list_participants.load(request)
    after = data.pop("after")
    return ListParticipants(**data, after=after_id(after))


def change_participant(request: Request) -> ChangeParticipant:
    """Raises:
    ValidationError: naming each field at fault, ``phone`` among them.
    """
    data = _change_participant.load(request)
    return ChangeParticipant(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=_domain(data),
    )


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(data)
    if "phone" in said:
        said["phone"] = phone_number(said["phone"])
    if "sex" in said:
        said["sex"] = Sex(said["sex"])
    if "disability" in said:
        said["disability"] = Disability(said["disability"])
    return said


def phone_number(text: str | None) -> str | None:
    """A telephone number in the international form.

    Raises:
        ValidationError: ``phone``, for a text that is none.
    """
    if text is None:
        return None
    number = normalise_phone(text)
    if number is None:
        raise ValidationError({"phone": ["phone"]})
    return number


def list_duplicates(request: Request) -> ListDuplicates:
    data = _list_duplicates.load(request)
    match data["after"]:
        case None:
            return ListDuplicates(data["limit"])
        case [int(strength), str(one), str(other)]:
            return ListDuplicates(data["limit"], (strength, (one, other)))
    raise Malformed(detail="not a position of this list")


def mark_different(request: Request) -> MarkDifferent:
    return MarkDifferent(**_mark_different.load(request))


def merge_participants(request: Request) -> MergeParticipants:
    return MergeParticipants(**_merge_participants.load(request))


# -- out -------------------------------------------------------------------------------------------


def participant(value: Participant) -> dict[str, Any]:
    return {
        "id": value.id,
        "has_account": value.has_account,
        "name": value.name or None,
        "phone": value.phone,
        "sex": value.sex.value,
        "birth_year": value.birth_year,
        "disability": value.disability.value,
        "organisation_id": value.organisation_id,
        "language": value.language,
        "merged_into": value.merged_into,
        "erased": value.erased,
        "created_at": instant(value.created_at),
        "version": value.version,
    }


def participant_page(values: Sequence[Participant], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, participant, by_id)


def duplicate_page(
    found: Sequence[Proposal], people: Mapping[str, Participant], limit: int
) -> dict[str, Any]:
    def wire(value: Proposal) -> dict[str, Any]:
        return {
            "reason": value.reason.value,
            "across_organisations": value.across_organisations,
            "participants": [participant(people[each]) for each in value.pair],
        }

    return page_to_wire(found, limit, wire, lambda value: [value.position[0], *value.pair])


def different_people(value: DifferentPeople) -> dict[str, Any]:
    return {
        "ids": list(value.pair),
        "decided_by": value.decided_by,
        "decided_at": instant(value.decided_at),
    }


def merge(kept: Participant, merged_id: str, moves: Sequence[Move]) -> dict[str, Any]:
    return {
        "participant": participant(kept),
        "merged_id": merged_id,
        "moves": [
            {
                "moved": each.moved.value,
                "of": each.of,
                "cohort_id": each.cohort_id,
                "before": each.before.value if each.before else None,
                "after": each.after.value if each.after else None,
            }
            for each in moves
        ],
        "version": kept.version,
    }
