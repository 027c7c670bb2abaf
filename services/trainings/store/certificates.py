"""Certificates and their printed forms as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import (
    Database,
    Document,
    Session,
    insert_all,
    unavailable_when_away,
)
from services.trainings.domain.certificate_documents import CertificateDocument
from services.trainings.domain.certificates import Certificate

LIVE = "live"


def _extra(certificate: Certificate) -> Document:
    return {LIVE: certificate.is_live, "withdrawn_at": certificate.withdrawn_at}


class CertificateStore(Aggregates[Certificate]):
    """Certificates. The database refuses a second live one of a person, cohort and kind."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("certificates"), mapping_of(Certificate, extra=_extra))

    def ensure_indexes(self) -> None:
        self.collection.create_index([("code", ASCENDING)], unique=True)
        self.collection.create_index(
            [(each, ASCENDING) for each in ("cohort_id", "person_id", "kind", LIVE)],
            unique=True,
            partialFilterExpression={LIVE: True},
        )
        self.collection.create_index([("cohort_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("person_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index(
            [("withdrawn_at", ASCENDING)],
            partialFilterExpression={"withdrawn_at": {"$type": "date"}},
        )

    def add_all(self, session: Session, certificates: Sequence[Certificate]) -> None:
        """Store new ones.

        Raises:
            AlreadyThere: if one of their people has a live one of the kind, or a code is taken.
        """
        insert_all(session, self.collection, [self.document_of(each) for each in certificates])

    def by_code(self, code: str) -> Certificate | None:
        """The certificate with this code, written as it is printed."""
        return self.first({"code": code})

    def of_person(
        self, records: Collection[str], *, after: str | None, limit: int
    ) -> list[Certificate]:
        """A person's certificates by id, those that count no more too.

        Args:
            records: ids of all records of the person.
        """
        query = {"person_id": {"$in": sorted(records)}}
        return self.page(query, after=after, limit=limit)

    def of_cohort(self, cohort_id: str, *, after: str | None, limit: int) -> list[Certificate]:
        """A cohort's certificates by id, those that count no more too."""
        return self.page({"cohort_id": cohort_id}, after=after, limit=limit)

    def of_people(
        self, cohort_id: str, person_ids: Collection[str], session: Session | None = None
    ) -> list[Certificate]:
        """The certificates of these people in a cohort, those that count no more too."""
        query = {"cohort_id": cohort_id, "person_id": {"$in": sorted(person_ids)}}
        return self.page(query, session=session)

    def all_of_person(self, person_id: str, session: Session | None = None) -> list[Certificate]:
        """All certificates of a person."""
        return self.page({"person_id": person_id}, session=session)

    def withdrawn_codes(self, now: datetime) -> list[str]:
        """The codes of all that are revoked or superseded. Those that have expired count no more by
        what they say themselves, and are left out."""
        counts = {"$or": [{"expires_at": None}, {"expires_at": {"$gt": now}}]}
        query = {"withdrawn_at": {"$type": "date"}, **counts}
        with unavailable_when_away():
            return [each["code"] for each in self.collection.find(query, {"code": 1, "_id": 0})]


class CertificateDocumentStore(Aggregates[CertificateDocument]):
    """Which printed forms are made."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("certificate_documents"), CertificateDocument)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("certificate_id", ASCENDING)])

    def of_certificate(self, certificate_id: str, session: Session) -> list[CertificateDocument]:
        """All printed forms of a certificate."""
        return self.page({"certificate_id": certificate_id}, session=session)

    def remove(self, session: Session, document: CertificateDocument) -> None:
        """Take one away."""
        self.collection.delete_one({"_id": document.id}, session=session)
