"""The gateway's collections: queries, indexes, document ↔ domain.

people, service_accounts, organisations, memberships. Refresh families and epochs have files of
their own; outbox, event_log, idempotency_keys and leases belong to the common layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.domain.organisation import APPROVED, Membership, Organisation, membership_id
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.storage.searching import FIELD, matching, search_key


def _words(value: Person | Organisation) -> Document:
    """What people look for: its name, or its address."""
    address = [value.email] if isinstance(value, Person) else []
    return search_key([*value.name.values(), *address])


_PEOPLE = mapping_of(Person, extra=_words)
_ORGANISATIONS = mapping_of(Organisation, extra=_words)
_MEMBERSHIPS = mapping_of(Membership, extra=lambda membership: {"_id": membership.id})


class AddressTaken(Exception):
    """Another person signs in with that address."""


class Store:
    """Everything that the gateway keeps.

    Reads raise :class:`services.common.errors.Unavailable` when the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._all_people = Aggregates(database.collection("people"), _PEOPLE)
        self._all_services = Aggregates(database.collection("service_accounts"), ServiceAccount)
        self._all_organisations = Aggregates(database.collection("organisations"), _ORGANISATIONS)
        self._people = self._all_people.collection
        self._organisations = self._all_organisations.collection
        self._all_memberships = Aggregates(database.collection("memberships"), _MEMBERSHIPS)
        self._memberships = self._all_memberships.collection

    def ensure_indexes(self) -> None:
        # Of those who are erased none is left.
        self._people.create_index(
            "email",
            name="address",
            unique=True,
            partialFilterExpression={"email": {"$gt": ""}},
        )
        self._people.create_index(FIELD)
        self._organisations.create_index([("created_at", 1), ("_id", 1)])
        self._organisations.create_index(FIELD)
        self._memberships.create_index([("person_id", 1), ("organisation_id", 1)])
        self._memberships.create_index([("organisation_id", 1), ("person_id", 1)])

    # -- people ---------------------------------------------------------------------------------

    def person(self, person_id: str, session: Session | None = None) -> Person | None:
        return self._all_people.look_up(person_id, session)

    def person_by_email(self, email: str, session: Session | None = None) -> Person | None:
        """The person who has this address; for an empty one nobody."""
        # With the condition of the index, so that it serves.
        return self._all_people.first({"$and": [{"email": email}, {"email": {"$gt": ""}}]}, session)

    def people(self, ids: Iterable[str], *, search: str | None = None) -> dict[str, Person]:
        """Those of these ids that there are; of them, those whose name or address has the words of
        ``search``."""
        found = self._all_people.page({"_id": {"$in": list(ids)}, **matching(search)})
        return {person.id: person for person in found}

    def people_page(
        self,
        *,
        role: str | None,
        active: bool | None,
        search: str | None = None,
        after: str | None,
        limit: int,
        erased: bool = False,
    ) -> list[Person]:
        """People by id.

        Args:
            search: only those whose name or address has its words.
            erased: erased people too.
            role: only those with this staff role.
            active: only those who may sign in, or who may not.
            after: with a greater id than this.
            limit: at most so many.
        """
        query = matching(search)
        if not erased:
            query["erased"] = False
        if role is not None:
            query["roles"] = role
        if active is not None:
            query["active"] = active
        return self._all_people.page(query, after=after, limit=limit)

    def other_managers(self, session: Session, person_id: str) -> int:
        """How many managers there are beside this person; concurrent changes of managers conflict,
        so that two do not take the role from each other."""
        managers = {"roles": "manager", "active": True}
        self._people.update_many(managers, {"$inc": {"manager_changes": 1}}, session=session)
        others = {**managers, "_id": {"$ne": person_id}}
        return self._people.count_documents(others, session=session)

    def add_person(self, session: Session, person: Person) -> None:
        """Raises AddressTaken when the address or the id is in use."""
        try:
            self._all_people.add(session, person)
        except DuplicateKeyError as error:
            raise AddressTaken(person.email) from error

    def save_person(self, session: Session, person: Person) -> None:
        """Replace the version before.

        Raises:
            errors.Stale: if there is another by now.
        """
        self._all_people.save(session, person, person.version - 1)

    def service_account(self, account_id: str) -> ServiceAccount | None:
        return self._all_services.look_up(account_id)

    def service_accounts(self, *, after: str | None, limit: int) -> list[ServiceAccount]:
        """Service accounts by id."""
        return self._all_services.page(after=after, limit=limit)

    def delete_service_account(self, session: Session, account_id: str) -> bool:
        """False if there is none."""
        accounts = self._all_services.collection
        return bool(accounts.delete_one({"_id": account_id}, session=session).deleted_count)

    def add_service_account(self, session: Session, account: ServiceAccount) -> None:
        self._all_services.add(session, account)

    # -- organisations --------------------------------------------------------------------------

    def organisation(
        self, organisation_id: str, session: Session | None = None
    ) -> Organisation | None:
        return self._all_organisations.look_up(organisation_id, session)

    def organisations(
        self,
        *,
        only: Iterable[str] | None,
        status: str | None,
        search: str | None = None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Organisation]:
        """In the order they were registered.

        Args:
            only: ids, or None for all.
            status: only those with this one.
            search: only those whose name has its words.
            after: registered after this time, or at it with a greater id.
            limit: at most so many.
        """
        return self._all_organisations.page(
            matching(search),
            None if only is None else {"_id": {"$in": list(only)}},
            equal_to({"status": status}),
            order=("created_at", "_id"),
            after=after,
            limit=limit,
        )

    def add_organisation(self, session: Session, organisation: Organisation) -> None:
        self._all_organisations.add(session, organisation)

    def save_organisation(self, session: Session, organisation: Organisation) -> None:
        """Replace the version before.

        Raises:
            errors.Stale: if there is another by now.
        """
        self._all_organisations.save(session, organisation, organisation.version - 1)

    # -- memberships ----------------------------------------------------------------------------

    def membership(
        self, organisation_id: str, person_id: str, session: Session | None = None
    ) -> Membership | None:
        """The membership, in force or revoked."""
        return self._all_memberships.look_up(membership_id(organisation_id, person_id), session)

    def members(
        self,
        organisation_id: str,
        *,
        after: str | None = None,
        limit: int = 0,
        session: Session | None = None,
    ) -> list[Membership]:
        """Those in force, by person id; all of them when ``limit`` is 0."""
        return self._all_memberships.page(
            {"organisation_id": organisation_id, "active": True},
            order=("person_id",),
            after=after,
            limit=limit,
            session=session,
        )

    def memberships_of(self, person_id: str, session: Session | None = None) -> dict[str, str]:
        """Organisation id → role, for organisations of every status."""
        query = {"person_id": person_id, "active": True}
        with unavailable_when_away():
            rows = self._memberships.find(query, session=session)
            return {row["organisation_id"]: row["role"] for row in rows}

    def all_memberships_of(
        self, person_id: str, session: Session | None = None
    ) -> list[Membership]:
        """Those in force and those revoked."""
        return self._all_memberships.page({"person_id": person_id}, session=session)

    def approved_of(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> set[str]:
        """Which of these organisations are approved."""
        query = {"_id": {"$in": list(organisation_ids)}, "status": APPROVED}
        with unavailable_when_away():
            found = self._organisations.find(query, {"_id": 1}, session=session)
            return {row["_id"] for row in found}

    def save_membership(self, session: Session, membership: Membership) -> None:
        """Insert or replace a membership, and have concurrent changes of the same organisation's
        members conflict: two representatives who leave at once must not both succeed."""
        document = _MEMBERSHIPS.document_of(membership)
        self._memberships.replace_one(
            {"_id": membership.id}, document, upsert=True, session=session
        )
        self._organisations.update_one(
            {"_id": membership.organisation_id}, {"$inc": {"member_changes": 1}}, session=session
        )
