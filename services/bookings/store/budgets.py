"""Budgets as documents: limits, what a week has used, grants, and what is counted of manners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo import ASCENDING

from services.bookings.domain.budgets import Amount, Budget, Conduct, Grant, WeekUse
from services.common import errors
from services.common.storage.mongo import Database, Document, Session


class BudgetStore:
    """One document an organisation for its limits, and one an organisation and week for its use."""

    def __init__(self, database: Database) -> None:
        self._budgets = database.collection("budgets")
        self._weeks = database.collection("budget_weeks")
        self._grants = database.collection("budget_grants")
        self._conduct = database.collection("conduct")

    def ensure_indexes(self) -> None:
        self._grants.create_index([("organisation_id", ASCENDING), ("week", ASCENDING)])

    # -- limits -------------------------------------------------------------------------------

    def get(self, organisation_id: str, session: Session | None = None) -> Budget:
        """The organisation's own limits; without any where nobody has set some."""
        found = self._budgets.find_one({"_id": organisation_id}, session=session)
        if found is None:
            return Budget(organisation_id)
        return Budget(found["_id"], found["hours"], found["bookings"], found["version"])

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
        result = self._budgets.replace_one(
            {"_id": budget.organisation_id, "version": expected_version}, document, session=session
        )
        if result.matched_count != 1:
            raise errors.Stale()

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
        """Count an amount (negative: give it back), whatever the limit."""
        self._add(session, organisation_id, week, {}, _increase(amount))

    def add_within(
        self, session: Session, organisation_id: str, week: str, amount: Amount, limit: Amount
    ) -> bool:
        """Count an amount if what is then used stays within the limit and the grants.

        Condition and increase are one update: two transactions that both would fit alone cannot
        both commit, because they write the same document. Only what grows is held against its
        limit, so that a booking may become shorter whatever the limit is by now.
        """
        conditions = [
            {"$lte": [{"$add": [f"${used}", more]}, {"$add": [most, f"${granted}"]}]}
            for used, granted, more, most in (
                ("minutes", "granted_minutes", amount.minutes, limit.minutes),
                ("bookings", "granted_bookings", amount.bookings, limit.bookings),
            )
            if more > 0
        ]
        fits = {"$expr": {"$and": conditions}} if conditions else {}
        return self._add(
            session,
            organisation_id,
            week,
            fits,
            _increase(amount),
            when_new=amount.minutes <= limit.minutes and amount.bookings <= limit.bookings,
        )

    def grant(self, session: Session, grant: Grant) -> None:
        """Keep a grant and add it to its week."""
        self._grants.insert_one(grant_document(grant), session=session)
        more = {"granted_minutes": grant.hours * 60, "granted_bookings": grant.bookings}
        self._add(session, grant.organisation_id, grant.week, {}, more)

    def grants(self, organisation_id: str, week: str) -> list[Grant]:
        """The grants of a week, oldest first. There are few."""
        found = self._grants.find({"organisation_id": organisation_id, "week": week})
        return [grant_of(document) for document in found.sort("_id", ASCENDING)]

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

    def count_late_cancellation(self, session: Session, organisation_id: str) -> None:
        self._count(session, organisation_id, "late_cancellations")

    def _count(self, session: Session, organisation_id: str, what: str) -> None:
        self._conduct.update_one(
            {"_id": organisation_id}, {"$inc": {what: 1}}, upsert=True, session=session
        )


def grant_document(grant: Grant) -> Document:
    """A grant as it is stored, and as it is kept with the idempotency key of its creation."""
    return {
        "_id": grant.id,
        "organisation_id": grant.organisation_id,
        "week": grant.week,
        "hours": grant.hours,
        "bookings": grant.bookings,
        "reason": grant.reason,
        "granted_by": grant.granted_by,
        "granted_at": grant.granted_at,
    }


def grant_of(document: Document) -> Grant:
    values: dict[str, Any] = dict(document)
    return Grant(id=values.pop("_id"), **values)


def _id(organisation_id: str, week: str) -> str:
    return f"{organisation_id}|{week}"


def _increase(amount: Amount) -> dict[str, int]:
    return {"minutes": amount.minutes, "bookings": amount.bookings}
