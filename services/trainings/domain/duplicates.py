"""Records that may be of one person: proposed to staff, never merged by themselves.

Names are compared as people read them (:func:`services.common.folding.fold`), with and without
spaces: «عبد الله» and «عبدالله» are one name. A name alone says too little, because many people
share it; it is proposed with the same telephone number, or within one organisation.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from services.common.folding import fold

#: Ids of two people, the smaller one first.
Pair = tuple[str, str]

SYRIA = "963"
# Digits with what people write between them; a plus sign only at the beginning.
_PHONE = re.compile(r"\+?[0-9 ()./-]+")
_SHORTEST, _LONGEST = 8, 15  # digits with the country's, ITU-T E.164
_MOBILE = 9  # digits after the country's


class Reason(StrEnum):
    """Why two records are proposed, the strongest first."""

    NAME_AND_PHONE = "name_and_phone"
    #: The same telephone and first name; the rest of the name differs or is missing.
    PHONE_AND_FIRST_NAME = "phone_and_first_name"
    #: The same name in one organisation, with another telephone or none: may be namesakes.
    NAME_AND_ORGANISATION = "name_and_organisation"


_STRENGTH = {reason: n for n, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is compared.

    Attributes:
        phone: as it was typed.
    """

    id: str
    name: str
    phone: str | None = None
    organisation_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two records that a person is to look at.

    Attributes:
        across_organisations: whether they have no organisation in common.
    """

    pair: Pair
    reason: Reason
    across_organisations: bool

    @property
    def position(self) -> tuple[int, Pair]:
        """Its place among others: the strongest reason first."""
        return _STRENGTH[self.reason], self.pair


@dataclass(frozen=True, slots=True)
class DifferentPeople:
    """That a person found two records to be of two people.

    Attributes:
        id: both ids.
        pair: the smaller id first.
    """

    id: str
    pair: Pair
    decided_by: str
    decided_at: datetime
    version: int = 1


def pair_of(one: str, other: str) -> Pair:
    """Raises:
    ValueError: both are the same.
    """
    if one == other:
        raise ValueError("one person is no pair")
    return (one, other) if one < other else (other, one)


def normalise_phone(text: str | None, country: str = SYRIA) -> str | None:
    """A telephone number as ``+963944123456``, or ``None`` where the text is none.

    Args:
        text: with any digits, spaces and punctuation; with ``+`` or ``00`` and a country, with a
            leading 0, or without either.
        country: of a number that does not say its own.
    """
    plain = "".join(
        str(unicodedata.digit(each)) if each.isdecimal() else each
        for each in unicodedata.normalize("NFKC", text or "")
        if unicodedata.category(each) != "Cf"
    ).strip()
    # An Arabic keyboard may put the plus sign behind the number.
    if plain.endswith("+"):
        plain = "+" + plain[:-1].strip()
    plain = re.sub(r"[\u00a0\u2010-\u2015\u2212_]", "-", plain)
    if not _PHONE.fullmatch(plain):
        return None
    digits = re.sub(r"[^0-9]", "", plain)
    if plain.startswith("+"):
        found = digits
    elif digits.startswith("00"):
        found = digits[2:]
    elif digits.startswith("0"):
        found = country + digits[1:]
    elif digits.startswith(country) and len(digits) >= len(country) + _SHORTEST:
        found = digits
    elif len(digits) == _MOBILE:
        found = country + digits
    else:
        return None
    # The 0 of a number within the country is left out after the country, and often is not.
    if found.startswith(country + "0"):
        found = country + found[len(country) + 1 :]
    return f"+{found}" if _SHORTEST <= len(found) <= _LONGEST else None


def name_key(name: str) -> str:
    """One form of a name for all its spellings, spaces left out."""
    return fold(name).replace(" ", "")


def likeness_keys(record: PersonRecord) -> list[str]:
    """What two records have in common if :func:`propose_duplicates` may propose them, as texts by
    which a store finds the records that are worth comparing."""
    name, phone = name_key(record.name), normalise_phone(record.phone)
    if not name:
        return []
    places = [f"organisation|{each}|{name}" for each in sorted(record.organisation_ids)]
    if phone is None:
        return places
    # Both, since the first word of «عبد الله» is another one than that of «عبدالله».
    first = fold(record.name).split()[0]
    return [f"name|{phone}|{name}", f"first|{phone}|{first}", *places]


def propose_duplicates(
    people: Iterable[PersonRecord], different: Collection[Pair] = ()
) -> list[Proposal]:
    """The pairs that may be one person, the strongest reason first.

    Args:
        different: pairs that a person has looked at and found to be two people.
    """
    known = {each.id: each for each in people}
    groups: dict[tuple[Reason, str, str], list[str]] = defaultdict(list)
    for person in known.values():
        name, phone = name_key(person.name), normalise_phone(person.phone)
        if not name:
            continue
        if phone:
            groups[Reason.NAME_AND_PHONE, name, phone].append(person.id)
            groups[Reason.PHONE_AND_FIRST_NAME, fold(person.name).split()[0], phone].append(
                person.id
            )
        for organisation in person.organisation_ids:
            groups[Reason.NAME_AND_ORGANISATION, name, organisation].append(person.id)
    settled = {pair_of(*each) for each in different}
    found: dict[Pair, Reason] = {}
    for (reason, _, _), ids in sorted(groups.items(), key=lambda item: _STRENGTH[item[0][0]]):
        for one, other in combinations(ids, 2):
            pair = pair_of(one, other)
            if pair not in settled:
                found.setdefault(pair, reason)
    proposals = [
        Proposal(
            pair,
            reason,
            known[pair[0]].organisation_ids.isdisjoint(known[pair[1]].organisation_ids),
        )
        for pair, reason in found.items()
    ]
    return sorted(proposals, key=lambda each: each.position)


def different_after_merge(different: Iterable[Pair], kept: str, merged: str) -> frozenset[Pair]:
    """What is remembered after a merge: who was different from either record is different from the
    one that is left."""
    return frozenset(
        pair_of(*(kept if each == merged else each for each in pair))
        for pair in different
        if pair_of(*pair) != pair_of(kept, merged)
    )
