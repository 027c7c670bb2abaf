"""What is known of people, by the gateway's events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo.collection import Collection as MongoCollection

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.storage.projections import put_newest
from services.notifications.domain.people import Contact, Membership, Organisation

CONTACTS = "contacts"
MEMBERSHIPS = "memberships"


class People:
    """Contacts, organisations and memberships, projected from the gateway's events."""

    def __init__(self, database: Database) -> None:
        self._contacts = database.collection(CONTACTS)
        self._organisations = database.collection("organisations")
        self._memberships = database.collection(MEMBERSHIPS)

    def ensure_indexes(self) -> None:
        self._memberships.create_index([("organisation_id", 1), ("person_id", 1)])
        # Guests only: the contact of a person with an account has no such date.
        self._contacts.create_index("until", expireAfterSeconds=0)

    def project(
        self,
        session: Session,
        contacts: Iterable[Contact],
        organisations: Iterable[Organisation],
        memberships: Iterable[Membership],
    ) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(session, self._contacts, [_fact(each.person_id, each) for each in contacts])
        put_newest(
            session,
            self._organisations,
            [_fact(each.organisation_id, each) for each in organisations],
        )
        put_newest(session, self._memberships, [_fact(each.id, each) for each in memberships])

    def members_of(self, organisation_ids: Collection[str]) -> dict[str, set[str]]:
        """Ids of the present members of each organisation.

        An organisation that nobody was ever known to belong to is not in the answer; one that all
        have left is there with an empty set.
        """
        members: defaultdict[str, set[str]] = defaultdict(set)
        if organisation_ids:
            with unavailable_when_away():
                for found in self._memberships.find(
                    {"organisation_id": {"$in": list(organisation_ids)}},
                    {"_id": 0, "organisation_id": 1, "person_id": 1, "active": 1},
                ):
                    known = members[found["organisation_id"]]
                    if found["active"]:
                        known.add(found["person_id"])
        return dict(members)

    def contacts(self, person_ids: Collection[str]) -> dict[str, Contact]:
        """The contacts that are known, by person."""
        found = _find(self._contacts, person_ids)
        return {document["_id"]: contact_of(document) for document in found}

    def organisation_names(self, organisation_ids: Collection[str]) -> dict[str, dict[str, str]]:
        """The names that are known, by organisation, each by language."""
        found = _find(self._organisations, organisation_ids, {"name": 1})
        return {document["_id"]: document["name"] for document in found}


def _fact(fact_id: str, fact: Contact | Organisation | Membership) -> Document:
    return {"_id": fact_id, **asdict(fact)}


def _find(
    collection: MongoCollection[Document],
    ids: Collection[str],
    projection: Mapping[str, Any] | None = None,
) -> list[Document]:
    if not ids:
        return []
    with unavailable_when_away():
        return list(collection.find({"_id": {"$in": list(ids)}}, projection))


def contact_of(document: Document) -> Contact:
    """A contact as it is stored."""
    return Contact(
        person_id=document["_id"],
        version=document["version"],
        name=document["name"],
        email=document["email"],
        language=document["language"],
        until=document.get("until"),
    )
