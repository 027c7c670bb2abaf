"""Referrals as documents; their texts and consents are encrypted with the key of their case."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Session
from services.consultations.domain.referrals import LIVE, Referral
from services.consultations.store.case_keys import CaseKeys

_LIVE = {"status": {"$in": sorted(LIVE)}}

_SECRETS = ("body", "reason", "consent", "outcome")
_MAPPING = mapping_of(Referral)


class ReferralStore(Aggregates[Referral]):
    """Referrals."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, lambda each: keys.cipher_of(each["case_id"]))
        super().__init__(database.collection("referrals"), mapping)

    def ensure_indexes(self) -> None:
        for owner in ("case_id", "adviser_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def of_case(
        self,
        case_id: str,
        *,
        after: str | None = None,
        limit: int = 0,
        session: Session | None = None,
    ) -> list[Referral]:
        """The referrals of a case, by id."""
        return self.page({"case_id": case_id}, after=after, limit=limit, session=session)

    def of_person(self, person_id: str) -> list[Referral]:
        """The referrals that a person has made, or that go to the person, by id."""
        return self.page({"$or": [{"made_by": person_id}, {"adviser_id": person_id}]})

    def to_adviser(
        self, adviser_id: str, *, after: str | None = None, limit: int = 0
    ) -> list[Referral]:
        """The referrals that go to an adviser and have not ended, by id."""
        return self.page({"adviser_id": adviser_id}, _LIVE, after=after, limit=limit)
