"""Referrals as documents; their texts and consents are encrypted with the key of their case."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Session
from services.consultations.domain.referrals import Referral, ReferralStatus
from services.consultations.store.case_keys import CaseKeys

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
        self,
        adviser_id: str,
        own_cases: Collection[str],
        *,
        after: str | None = None,
        limit: int = 0,
    ) -> list[Referral]:
        """The referrals that wait for an adviser's answer, and those that the adviser has accepted
        and not brought to an end, by id.

        Args:
            own_cases: the cases that the adviser is on now. Who has accepted a referral knows of it
                as one of the people of its case, and no longer than that.
        """
        accepted = {"status": ReferralStatus.ACCEPTED.value, "case_id": {"$in": sorted(own_cases)}}
        known = {"$or": [{"status": ReferralStatus.MADE.value}, accepted]}
        return self.page({"adviser_id": adviser_id}, known, after=after, limit=limit)
