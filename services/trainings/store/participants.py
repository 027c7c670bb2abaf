"""Participants as documents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pymongo import ASCENDING

from services.common.contracts.trainings.limits import MOST_NAMESAKE_GROUPS, MOST_NAMESAKES
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import (
    Database,
    Document,
    Session,
    unavailable_when_away,
)
from services.common.storage.searching import FIELD, matching, search_key
from services.trainings.domain.duplicates import (
    DifferentPeople,
    Pair,
    PersonRecord,
    likeness_keys,
    pair_of,
)
from services.trainings.domain.participants import Participant

_TURNS = "turns"
#: Of records that count: neither erased nor merged into another one.
_CURRENT: Document = {"erased": False, "merged_into": None}


def record_of(participant: Participant) -> PersonRecord:
    """What is compared of a participant."""
    organisation = participant.organisation_id
    return PersonRecord(
        participant.id,
        participant.name,
        participant.phone,
        frozenset(() if organisation is None else (organisation,)),
    )


def _extra(participant: Participant) -> Document:
    likeness = likeness_keys(record_of(participant)) if participant.is_current else []
    return {**search_key([participant.name]), "likeness": likeness}


class ParticipantStore(Aggregates[Participant]):
    """Participants."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("participants"), mapping_of(Participant, extra=_extra))

    def ensure_indexes(self) -> None:
        self.collection.create_index([("organisation_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("phone", ASCENDING)])
        self.collection.create_index([(FIELD, ASCENDING)])
        self.collection.create_index([("likeness", ASCENDING)])
        self.collection.create_index([("merged_into", ASCENDING)], sparse=True)

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Participant]:
        """Those of these ids that exist."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def find(
        self,
        *,
        organisation_id: str | None = None,
        search: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Participant]:
        """Records that count, by id, after the one named."""
        return self.page(
            _CURRENT,
            equal_to({"organisation_id": organisation_id}),
            matching(search),
            after=after,
            limit=limit,
        )

    def alike(self) -> list[Participant]:
        """Records that count and have something in common by which they may be of one person: the
        first of each group, and the first groups. Others follow as these are merged."""
        with unavailable_when_away():
            groups = self.collection.aggregate(
                [
                    {"$match": {**_CURRENT, "likeness.0": {"$exists": True}}},
                    {"$unwind": "$likeness"},
                    {"$group": {"_id": "$likeness", "ids": {"$addToSet": "$_id"}}},
                    {"$match": {"ids.1": {"$exists": True}}},
                    {"$sort": {"_id": ASCENDING}},
                    {"$limit": MOST_NAMESAKE_GROUPS},
                    {"$project": {"ids": {"$sortArray": {"input": "$ids", "sortBy": 1}}}},
                    {"$project": {"ids": {"$slice": ["$ids", MOST_NAMESAKES]}}},
                ]
            )
            ids = {each for group in groups for each in group["ids"]}
        return list(self.named(ids).values())

    def merged_into(self, person_id: str, session: Session | None = None) -> dict[str, str]:
        """The records that were merged into this one, directly or through others: from each id to
        the one that it went into."""
        found: dict[str, str] = {}
        level = {person_id}
        while level:
            went = self.page({"merged_into": {"$in": sorted(level)}}, session=session)
            level = {each.id for each in went} - found.keys()
            found |= {each.id: str(each.merged_into) for each in went}
        return found

    def records_of(self, ids: Collection[str], session: Session | None = None) -> dict[str, str]:
        """All records of these people: from each id to the one of these that it counts for."""
        found = {each: each for each in ids}
        level = set(found)
        while level:
            went = self.page({"merged_into": {"$in": sorted(level)}}, session=session)
            new = {each.id: found[str(each.merged_into)] for each in went if each.id not in found}
            found |= new
            level = set(new)
        return found

    def current_ids(self, ids: Collection[str], session: Session | None = None) -> dict[str, str]:
        """From each of these ids that was merged, and from those it leads through, to the next."""
        found: dict[str, str] = {}
        level = set(ids)
        while level:
            known = self.named(level, session)
            went = {each.id: each.merged_into for each in known.values() if each.merged_into}
            level = set(went.values()) - found.keys()
            found |= went
        return found

    def lock(self, session: Session, ids: Collection[str]) -> None:
        """Let these records change before the transaction or after it, not meanwhile."""
        self.collection.update_many(
            {"_id": {"$in": sorted(ids)}}, {"$inc": {_TURNS: 1}}, session=session
        )

    def with_phones(
        self, phones: Collection[str], session: Session | None = None
    ) -> list[Participant]:
        """People with one of these telephone numbers who are not erased, by id; several may share
        one."""
        if not phones:
            return []
        return self.page(_CURRENT, {"phone": {"$in": sorted(phones)}}, session=session)


class DifferentPeopleStore(Aggregates[DifferentPeople]):
    """Pairs of records that are known to be of two people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("different_people"), DifferentPeople)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("pair", ASCENDING)])

    def put(self, session: Session, decision: DifferentPeople) -> None:
        """Remember a decision; an earlier one of the same pair stands."""
        document = self.document_of(decision)
        self.collection.update_one(
            {"_id": decision.id}, {"$setOnInsert": document}, upsert=True, session=session
        )

    def of(self, ids: Collection[str], session: Session | None = None) -> list[DifferentPeople]:
        """The decisions that name one of these records."""
        return self.page({"pair": {"$in": sorted(ids)}}, session=session)

    def of_pair(self, one: str, other: str, session: Session | None = None) -> DifferentPeople:
        """The decision on two records.

        Raises:
            errors.NotFound: if there is none.
        """
        return self.get(key_of_pair(one, other), session)

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """Forget these decisions, by their ids."""
        self.collection.delete_many({"_id": {"$in": sorted(ids)}}, session=session)


def key_of_pair(one: str, other: str) -> str:
    """The id of a decision on two records."""
    return "|".join(pair_of(one, other))


def different_people_of(pair: Pair, decided_by: str, decided_at: datetime) -> DifferentPeople:
    """The decision that two records are of two people."""
    return DifferentPeople(key_of_pair(*pair), pair_of(*pair), decided_by, decided_at)
