"""Ratings as documents; remarks are encrypted with the key of their case."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Session
from services.consultations.domain.ratings import Rating, RatingLink
from services.consultations.store.case_keys import CaseKeys

_SECRETS = ("remark",)
_MAPPING = mapping_of(Rating)


class RatingStore(Aggregates[Rating]):
    """Closings that are rated, or wait for it."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, lambda each: keys.cipher_of(each["case_id"]))
        super().__init__(database.collection("ratings"), mapping)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("case_id", ASCENDING), ("round", ASCENDING)], unique=True)
        self.collection.create_index("links.id", unique=True, sparse=True)

    def of_case(self, case_id: str, session: Session | None = None) -> list[Rating]:
        """The ratings of a case, the last closing last."""
        return self.page({"case_id": case_id}, order=("round",), session=session)

    def add_link(self, session: Session, rating_id: str, link: RatingLink) -> None:
        """Store a person's link; one that the person has already stays as it is."""
        without = {"_id": rating_id, "links.person_id": {"$ne": link.person_id}}
        stored = {"id": link.id, "person_id": link.person_id}
        self.collection.update_one(without, {"$push": {"links": stored}}, session=session)

    def of_link(self, link_id: str, session: Session | None = None) -> Rating | None:
        """The rating that a link is for, if there is one."""
        return self.first({"links.id": link_id}, session)

    def scores_of(
        self, case_ids: Collection[str], session: Session | None = None
    ) -> dict[str, int]:
        """The last score of each of these cases that has one."""
        query = {"case_id": {"$in": sorted(case_ids)}, "score": {"$ne": None}}
        found = self.collection.find(query, {"case_id": 1, "score": 1}, session=session)
        return {each["case_id"]: each["score"] for each in found.sort("round", ASCENDING)}
