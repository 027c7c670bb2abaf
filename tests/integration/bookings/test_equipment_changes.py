"""What a manager changes of equipment, on the real database: nobody who has booked goes without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.operations import bookings, waitlist
from services.bookings.operations import equipment as operations
from services.bookings.schemas.equipment import AddEquipment, ChangeEquipment, ListEquipment
from services.common import errors
from services.common.history.wire import ListHistory
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    RAQQA_DESK,
    booking_command,
    call,
    cancel,
    let_worker_work,
    open_centre,
    period,
    tomorrow,
    wish,
)
from tests.support.racing import together
from tests.support.stack import Server

ROOMS = ("raqqa-meeting", "raqqa-hall-a", "raqqa-training")
ADDED = AddEquipment("raqqa", {"ar": "سمّاعة", "en": "Speaker"}, 2)


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for each in open_centre(database.uri):
        each.equipment.seed(
            [
                Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 3),
                Equipment("laptop", "raqqa", {"ar": "حاسوب"}, 5),
            ]
        )
        yield each


def book(app: App, room: int = 0, quantity: int = 1, **values: Any) -> Booking:
    command = booking_command(
        space_id=ROOMS[room],
        **{"equipment": (Need("projector", quantity),), "period": period(10, 11), **values},
    )
    return bookings.create(app, call(MEMBER), command)


def change(app: App, equipment_id: str = "projector", **changes: Any) -> Equipment:
    reason = changes.pop("reason", None)
    version = app.equipment.get(equipment_id).version
    command = ChangeEquipment(equipment_id, version, changes, reason)
    return operations.change(app, call(MANAGER), command)


def refused(app: App, **changes: Any) -> errors.MasahaError:
    before = app.equipment.get("projector")
    with pytest.raises(errors.Conflict, match="equipment_booked") as refusal:
        change(app, **changes)
    assert app.equipment.get("projector") == before
    return refusal.value


def named(refusal: errors.MasahaError) -> list[str]:
    return [each["booking_id"] for each in refusal.extra["bookings"]]


def units(app: App, booking: Booking) -> set[str]:
    claim = app.bookings.get(booking.id).claim
    return set(claim.units) if claim else set()


def facts(app: App) -> list[dict[str, Any]]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [
        {"type": row["event"]["type"], **row["event"]["data"]}
        for row in rows
        if row["event"]["type"].startswith("bookings.equipment.")
    ]


class TestAdding:
    def test_what_is_added_can_be_booked(self, app: App) -> None:
        added = operations.add(app, call(MANAGER), ADDED)
        assert operations.get(app, added.id) == added
        assert added in operations.find(app, ListEquipment("raqqa", 20, None))
        assert units(app, book(app, equipment=(Need(added.id, 2),))) == set(added.units)

    def test_the_same_key_adds_it_once(self, app: App) -> None:
        first = operations.add(app, call(MANAGER, "k"), ADDED)
        assert operations.add(app, call(MANAGER, "k"), ADDED) == first
        with pytest.raises(errors.KeyReused):
            operations.add(app, call(MANAGER, "k"), AddEquipment("raqqa", ADDED.name, 3))
        assert len(operations.find(app, ListEquipment("raqqa", 20, None))) == 3
        assert len(facts(app)) == 1

    def test_an_unknown_centre_is_named(self, app: App) -> None:
        with pytest.raises(errors.Invalid, match="unknown_centre") as refusal:
            operations.add(app, call(MANAGER), AddEquipment("nowhere", ADDED.name, 1))
        assert refusal.value.errors[0].pointer == "/centre_id"
        assert facts(app) == []


class TestChanging:
    def test_each_change_is_told_and_kept(self, app: App) -> None:
        added = operations.add(app, call(MANAGER), ADDED)
        name = {"ar": "مكبّر صوت"}
        changed = change(app, added.id, name=name, quantity=1, reason="Broken")
        assert (changed.name, changed.quantity, changed.version) == (name, 1, 2)
        first, second = facts(app)
        assert (first["type"], first["quantity"], first["changed_by"]) == (
            "bookings.equipment.added",
            2,
            MANAGER.id,
        )
        assert second == {
            "type": "bookings.equipment.changed",
            "equipment_id": added.id,
            "centre_id": "raqqa",
            "name": name,
            "quantity": 1,
            "retired": False,
            "version": 2,
            "changed_by": MANAGER.id,
        }
        entries = operations.history(app, call(RAQQA_DESK), ListHistory(added.id))
        assert [(e.action, e.by, e.reason, e.version) for e in entries] == [
            ("add", MANAGER.id, None, 1),
            ("change", MANAGER.id, "Broken", 2),
        ]
        assert entries[1].changes == {"name": (dict(ADDED.name), name), "quantity": (2, 1)}

    def test_a_change_to_what_it_is_already_changes_nothing(self, app: App) -> None:
        assert change(app, quantity=3, retired=False).version == 1
        assert change(app).version == 1
        assert facts(app) == []

    def test_a_stale_version_is_refused(self, app: App) -> None:
        change(app, quantity=4)
        with pytest.raises(errors.Stale):
            operations.change(app, call(MANAGER), ChangeEquipment("projector", 1, {"quantity": 5}))
        assert app.equipment.get("projector").quantity == 4

    def test_more_of_it_is_offered_to_whoever_waits(self, app: App) -> None:
        book(app, quantity=3)
        command = wish(space_id=ROOMS[1], organisation_id="amal", equipment=(Need("projector", 1),))
        entry = waitlist.join(app, call(MEMBER), command)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "waiting"
        change(app, quantity=4)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "offered"

    def test_who_waits_for_what_is_soon_lent_again_waits_on(self, app: App) -> None:
        taken = book(app, quantity=2)
        command = wish(space_id=ROOMS[0], organisation_id="amal", equipment=(Need("laptop", 1),))
        entry = waitlist.join(app, call(MEMBER), command)
        change(app, "laptop", retired=True)
        cancel(app, taken)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "waiting"
        change(app, "laptop", retired=False)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "offered"


class TestFewer:
    def test_never_fewer_than_are_booked_at_a_time(self, app: App) -> None:
        first, second = book(app, 0, 2), book(app, 1, 1)
        later = book(app, 2, 1, period=period(14, 15))
        refusal = refused(app, quantity=2)
        assert named(refusal) == [first.id, second.id]
        assert refusal.params == {"quantity": 2, "count": 2}
        assert refusal.extra["bookings"][0] == {
            "booking_id": first.id,
            "organisation_id": "amal",
            "booked_by": MEMBER.id,
            "title": "Planning",
            "space_id": ROOMS[0],
            "starts_at": "2026-11-24T07:00:00Z",
            "ends_at": "2026-11-24T08:00:00Z",
            "status": "confirmed",
            "people": None,
            "quantity": 2,
            "version": 1,
        }
        assert facts(app) == []
        assert units(app, later) == {"projector#1"}

    def test_once_they_are_off_there_may_be_fewer(self, app: App) -> None:
        first, second = book(app, 0, 2), book(app, 1, 1)
        refused(app, quantity=2)
        cancel(app, second)
        assert change(app, quantity=2).quantity == 2
        assert units(app, first) == {"projector#1", "projector#2"}
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            book(app, 1)

    def test_who_has_a_unit_that_goes_gets_another(self, app: App) -> None:
        first, second = book(app, 0, 2), book(app, 1, 1)
        assert units(app, second) == {"projector#3"}
        cancel(app, first)
        change(app, quantity=1)
        assert units(app, second) == {"projector#1"}
        after = app.bookings.get(second.id)
        assert (after.version, after.equipment) == (1, second.equipment)
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            book(app, 0)
        cancel(app, second)
        assert units(app, book(app, 0)) == {"projector#1"}

    def test_units_are_exchanged_all_at_once(self, app: App) -> None:
        # Only two at any time, but on three units: the one in the middle has to change as well.
        early = book(app, 0, 1, period=period(9, 11))
        middle = book(app, 1, 1, period=period(10, 13))
        other = book(app, 2, 1, period=period(10, 11))
        late = book(app, 0, 1, period=period(12, 14))
        cancel(app, early)
        laptops = (Need("projector", 1), Need("laptop", 2))
        last = book(app, 2, equipment=laptops, period=period(14, 15))
        change(app, quantity=2)
        for booking in (middle, other, late, last):
            assert len(units(app, booking) & {"projector#1", "projector#2"}) == 1
        assert units(app, last) >= {"laptop#1", "laptop#2"}
        # The index has seen it: what is left free can be had, and no more.
        assert book(app, 0, period=period(9, 10), quantity=2)
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            book(app, 0, period=period(10, 11))

    def test_what_has_begun_keeps_what_it_has(self, app: App) -> None:
        first, second = book(app, 0, 2), book(app, 1, 1, period=period(10, 12))
        app.clock.advance(tomorrow(10, 5) - NOW)  # type: ignore[attr-defined]
        cancel(app, first)
        assert named(refused(app, quantity=2)) == [second.id]
        app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
        assert change(app, quantity=1).quantity == 1

    def test_what_is_over_stands_in_nobodys_way(self, app: App) -> None:
        book(app, 0, 3)
        app.clock.advance(tomorrow(11) - NOW)  # type: ignore[attr-defined]
        assert change(app, quantity=1).quantity == 1

    def test_it_names_no_more_than_a_phone_can_show(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "MOST_NAMED", 1)
        first, _ = book(app, 0, 2), book(app, 1, 1)
        refusal = refused(app, quantity=1)
        assert named(refusal) == [first.id]
        assert refusal.params["count"] == 2


class TestRetiring:
    def test_what_is_lent_no_more_is_unknown_to_whoever_books(self, app: App) -> None:
        retired = change(app, retired=True)
        assert operations.get(app, "projector") == retired
        found = operations.find(app, ListEquipment("raqqa", 20, None))
        assert [each.id for each in found] == ["laptop"]
        with pytest.raises(errors.Invalid, match="unknown_equipment"):
            book(app)

    def test_it_is_refused_while_it_is_booked(self, app: App) -> None:
        booking = book(app, 0, 1, period=period(14, 15))
        assert named(refused(app, retired=True)) == [booking.id]
        cancel(app, booking)
        assert change(app, retired=True).retired

    def test_it_can_be_taken_back(self, app: App) -> None:
        change(app, retired=True)
        assert change(app, retired=False, quantity=1).units == ("projector#1",)
        assert units(app, book(app)) == {"projector#1"}


class TestRaces:
    ROUNDS = 5

    @pytest.mark.parametrize("changes", [{"quantity": 1}, {"retired": True}])
    def test_the_last_unit_is_booked_or_goes_never_both(
        self, app: App, changes: dict[str, Any]
    ) -> None:
        change(app, quantity=2)
        quantity = 1 if changes.get("retired") else 2
        for round_ in range(self.ROUNDS):
            shift = timedelta(days=7 * round_)
            when = Period(tomorrow(10) + shift, tomorrow(11) + shift)
            booked: list[Booking] = []
            lowered: list[Equipment] = []

            def take(when: Period = when, booked: list[Booking] = booked, room: int = 0) -> None:
                try:
                    booked.append(book(app, room, quantity, period=when))
                except (errors.Conflict, errors.Invalid) as refusal:
                    assert refusal.code in (
                        "bookings.equipment_taken",
                        "bookings.unknown_equipment",
                    )

            def lower(lowered: list[Equipment] = lowered, booked: list[Booking] = booked) -> None:
                try:
                    lowered.append(change(app, **changes))
                except errors.Conflict as refusal:
                    assert refusal.code == "bookings.equipment_booked"
                    assert len(named(refusal)) == 1

            together(take, lower)
            assert len(booked) + len(lowered) == 1
            for booking in booked:
                cancel(app, booking)
            if lowered:
                change(app, quantity=2, retired=False)

    def test_whoever_books_beside_it_gets_a_unit_that_stays(self, app: App) -> None:
        for round_ in range(self.ROUNDS):
            shift = timedelta(days=7 * round_)
            when = Period(tomorrow(10) + shift, tomorrow(11) + shift)
            high = book(app, 0, 2, period=when)
            moved = book(app, 1, 1, period=when)
            cancel(app, high)
            booked: list[Booking] = []
            together(
                lambda when=when, booked=booked: booked.append(book(app, 2, 1, period=when)),
                lambda: change(app, quantity=2),
            )
            assert units(app, moved) | units(app, booked[0]) == {"projector#1", "projector#2"}
            change(app, quantity=3)

    def test_a_booking_that_is_cancelled_while_its_unit_goes(self, app: App) -> None:
        for round_ in range(self.ROUNDS):
            shift = timedelta(days=7 * round_)
            when = Period(tomorrow(10) + shift, tomorrow(11) + shift)
            high, moved = book(app, 0, 2, period=when), book(app, 1, 1, period=when)
            cancel(app, high)
            together(lambda moved=moved: cancel(app, moved), lambda: change(app, quantity=1))
            after = app.bookings.get(moved.id)
            assert (after.status, after.claim) == (Status.CANCELLED, None)
            assert units(app, book(app, 0, 1, period=when)) == {"projector#1"}
            change(app, quantity=3)
