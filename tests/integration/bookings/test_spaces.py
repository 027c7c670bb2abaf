"""What a manager says of spaces, on the real database: no booking that is made comes to harm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.closures import Kind
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.operations import (
    approval,
    availability,
    bookings,
    centres,
    closures,
    day_sheet,
    hours,
    invitations,
    spaces,
    statistics,
    waitlist,
)
from services.bookings.schemas.approval import SetSpaceApproval
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.bookings import ChangeBooking
from services.bookings.schemas.centres import ListSpaces
from services.bookings.schemas.closures import PlanClosure
from services.bookings.schemas.day_sheet import GetDaySheet
from services.bookings.schemas.hours import SetSpaceHours
from services.bookings.schemas.invitations import Invite, Reply
from services.bookings.schemas.spaces import AddSpace, ChangeSpace, add_space, change_space
from services.bookings.schemas.statistics import ReportUtilisation
from services.bookings.schemas.waitlist import JoinWaitlist
from services.bookings.steps.reservation import (
    ReservationRequest,
    eligible_organisation,
    reserve,
    space_and_centre,
)
from services.common import errors
from services.common.history.wire import ListHistory, history_page, list_history
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    RAQQA_DESK,
    REPRESENTATIVE,
    WORKING_WEEK,
    advance,
    booking_command,
    call,
    cancel,
    let_worker_work,
    open_centre,
    period,
    space,
    tomorrow,
    wish,
)
from tests.support.stack import Server

ADDED = AddSpace("raqqa", {"ar": "غرفة الحاسوب", "en": "Computer room"}, 14, ("internet",))


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def book(app: App, space_id: str = "raqqa-meeting", **values: Any) -> Booking:
    return bookings.create(app, call(MEMBER), booking_command(space_id=space_id, **values))


def change(app: App, space_id: str = "raqqa-meeting", **changes: Any) -> Space:
    return changed(app, space_id, **changes)[0]


def changed(app: App, space_id: str, **changes: Any) -> tuple[Space, list[str]]:
    """The space, and the bookings that are too large for it."""
    reason = changes.pop("reason", None)
    command = ChangeSpace(space_id, app.centres.space(space_id).version, changes, reason)
    space, too_large = spaces.change(app, call(MANAGER), command)
    return space, [each.id for each in too_large]


def facts(app: App) -> list[dict[str, Any]]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [
        {"type": row["event"]["type"], **row["event"]["data"]}
        for row in rows
        if row["event"]["type"].startswith("bookings.space.")
    ]


def known(app: App) -> set[str]:
    return {each.id for each in centres.find_spaces(app, ListSpaces("raqqa", None, 100, None))}


def waiting(**values: Any) -> JoinWaitlist:
    anywhere = {"space_id": None, "centre_id": "raqqa", "organisation_id": "amal"}
    return wish(**{**anywhere, **values})


class TestAdding:
    def test_what_is_added_can_be_booked(self, app: App) -> None:
        added = spaces.add(app, call(MANAGER), ADDED)
        assert centres.get_space(app, added.id) == added
        assert added.id in known(app)
        assert book(app, added.id, people=14).space_id == added.id
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, added.id)

    def test_the_same_key_adds_it_once(self, app: App) -> None:
        first = spaces.add(app, call(MANAGER, "k"), ADDED)
        assert spaces.add(app, call(MANAGER, "k"), ADDED) == first
        with pytest.raises(errors.KeyReused):
            spaces.add(app, call(MANAGER, "k"), AddSpace("raqqa", ADDED.name, 15))
        assert len(facts(app)) == 1

    def test_whoever_waits_for_any_space_is_offered_it(self, app: App) -> None:
        for space_id in ("raqqa-meeting", "raqqa-training", "raqqa-hall"):
            book(app, space_id)
        entry = waitlist.join(app, call(MEMBER), waiting())
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "waiting"
        added = spaces.add(app, call(MANAGER), ADDED)
        let_worker_work(app)
        offer = app.waitlist.get(entry.id).offer
        assert offer is not None
        assert offer.space_id == added.id

    def test_a_hall_and_the_spaces_that_it_is_made_of_exclude_each_other(self, app: App) -> None:
        parts = ("raqqa-meeting", "raqqa-training")
        before = book(app, "raqqa-training", period=period(10, 11))
        command = AddSpace("raqqa", {"ar": "القاعة"}, 30, parts=parts)
        hall = spaces.add(app, call(MANAGER), command)
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, hall.id)
        cancel(app, before)
        book(app, hall.id)
        for part in parts:
            with pytest.raises(errors.Conflict, match="space_taken"):
                book(app, part)

    @pytest.mark.parametrize(
        ("values", "code", "pointer"),
        [
            ({"centre_id": "nowhere"}, "bookings.unknown_centre", "/centre_id"),
            ({"parts": ("raqqa-meeting",)}, "bookings.no_such_parts", "/parts"),
            ({"parts": ("raqqa-meeting", "nowhere")}, "bookings.no_such_parts", "/parts/1"),
            ({"parts": ("raqqa-meeting", "tabqa-meeting")}, "bookings.no_such_parts", "/parts/1"),
            ({"parts": ("raqqa-hall", "raqqa-meeting")}, "bookings.no_such_parts", "/parts/0"),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(
        self, app: App, values: dict[str, Any], code: str, pointer: str
    ) -> None:
        before = known(app)
        command = AddSpace(**{"centre_id": "raqqa", "name": ADDED.name, "capacity": 5, **values})
        with pytest.raises(errors.Invalid) as refusal:
            spaces.add(app, call(MANAGER), command)
        assert (refusal.value.code, refusal.value.errors[0].pointer) == (code, pointer)
        assert (known(app), facts(app)) == (before, [])

    @pytest.mark.parametrize(
        "values",
        [
            {"capacity": 0},
            {"capacity": 1001},
            {"buffer_after_minutes": 241},
            {"buffer_before_minutes": -1},
            {"features": ["a,b"]},
            {"features": ["Projector"]},
            {"parts": ["a", "a"]},
            {"name": {"en": "Room"}},
        ],
    )
    def test_limits_of_its_fields(self, values: dict[str, Any]) -> None:
        wire = {"centre_id": "raqqa", "name": {"ar": "غرفة"}, "capacity": 5}
        assert add_space(wire)
        with pytest.raises(ValidationError):
            add_space(wire | values)


class TestChanging:
    def test_each_change_is_told_and_kept(self, app: App) -> None:
        name = {"ar": "غرفة أخرى"}
        command = change_space(
            {
                "id": "raqqa-meeting",
                "expected_version": 1,
                "name": name,
                "features": ["whiteboard", "internet", "internet"],
                "buffer_before_minutes": 10,
                "reason": "Painted",
            }
        )
        after, _ = spaces.change(app, call(MANAGER), command)
        assert after.buffer_before == timedelta(minutes=10)
        (told,) = facts(app)
        assert told == {
            "type": "bookings.space.changed",
            "space_id": "raqqa-meeting",
            "centre_id": "raqqa",
            "name": name,
            "capacity": 12,
            "features": ["internet", "whiteboard"],
            "buffer_before_minutes": 10,
            "buffer_after_minutes": 0,
            "needs_approval": False,
            "parts": [],
            "retired": False,
            "version": 2,
            "changed_by": MANAGER.id,
        }
        (entry,) = spaces.history(app, call(RAQQA_DESK), ListHistory("raqqa-meeting"))
        assert (entry.action, entry.by, entry.reason) == ("change", MANAGER.id, "Painted")
        assert entry.changes == {
            "name": ({"ar": "غرفة", "en": "Room"}, name),
            "features": ([], ["internet", "whiteboard"]),
            "buffer_before_minutes": (0, 10),
        }

    def test_its_hours_and_its_approval_are_in_its_history_too(self, app: App) -> None:
        week = WeeklyHours.parse(WORKING_WEEK)
        hours.set_space_hours(app, call(MANAGER), SetSpaceHours("raqqa-meeting", 1, week))
        approval.set_for_space(app, call(MANAGER), SetSpaceApproval("raqqa-meeting", 2, True))
        first, second = spaces.history(app, call(MANAGER), ListHistory("raqqa-meeting"))
        assert (first.changes["hours"][0], list(first.changes)) == (None, ["hours"])
        assert second.changes == {"needs_approval": (False, True)}

    def test_its_history_is_read_page_by_page(self, app: App) -> None:
        for capacity in range(20, 25):
            change(app, capacity=capacity)
        seen: list[int] = []
        request: dict[str, Any] = {"id": "raqqa-meeting", "limit": 2}
        pages = 0
        while request.get("after") or not pages:
            query = list_history(request)
            found = spaces.history(app, call(RAQQA_DESK), query)
            page = history_page(found, query.limit)
            seen += [each["version"] for each in page["items"]]
            request["after"] = page["next"]
            pages += 1
        assert (seen, pages) == ([2, 3, 4, 5, 6], 3)

    def test_a_change_to_what_it_is_already_changes_nothing(self, app: App) -> None:
        assert change(app, capacity=12, retired=False).version == 1
        assert facts(app) == []

    def test_a_stale_version_is_refused(self, app: App) -> None:
        change(app, capacity=13)
        with pytest.raises(errors.Stale):
            spaces.change(app, call(MANAGER), ChangeSpace("raqqa-meeting", 1, {"capacity": 14}))
        assert app.centres.space("raqqa-meeting").capacity == 13

    def test_a_larger_space_is_offered_to_whoever_waits(self, app: App) -> None:
        for space_id in ("raqqa-training", "raqqa-hall"):
            book(app, space_id)
        entry = waitlist.join(app, call(MEMBER), waiting(people=20))
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "waiting"
        change(app, capacity=20)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "offered"


class TestLookingForWhoeverWaits:
    """A match is looked for by all who wait at the centre, so only where one can be."""

    @pytest.mark.parametrize(
        ("changes", "count"),
        [
            ({"name": {"ar": "قاعة", "en": "Room"}}, 0),
            ({"capacity": 2}, 0),
            ({"capacity": 40}, 1),
            ({"features": ("screen",)}, 1),
            ({"features": ()}, 0),
            ({"buffer_after": timedelta(hours=1)}, 0),
            ({"buffer_before": timedelta(minutes=15)}, 0),
            ({"buffer_after": timedelta(0)}, 1),
            ({"buffer_before": timedelta(minutes=30), "buffer_after": timedelta(0)}, 1),
            ({"retired": True}, 0),
        ],
    )
    def test_where_more_can_be_had(self, app: App, changes: dict[str, Any], count: int) -> None:
        change(app, "raqqa-training", **changes)
        assert (
            app.database.collection("deadlines").count_documents(
                {"kind": DeadlineKind.WAITLIST_MATCH}
            )
            == count
        )

    def test_when_it_is_back(self, app: App) -> None:
        change(app, retired=True)
        change(app, retired=False)
        assert (
            app.database.collection("deadlines").count_documents(
                {"kind": DeadlineKind.WAITLIST_MATCH}
            )
            == 1
        )


class TestCapacity:
    def test_bookings_that_are_too_large_are_listed_and_stay(self, app: App) -> None:
        large = book(app, people=12)
        book(app, people=8, period=period(12, 13))
        book(app, people=None, period=period(13, 14))
        over = book(app, people=12, period=period(9, 10))
        advance(app, tomorrow(10) - NOW - timedelta(minutes=1))
        after, too_large = changed(app, "raqqa-meeting", capacity=8)
        assert (after.capacity, too_large) == (8, [over.id, large.id])
        assert changed(app, "raqqa-meeting", capacity=9)[1] == []
        assert app.bookings.get(large.id) == large
        title = ChangeBooking(large.id, 1, None, None, None, {"title": "Other"})
        assert bookings.change(app, call(MEMBER), title).people == 12
        with pytest.raises(errors.Conflict, match="too_many_people"):
            more = ChangeBooking(large.id, 2, None, None, None, {"people": 11})
            bookings.change(app, call(MEMBER), more)

    def test_guests_of_a_joint_meeting_are_people_too(self, app: App) -> None:
        meeting = book(app, people=5, purpose="joint_meeting")
        invited = invitations.invite(app, call(REPRESENTATIVE), Invite(meeting.id, "furat", None))
        kept = app.invitations.get(invited.id)
        token = app.links.reply_token(kept.id, kept.nonce)
        invitations.reply(app, call(MEMBER), Reply(token, "yes", 6))
        assert changed(app, "raqqa-meeting", capacity=11)[1] == []
        assert changed(app, "raqqa-meeting", capacity=10)[1] == [meeting.id]


class TestBuffers:
    def test_bookings_keep_the_buffers_that_they_were_made_with(self, app: App) -> None:
        before = book(app, "raqqa-training")  # cleaned for a quarter of an hour
        change(app, "raqqa-training", buffer_after=timedelta(0))
        soon = Period(tomorrow(11), tomorrow(12))
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, "raqqa-training", period=soon)
        cancel(app, before)
        assert book(app, "raqqa-training")
        assert book(app, "raqqa-training", period=soon)

    def test_longer_ones_hold_for_what_is_booked_from_then_on(self, app: App) -> None:
        first, second = book(app), book(app, period=period(11, 12))
        change(app, buffer_before=timedelta(minutes=30), buffer_after=timedelta(minutes=30))
        assert app.bookings.get(first.id) == first
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, period=period(12, 13))
        assert book(app, period=Period(tomorrow(12, 30), tomorrow(13)))
        # What is made already may still be called off, renamed, and moved where there is room.
        title = ChangeBooking(second.id, 1, None, None, None, {"title": "Other"})
        assert bookings.change(app, call(MEMBER), title).version == 2
        move = ChangeBooking(first.id, 1, None, tomorrow(15), tomorrow(16), {})
        moved = bookings.change(app, call(MEMBER), move)
        assert moved.claim is not None
        assert moved.claim.period == Period(tomorrow(14, 30), tomorrow(16, 30))

    def test_equipment_is_asked_for_with_the_buffers_of_the_booking(self, app: App) -> None:
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 1)])
        booking = book(app, "raqqa-training")
        change(app, "raqqa-training", buffer_after=timedelta(0))
        lending = book(app, period=period(11, 12), equipment=(Need("projector", 1),))
        wish = ChangeBooking(
            booking.id, 1, None, None, None, {"equipment": (Need("projector", 1),)}
        )
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            bookings.change(app, call(MEMBER), wish)
        cancel(app, lending)
        assert bookings.change(app, call(MEMBER), wish).equipment


class TestRetiring:
    def test_it_is_refused_while_bookings_are_to_come(self, app: App) -> None:
        first, second = book(app), book(app, period=period(14, 15))
        book(app, "raqqa-training")
        with pytest.raises(errors.Conflict, match="space_booked") as refusal:
            change(app, retired=True)
        found = refusal.value.extra["bookings"]
        assert [each["booking_id"] for each in found] == [first.id, second.id]
        assert refusal.value.params == {"count": 2}
        assert found[0]["people"] is None
        assert not app.centres.space("raqqa-meeting").retired
        assert facts(app) == []
        cancel(app, first)
        advance(app, tomorrow(15) - NOW)
        assert change(app, retired=True).retired

    def test_nobody_can_book_it_any_more(self, app: App) -> None:
        change(app, retired=True)
        assert "raqqa-meeting" not in known(app)
        assert centres.get_space(app, "raqqa-meeting").retired
        with pytest.raises(errors.Conflict, match="space_retired") as refusal:
            book(app)
        offered = refusal.value.extra["alternatives"]
        assert {each["kind"] for each in offered} == {"other_space", "other_centre"}
        assert "raqqa-meeting" not in {each["space_id"] for each in offered}
        other = book(app, "raqqa-training")
        move = ChangeBooking(other.id, 1, "raqqa-meeting", None, None, {})
        with pytest.raises(errors.Conflict, match="space_retired"):
            bookings.change(app, call(MEMBER), move)
        with pytest.raises(errors.Conflict, match="space_retired"):
            wish = waiting(space_id="raqqa-meeting", centre_id=None)
            waitlist.join(app, call(MEMBER), wish)
        query = FindAvailability("raqqa", None, period(9, 17), 60, None)
        assert "raqqa-meeting" not in {each.id for each, _ in availability.find(app, query)}
        closure = PlanClosure("raqqa", None, period(15, 16), Kind.EVENT, None)
        assert "raqqa-meeting" not in closures.preview(app, call(RAQQA_DESK), closure)["space_ids"]

    def test_it_can_be_taken_back(self, app: App) -> None:
        change(app, retired=True)
        assert not change(app, retired=False).retired
        assert book(app)
        advance(app, spaces.SETTLED_AFTER)
        let_worker_work(app)
        assert app.centres.space("raqqa-meeting").version == 3

    def test_what_was_booked_there_stays_on_sheets_and_in_reports(self, app: App) -> None:
        booking = book(app)
        advance(app, tomorrow(12) - NOW)
        change(app, retired=True)
        day = booking.period.starts_at.date()
        sheets = [
            day_sheet.get(app, call(RAQQA_DESK), GetDaySheet("raqqa", each))
            for each in (day, day + timedelta(days=1))
        ]
        there = ["raqqa-meeting" in {line.space.id for line in each.lines} for each in sheets]
        assert there == [True, False]

    def test_a_report_counts_a_space_while_it_is_there(self, app: App) -> None:
        def minutes(space_id: str, first: date, last: date) -> float | None:
            query = ReportUtilisation(first, last, "space")
            row = statistics.utilisation(app, call(MANAGER), query).rows.get(space_id)
            return None if row is None else row.open_minutes

        advance(app, tomorrow(13) - NOW)
        added = spaces.add(app, call(MANAGER), ADDED)
        change(app, retired=True)
        monday, tuesday, wednesday = (date(2026, 11, day) for day in (23, 24, 25))
        assert minutes("raqqa-meeting", monday, wednesday) == 12 * 60
        assert minutes("raqqa-meeting", wednesday, wednesday) is None
        assert minutes(added.id, monday, wednesday) == 12 * 60
        assert minutes(added.id, monday, monday) is None
        assert minutes("raqqa-training", monday, tuesday) == 16 * 60

    def test_a_report_leaves_out_the_time_in_which_a_space_was_away(self, app: App) -> None:
        def minutes(group_by: str, key: str, first: int, last: int) -> float | None:
            query = ReportUtilisation(date(2026, 11, first), date(2026, 11, last), group_by)
            row = statistics.utilisation(app, call(MANAGER), query).rows.get(key)
            return None if row is None else row.open_minutes

        before = minutes("centre", "raqqa", 23, 26)
        assert before is not None
        advance(app, tomorrow(13) - NOW)
        change(app, retired=True)
        advance(app, timedelta(days=2))
        change(app, retired=False)
        change(app, retired=True)
        change(app, retired=False)
        # Away from Tuesday at 13:00 until Thursday at 13:00; open from nine to five.
        assert minutes("space", "raqqa-meeting", 23, 26) == (8 + 4 + 0 + 4) * 60
        assert minutes("space", "raqqa-meeting", 25, 25) is None
        assert minutes("centre", "raqqa", 23, 26) == before - 16 * 60


class TestSettling:
    def retired_meanwhile(self, app: App) -> Booking:
        """A booking that had read its space before that was retired, and was written after."""
        retired: list[Space] = []

        def book_slowly(session: Session) -> Booking:
            space, centre = space_and_centre(app, "raqqa-meeting", session)
            if not retired:
                retired.append(change(app, retired=True))
            wish = ReservationRequest(
                space=space,
                centre=centre,
                party=eligible_organisation(app, session, "amal"),
                period=period(10, 11),
                title="Planning",
                purpose="meeting",
            )
            return reserve(app, call(MEMBER), session, wish)

        return app.database.transact(book_slowly)

    def test_a_booking_that_was_on_its_way_brings_its_space_back(self, app: App) -> None:
        self.retired_meanwhile(app)
        let_worker_work(app)
        assert app.centres.space("raqqa-meeting").retired
        advance(app, spaces.SETTLED_AFTER)
        let_worker_work(app)
        assert not app.centres.space("raqqa-meeting").retired
        assert [(fact["retired"], fact["changed_by"]) for fact in facts(app)] == [
            (True, MANAGER.id),
            (False, "system"),
        ]
        entries = spaces.history(app, call(MANAGER), ListHistory("raqqa-meeting"))
        assert entries[-1].changes == {"retired": (True, False)}

    def test_nothing_happens_where_nothing_was_on_its_way(self, app: App) -> None:
        cancel(app, self.retired_meanwhile(app))
        advance(app, spaces.SETTLED_AFTER)
        let_worker_work(app)
        assert app.centres.space("raqqa-meeting").retired
        assert app.database.collection("deadlines").count_documents({}) == 0


class TestWhoeverBooksLooksTheSpaceUp:
    """The centre of a space is remembered from one booking to the next."""

    def look(self, app: App, space_id: str) -> str:
        return app.database.transact(
            lambda session: app.booking_context.read(space_id, "amal", session).centre.id
        )

    def test_it_is_found_with_its_centre(self, app: App) -> None:
        assert [self.look(app, "raqqa-meeting") for _ in range(2)] == ["raqqa", "raqqa"]
        assert self.look(app, "tabqa-meeting") == "tabqa"

    def test_one_that_is_not_there_is_not_remembered(self, app: App) -> None:
        for _ in range(2):
            with pytest.raises(errors.NotFound):
                self.look(app, "raqqa-garden")
        app.centres.seed([], [space("raqqa-garden")])
        assert self.look(app, "raqqa-garden") == "raqqa"

    def test_data_that_was_restored_differently_is_seen_at_once(self, app: App) -> None:
        spaces = app.database.collection("spaces")
        self.look(app, "raqqa-meeting")
        spaces.update_one({"_id": "raqqa-meeting"}, {"$set": {"centre_id": "tabqa"}})
        assert self.look(app, "raqqa-meeting") == "tabqa"
        spaces.delete_one({"_id": "raqqa-meeting"})
        with pytest.raises(errors.NotFound):
            self.look(app, "raqqa-meeting")

    def test_two_workers_may_see_that_at_once(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spaces, ask = app.database.collection("spaces"), app.booking_context._spaces.aggregate
        self.look(app, "raqqa-meeting")
        spaces.update_one({"_id": "raqqa-meeting"}, {"$set": {"centre_id": "tabqa"}})

        def second(*arguments: Any, **options: Any) -> Any:
            monkeypatch.undo()
            self.look(app, "raqqa-meeting")
            app.booking_context._centre_ids.clear()
            return ask(*arguments, **options)

        monkeypatch.setattr(app.booking_context._spaces, "aggregate", second)
        assert self.look(app, "raqqa-meeting") == "tabqa"
