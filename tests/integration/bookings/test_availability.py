"""Availability on the real database: filters, halls, closures, and what an answer costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pymongo.monitoring
import pytest

from services.bookings.app import App, build
from services.bookings.domain.budgets import NO_LIMITS
from services.bookings.domain.closures import Kind
from services.bookings.domain.equipment import Need
from services.bookings.operations import availability, bookings, closures
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.availability import availability as to_wire
from services.bookings.schemas.closures import PlanClosure
from services.bookings.store.bookings import LONGEST_TAKEN, TAKEN_INDEX
from services.common import errors
from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.ids import new_id
from services.common.time.period import Period
from tests.bench import generator
from tests.support.bookings import (
    MEMBER,
    NOW,
    RAQQA_DESK,
    booking_command,
    call,
    open_centre,
    period,
    space,
)
from tests.support.mongo import Counted
from tests.support.stack import Server

MONTH = Period(NOW, NOW + timedelta(days=30))


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for each in open_centre(database.uri):
        each.centres.seed(
            [],
            [
                space("raqqa-hall-b", capacity=30),
                space("lab", features=("projector", "whiteboard")),
                space("studio", features=("projector",)),
            ],
        )
        yield each


@pytest.fixture(scope="module")
def busy(database: Server) -> Iterator[App]:
    """Fifty spaces with three thousand bookings."""
    settings = Settings("amqp://unused", database.uri, database_prefix=f"t{new_id()[-12:]}")
    app = build(settings, clock=FixedClock(NOW), limits=NO_LIMITS)
    generator.fill(app, generator.network(1), 3_000, 1, NOW)
    yield app
    app.database.client.drop_database(settings.database("bookings"))
    app.close()


def query(**values: Any) -> FindAvailability:
    return FindAvailability(
        **{
            "centre_id": None,
            "space_id": None,
            "period": period(9, 17),
            "duration_minutes": 60,
            "minimum_capacity": None,
            **values,
        }
    )


def free(app: App, **values: Any) -> dict[str, list[Period]]:
    return {each.id: periods for each, periods in availability.find(app, query(**values))}


class TestFilters:
    @pytest.mark.parametrize(
        ("features", "found"),
        [
            (("projector",), {"lab", "studio"}),
            (("whiteboard", "projector"), {"lab"}),
            (("kitchen",), set()),
        ],
    )
    def test_all_the_features_must_be_there(
        self, app: App, features: tuple[str, ...], found: set[str]
    ) -> None:
        assert free(app, features=features).keys() == found

    def test_filters_are_combined(self, app: App) -> None:
        assert free(app, features=("projector",), centre_id="tabqa") == {}
        assert free(app, minimum_capacity=30, centre_id="raqqa").keys() == {
            "raqqa-hall",
            "raqqa-hall-a",
            "raqqa-hall-b",
        }
        assert free(app, space_id="lab", features=("projector",)).keys() == {"lab"}

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            ({"centre_id": "nowhere"}, "bookings.unknown_centre"),
            ({"centre_id": "nowhere", "space_id": "lab"}, "bookings.unknown_centre"),
            ({"space_id": "nowhere"}, "bookings.unknown_space"),
            ({"centre_id": "raqqa", "space_id": "nowhere"}, "bookings.unknown_space"),
        ],
    )
    def test_a_place_that_is_unknown_is_named(
        self, app: App, wanted: dict[str, str], code: str
    ) -> None:
        with pytest.raises(errors.Invalid) as refusal:
            free(app, **wanted)
        assert refusal.value.code == code
        (fault,) = refusal.value.errors
        assert fault.pointer == f"/{code.rpartition('unknown_')[2]}_id"


class TestWhatIsTaken:
    def test_a_hall_is_taken_with_a_part_and_a_part_with_the_hall(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-hall-a"))
        found = free(app, centre_id="raqqa")
        assert found["raqqa-hall"] == found["raqqa-hall-a"] == [period(9, 10), period(11, 17)]
        assert found["raqqa-hall-b"] == [period(9, 17)]
        hall = booking_command(space_id="raqqa-hall", period=period(12, 13))
        bookings.create(app, call(MEMBER), hall)
        found = free(app, centre_id="raqqa")
        assert found["raqqa-hall-b"] == [period(9, 12), period(13, 17)]

    def test_closed_time_is_not_free(self, app: App) -> None:
        closed = PlanClosure("raqqa", ("lab",), period(12, 14), Kind.MAINTENANCE, None)
        closures.close(app, call(RAQQA_DESK), closed)
        assert free(app, space_id="lab")["lab"] == [period(9, 12), period(14, 17)]

    def test_a_buffer_keeps_its_distance_from_what_lies_outside_the_period(self, app: App) -> None:
        before = booking_command(space_id="raqqa-training", period=period(9, 10))
        bookings.create(app, call(MEMBER), before)
        after = booking_command(space_id="raqqa-training", period=period(12, 13))
        bookings.create(app, call(MEMBER), after)
        (found,) = free(app, space_id="raqqa-training", period=period(10, 12)).values()
        assert [(each.starts_at - NOW, each.ends_at - NOW) for each in found] == [
            (timedelta(days=1, hours=1, minutes=15), timedelta(days=1, hours=2, minutes=45))
        ]

    def test_short_gaps_are_left_out(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="lab"))
        assert free(app, space_id="lab", duration_minutes=90)["lab"] == [period(11, 17)]


class TestWhatItCosts:
    def test_the_queries_are_as_many_for_one_space_as_for_fifty(
        self, database: Server, busy: App
    ) -> None:
        """Centres, spaces and what is taken; and two more where equipment is wanted."""
        counted = Counted()
        pymongo.monitoring.register(counted)
        app = build(
            Settings("amqp://unused", database.uri, _prefix_of(busy)),
            clock=FixedClock(NOW),
            limits=NO_LIMITS,
        )
        wanted = (Need("raqqa-projector", 1),)
        cost = {}
        for name, values in {
            "one": {"space_id": "raqqa-room-00"},
            "all": {},
            "equipment": {"equipment": wanted},
        }.items():
            counted.commands.clear()
            found = availability.find(app, query(period=MONTH, **values))
            cost[name] = (len(found), sum(each in ("find", "getMore") for each in counted.commands))
        app.close()
        assert cost == {"one": (1, 3), "all": (50, 3), "equipment": (50, 5)}

    def test_the_index_finds_what_is_taken_and_hardly_anything_else(self, busy: App) -> None:
        leaves = sorted({leaf for each in busy.centres.spaces() for leaf in each.leaves})
        day = Period(NOW + timedelta(days=7), NOW + timedelta(days=21))
        found = (
            busy.database.collection("bookings")
            .find(
                {
                    "leaves": {"$in": leaves},
                    "taken_from": {"$lt": day.ends_at, "$gt": day.starts_at - LONGEST_TAKEN},
                    "taken_until": {"$gt": day.starts_at},
                },
                {"_id": 0, "taken_from": 1, "taken_until": 1, "place": 1},
            )
            .explain()
        )
        assert TAKEN_INDEX in str(found["queryPlanner"]["winningPlan"])
        statistics = found["executionStats"]
        assert statistics["nReturned"] > 500
        assert statistics["totalDocsExamined"] == 0
        # What began on the day before and ended before the period is looked at for nothing; and
        # once for each space, where what lies behind the period begins.
        most = statistics["nReturned"] * 1.15 + 2 * len(leaves)
        assert statistics["totalKeysExamined"] <= most

    def test_fifty_spaces_and_a_month_fit_in_one_answer(self, busy: App) -> None:
        found = to_wire(availability.find(busy, query(period=MONTH)))
        assert len(found["items"]) == 50
        assert len(str(found)) < 500_000

    def test_what_is_said_to_be_free_is_what_no_booking_has(self, busy: App) -> None:
        """Against the bookings' own times, worked out slot by slot."""
        booked = [
            (each["space_id"], Period(each["starts_at"], each["ends_at"]))
            for each in busy.database.collection("bookings").find({"claims": {"$exists": True}})
        ]
        spaces = {each.id: each for each in busy.centres.spaces()}
        for space_id, periods in free(busy, period=MONTH, duration_minutes=15).items():
            here = spaces[space_id]
            others = [
                Period(p.starts_at - spaces[o].buffer_before, p.ends_at + spaces[o].buffer_after)
                for o, p in booked
                if set(spaces[o].leaves) & set(here.leaves)
            ]
            for each in periods:
                ours = Period(each.starts_at - here.buffer_before, each.ends_at + here.buffer_after)
                assert not any(ours.overlaps(other) for other in others)
            assert periods


def _prefix_of(app: App) -> str:
    return app.database.collection("bookings").database.name.removesuffix("_bookings")
