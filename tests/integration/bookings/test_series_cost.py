"""What a change of a series costs on the real database, and that it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.closures import Kind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.rules import MOST_VERSIONS
from services.bookings.domain.series import MOST_HELPED, OnConflict, Schedule
from services.bookings.operations import bookings, closures, invitations, series
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.closures import PlanClosure
from services.bookings.schemas.invitations import Invite, Reply
from services.bookings.steps import occurrences
from services.bookings.steps.alternatives import HelpableConflict, WantedBooking
from services.bookings.steps.occurrences import LostRace, until_decided
from services.common import errors
from services.common.context import VISITOR
from services.common.contracts.bookings.errors import SPACE_TAKEN
from services.common.storage.mongo import Session, time_limit
from services.common.time.period import Period
from tests.support.bookings import (
    MEMBER,
    RAQQA_DESK,
    STRANGER,
    call,
    changed_so_often,
    open_centre,
    period,
    space,
    tomorrow,
)
from tests.support.mongo import Counted, commands
from tests.support.series import change, in_the_way, made, retry, weekly
from tests.support.stack import Server


@pytest.fixture
def app(database: Server, counted: Counted) -> Iterator[App]:
    yield from open_centre(database.uri)


def daily(app: App, count: int, **values: object) -> Schedule:
    return made(app, rule=f"FREQ=DAILY;BYDAY=SU,MO,TU,WE,TH;COUNT={count}", **values)


def eight_come(app: App, found: Schedule, number: int) -> None:
    """Eight guests accept to come to one of the occurrences."""
    booking_id = found.occurrences[number].booking_id
    # An organisation is invited five times a day at most.
    invited = ("furat", "jisr")[number % 2]
    invitation = invitations.invite(app, call(MEMBER), Invite(booking_id, invited, None))
    token = app.links.reply_token(invitation.id, invitation.nonce)
    invitations.reply(app, call(VISITOR), Reply(token, "yes", 8))


class TestRefused:
    """Where a rule refuses occurrences, each is refused before it is written."""

    @pytest.fixture
    def meetings(self, app: App) -> Schedule:
        """Joint meetings in a room for twelve; to each of them eight guests come."""
        found = daily(app, 6, purpose="joint_meeting", people=4)
        for number in range(6):
            eight_come(app, found, number)
        return found

    def test_more_people_than_the_guests_leave_room_for(
        self, app: App, meetings: Schedule, counted: Counted
    ) -> None:
        counted.commands.clear()
        with time_limit(3), pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, meetings, details={"people": 6})
        codes = [each["code"] for each in refusal.value.extra["rejected"]]
        assert codes == ["bookings.guests_do_not_fit"] * 6
        assert counted.commands.count("abortTransaction") == 1

    def test_a_smaller_room_than_the_guests_need(
        self, app: App, meetings: Schedule, counted: Counted
    ) -> None:
        counted.commands.clear()
        app.centres.seed([], [space("raqqa-small", capacity=10)])
        with time_limit(3), pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, meetings, space_id="raqqa-small")
        codes = [each["code"] for each in refusal.value.extra["rejected"]]
        assert codes == ["bookings.guests_do_not_fit"] * 6
        assert counted.commands.count("abortTransaction") == 1

    def test_one_meeting_that_guests_fill_stays_as_it_is(self, app: App) -> None:
        found = daily(app, 3, purpose="joint_meeting", people=4)
        eight_come(app, found, 1)
        with time_limit(3):
            after = change(app, found, details={"people": 6}, on_conflict=OnConflict.SKIP)
        people = [app.bookings.get(each.booking_id).people for each in after.occurrences]
        assert people == [6, 4, 6]
        (rejected,) = after.series.rejected
        assert rejected.code == "bookings.guests_do_not_fit"
        assert rejected.booking_id == found.occurrences[1].booking_id

    def test_what_no_longer_fits_may_be_renamed_all_the_same(self, app: App) -> None:
        """The room has become smaller since; its number of people is not what is changed."""
        found = daily(app, 3, people=12)
        _shrink(app, "raqqa-meeting", 8)
        with time_limit(3):
            after = change(app, found, details={"title": "New"})
        titles = [app.bookings.get(each.booking_id).title for each in after.occurrences]
        assert titles == ["New"] * 3
        with time_limit(3), pytest.raises(errors.Conflict, match="series_refused"):
            change(app, after, shift=timedelta(hours=1))

    @pytest.mark.parametrize(
        "values", [{"shift": timedelta(hours=1)}, {"space_id": "raqqa-hall"}, {}]
    )
    def test_more_people_than_the_room_holds(
        self, app: App, counted: Counted, values: dict[str, Any]
    ) -> None:
        found = daily(app, 30)
        counted.commands.clear()
        with pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, found, details={"people": 61}, **values)
        rejected = refusal.value.extra["rejected"]
        assert [each["code"] for each in rejected] == ["bookings.too_many_people"] * 30
        assert counted.commands.count("abortTransaction") == 1

    def test_the_new_number_of_people_counts_not_the_old(self, app: App) -> None:
        found = daily(app, 3, space_id="raqqa-hall", people=50)
        after = change(app, found, space_id="raqqa-meeting", details={"people": 5})
        assert {each.space_id for each in after.occurrences} == {"raqqa-meeting"}

    def test_more_changes_than_are_kept(self, app: App, counted: Counted) -> None:
        found = daily(app, 6)
        for each in found.occurrences:
            changed_so_often(app, app.bookings.get(each.booking_id), MOST_VERSIONS)
        counted.commands.clear()
        with time_limit(3), pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, found, shift=timedelta(hours=1))
        codes = [each["code"] for each in refusal.value.extra["rejected"]]
        assert codes == ["bookings.too_many_changes"] * 6
        assert counted.commands.count("abortTransaction") == 1

    def test_what_is_closed_is_told_as_closed_however_much_of_it_there_is(self, app: App) -> None:
        found = daily(app, 30)
        span = Period(tomorrow(0), tomorrow(0) + timedelta(days=60))
        closing = PlanClosure("raqqa", ("raqqa-training",), span, Kind.MAINTENANCE, None)
        closures.close(app, call(RAQQA_DESK), closing)
        with pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, found, space_id="raqqa-training")
        rejected = refusal.value.extra["rejected"]
        assert [each["code"] for each in rejected] == ["bookings.space_closed"] * 30
        helped = [bool(each["alternatives"]) for each in rejected]
        assert helped == [True] * MOST_HELPED + [False] * 10


class TestWhatItCosts:
    def test_a_space_is_read_once_to_move_all(self, app: App, counted: Counted) -> None:
        """What an occurrence costs, it costs for itself: there is nothing that all cost together
        each time."""
        cost = []
        for count in (5, 10, 20):
            found = daily(app, count, people=4, period=period(10 + len(cost), 11 + len(cost)))
            counted.commands.clear()
            change(app, found, shift=timedelta(hours=3))
            cost.append(counted.commands.count("find"))
        assert (cost[1] - cost[0]) * 2 == cost[2] - cost[1]
        assert (cost[1] - cost[0]) / 5 <= 5

    def test_to_show_a_series_only_what_is_shown_is_read(self, app: App, counted: Counted) -> None:
        """Of a hundred bookings, claims and history are fifteen times as much as that."""
        found = daily(app, 5)
        counted.replies.clear()
        assert series.get(app, call(MEMBER), found.series.id) == found
        _, bookings = counted.replies
        fields = {name for each in bookings["cursor"]["firstBatch"] for name in each}
        shared = {"space_id", "title", "purpose", "people"}
        assert fields == {"_id", "starts_at", "ends_at", "status", *shared}

    def test_a_single_booking_is_not_read_for_a_mark_that_nobody_made(
        self, app: App, counted: Counted
    ) -> None:
        """The booking itself; its space and centre; and the limits, to say what is given back."""
        one = app.bookings.get(daily(app, 2).occurrences[0].booking_id)
        counted.commands.clear()
        bookings.cancel(app, call(MEMBER), CancelBooking(one.id, one.version, None))
        assert counted.commands.count("find") == 4


def test_as_many_lost_races_are_helped_as_an_answer_holds(app: App, counted: Counted) -> None:
    """To look for a way on takes longer than to refuse."""
    centre, room = app.centres.centre("raqqa"), app.centres.space("raqqa-meeting")
    wanted = WantedBooking(
        space=room,
        centre=centre,
        period=period(10, 11),
        people=None,
        caller=MEMBER,
        organisation_id="amal",
    )

    def work(lost: occurrences.Lost) -> occurrences.Lost:
        if len(lost) < MOST_HELPED + 10:
            raise LostRace(str(len(lost)), HelpableConflict(SPACE_TAKEN(), wanted))
        return lost

    lost = until_decided(app, work)
    helped = [key for key, refusal in lost.items() if refusal.extra.get("alternatives")]
    assert helped == [str(number) for number in range(MOST_HELPED)]


def test_who_loses_the_same_race_again_and_again_is_told_the_refusal(app: App) -> None:
    rounds: list[int] = []

    def work(lost: occurrences.Lost) -> None:
        rounds.append(len(lost))
        assert len(rounds) < 9
        raise LostRace("first" if len(rounds) < 4 else "second", SPACE_TAKEN())

    with pytest.raises(errors.Conflict, match="space_taken"):
        until_decided(app, work)
    assert rounds == [0, 0, 1]


def test_races_that_do_not_end_are_left_when_the_caller_leaves(app: App) -> None:
    rounds: list[int] = []

    def work(_lost: occurrences.Lost) -> None:
        def lose(session: Session) -> None:
            app.database.collection("bookings").find_one({}, session=session)
            rounds.append(len(rounds))
            raise LostRace(str(len(rounds)), SPACE_TAKEN())

        app.database.transact(lose)

    with time_limit(0.3), pytest.raises(errors.Unavailable):
        until_decided(app, work)
    assert rounds


def _shrink(app: App, space_id: str, capacity: int) -> None:
    app.database.collection("spaces").update_one(
        {"_id": space_id}, {"$set": {"capacity": capacity}}
    )


class TestEquipment:
    """Who wants the same equipment meets at the document of its kind."""

    NEEDS = (Need("projector", 1),)
    AN_HOUR = timedelta(hours=1)

    @pytest.fixture(autouse=True)
    def lent(self, app: App) -> None:
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 2)])

    def test_its_kind_is_held_still_once_for_all_occurrences(self, app: App) -> None:
        with commands(app.database) as asked:
            found = daily(app, 8, equipment=self.NEEDS)
        assert asked.count("update equipment") == 1
        with commands(app.database) as asked:
            moved = change(app, found, shift=self.AN_HOUR)
        assert asked.count("update equipment") == 1
        with commands(app.database) as asked:
            change(app, moved, details={"title": "Another"})
        assert asked.count("update equipment") == 0

    def test_it_is_held_still_when_occurrences_are_tried_again(self, app: App) -> None:
        taken = in_the_way(app, 1)
        found = made(app, equipment=self.NEEDS, on_conflict=OnConflict.SKIP)
        bookings.cancel(app, call(STRANGER), CancelBooking(taken.id, 1, None))
        with commands(app.database) as asked:
            assert not retry(app, found).series.rejected
        assert asked.count("update equipment") == 1

    def test_an_occurrence_that_has_some_holds_it_still_too(self, app: App) -> None:
        found = made(app, rule="FREQ=WEEKLY;COUNT=2", equipment=self.NEEDS)
        one = app.bookings.get(found.occurrences[0].booking_id)
        bookings.change(
            app, call(MEMBER), ChangeBooking(one.id, 1, None, None, None, {"equipment": ()})
        )
        with commands(app.database) as asked:
            change(app, found, shift=self.AN_HOUR)
        assert asked.count("update equipment") == 1

    def test_a_preview_waits_for_nobody_who_lends_it(self, app: App) -> None:
        kinds = [each.equipment_id for each in self.NEEDS]

        def look(session: Session) -> Schedule:
            app.equipment.lock(session, kinds)
            return series.preview(app, call(MEMBER), weekly(equipment=self.NEEDS))

        with commands(app.database) as asked:
            seen = app.database.transact(look)
        assert len(seen.occurrences) == 4
        assert asked.count("update equipment") == 1
