"""Budgets as documents: limits, what a week has used, grants, and what is counted of manners.

That a booking has been counted is a mark on the booking itself, its ``charge``; what a week's
counter says is the sum of these marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakSet

from pymongo import ASCENDING, UpdateOne

from services.bookings.domain.booking_states import COUNTS
from services.bookings.domain.budgets import (
    NOTHING,
    Amount,
    Budget,
    Charge,
    Conduct,
    Grant,
    WeekUse,
)
from services.bookings.store.booking_documents import charge_document, charge_of
from services.common import errors
from services.common.storage.aggregates import replace_version
from services.common.storage.barrier import await_transactions
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, RetryTransaction, Session
from services.common.time.period import Period
from services.common.time.weeks import surrounding_period

GRANTS = mapping_of(Grant)
"""Also as they are kept with the idempotency key of their creation."""


class BudgetStore:
    """One document an organisation for its limits, and one an organisation and week for its use."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._budgets = database.collection("budgets")
        self._weeks = database.collection("budget_weeks")
        self._grants = database.collection("budget_grants")
        self._conduct = database.collection("conduct")
        self._bookings = database.collection("bookings")
        # Who has marked bookings in a transaction; also in one that was done again since.
        self._marking: WeakSet[Session] = WeakSet()

    def ensure_indexes(self) -> None:
        self._grants.create_index([("organisation_id", ASCENDING), ("week", ASCENDING)])

    # -- limits -------------------------------------------------------------------------------

    def get(self, organisation_id: str, session: Session | None = None) -> Budget:
        """The organisation's own limits; without any where nobody has set some."""
        found = self._budgets.find_one({"_id": organisation_id}, session=session)
        return budget_of(organisation_id, found)

    def in_force(self, organisation_id: str, session: Session) -> Budget:
        """The limits as they are now, and not only as the transaction's moment has them.

        A change of the limits waits for this transaction from here on (:meth:`await_readers`). That
        nobody has done so between its moment and now is looked at outside of it.

        Raises:
            RetryTransaction: if it has changed.
        """
        budget = self.get(organisation_id, session)
        if self.get(organisation_id).version != budget.version:
            raise RetryTransaction("other limits were set meanwhile")
        return budget

    def save(self, session: Session, budget: Budget, expected_version: int) -> None:
        """Raises:
        errors.Stale: if the stored version is another one.
        """
        document = {
            "_id": budget.organisation_id,
            "hours": budget.hours,
            "bookings": budget.bookings,
            "version": budget.version,
        }
        if self._budgets.find_one({"_id": budget.organisation_id}, session=session) is None:
            if expected_version != 1:
                raise errors.Stale()
            self._budgets.insert_one(document, session=session)
            return
        replace_version(self._budgets, session, document, expected_version)

    def await_readers(self) -> None:
        """Wait until every transaction that may have read other limits than those saved is over.

        Raises:
            errors.Unavailable: if one of them stays open.
        """
        await_transactions(self._database, self._budgets.name)

    # -- use ----------------------------------------------------------------------------------

    def week(self, organisation_id: str, week: str, session: Session | None = None) -> WeekUse:
        """What the organisation has used of the week, and was granted on top."""
        found = self._weeks.find_one({"_id": _id(organisation_id, week)}, session=session)
        if found is None:
            return WeekUse()
        return WeekUse(
            Amount(found["minutes"], found["bookings"]),
            Amount(found["granted_minutes"], found["granted_bookings"]),
        )

    def add(self, session: Session, organisation_id: str, week: str, amount: Amount) -> None:
        """Count an amount (negative: give it back), under any limit."""
        self._add(session, organisation_id, week, {}, _increase(amount))

    def add_within(
        self,
        session: Session,
        organisation_id: str,
        week: str,
        amount: Amount,
        limit: Amount,
        uncounted: Amount = NOTHING,
    ) -> bool:
        """Count an amount if what is then used stays within the limit and the grants.

        Args:
            uncounted: what is booked and has not been counted yet; counted with it.

        Condition and increase are one update: two transactions that both would fit alone cannot
        both commit, because they write the same document. Only growth is limited, so that a booking
        may become shorter under any limit.
        """
        both = uncounted + amount
        conditions = [
            {"$lte": [{"$add": [f"${used}", then]}, {"$add": [most, f"${granted}"]}]}
            for used, granted, more, then, most in (
                ("minutes", "granted_minutes", amount.minutes, both.minutes, limit.minutes),
                ("bookings", "granted_bookings", amount.bookings, both.bookings, limit.bookings),
            )
            if more > 0
        ]
        fits = {"$expr": {"$and": conditions}} if conditions else {}
        return self._add(
            session,
            organisation_id,
            week,
            fits,
            _increase(both),
            when_new=(amount.minutes <= 0 or both.minutes <= limit.minutes)
            and (amount.bookings <= 0 or both.bookings <= limit.bookings),
        )

    def uncounted(self, session: Session, organisation_id: str, week: str) -> dict[str, Charge]:
        """What is booked in the week and has not been counted: booking → what it counts."""
        times = surrounding_period(week)
        found = self._bookings.find(
            {
                "organisation_id": organisation_id,
                "starts_at": {"$gte": times.starts_at, "$lt": times.ends_at},
                "charge": None,
                "status": {"$in": sorted(COUNTS)},
            },
            {"starts_at": 1, "ends_at": 1, "time_zone": 1},
            session=session,
        )
        charges = {
            each["_id"]: Charge.of(Period(each["starts_at"], each["ends_at"]), each["time_zone"])
            for each in found
        }
        return {key: charge for key, charge in charges.items() if charge.week == week}

    def mark_counted(self, session: Session, counted: Mapping[str, Charge]) -> None:
        """Note on the bookings what has been counted for them: no new version, since people do not
        see it; but a change of such a booking at the same moment has to begin again.
        """
        if counted:
            self._marking.add(session)
            self._bookings.bulk_write(
                [
                    UpdateOne({"_id": key}, {"$set": {"charge": charge_document(charge)}})
                    for key, charge in counted.items()
                ],
                session=session,
            )

    def marked(self, session: Session, booking_id: str) -> Charge | None:
        """What this transaction has counted for a booking since it read it, if anything. Only one
        that has marked some asks the database: a change of a single booking never does."""
        if session not in self._marking:
            return None
        found = self._bookings.find_one({"_id": booking_id}, {"charge": 1}, session=session)
        return charge_of((found or {}).get("charge"))

    def grant(self, session: Session, grant: Grant) -> None:
        """Keep a grant and add it to its week."""
        self._grants.insert_one(GRANTS.document_of(grant), session=session)
        more = {"granted_minutes": grant.hours * 60, "granted_bookings": grant.bookings}
        self._add(session, grant.organisation_id, grant.week, {}, more)

    def grants(
        self, organisation_id: str, week: str, session: Session | None = None
    ) -> list[Grant]:
        """The grants of a week, oldest first. There are few."""
        found = self._grants.find(
            {"organisation_id": organisation_id, "week": week}, session=session
        )
        return [GRANTS.aggregate_of(document) for document in found.sort("_id", ASCENDING)]

    def weeks(self, session: Session) -> Iterator[tuple[str, str, Amount]]:
        """What every counter says: organisation, week, used."""
        for found in self._weeks.find({}, session=session):
            used = Amount(found["minutes"], found["bookings"])
            yield found["organisation_id"], found["week"], used

    def _add(
        self,
        session: Session,
        organisation_id: str,
        week: str,
        condition: Document,
        increase: dict[str, int],
        *,
        when_new: bool = True,
    ) -> bool:
        key = _id(organisation_id, week)
        result = self._weeks.update_one(
            {"_id": key, **condition}, {"$inc": increase}, session=session
        )
        if result.matched_count == 1:
            return True
        if not when_new or self._weeks.find_one({"_id": key}, {"_id": 1}, session=session):
            return False
        self._weeks.insert_one(
            {
                "_id": key,
                "organisation_id": organisation_id,
                "week": week,
                "minutes": 0,
                "bookings": 0,
                "granted_minutes": 0,
                "granted_bookings": 0,
            }
            | increase,
            session=session,
        )
        return True

    # -- manners ------------------------------------------------------------------------------

    def conduct(self, organisation_id: str) -> Conduct:
        """What has been counted of the organisation."""
        found = self._conduct.find_one({"_id": organisation_id}) or {}
        return Conduct(found.get("no_shows", 0), found.get("late_cancellations", 0))

    def count_no_show(self, session: Session, organisation_id: str) -> None:
        self._count(session, organisation_id, "no_shows")

    def uncount_no_show(self, session: Session, organisation_id: str) -> None:
        self._count(session, organisation_id, "no_shows", -1)

    def count_late_cancellation(self, session: Session, organisation_id: str) -> None:
        self._count(session, organisation_id, "late_cancellations")

    def _count(self, session: Session, organisation_id: str, what: str, more: int = 1) -> None:
        self._conduct.update_one(
            {"_id": organisation_id}, {"$inc": {what: more}}, upsert=True, session=session
        )


def budget_of(organisation_id: str, document: Document | None) -> Budget:
    """The organisation's limits as they are stored, or those of one that has none of its own."""
    if document is None:
        return Budget(organisation_id)
    return Budget(organisation_id, document["hours"], document["bookings"], document["version"])


def _id(organisation_id: str, week: str) -> str:
    return f"{organisation_id}|{week}"


def _increase(amount: Amount) -> dict[str, int]:
    return {"minutes": amount.minutes, "bookings": amount.bookings}
