"""Organisations as documents: a projection, written by the subscriber alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from services.bookings.domain.organisations import Organisation
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.projections import put_newest


class OrganisationStore:
    """What is known of organisations, by id."""

    def __init__(self, database: Database) -> None:
        self._organisations = database.collection("organisations")

    def project(self, session: Session, facts: Iterable[Organisation]) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(
            session,
            self._organisations,
            [{"_id": each.organisation_id, **asdict(each)} for each in facts],
        )

    def get(self, organisation_id: str, session: Session | None = None) -> Organisation | None:
        """The organisation, if an event of it has arrived."""
        found = self._organisations.find_one({"_id": organisation_id}, session=session)
        return None if found is None else organisation_of(found)

    def find(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Organisation]:
        """Those that are known, by id."""
        found = self._organisations.find({"_id": {"$in": list(organisation_ids)}}, session=session)
        return {each["_id"]: organisation_of(each) for each in found}


def organisation_of(document: Document) -> Organisation:
    return Organisation(
        organisation_id=document["_id"],
        version=document["version"],
        name=document["name"],
        status=document["status"],
    )
