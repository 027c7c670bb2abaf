"""Cases as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.common import errors
from services.common.context import Caller
from services.common.directory.people import ADVISER
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import (
    Database,
    Document,
    RetryTransaction,
    Session,
    unavailable_when_away,
)
from services.consultations.domain.case_states import OPEN, WITH_ADVISER
from services.consultations.domain.cases import Case
from services.consultations.store.case_access import own_of, visible_to
from services.consultations.store.case_keys import CaseKeys

_SECRETS = ("content",)
_MAPPING = mapping_of(Case)


class CaseStore(Aggregates[Case]):
    """Cases. Who asks is part of every query. What people wrote is encrypted, in open cases too."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, lambda case: keys.cipher_of(case["_id"]))
        super().__init__(database.collection("cases"), mapping)
        self._keys = keys

    def ensure_indexes(self) -> None:
        self.collection.create_index("number", unique=True)
        for owner in (
            "people",
            "organisation_id",
            "centre_id",
            "adviser_id",
            "requester_id",
            "adviser_ids",
            "grants.person_id",
        ):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def add(self, session: Session, aggregate: Case) -> None:
        self._keys.make(aggregate.id)
        try:
            super().add(session, aggregate)
        except DuplicateKeyError as error:
            raise RetryTransaction("another case was given the same number") from error

    def get_visible(
        self, case_id: str, caller: Caller, now: datetime, session: Session | None = None
    ) -> Case:
        """A case that the caller may know of.

        Raises:
            errors.NotFound: if there is none, or the caller may not know of it.
        """
        found = self.first({"$and": [{"_id": case_id}, visible_to(caller, now)]}, session)
        if found is None:
            raise errors.NotFound()
        return found

    def find(
        self,
        *,
        caller: Caller,
        now: datetime,
        after: str | None = None,
        limit: int,
        **wanted: Any,
    ) -> list[Case]:
        """Cases that the caller may know of, the newest first, after the one named.

        Args:
            wanted: fields that are equal; ``None`` is any.
        """
        query: Document = equal_to(wanted)
        return self.page(visible_to(caller, now), query, descending=True, after=after, limit=limit)

    def look_up_called(self, called: str, session: Session) -> Case | None:
        """The case of an id or a number, for any caller; for break-glass access alone."""
        return self.first({"$or": [{"_id": called}, {"number": called}]}, session)

    def aggregates_of(self, documents: Sequence[Document]) -> list[Case]:
        self._keys.load(each["_id"] for each in documents)
        return super().aggregates_of(documents)

    def loads_of(self, adviser_ids: Collection[str], session: Session) -> dict[str, int]:
        """Adviser → how many cases they work on now. Sealed ones are in no figure; who has none is
        left out."""
        query = {
            "adviser_id": {"$in": sorted(adviser_ids)},
            "sealed": False,
            "status": {"$in": sorted(WITH_ADVISER)},
        }
        grouped: list[Document] = [
            {"$match": query},
            {"$group": {"_id": "$adviser_id", "cases": {"$sum": 1}}},
        ]
        found = self.collection.aggregate(grouped, session=session)
        return {each["_id"]: each["cases"] for each in found}

    def open_ids_of_adviser(self, adviser_id: str) -> list[str]:
        """The ids of the cases that an adviser works on and in which there is something to do."""
        query = {"adviser_ids": adviser_id, "status": {"$in": sorted(OPEN)}}
        with unavailable_when_away():
            found: list[str] = self.collection.distinct("_id", query)
        return sorted(found)

    def organisations_advised_by(
        self, caller: Caller, session: Session | None = None
    ) -> frozenset[str]:
        """The organisations of cases whose adviser the caller is, or was when they ended; none for
        who has the role no more."""
        if caller.kind != "person" or ADVISER not in caller.roles:
            return frozenset()
        query = {"adviser_ids": caller.id}
        with unavailable_when_away() if session is None else nullcontext():
            found = self.collection.distinct("organisation_id", query, session=session)
        return frozenset(found)

    def of_person(self, person_id: str, session: Session | None = None) -> list[Case]:
        """The cases that a person is on, has asked for, or has sent, by id."""
        ways = [{field: person_id} for field in ("people", "requester_id", "opened_by")]
        return self.page({"$or": ways}, session=session)

    def centre_of(self, organisation_id: str, session: Session) -> str | None:
        """The centre at which an organisation asked for support last, of cases that are not
        sealed."""
        found = self.collection.find_one(
            {"organisation_id": organisation_id, "sealed": False},
            {"centre_id": 1},
            sort=[("_id", DESCENDING)],
            session=session,
        )
        return None if found is None else str(found["centre_id"])

    def of_requester(self, person_id: str) -> list[Case]:
        """The cases that a person has asked for, by id."""
        return self.page({"requester_id": person_id})

    def visible_ids(
        self,
        case_ids: Sequence[str],
        caller: Caller,
        now: datetime,
        session: Session | None = None,
    ) -> set[str]:
        """Those of these cases that the caller may know of; an operator of the system, of those
        that are not sealed."""
        seen = {"sealed": False} if caller.kind == "system" else visible_to(caller, now)
        with unavailable_when_away() if session is None else nullcontext():
            named = {"_id": {"$in": list(case_ids)}}
            found = self.collection.find({"$and": [named, seen]}, {"_id": 1}, session=session)
            return {each["_id"] for each in found}

    def all_ids(self, session: Session) -> list[str]:
        """The ids of all cases, in order."""
        found = self.collection.find({}, {"_id": 1}, session=session)
        return [each["_id"] for each in found.sort("_id", ASCENDING)]

    def ids_of(self, caller: Caller) -> list[str]:
        """The cases that the caller is on now, by id."""
        with unavailable_when_away():
            found: list[str] = self.collection.distinct("_id", own_of(caller))
        return sorted(found)
