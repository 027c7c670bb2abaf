"""Claims on the real database: the second of two owners is refused, whatever is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.common.storage.claims import ClaimRefused, claims_refused, ensure_claims_index
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period
from services.common.time.slots import SLOT, slots_of
from tests.support.mongo import empty_database
from tests.support.racing import together
from tests.support.stack import Server

TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
HOUR = Period(TEN, TEN + 4 * SLOT)
NEXT_HOUR = Period(HOUR.ends_at, HOUR.ends_at + 4 * SLOT)


@pytest.fixture
def mine(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def visits(mine: Database) -> Collection[Document]:
    """Appointments with people, who work at every centre."""
    collection = mine.collection("visits")
    ensure_claims_index(collection)
    return collection


def visit(name: str, *resources: str, period: Period = HOUR, centre: str = "raqqa") -> Document:
    return {"_id": name, "centre_id": centre, "claims": list(slots_of(resources, period))}


def test_two_that_share_a_resource_and_a_slot_refuse_each_other(
    visits: Collection[Document],
) -> None:
    visits.insert_one(visit("first", "adviser-1", "room-1"))
    shared = Period(HOUR.ends_at - SLOT, HOUR.ends_at)
    overlapping = Period(shared.starts_at, NEXT_HOUR.ends_at)
    with pytest.raises(ClaimRefused) as refusal, claims_refused():
        visits.insert_one(visit("second", "adviser-1", period=overlapping, centre="tabqa"))
    assert refusal.value.claims == slots_of(
        ("adviser-1",), Period(HOUR.ends_at - SLOT, HOUR.ends_at)
    )


def test_what_touches_or_is_another_resource_is_taken_beside_it(
    visits: Collection[Document],
) -> None:
    with claims_refused():
        visits.insert_one(visit("first", "trainer-1"))
        visits.insert_one(visit("next", "trainer-1", period=NEXT_HOUR))
        visits.insert_one(visit("other", "trainer-2"))


def test_what_has_no_claims_takes_nothing(visits: Collection[Document]) -> None:
    visits.insert_many([{"_id": "cancelled"}, {"_id": "cancelled too"}, visit("first", "room-1")])
    visits.update_one({"_id": "first"}, {"$unset": {"claims": ""}})
    with claims_refused():
        visits.insert_one(visit("second", "room-1"))


def test_several_writes_at_once_are_refused_as_one_is(visits: Collection[Document]) -> None:
    visits.insert_many([visit("first", "room-1"), visit("second", "room-2")])
    claims = visit("second", "room-1")["claims"]
    with pytest.raises(ClaimRefused) as refusal, claims_refused():
        visits.bulk_write([UpdateOne({"_id": "second"}, {"$set": {"claims": claims}})])
    assert refusal.value.claims[0] in claims


def test_the_same_claim_may_stand_once_at_each_centre_where_the_index_says_so(
    mine: Database,
) -> None:
    bookings = mine.collection("bookings")
    ensure_claims_index(bookings, within="centre_id")
    bookings.insert_many([visit("a", "room-1"), visit("b", "room-1", centre="tabqa")])
    with pytest.raises(ClaimRefused), claims_refused():
        bookings.insert_one(visit("c", "room-1"))


def test_other_refusals_go_on_as_they_are(visits: Collection[Document]) -> None:
    visits.insert_one({"_id": "claims"})
    with pytest.raises(DuplicateKeyError), claims_refused():
        visits.insert_one({"_id": "claims"})


def test_one_of_many_at_once_gets_it(mine: Database, visits: Collection[Document]) -> None:
    def gets_it(name: str) -> bool:
        def work(session: Session) -> None:
            with claims_refused():
                visits.insert_one(visit(name, "adviser-1"), session=session)

        try:
            mine.transact(work)
        except ClaimRefused:
            return False
        return True

    given = together(*[partial(gets_it, f"visit-{number}") for number in range(6)])
    assert sorted(given) == [False] * 5 + [True]
    assert visits.count_documents({}) == 1
