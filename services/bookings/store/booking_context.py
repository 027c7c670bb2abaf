"""What a booking needs to know before it claims anything, read in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.budgets import Budget
from services.bookings.domain.centre import Centre, Space
from services.bookings.store.budgets import budget_of
from services.bookings.store.centres import CENTRES, SPACES
from services.common import errors
from services.common.directory.organisations import Organisation
from services.common.directory.store import ORGANISATIONS, organisation_of
from services.common.storage.mongo import Database, Document, Session


@dataclass(frozen=True, slots=True)
class BookingContext:
    """What a booking needs to know, read at one moment.

    Attributes:
        organisation: ``None`` if no event of it has arrived.
    """

    space: Space
    centre: Centre
    budget: Budget
    organisation: Organisation | None


class BookingContextStore:
    """Reads across the collections of four aggregates; each has a store of its own that writes it.

    One aggregation costs the service less than the four reads that it replaces, and the caller
    one round trip instead of four.
    """

    def __init__(self, database: Database) -> None:
        self._spaces = database.collection("spaces")
        # The centre of a space never changes, and a lookup by a known id costs the database half of
        # one by a field of the document.
        self._centre_ids: dict[str, str] = {}

    def read(self, space_id: str, organisation_id: str, session: Session) -> BookingContext:
        """Raises:
        errors.NotFound: if there is no such space.
        """
        centre_id = self._centre_ids.get(space_id) or self._centre_id(space_id, session)
        # By what exists for certain: organisations without limits have no budget, and one that has
        # just been approved may not be known yet.
        found = self._spaces.aggregate(
            [
                {"$match": {"_id": space_id, "centre_id": centre_id}},
                _with("centres", centre_id),
                _with("budgets", organisation_id),
                _with(ORGANISATIONS, organisation_id),
            ],
            session=session,
        )
        for document in found:
            [centre] = document["centres"]
            return BookingContext(
                space=SPACES.aggregate_of(document),
                centre=CENTRES.aggregate_of(centre),
                budget=budget_of(organisation_id, _only(document["budgets"])),
                organisation=next(map(organisation_of, document[ORGANISATIONS]), None),
            )
        # Past all rules it was taken away since, or given to another centre; and another worker may
        # just have found the same.
        self._centre_ids.pop(space_id, None)
        return self.read(space_id, organisation_id, session)

    def _centre_id(self, space_id: str, session: Session) -> str:
        found = self._spaces.find_one({"_id": space_id}, {"centre_id": 1}, session=session)
        if found is None:
            raise errors.NotFound()
        centre_id: str = found["centre_id"]
        self._centre_ids[space_id] = centre_id
        return centre_id


def _with(collection: str, document_id: str) -> Document:
    pipeline = [{"$match": {"_id": document_id}}]
    return {"$lookup": {"from": collection, "pipeline": pipeline, "as": collection}}


def _only(found: list[Any]) -> Document | None:
    return found[0] if found else None
