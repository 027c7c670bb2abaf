"""Equipment on the real database: never lent twice, and refused only when there is too little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.closures import Kind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.operations import availability, bookings, check_in, closures
from services.bookings.operations import equipment as operations
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.closures import PlanClosure
from services.bookings.schemas.equipment import ListEquipment
from services.bookings.store.bookings import space_taken
from services.common import errors
from services.common.clock import from_wire
from services.common.storage.mongo import RetryTransaction
from services.common.time.period import Period
from tests.support.bookings import (
    MEMBER,
    NOW,
    RAQQA_DESK,
    booking_command,
    call,
    open_centre,
    period,
    space,
    tomorrow,
)
from tests.support.racing import contend
from tests.support.stack import Server

ROOMS = ("raqqa-meeting", "raqqa-training", "raqqa-hall-a", "raqqa-hall-b", "room-5", "room-6")


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for each in open_centre(database.uri):
        each.centres.seed([], [space(name) for name in ROOMS[3:]])
        each.equipment.seed(
            [
                Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 2),
                Equipment("laptop", "raqqa", {"ar": "حاسوب"}, 5),
                Equipment("tabqa-projector", "tabqa", {"ar": "جهاز عرض"}, 1),
            ]
        )
        yield each


def book(app: App, space_id: str = "raqqa-meeting", **values: object) -> Booking:
    return bookings.create(app, call(MEMBER), booking_command(space_id=space_id, **values))


def needs(**quantities: int) -> tuple[Need, ...]:
    return tuple(Need(name.replace("_", "-"), number) for name, number in quantities.items())


def change(app: App, booking: Booking, **values: object) -> Booking:
    known = {key: values.pop(key, None) for key in ("space_id", "starts_at", "ends_at")}
    command = ChangeBooking(booking.id, booking.version, details=values, **known)  # type: ignore[arg-type]
    return bookings.change(app, call(MEMBER), command)


def units(app: App, booking: Booking) -> tuple[str, ...]:
    claim = app.bookings.get(booking.id).claim
    return claim.units if claim else ()


def free(app: App, **values: object) -> dict[str, list[Period]]:
    query = FindAvailability(
        **{  # type: ignore[arg-type]
            "centre_id": "raqqa",
            "space_id": None,
            "period": period(9, 17),
            "duration_minutes": 60,
            "minimum_capacity": None,
            **values,
        }
    )
    return {each.id: periods for each, periods in availability.find(app, query)}


class TestBooking:
    def test_two_projectors_mean_two_bookings_at_a_time(self, app: App) -> None:
        first = book(app, "raqqa-meeting", equipment=needs(projector=1))
        second = book(app, "raqqa-training", equipment=needs(projector=1))
        assert units(app, first) == ("projector#1",)
        assert units(app, second) == ("projector#2",)
        with pytest.raises(errors.Conflict, match="equipment_taken") as refusal:
            book(app, "raqqa-hall-a", equipment=needs(projector=1))
        assert refusal.value.params == {"equipment": {"ar": "جهاز عرض"}, "free": 0}
        assert refusal.value.extra["equipment_id"] == "projector"
        assert book(app, "raqqa-hall-a")

    def test_the_alternatives_have_space_and_equipment_free(self, app: App) -> None:
        book(app, "raqqa-meeting", equipment=needs(projector=2), period=period(10, 12))
        book(app, "raqqa-training", period=period(12, 14))
        with pytest.raises(errors.Conflict) as refusal:
            book(app, "raqqa-training", equipment=needs(projector=1), period=period(11, 12))
        offered = refusal.value.extra["alternatives"]
        assert {each["kind"] for each in offered} == {"other_time"}
        found = [from_wire(each["starts_at"]) for each in offered]
        # Its buffer keeps it from ending at ten, when the projectors are taken.
        assert found[0] == tomorrow(14, 15)
        for start in found:
            each = book(
                app,
                "raqqa-training",
                equipment=needs(projector=1),
                period=Period(start, start + timedelta(hours=1)),
            )
            bookings.cancel(app, call(MEMBER), CancelBooking(each.id, 1, None))

    def test_equipment_is_taken_as_long_as_the_room(self, app: App) -> None:
        book(app, "raqqa-training", equipment=needs(projector=2), period=period(10, 11))
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            book(app, "raqqa-meeting", equipment=needs(projector=1), period=period(11, 12))

    @pytest.mark.parametrize("wanted", [needs(nothing=1), needs(tabqa_projector=1)])
    def test_what_the_centre_does_not_have_is_unknown(
        self, app: App, wanted: tuple[Need, ...]
    ) -> None:
        with pytest.raises(errors.Invalid, match="unknown_equipment") as refusal:
            book(app, equipment=wanted)
        assert refusal.value.errors[0].pointer == "/equipment/0/equipment_id"

    def test_all_that_is_wanted_or_nothing(self, app: App) -> None:
        book(app, "raqqa-meeting", equipment=needs(projector=2))
        with pytest.raises(errors.Conflict):
            book(app, "raqqa-training", equipment=needs(laptop=2, projector=1))
        assert book(app, "raqqa-training", equipment=needs(laptop=5))

    def test_a_cancelled_booking_gives_its_equipment_back(self, app: App) -> None:
        first = book(app, equipment=needs(projector=2))
        bookings.cancel(app, call(MEMBER), CancelBooking(first.id, 1, None))
        assert units(app, book(app, equipment=needs(projector=2))) == ("projector#1", "projector#2")

    def test_the_same_key_gives_the_same_equipment(self, app: App) -> None:
        command = booking_command(equipment=needs(projector=1))
        first = bookings.create(app, call(MEMBER, "k"), command)
        again = bookings.create(app, call(MEMBER, "k"), command)
        assert (again.id, again.equipment) == (first.id, first.equipment)


class TestChanging:
    def test_units_are_kept_when_something_else_changes(self, app: App) -> None:
        first = book(app, "raqqa-training", equipment=needs(projector=1))
        second = book(app, "raqqa-meeting", equipment=needs(projector=1))
        bookings.cancel(app, call(MEMBER), CancelBooking(first.id, 1, None))
        changed = change(app, second, title="Other")
        assert units(app, changed) == ("projector#2",)
        more = change(app, changed, equipment=needs(projector=2))
        assert set(units(app, more)) == {"projector#1", "projector#2"}
        fewer = change(app, more, equipment=())
        assert units(app, fewer) == ()
        assert book(app, "raqqa-training", equipment=needs(projector=2))

    def test_moved_it_gets_what_is_free_then_or_stays(self, app: App) -> None:
        book(app, "raqqa-meeting", equipment=needs(projector=1), period=period(14, 15))
        moving = book(app, "raqqa-training", equipment=needs(projector=1), period=period(10, 11))
        moved = change(app, moving, starts_at=tomorrow(14), ends_at=tomorrow(15))
        assert units(app, moved) == ("projector#2",)
        book(app, "raqqa-hall-a", equipment=needs(projector=2), period=period(12, 13))
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            change(app, moved, starts_at=tomorrow(12), ends_at=tomorrow(13))
        assert units(app, moved) == ("projector#2",)

    def test_history_says_what_was_asked_for(self, app: App) -> None:
        first = book(app, equipment=needs(projector=1))
        changed = change(app, first, equipment=needs(laptop=2))
        assert changed.history[-1].changes["equipment"] == (
            [{"equipment_id": "projector", "quantity": 1}],
            [{"equipment_id": "laptop", "quantity": 2}],
        )

    def test_who_does_not_come_gives_the_rest_of_it_back(self, app: App) -> None:
        booking = book(app, equipment=needs(projector=2), period=period(10, 12))
        app.clock.advance(tomorrow(10, 15) - NOW)  # type: ignore[attr-defined]
        app.database.transact(
            lambda s: check_in.mark_no_show(app, s, app.bookings.get(booking.id, s))
        )
        later = Period(tomorrow(10, 30), tomorrow(11))
        assert book(app, "raqqa-training", equipment=needs(projector=2), period=later)

    def test_a_closure_closes_rooms_and_not_equipment(self, app: App) -> None:
        command = PlanClosure("raqqa", ("raqqa-meeting",), period(9, 17), Kind.MAINTENANCE, None)
        closures.close(app, call(RAQQA_DESK), command)
        assert book(app, "raqqa-training", equipment=needs(projector=2))


class TestAvailability:
    def test_the_equipment_must_be_free_throughout(self, app: App) -> None:
        book(app, "raqqa-meeting", equipment=needs(projector=2), period=period(11, 12))
        found = free(app, equipment=needs(projector=1))
        assert found["room-5"] == [period(9, 11), period(12, 17)]
        # A buffer is part of what the equipment is taken for.
        assert found["raqqa-training"][0] == Period(tomorrow(9), tomorrow(10, 45))
        assert free(app)["room-5"] == [period(9, 17)]

    def test_the_same_unit_must_be_free_throughout(self, app: App) -> None:
        book(app, "raqqa-meeting", equipment=needs(projector=1), period=period(9, 12))
        second = book(app, "raqqa-hall-a", equipment=needs(projector=1), period=period(9, 13))
        book(app, "raqqa-meeting", equipment=needs(projector=1), period=period(12, 17))
        assert units(app, second) == ("projector#2",)
        found = free(app, equipment=needs(projector=1))
        assert found["room-5"] == [period(13, 17)]

    def test_every_offered_time_can_be_booked_with_its_equipment(self, app: App) -> None:
        for hour, room in ((9, "raqqa-meeting"), (10, "raqqa-training"), (13, "raqqa-hall-a")):
            wanted = needs(projector=1 + (hour == 13), laptop=2)
            book(app, room, equipment=wanted, period=period(hour, hour + 2))
        wanted = needs(projector=1, laptop=2)
        for room, periods in free(app, equipment=wanted).items():
            for each in periods:
                booking = book(app, room, equipment=wanted, period=each)
                bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))

    def test_spaces_of_other_centres_cannot_have_it(self, app: App) -> None:
        assert free(app, centre_id=None, equipment=needs(projector=1))["tabqa-meeting"] == []
        both = needs(projector=1, tabqa_projector=1)
        assert not any(free(app, centre_id=None, equipment=both).values())

    def test_more_than_there_is_is_never_free(self, app: App) -> None:
        assert not any(free(app, equipment=needs(projector=3)).values())
        with pytest.raises(errors.Invalid, match="unknown_equipment"):
            free(app, equipment=needs(nothing=1))

    def test_the_units_are_looked_up_by_index(self, app: App) -> None:
        for hour in range(9, 16):
            book(app, "room-5", equipment=needs(projector=1), period=period(hour, hour + 1))
        found = (
            app.database.collection("bookings")
            .find(
                {
                    "units": {"$in": ["projector#1", "projector#2"], "$exists": True},
                    "taken_from": {"$lt": tomorrow(10), "$gt": NOW},
                }
            )
            .explain()
        )
        assert "units" in str(found["queryPlanner"]["winningPlan"])
        assert found["executionStats"]["totalDocsExamined"] == 1


class TestCatalogue:
    def test_it_is_listed_by_centre(self, app: App) -> None:
        found = operations.find(app, ListEquipment("raqqa", 20, None))
        assert [(each.id, each.quantity) for each in found] == [("laptop", 5), ("projector", 2)]
        assert operations.get(app, "projector").units == ("projector#1", "projector#2")
        with pytest.raises(errors.NotFound):
            operations.get(app, "nothing")


class TestRaces:
    def test_as_many_win_as_there_are_units(self, app: App) -> None:
        given = contend(*[partial(book, app, room, equipment=needs(projector=1)) for room in ROOMS])
        outcomes = (
            each.code if isinstance(each, errors.MasahaError) else "booked" for each in given
        )
        assert Counter(outcomes) == {"booked": 2, "bookings.equipment_taken": 4}

    def test_who_is_overtaken_on_a_unit_starts_again(self, app: App) -> None:
        first = app.bookings.get(book(app, equipment=needs(projector=1)).id)
        stored = app.database.collection("bookings").find_one({"_id": first.id})
        assert stored is not None
        unit = [slot for slot in stored["claims"] if "#" in slot]
        room = [slot for slot in stored["claims"] if "#" not in slot]
        for claims, raised in ((unit, RetryTransaction), (room, Exception)):
            with pytest.raises(raised), space_taken():
                app.database.collection("bookings").insert_one(
                    {"_id": "other", "centre_id": "raqqa", "claims": claims}
                )
