"""What placing a booking has to know before it claims anything, read in one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.budgets import Budget
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.organisations import Organisation
from services.bookings.store.budgets import budget_of
from services.bookings.store.centres import centre_of, space_of
from services.bookings.store.organisations import organisation_of
from services.common import errors
from services.common.storage.mongo import Database, Document, Session


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and for whom somebody wants to book, as one moment has it.

    Attributes:
        organisation: ``None`` if no event has told of it.
    """

    space: Space
    centre: Centre
    budget: Budget
    organisation: Organisation | None


class PlacingStore:
    """Reads across the collections of four aggregates; each has a store of its own that writes it.

    One aggregation costs the service less than the four reads that it stands for, and the caller
    one round trip instead of four.
    """

    def __init__(self, database: Database) -> None:
        self._spaces = database.collection("spaces")

    def look(self, space_id: str, organisation_id: str, session: Session) -> Setting:
        """Raises:
        errors.NotFound: if there is no such space.
        """
        # By what exists for certain: organisations without limits have no budget, and one that has
        # just been approved may not be known yet.
        found = self._spaces.aggregate(
            [
                {"$match": {"_id": space_id}},
                {
                    "$lookup": {
                        "from": "centres",
                        "localField": "centre_id",
                        "foreignField": "_id",
                        "as": "centre",
                    }
                },
                _with("budgets", organisation_id),
                _with("organisations", organisation_id),
            ],
            session=session,
        )
        for document in found:
            [centre] = document["centre"]
            return Setting(
                space=space_of(document),
                centre=centre_of(centre),
                budget=budget_of(organisation_id, _only(document["budgets"])),
                organisation=next(map(organisation_of, document["organisations"]), None),
            )
        raise errors.NotFound()


def _with(collection: str, document_id: str) -> Document:
    pipeline = [{"$match": {"_id": document_id}}]
    return {"$lookup": {"from": collection, "pipeline": pipeline, "as": collection}}


def _only(found: list[Any]) -> Document | None:
    return found[0] if found else None
