"""Centres and spaces as documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING

from services.bookings.domain.centre import Centre, Closing, Space
from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session

CENTRES = mapping_of(Centre)
SPACES = mapping_of(Space)
_CLOSING = mapping_of(Closing)


class CentreStore:
    """Centres and spaces."""

    def __init__(self, database: Database) -> None:
        self._all_centres = Aggregates(database.collection("centres"), CENTRES)
        self._all_spaces = Aggregates(database.collection("spaces"), SPACES)
        self._centres = self._all_centres.collection
        self._spaces = self._all_spaces.collection

    def ensure_indexes(self) -> None:
        self._spaces.create_index([("centre_id", ASCENDING), ("_id", ASCENDING)])

    def centre(self, centre_id: str, session: Session | None = None) -> Centre:
        """Raises:
        errors.NotFound: if there is none.
        """
        return self._all_centres.get(centre_id, session)

    def centres(self) -> list[Centre]:
        """All of them, by id. There are few."""
        return self._all_centres.page()

    def space(self, space_id: str, session: Session | None = None) -> Space:
        """Raises:
        errors.NotFound: if there is none.
        """
        return self._all_spaces.get(space_id, session)

    def spaces(
        self,
        *,
        centre_id: str | None = None,
        minimum_capacity: int | None = None,
        space_id: str | None = None,
        features: Collection[str] = (),
        retired: bool = False,
        after: str | None = None,
        limit: int | None = None,
        session: Session | None = None,
    ) -> list[Space]:
        """Spaces by id, after the one named.

        Args:
            features: that a space must all have.
            retired: whether those too that can be booked no more.
        """
        query: Document = {} if retired else {"retired_at": None}
        if centre_id is not None:
            query["centre_id"] = centre_id
        if minimum_capacity is not None:
            query["capacity"] = {"$gte": minimum_capacity}
        if features:
            query["features"] = {"$all": sorted(features)}
        if space_id is not None:
            query["_id"] = space_id
        return self._all_spaces.page(query, after=after, limit=limit or 0, session=session)

    def halls_of(self, session: Session, part: str) -> list[Space]:
        """The halls in use that a space is part of, by id."""
        return self._all_spaces.page({"parts": part, "retired_at": None}, session=session)

    def retired_parts(self, session: Session, hall: Space) -> list[Space]:
        """The parts of a hall that can be booked no more, by id."""
        query = {"_id": {"$in": list(hall.parts)}, "retired_at": {"$ne": None}}
        return self._all_spaces.page(query, session=session)

    def save_centre(self, session: Session, centre: Centre, expected_version: int) -> None:
        """Raises:
        errors.Stale: if the stored version is another one.
        """
        self._all_centres.save(session, centre, expected_version)

    def save_space(self, session: Session, space: Space, expected_version: int) -> None:
        """Raises:
        errors.Stale: if the stored version is another one.
        """
        self._all_spaces.save(session, space, expected_version)

    def add_space(self, session: Session, space: Space) -> None:
        """Store a new space."""
        self._all_spaces.add(session, space)

    def lock_centre(self, session: Session, centre_id: str) -> None:
        """Take the centre's lock, which all transactions take that close its spaces, reopen them,
        add spaces or put them out of use.

        Each of them writes the centre, so that of two at once one begins again, and sees what the
        other did.
        """
        self._centres.update_one({"_id": centre_id}, {"$inc": {"turns": 1}}, session=session)

    def raise_version(self, session: Session, centre_id: str, expected_version: int) -> None:
        """Note that a decision was made about what a centre's hours leave outside.

        Raises:
            errors.Stale: the centre is not at the expected version any more.
        """
        result = self._centres.update_one(
            {"_id": centre_id, "version": expected_version},
            {"$inc": {"version": 1}},
            session=session,
        )
        if result.matched_count != 1:
            raise errors.Stale()

    def add_closing(self, session: Session, centre_id: str, closing: Closing) -> None:
        """Write a closure that is not in force yet to the centre, in place of its earlier entry, so
        that every new booking reads it.
        """
        self.remove_closing(session, centre_id, closing.closure_id)
        self._centres.update_one(
            {"_id": centre_id},
            {"$push": {"closing": _CLOSING.document_of(closing)}},
            session=session,
        )

    def remove_closing(self, session: Session, centre_id: str, closure_id: str) -> None:
        """Remove the entry: the closure holds its slots now, or never will."""
        self._centres.update_one(
            {"_id": centre_id}, {"$pull": {"closing": {"closure_id": closure_id}}}, session=session
        )

    def seed(self, centres: Iterable[Centre], spaces: Iterable[Space] = ()) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for centre in centres:
            self._centres.update_one(
                {"_id": centre.id}, {"$setOnInsert": CENTRES.document_of(centre)}, upsert=True
            )
        for space in spaces:
            self._spaces.update_one(
                {"_id": space.id}, {"$setOnInsert": SPACES.document_of(space)}, upsert=True
            )
