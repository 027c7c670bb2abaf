"""What is known of people, by the identity's events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.storage.projections import put_newest, put_states, tombstone
from services.notifications.domain.people import Contact, Erased, Membership, Organisation

CONTACTS = "contacts"
MEMBERSHIPS = "memberships"
ORGANISATIONS = "organisations"

REPRESENTATIVE = "representative"


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
    contacts: Mapping[str, Contact]
    organisations: Mapping[str, Mapping[str, str]]
    erased: frozenset[str] = frozenset()
    representatives: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def known_organisations(self) -> set[str]:
        """The organisations that are known, by themselves or by a member, present or past."""
        return self.members.keys() | self.organisations.keys()


class People:
    """Contacts, organisations and memberships, projected from the identity's events."""

    def __init__(self, database: Database) -> None:
        self._contacts = database.collection(CONTACTS)
        self._organisations = database.collection(ORGANISATIONS)
        self._memberships = database.collection(MEMBERSHIPS)

    def ensure_indexes(self) -> None:
        self._memberships.create_index([("organisation_id", 1), ("person_id", 1)])
        # Guests only: the contact of a person with an account has no such date.
        self._contacts.create_index("until", expireAfterSeconds=0)

    def project(
        self,
        session: Session,
        organisations: Iterable[Organisation],
        memberships: Iterable[Membership],
    ) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(
            session,
            self._organisations,
            [_fact(each.organisation_id, each) for each in organisations],
        )
        put_newest(session, self._memberships, [_fact(each.id, each) for each in memberships])

    def put_contacts(self, session: Session, contacts: Iterable[Contact | Erased]) -> None:
        """Take details in; an older one changes nothing, and what is erased stays so."""
        put_states(session, self._contacts, [_contact_document(each) for each in contacts])

    def lock_named(self, session: Session, ids: Collection[str]) -> set[str]:
        """Let these people be erased before the transaction or after it, not meanwhile: an erasure
        that does not see the messages of the transaction could not let them forget the name.

        Returns:
            those of them who are erased.
        """
        if not ids:
            return set()
        named: Document = {"_id": {"$in": sorted(ids)}}
        standing = named | {"erased": {"$ne": True}}
        held = self._contacts.update_many(standing, {"$inc": {"turns": 1}}, session=session)
        if held.matched_count == len(ids):
            return set()
        erased = self._contacts.find(named | {"erased": True}, {"_id": 1}, session=session)
        return {each["_id"] for each in erased}

    def export(self, person_id: str) -> list[Document]:
        """How a person is called and reached, as it is stored, and where they belong."""
        with unavailable_when_away():
            contacts = list(self._contacts.find({"_id": person_id}, {"_id": 0, "turns": 0}))
            members = list(self._memberships.find({"person_id": person_id}, {"_id": 0}))
        return contacts + members

    def find_known(
        self,
        *,
        members_of: Collection[str] = (),
        organisations: Collection[str] = (),
        people: Collection[str] = (),
    ) -> Known:
        """What is known of them, in one question in place of three: each costs a round trip.

        Args:
            members_of: organisations whose members, and the contacts of these, are asked for.
            organisations: those whose names are asked for.
            people: whose contacts are asked for besides.
        """
        with unavailable_when_away():
            found = self._memberships.aggregate(
                [
                    {"$match": {"organisation_id": {"$in": list(members_of)}}},
                    {"$set": {"told": {"$cond": ["$active", "$person_id", None]}}},
                    {
                        "$lookup": {
                            "from": CONTACTS,
                            "localField": "told",
                            "foreignField": "_id",
                            "as": CONTACTS,
                        }
                    },
                    _and(ORGANISATIONS, organisations),
                    _and(CONTACTS, people),
                ]
            )
            return _known(found)


def _and(collection: str, ids: Collection[str]) -> Document:
    """Documents of another collection in the same answer, each in a field of its name."""
    these = {"$match": {"_id": {"$in": list(ids)}}}
    wrapped = [these, {"$replaceWith": {collection: ["$$ROOT"]}}]
    return {"$unionWith": {"coll": collection, "pipeline": wrapped}}


def _known(found: Iterable[Document]) -> Known:
    members: defaultdict[str, set[str]] = defaultdict(set)
    representatives: defaultdict[str, set[str]] = defaultdict(set)
    contacts: dict[str, Contact] = {}
    erased: set[str] = set()
    names: dict[str, Mapping[str, str]] = {}
    for document in found:
        if "organisation_id" in document:
            known = members[document["organisation_id"]]
            if document["active"]:
                known.add(document["person_id"])
                if document["role"] == REPRESENTATIVE:
                    representatives[document["organisation_id"]].add(document["person_id"])
        for contact in document.get(CONTACTS, ()):
            if contact.get("erased"):
                erased.add(contact["_id"])
            else:
                contacts[contact["_id"]] = contact_of(contact)
        for organisation in document.get(ORGANISATIONS, ()):
            names[organisation["_id"]] = organisation["name"]
    return Known(
        members=dict(members),
        representatives=representatives,
        contacts=contacts,
        organisations=names,
        erased=frozenset(erased),
    )


def _fact(fact_id: str, fact: Contact | Organisation | Membership) -> Document:
    return {"_id": fact_id, **asdict(fact)}


def _contact_document(contact: Contact | Erased) -> Document:
    if isinstance(contact, Contact):
        return _fact(contact.person_id, contact)
    return tombstone(contact.person_id, contact.version) | {"until": contact.until}


def contact_of(document: Document) -> Contact:
    """A contact as it is stored."""
    return Contact(
        person_id=document["_id"],
        version=document["version"],
        name=document["name"],
        email=document["email"],
        language=document["language"],
        until=document.get("until"),
        disabled=document["disabled"],
    )
