"""The directory's collections: projections, written by the subscriber alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict

from services.common.context import Caller
from services.common.directory.organisations import Organisation
from services.common.directory.people import (
    ACTIVE,
    FRONT_DESK,
    ErasedPerson,
    HeldRoles,
    Membership,
    Person,
    membership_id,
)
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.storage.projections import put_newest, put_states, tombstone

ORGANISATIONS = "organisations"
PEOPLE = "people"
MEMBERSHIPS = "memberships"

#: Counts the transactions that have named a person; see :meth:`Directory.lock_named`.
_TURNS = "turns"


class Directory:
    """What is known of organisations, people and memberships, by id.

    A reader asks inside a transaction by its ``session``; what the transaction decides by is then
    what stood when it began.
    """

    def __init__(self, database: Database) -> None:
        self._organisations = database.collection(ORGANISATIONS)
        self._people = database.collection(PEOPLE)
        self._memberships = database.collection(MEMBERSHIPS)

    def ensure_indexes(self) -> None:
        self._memberships.create_index([("organisation_id", 1), ("person_id", 1)])
        self._memberships.create_index("person_id")
        # Staff are few; everybody else has no such member.
        self._people.create_index("roles", sparse=True)

    # -- taking in ------------------------------------------------------------------------------

    def put_organisations(self, session: Session, facts: Iterable[Organisation]) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(
            session,
            self._organisations,
            [{"_id": each.organisation_id, **asdict(each)} for each in facts],
        )

    def put_memberships(self, session: Session, facts: Iterable[Membership]) -> None:
        """Take facts in, as :meth:`put_organisations`."""
        put_newest(session, self._memberships, [{"_id": each.id, **asdict(each)} for each in facts])

    def put_people(self, session: Session, people: Iterable[Person | ErasedPerson]) -> None:
        """Take details in; an older one changes nothing, and what is erased stays so."""
        put_states(session, self._people, [person_document(each) for each in people])

    def erase(self, session: Session, person_id: str, version: int) -> None:
        """Keep nothing of a person but the id, for ever."""
        self.put_people(session, [ErasedPerson(person_id, version)])

    # -- organisations --------------------------------------------------------------------------

    def organisation(
        self, organisation_id: str, session: Session | None = None
    ) -> Organisation | None:
        """The organisation, if an event has named it."""
        found = self._organisations.find_one({"_id": organisation_id}, session=session)
        return None if found is None else organisation_of(found)

    def organisations(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Organisation]:
        """Those that are known, by id."""
        found = self._organisations.find({"_id": {"$in": list(organisation_ids)}}, session=session)
        return {each["_id"]: organisation_of(each) for each in found}

    def all_organisations(self, session: Session | None = None) -> list[Organisation]:
        """Every organisation that an event has named, by id."""
        return [
            organisation_of(each) for each in self._organisations.find(session=session).sort("_id")
        ]

    # -- people ---------------------------------------------------------------------------------

    def people(
        self, person_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Person]:
        """Those who are known and not erased, by id."""
        standing = _these(person_ids) | {"erased": {"$ne": True}}
        return {p["_id"]: person_of(p) for p in self._people.find(standing, session=session)}

    def roles_of(
        self, person_ids: Collection[str], session: Session | None = None
    ) -> dict[str, HeldRoles]:
        """Id → the staff roles that a person holds now; who is not known at all is left out."""
        shown = {"roles": 1, "status": 1, "erased": 1}
        return {
            each["_id"]: HeldRoles(
                frozenset(each.get("roles", ())),
                gone=bool(each.get("erased")) or each.get("status", ACTIVE) != ACTIVE,
            )
            for each in self._people.find(_these(person_ids), shown, session=session)
        }

    def names(
        self, person_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Mapping[str, str]]:
        """Id → name by language, of those who are known and not erased."""
        found = self._people.find(_these(person_ids), {"name": 1}, session=session)
        return {each["_id"]: each["name"] for each in found if "name" in each}

    def staff(
        self, role: str, centre_id: str | None = None, session: Session | None = None
    ) -> list[Person]:
        """The people who hold a staff role now, by id: at the centre, or at any."""
        wanted: Document = {"roles": role, "status": ACTIVE}
        if centre_id is not None and role == FRONT_DESK:
            wanted["centres"] = centre_id
        found = self._people.find(wanted, session=session).sort("_id", 1)
        return [person_of(each) for each in found]

    def lock_named(self, session: Session, person_ids: Collection[str]) -> set[str]:
        """Let these people be erased before the transaction or after it, not meanwhile: an erasure
        that does not see what the transaction writes could not let that forget the name.

        Returns:
            those of them who are erased.
        """
        if not person_ids:
            return set()
        standing = _these(person_ids) | {"erased": {"$ne": True}}
        held = self._people.update_many(standing, {"$inc": {_TURNS: 1}}, session=session)
        if held.matched_count == len(set(person_ids)):
            return set()
        gone = _these(person_ids) | {"erased": True}
        return {each["_id"] for each in self._people.find(gone, {"_id": 1}, session=session)}

    # -- memberships ----------------------------------------------------------------------------

    def members(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> dict[str, dict[str, str]]:
        """Organisation id → person id → role, of the present members."""
        wanted = {"organisation_id": {"$in": list(organisation_ids)}, "active": True}
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for each in self._memberships.find(wanted, session=session):
            found[each["organisation_id"]][each["person_id"]] = each["role"]
        return dict(found)

    def memberships_of(
        self, organisation_id: str, person_ids: Collection[str], session: Session | None = None
    ) -> dict[str, bool]:
        """Id → whether a person belongs to the organisation now, of those who ever did."""
        ids = [membership_id(organisation_id, each) for each in sorted(person_ids)]
        found = self._memberships.find({"_id": {"$in": ids}}, session=session)
        return {each["person_id"]: each["active"] for each in found}

    def organisations_of(self, person_id: str, session: Session | None = None) -> frozenset[str]:
        """The ids of the organisations that a person belongs to."""
        return self.organisations_of_people([person_id], session).get(person_id, frozenset())

    def organisations_of_people(
        self, person_ids: Collection[str], session: Session | None = None
    ) -> dict[str, frozenset[str]]:
        """Person id → the ids of the organisations that the person belongs to; who belongs to none
        is left out."""
        wanted = {"person_id": {"$in": list(person_ids)}, "active": True}
        shown = {"organisation_id": 1, "person_id": 1}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for each in self._memberships.find(wanted, shown, session=session):
            found[each["person_id"]].add(each["organisation_id"])
        return {person_id: frozenset(ids) for person_id, ids in found.items()}

    def is_member(
        self,
        organisation_id: str,
        person_id: str,
        *,
        caller: Caller,
        session: Session | None = None,
    ) -> bool:
        """Whether a person belongs to an organisation: by what has arrived, or by the caller's own
        token, since the news of a membership may be late."""
        own = caller.kind == "person" and caller.id == person_id
        if own and caller.belongs_to(organisation_id):
            return True
        wanted = {"_id": membership_id(organisation_id, person_id), "active": True}
        return self._memberships.find_one(wanted, {"_id": 1}, session=session) is not None

    # -- personal data --------------------------------------------------------------------------

    def export(self, person_id: str) -> list[Document]:
        """What is held of a person, as it is stored: how they are called and reached, which work
        they do, and where they belong."""
        with unavailable_when_away():
            held = list(self._people.find({"_id": person_id}, {"_id": 0, _TURNS: 0}))
            return held + list(self._memberships.find({"person_id": person_id}, {"_id": 0}))


def organisation_of(document: Document) -> Organisation:
    """An organisation as it is stored."""
    return Organisation(
        organisation_id=document["_id"],
        version=document["version"],
        name=document["name"],
        status=document["status"],
    )


def person_of(document: Document) -> Person:
    """A person as they are stored, who is not erased."""
    return Person(
        person_id=document["_id"],
        version=document["version"],
        name=document["name"],
        email=document["email"],
        language=document["language"],
        status=document["status"],
        roles=frozenset(document.get("roles", ())),
        centres=frozenset(document.get("centres", ())),
    )


def person_document(person: Person | ErasedPerson) -> Document:
    """A person as they are stored. Who has no staff role has no such member."""
    if isinstance(person, ErasedPerson):
        return tombstone(person.person_id, person.version)
    document: Document = {"_id": person.person_id, **asdict(person)}
    for name in ("roles", "centres"):
        held = sorted(document.pop(name))
        if held:
            document[name] = held
    return document


def _these(ids: Collection[str]) -> Document:
    return {"_id": {"$in": sorted(set(ids))}}
