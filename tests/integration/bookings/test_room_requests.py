"""Rooms by request: what bookings does about a request, and what the requester then knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status as BookingStatus
from services.bookings.domain.equipment import Equipment
from services.bookings.domain.room_requests import Decision, RoomRow, decide
from services.bookings.domain.room_requests import Outcome as Answered
from services.bookings.operations import (
    bookings,
    check_in,
    closures,
    day_sheet,
    outside_hours,
    statistics,
)
from services.bookings.operations import ending as ending_operations
from services.bookings.operations import room_requests as operations
from services.bookings.operations.budgets import audit_budgets
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking, ListBookings
from services.bookings.schemas.check_in import CheckIn, EndBooking
from services.bookings.schemas.closures import ResolveClosure
from services.bookings.schemas.day_sheet import GetDaySheet
from services.bookings.schemas.day_sheet import day_sheet as day_sheet_to_wire
from services.bookings.schemas.room_requests import RoomMessage
from services.bookings.schemas.statistics import ReportUtilisation
from services.common import errors
from services.common.clock import to_wire
from services.common.context import SYSTEM, Call, Caller
from services.common.contracts.bookings import day_sheet as day_sheet_contract
from services.common.contracts.bookings import rpc
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.rooms.requests import Status
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    book,
    call,
    events,
    free,
    let_worker_work,
    now_is,
    open_centre,
    period,
    tomorrow,
)
from tests.support.closures import close, outcomes, seen
from tests.support.mongo import empty_database
from tests.support.rooms import LABEL, Requester, answers, deliver, exchange, item
from tests.support.stack import Server

DAY = tomorrow(12).date()


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


@pytest.fixture
def branch(database: Server, app: App) -> Iterator[Requester]:
    for each in empty_database(database.uri):
        yield Requester(each, app.clock)


def held(app: App) -> list[Booking]:
    """The bookings for the centre's own use that hold time."""
    found = app.bookings.find(
        visible=None, filters={"own_use": {"$ne": None}}, after=None, limit=200
    )
    return [each for each in found if each.status is BookingStatus.CONFIRMED]


def cancel(app: App, booking_id: str, reason: str | None = "Burst pipe") -> Booking:
    now = app.bookings.get(booking_id)
    return bookings.cancel(app, call(RAQQA_DESK), CancelBooking(now.id, now.version, reason))


def change(app: App, booking_id: str, caller: Caller = RAQQA_DESK, **values: Any) -> Booking:
    now = app.bookings.get(booking_id)
    command = ChangeBooking(
        now.id,
        now.version,
        values.pop("space_id", None),
        values.pop("starts_at", None),
        values.pop("ends_at", None),
        values,
    )
    return bookings.change(app, call(caller), command)


def newest(app: App) -> CloudEvent:
    return answers(app)[-1]


# -- asking ----------------------------------------------------------------------------------------


def test_a_request_is_granted_with_the_smallest_room_that_fits(app: App, branch: Requester) -> None:
    branch.want(item("one"), item("two", (13, 14), space_id="raqqa-hall"))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    one, two = branch.place("one"), branch.place("two")
    assert (one.space_id, two.space_id) == ("raqqa-meeting", "raqqa-hall")
    assert (one.starts_at, one.ends_at) == (tomorrow(10), tomorrow(12))
    assert free(app)[0].ends_at == tomorrow(10)


def test_what_is_booked_is_the_centres_own(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    booking = app.bookings.get(branch.place().booking_id)
    assert booking.organisation_id is None
    assert booking.charge is None
    assert booking.door_code is None
    assert booking.status is BookingStatus.CONFIRMED
    assert booking.own_use is not None
    assert booking.own_use.request == f"trainings:{branch.request().id}"
    assert booking.own_use.item == item()
    own = [each["type"] for each in events(app) if not each["type"].startswith("bookings.room.")]
    assert own == []
    assert audit_budgets(app) == []


def test_a_space_that_needs_approval_needs_none_for_the_centre(app: App, branch: Requester) -> None:
    app.database.collection("spaces").update_one(
        {"_id": "raqqa-hall"}, {"$set": {"needs_approval": True}}
    )
    branch.want(item(space_id="raqqa-hall"))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED


def test_a_refusal_says_of_each_item_why_and_what_could_be_had(app: App, branch: Requester) -> None:
    book(app, period=period(10, 12))
    branch.want(
        item("taken", space_id="raqqa-meeting"),
        item("fine", (13, 14)),
        item("unknown", space_id="nowhere"),
        item("elsewhere", space_id="tabqa-meeting"),
        item("centre", centre_id="nowhere"),
        item("crowd", people=5_000),
        item("beamer", equipment={"nothing": 1}),
        item("late", (20, 21)),
        item("short", (14, 15), ends_at=tomorrow(14, 7)),
        item("past", starts_at=NOW - timedelta(hours=2), ends_at=NOW - timedelta(hours=1)),
        item(
            "far", starts_at=NOW + timedelta(days=900), ends_at=NOW + timedelta(days=900, hours=1)
        ),
        item("long", starts_at=NOW, ends_at=NOW + timedelta(days=90_000)),
    )
    exchange(app, branch)
    assert branch.status() is Status.REFUSED
    answer = branch.request().answer
    assert answer is not None
    codes = {each["item_id"]: each["code"].removeprefix("bookings.") for each in answer.problems}
    assert codes == {
        "taken": "space_taken",
        "unknown": "unknown_space",
        "elsewhere": "unknown_space",
        "centre": "unknown_centre",
        "crowd": "no_fitting_space",
        "beamer": "unknown_equipment",
        "late": "outside_hours",
        "short": "off_raster",
        "past": "in_the_past",
        "far": "too_far_ahead",
        "long": "too_long",
    }
    assert answer.code == "bookings.space_taken"
    ways = answer.problems[0]["alternatives"]
    assert {each["kind"] for each in ways} == {"other_time", "other_space", "other_centre"}
    assert held(app) == []


def test_alternatives_have_the_features_and_can_be_asked_for(app: App, branch: Requester) -> None:
    app.database.collection("spaces").update_many(
        {"_id": {"$in": ["raqqa-meeting", "raqqa-hall"]}}, {"$set": {"features": ["projector"]}}
    )
    for each in ("raqqa-meeting", "raqqa-hall"):
        book(app, space_id=each, period=period(10, 12))
    branch.want(item(features=("projector",)))
    exchange(app, branch)
    answer = branch.request().answer
    assert answer is not None
    (problem,) = answer.problems
    assert {each["space_id"] for each in problem["alternatives"]} == {"raqqa-meeting"}
    way = problem["alternatives"][0]
    hours = {"starts_at": tomorrow(12), "ends_at": tomorrow(14)}
    assert way["kind"] == "other_time"
    branch.want(item(features=("projector",), space_id=way["space_id"], **hours))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED


def test_equipment_is_lent_once_over_all_items(app: App, branch: Requester) -> None:
    app.equipment.seed([Equipment("beamer", "raqqa", {"ar": "جهاز عرض"}, 2)])
    needs = {"beamer": 1}
    branch.want(
        *(
            item(name, equipment=needs, space_id=where)
            for name, where in (
                ("one", "raqqa-meeting"),
                ("two", "raqqa-training"),
                ("three", "raqqa-hall"),
            )
        )
    )
    exchange(app, branch)
    answer = branch.request().answer
    assert answer is not None
    assert [(each["item_id"], each["code"]) for each in answer.problems] == [
        ("three", "bookings.equipment_taken")
    ]
    branch.want(item("one", equipment=needs), item("two", equipment=needs))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert {each.space_id for each in held(app)} == {"raqqa-meeting", "raqqa-training"}


def test_a_message_that_cannot_be_read_is_permanent(app: App, branch: Requester) -> None:
    branch.want(item())
    (told,) = branch.told()
    data = dict(told.data)
    for broken in (
        data | {"items": []},
        data | {"items": data["items"] * 2},
        data | {"request_version": 2**60},
        data | {"label": {"en": "No Arabic"}},
        {**data, "request_id": "another"},
    ):
        with pytest.raises(Permanent):
            deliver(app, replace(told, data=broken))
    assert answers(app) == []


# -- changing --------------------------------------------------------------------------------------


def test_what_stays_word_for_word_stays_and_the_rest_is_moved_at_once(
    app: App, branch: Requester
) -> None:
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    first = branch.place("one").booking_id
    branch.want(item("one"), item("two", (15, 16)), item("three", (13, 14)))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert branch.place("one").booking_id == first
    assert {(each.period, each.space_id) for each in held(app)} == {
        (period(10, 12), "raqqa-meeting"),
        (period(15, 16), "raqqa-meeting"),
        (period(13, 14), "raqqa-meeting"),
    }


def test_items_change_places(app: App, branch: Requester) -> None:
    there, here = ({"space_id": each} for each in ("raqqa-meeting", "raqqa-hall"))
    branch.want(item("one", **there), item("two", **here))
    exchange(app, branch)
    branch.want(item("one", **here), item("two", **there))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert (branch.place("one").space_id, branch.place("two").space_id) == (
        "raqqa-hall",
        "raqqa-meeting",
    )


def test_a_refused_version_leaves_what_is_held(app: App, branch: Requester) -> None:
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    before = held(app)
    book(app, period=period(15, 16))
    branch.want(item("one", (9, 10)), item("two", (15, 16), space_id="raqqa-meeting"))
    exchange(app, branch)
    assert branch.status() is Status.REFUSED
    assert held(app) == before
    assert [branch.place(name).item_id for name in ("one", "two")] == ["one", "two"]


def test_a_release_gives_all_back_for_good(app: App, branch: Requester) -> None:
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    asked = branch.told()[0]
    branch.release()
    exchange(app, branch)
    assert held(app) == []
    assert newest(app).type == "bookings.room.freed"
    assert newest(app).data["places"] == []
    deliver(app, asked)
    assert held(app) == []
    assert newest(app).type == "bookings.room.freed"


def test_a_release_that_comes_first_is_obeyed(app: App, branch: Requester) -> None:
    branch.want(item())
    branch.release()
    asked, released = branch.told()
    deliver(app, released)
    deliver(app, asked)
    assert [each.type for each in answers(app)] == ["bookings.room.freed"] * 2
    assert held(app) == []


def test_what_has_begun_is_not_moved_and_a_release_cuts_it_short(
    app: App, branch: Requester
) -> None:
    branch.want(item("over", (9, 10)), item("runs", (11, 14)), item("later", (15, 16)))
    exchange(app, branch)
    runs, over = branch.place("runs").booking_id, branch.place("over").booking_id
    now_is(app, tomorrow(12))
    let_worker_work(app)
    branch.want(item("over", (9, 10)), item("runs", (11, 15)), item("later", (15, 16)))
    exchange(app, branch)
    answer = branch.request().answer
    assert answer is not None
    assert [(each["item_id"], each["code"]) for each in answer.problems] == [
        ("runs", "bookings.in_the_past")
    ]
    branch.release()
    exchange(app, branch)
    cut = app.bookings.get(runs)
    assert (cut.status, cut.period.ends_at) == (BookingStatus.COMPLETED, tomorrow(12))
    assert [each["booking_id"] for each in newest(app).data["places"]] == [over]
    assert held(app) == []
    assert tomorrow(12, 15) in [each.starts_at for each in free(app)]


def test_what_has_ended_and_is_wanted_no_more_is_no_longer_listed(
    app: App, branch: Requester
) -> None:
    branch.want(item("over", (9, 10)), item("later", (15, 16)))
    exchange(app, branch)
    now_is(app, tomorrow(12))
    let_worker_work(app)
    branch.want(item("later", (15, 16)))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert [each["item_id"] for each in newest(app).data["places"]] == ["later"]


# -- twice, late, out of order ---------------------------------------------------------------------


def test_the_same_message_twice_is_answered_twice_and_booked_once(
    app: App, branch: Requester
) -> None:
    branch.want(item())
    (asked,) = branch.told()
    deliver(app, asked)
    deliver(app, asked)
    assert [each.aggregate_version for each in answers(app)] == [1, 2]
    assert answers(app)[0].data == answers(app)[1].data
    assert len(held(app)) == 1


def test_an_older_version_that_comes_late_changes_nothing(app: App, branch: Requester) -> None:
    branch.want(item("one", (9, 10)))
    branch.want(item("one", (14, 15)))
    first, second = branch.told()
    deliver(app, second)
    deliver(app, first)
    assert [each.period for each in held(app)] == [period(14, 15)]
    assert newest(app).data["request_version"] == 2


def test_a_refusal_is_final_for_its_version(app: App, branch: Requester) -> None:
    other = book(app, period=period(10, 12))
    branch.want(item(space_id="raqqa-meeting"))
    (asked,) = branch.told()
    deliver(app, asked)
    bookings.cancel(app, call(MEMBER), CancelBooking(other.id, other.version, None))
    deliver(app, asked)
    assert newest(app).type == "bookings.room.refused"
    assert newest(app).data == answers(app)[0].data
    assert held(app) == []


def test_the_same_message_at_once_is_one_booking(app: App, branch: Requester) -> None:
    branch.want(item())
    (asked,) = branch.told()
    at_once(*[lambda: deliver(app, asked)] * 4)
    assert len(held(app)) == 1
    assert [each.aggregate_version for each in answers(app)] == [1, 2, 3, 4]


def test_a_member_and_a_request_race_for_the_last_room(app: App, branch: Requester) -> None:
    for hour in range(9, 15):
        wanted = item(f"at-{hour}", (hour, hour + 1), space_id="raqqa-meeting")
        branch.want(wanted, subject=f"cohort-{hour}")
        asked = branch.told()[-1]
        won: list[str] = []

        def members(hour: int = hour, won: list[str] = won) -> None:
            try:
                book(app, period=period(hour, hour + 1))
                won.append("member")
            except errors.Conflict:
                pass

        at_once(members, lambda asked=asked: deliver(app, asked))  # type: ignore[misc]
        granted = newest(app).type == "bookings.room.granted"
        assert granted is (won == [])


def test_a_refusal_reads_the_row_again(
    app: App, branch: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the transaction that finds it out and the one that keeps it, the request is given
    back: the refusal must not undo that."""
    book(app, period=period(10, 12))
    branch.want(item(space_id="raqqa-meeting"))
    branch.release()
    asked, released = branch.told()
    look = operations._problems

    def meanwhile(*args: Any) -> Any:
        deliver(app, released)
        return look(*args)

    monkeypatch.setattr(operations, "_problems", meanwhile)
    deliver(app, asked)
    assert [each.type for each in answers(app)] == ["bookings.room.freed"] * 2


ROWS = [
    None,
    RoomRow("trainings:r", "s", 3, Answered.GRANTED, version=4),
    RoomRow("trainings:r", "s", 3, Answered.REFUSED, version=4),
    RoomRow("trainings:r", "s", 3, Answered.LOST, version=4, lost_at=4),
    RoomRow("trainings:r", "s", 3, Answered.FREED, version=4, released=True),
]
TOLD = {
    Decision.RELEASE: {"freed"},
    Decision.REFUSE_OVERTAKEN: {"refused"},
    Decision.PLACE: {"granted"},
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row and str(row.outcome))
@pytest.mark.parametrize("release", [False, True])
@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("seen", [3, 4])
def test_the_code_follows_the_table(
    app: App, row: RoomRow | None, release: bool, version: int, seen: int
) -> None:
    if row is not None:
        app.database.transact(lambda session: app.room_requests.put(session, row, None))
    message = RoomMessage("trainings", "r", version, release, seen, LABEL, (item(),))
    operations.receive(app, Call(SYSTEM), message)
    decision = decide(row, version, seen=seen, release=release)
    standing = {str(row.outcome)} if row else set()
    assert newest(app).type.rpartition(".")[2] in TOLD.get(decision, standing)
    assert len(held(app)) == (decision is Decision.PLACE)
    after = app.room_requests.get("trainings:r")
    assert after.version == (row.version if row else 0) + 1
    assert newest(app).aggregate_version == after.version
    assert newest(app).data["request_version"] == after.request_version


# -- what staff do ---------------------------------------------------------------------------------


def test_the_desk_cancels_with_a_reason_and_the_requester_hears_of_it(
    app: App, branch: Requester
) -> None:
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    lost = branch.place("one").booking_id
    with pytest.raises(errors.Invalid):
        cancel(app, lost, None)
    cancel(app, lost)
    exchange(app, branch)
    assert branch.status() is Status.LOST
    answer = branch.request().answer
    assert answer is not None
    assert answer.reason == "Burst pipe"
    assert [each.item_id for each in answer.places] == ["two"]


def test_what_is_lost_has_ways_on_that_can_be_had(app: App, branch: Requester) -> None:
    """Staff of the branch choose from them; of each item, also where another is lost after it."""
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    first, second = branch.place("one"), branch.place("two")
    for each in (first, second):
        cancel(app, each.booking_id)
    exchange(app, branch)
    answer = branch.request().answer
    assert answer is not None
    assert [each["item_id"] for each in answer.problems] == ["one", "two"]
    for problem, lost in zip(answer.problems, (first, second), strict=True):
        assert problem["code"] == "bookings.space_taken"
        ways = {(each["space_id"], each["starts_at"]) for each in problem["alternatives"]}
        assert (lost.space_id, to_wire(lost.starts_at)) not in ways
        assert {space_id for space_id, _ in ways} > {lost.space_id}
        # The same space is free at other times of that day, before or after the one that was lost.
        day = to_wire(lost.starts_at)[:10]
        assert any(space == lost.space_id and at.startswith(day) for space, at in ways)
    chosen = next(
        each for each in answer.problems[0]["alternatives"] if each["kind"] == "other_space"
    )
    branch.want(item("one", space_id=chosen["space_id"]))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    answer = branch.request().answer
    assert answer is not None
    assert answer.problems == ()


def test_a_version_that_did_not_know_of_a_loss_is_refused(app: App, branch: Requester) -> None:
    branch.want(item("one"), item("two", (13, 14)))
    exchange(app, branch)
    cancel(app, branch.place("one").booking_id)
    branch.want(item("one"), item("two", (15, 16)))
    deliver(app, branch.told()[-1])
    assert newest(app).type == "bookings.room.refused"
    assert newest(app).data["code"] == "bookings.overtaken"
    exchange(app, branch)
    branch.want(item("one"), item("two", (15, 16)))
    exchange(app, branch)
    assert branch.status() is Status.GRANTED


def test_the_desk_gives_it_another_room(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    booking_id = branch.place().booking_id
    change(app, booking_id, space_id="raqqa-hall")
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert branch.place().space_id == "raqqa-hall"
    assert branch.place().booking_id == booking_id
    branch.want(item(), item("two", (13, 14)))
    exchange(app, branch)
    assert branch.place().space_id == "raqqa-hall"


def test_everything_else_is_changed_where_it_was_requested(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    booking_id = branch.place().booking_id
    app.database.collection("spaces").update_one(
        {"_id": "tabqa-meeting"}, {"$set": {"capacity": 20}}
    )
    for values in (
        {"starts_at": tomorrow(9)},
        {"ends_at": tomorrow(13)},
        {"title": "Another"},
        {"people": 3},
        {"purpose": "meeting"},
        {"space_id": "tabqa-meeting"},
        {"space_id": "raqqa-hall", "people": 3},
        {"space_id": "raqqa-hall", "starts_at": tomorrow(9)},
    ):
        with pytest.raises(errors.Conflict) as refused:
            change(app, booking_id, MANAGER, **values)
        assert refused.value.code == "bookings.of_request", values
    now_is(app, tomorrow(10))
    version = app.bookings.get(booking_id).version
    with pytest.raises(errors.Conflict, match="of_request"):
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking_id, version, None))
    with pytest.raises(errors.Conflict, match="of_request"):
        ending_operations.end_booking(app, call(RAQQA_DESK), EndBooking(booking_id, version))
    assert len(answers(app)) == 1


def test_to_a_room_that_is_taken_other_rooms_are_offered_and_no_other_times(
    app: App, branch: Requester
) -> None:
    branch.want(item())
    exchange(app, branch)
    book(app, space_id="raqqa-training", period=period(10, 12))
    with pytest.raises(errors.Conflict) as refused:
        change(app, branch.place().booking_id, space_id="raqqa-training")
    ways = refused.value.extra["alternatives"]
    assert ways
    assert {each["kind"] for each in ways} == {"other_space"}


@pytest.mark.parametrize("caller", [MEMBER, STRANGER, TABQA_DESK], ids=lambda each: each.id)
def test_others_see_a_taken_time_only(app: App, branch: Requester, caller: Caller) -> None:
    branch.want(item())
    exchange(app, branch)
    booking_id = branch.place().booking_id
    with pytest.raises(errors.NotFound):
        bookings.get(app, call(caller), booking_id)
    with pytest.raises(errors.NotFound):
        change(app, booking_id, caller, space_id="raqqa-hall")
    assert bookings.find(app, call(caller), ListBookings({}, 20, None)) == []
    with pytest.raises(errors.Conflict):
        book(app, period=period(10, 11))


def test_staff_see_it_with_its_label(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    (found,) = bookings.find(app, call(RAQQA_DESK), ListBookings({}, 20, None))
    shown = booking_schemas.booking(found, RAQQA_DESK)
    assert rpc.Booking().validate(shown) == {}
    assert shown["own_use"] == {
        "requester": "trainings",
        "request_id": branch.request().id,
        "item_id": "one",
        "label": LABEL,
    }
    assert (shown["organisation_id"], shown["purpose"]) == (None, "other")
    sheet = day_sheet_to_wire(day_sheet.get(app, call(RAQQA_DESK), GetDaySheet("raqqa", DAY)))
    assert day_sheet_contract.DaySheet().validate(sheet) == {}
    (line,) = [each for each in sheet["spaces"] if each["space_id"] == "raqqa-meeting"]
    assert line["bookings"][0]["own_use"]["label"] == LABEL


# -- closures, hours, time -------------------------------------------------------------------------


def resolve(app: App, closure: dict[str, Any], action: str, **values: Any) -> dict[str, Any]:
    version = seen(app, closure["id"])["version"]
    command = ResolveClosure(
        **{
            "id": closure["id"],
            "expected_version": version,
            "action": action,
            "booking_ids": None,
            "space_id": None,
            "starts_at": None,
            **values,
        }
    )
    return closures.resolve(app, call(RAQQA_DESK), command)


def test_a_closure_moves_it_to_a_room_at_the_same_time(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    closure = close(app)
    booking_id = branch.place().booking_id
    assert outcomes(closure) == {booking_id: "waiting"}
    refused = resolve(app, closure, "move", starts_at=tomorrow(13), booking_ids=(booking_id,))
    assert refused["refused"] == [{"booking_id": booking_id, "code": "bookings.of_request"}]
    assert resolve(app, closure, "move")["refused"] == []
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert branch.place().space_id == "raqqa-training"
    assert branch.place().starts_at == tomorrow(10)


def test_a_closure_cancels_it_where_no_room_is_free_then(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    for each in ("raqqa-training", "raqqa-hall"):
        book(app, space_id=each, period=period(10, 12))
    closure = close(app)
    moved = resolve(app, closure, "move")
    assert [each["code"] for each in moved["refused"]] == ["bookings.no_place_found"]
    resolve(app, closure, "cancel")
    exchange(app, branch)
    assert branch.status() is Status.LOST
    answer = branch.request().answer
    assert answer is not None
    assert answer.reason == "صيانة الكهرباء"
    (problem,) = answer.problems
    assert problem["code"] == "bookings.space_closed"
    assert {each["kind"] for each in problem["alternatives"]} >= {"other_time"}


def test_narrowed_hours_list_it(app: App, branch: Requester) -> None:
    branch.want(item(hours=(15, 17)))
    exchange(app, branch)
    app.database.collection("centres").update_one(
        {"_id": "raqqa"},
        {"$set": {"timetable.weekly_hours.days": {"tuesday": [[9 * 60, 16 * 60]]}}},
    )
    centre = app.centres.centre("raqqa")
    (found,) = outside_hours.of_centre(app, centre).first
    assert found[0].id == branch.place().booking_id


def test_it_is_over_at_its_end_and_nobody_was_missed(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    booking_id = branch.place().booking_id
    now_is(app, tomorrow(11))
    let_worker_work(app)
    assert app.bookings.get(booking_id).status is BookingStatus.CONFIRMED
    now_is(app, tomorrow(12))
    let_worker_work(app)
    over = app.bookings.get(booking_id)
    assert (over.status, over.period) == (BookingStatus.COMPLETED, period(10, 12))
    assert len(answers(app)) == 1
    deliver(app, branch.told()[0])
    assert [each["booking_id"] for each in newest(app).data["places"]] == [booking_id]


def test_reports_count_it_as_the_centres_own_use(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    now_is(app, tomorrow(12))
    let_worker_work(app)
    for group_by in ("organisation", "purpose"):
        report = statistics.utilisation(app, call(MANAGER), ReportUtilisation(DAY, DAY, group_by))
        assert list(report.rows) == ["own_use"]
        row = report.rows["own_use"]
        assert (row.bookings, row.minutes, row.came, row.no_shows) == (1, 120, 0, 0)


def test_after_a_restore_of_bookings_all_is_asked_anew(app: App, branch: Requester) -> None:
    branch.want(item())
    exchange(app, branch)
    for each in ("bookings", "room_requests", "outbox"):
        app.database.collection(each).delete_many({})
    branch.rooms.repeat_all_requests(above=100)
    exchange(app, branch)
    assert branch.status() is Status.GRANTED
    assert len(held(app)) == 1


def test_two_branches_have_requests_of_the_same_id(app: App, branch: Requester) -> None:
    branch.want(item())
    (asked,) = branch.told()
    deliver(app, asked)
    deliver(app, replace(asked, type="consultations.room.requested"))
    assert [each.data["requester"] for each in answers(app)] == ["trainings", "consultations"]
    assert len(held(app)) == 2


def at_once(*works: Any) -> None:
    """Do all of it at once, in threads; what one raises is raised here."""
    failed: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failed:
        raise failed[0]
