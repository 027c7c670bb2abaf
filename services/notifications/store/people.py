"""Whom an event may mean: questions across the directory's collections, each in one round trip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from services.common.directory.people import REPRESENTATIVE, Duty, Person
from services.common.directory.store import (
    MEMBERSHIPS,
    ORGANISATIONS,
    PEOPLE,
    person_document,
    person_of,
)
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.storage.projections import put_states
from services.notifications.domain.guests import Guest


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of some organisations and people.

    Attributes:
        members: the present members of each organisation. One that nobody was ever known to belong
            to is missing, though it may be known itself; one that all have left is there with an
            empty set.
        representatives: those of them who act for it.
        contacts: by person: of those members, and of those asked for.
        erased: those of them whose data is deleted.
        organisations: the name of each, by language.
    """

    members: Mapping[str, set[str]]
    contacts: Mapping[str, Person]
    organisations: Mapping[str, Mapping[str, str]]
    erased: frozenset[str] = frozenset()
    representatives: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def known_organisations(self) -> set[str]:
        """The organisations that are known, by themselves or by a member, present or past."""
        return self.members.keys() | self.organisations.keys()

    def staff(self, duty: Duty) -> set[str]:
        """Of the people whose contacts are here, those who do this work now."""
        return {
            person_id
            for person_id, person in self.contacts.items()
            if person.works_as(duty.role, duty.centre_id)
        }


class People:
    """Whom messages may address: the people of the directory, and beside them the guests.

    Both are in the directory's collection, so that one question finds the person or guest of an id.
    """

    def __init__(self, database: Database) -> None:
        self._people = database.collection(PEOPLE)
        self._memberships = database.collection(MEMBERSHIPS)

    def ensure_indexes(self) -> None:
        # Guests only: a person with an account has no such date.
        self._people.create_index("until", expireAfterSeconds=0)

    def put_guests(self, session: Session, guests: Iterable[Guest]) -> None:
        """Take details in; an older one changes nothing, and what is erased stays so."""
        put_states(
            session,
            self._people,
            [person_document(each.details) | {"until": each.until} for each in guests],
        )

    def find_known(
        self,
        *,
        members_of: Collection[str] = (),
        organisations: Collection[str] = (),
        people: Collection[str] = (),
        duties: Collection[Duty] = (),
    ) -> Known:
        """What is known of them, in one question in place of three: each costs a round trip.

        Args:
            members_of: organisations whose members, and the contacts of these, are asked for.
            organisations: those whose names are asked for.
            people: whose contacts are asked for besides.
            duties: staff whose contacts are asked for besides.
        """
        with unavailable_when_away():
            found = self._memberships.aggregate(
                [
                    {"$match": {"organisation_id": {"$in": list(members_of)}}},
                    {"$set": {"recipient_id": {"$cond": ["$active", "$person_id", None]}}},
                    {
                        "$lookup": {
                            "from": PEOPLE,
                            "localField": "recipient_id",
                            "foreignField": "_id",
                            "as": PEOPLE,
                        }
                    },
                    _and(ORGANISATIONS, organisations),
                    _and(PEOPLE, people),
                    *_staff(duties),
                ]
            )
            return _known(found)


def _staff(duties: Collection[Duty]) -> list[Document]:
    """Those who hold one of these roles, in the same answer; where exactly is decided later."""
    if not duties:
        return []
    standing = {"roles": {"$in": sorted({each.role for each in duties})}, "status": "active"}
    wrapped = [{"$match": standing}, {"$replaceWith": {PEOPLE: ["$$ROOT"]}}]
    return [{"$unionWith": {"coll": PEOPLE, "pipeline": wrapped}}]


def _and(collection: str, ids: Collection[str]) -> Document:
    """Documents of another collection in the same answer, each in a field of its name."""
    these = {"$match": {"_id": {"$in": list(ids)}}}
    wrapped = [these, {"$replaceWith": {collection: ["$$ROOT"]}}]
    return {"$unionWith": {"coll": collection, "pipeline": wrapped}}


def _known(found: Iterable[Document]) -> Known:
    members: defaultdict[str, set[str]] = defaultdict(set)
    representatives: defaultdict[str, set[str]] = defaultdict(set)
    contacts: dict[str, Person] = {}
    erased: set[str] = set()
    names: dict[str, Mapping[str, str]] = {}
    for document in found:
        if "organisation_id" in document:
            known = members[document["organisation_id"]]
            if document["active"]:
                known.add(document["person_id"])
                if document["role"] == REPRESENTATIVE:
                    representatives[document["organisation_id"]].add(document["person_id"])
        for contact in document.get(PEOPLE, ()):
            if contact.get("erased"):
                erased.add(contact["_id"])
            else:
                contacts[contact["_id"]] = person_of(contact)
        for organisation in document.get(ORGANISATIONS, ()):
            names[organisation["_id"]] = organisation["name"]
    return Known(
        members=dict(members),
        representatives=representatives,
        contacts=contacts,
        organisations=names,
        erased=frozenset(erased),
    )
