"""Bookings on the real database: what people may do, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.availability import Alternative
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.operations import availability, bookings, check_in, invitations
from services.bookings.operations.hours import set_hours
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.bookings import (
    CancelBooking,
    ChangeBooking,
    ListBookings,
    list_bookings,
)
from services.bookings.schemas.check_in import CheckIn
from services.bookings.schemas.hours import SetHours
from services.bookings.schemas.invitations import CountHeads
from services.bookings.steps import alternatives
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.storage.mongo import Database, Session
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    WORKING_WEEK,
    booking_command,
    call,
    changed_so_often,
    now_is,
    open_centre,
    period,
    tomorrow,
    work,
)
from tests.support.racing import contend, together
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def stored_events(app: App) -> list[str]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [row["event"]["type"] for row in rows]


def count(app: App) -> int:
    return app.database.collection("bookings").count_documents({})


def change_of(booking_id: str, version: int, **values: object) -> ChangeBooking:
    known = {key: values.pop(key, None) for key in ("space_id", "starts_at", "ends_at")}
    return ChangeBooking(id=booking_id, expected_version=version, details=values, **known)  # type: ignore[arg-type]


class TestCreate:
    def test_a_member_books_and_the_fact_is_written_beside_it(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        assert booking.status is Status.CONFIRMED
        assert app.bookings.get(booking.id) == booking
        assert stored_events(app) == ["bookings.booking.confirmed"]

    def test_the_same_key_gives_the_same_booking_again(self, app: App) -> None:
        first = bookings.create(app, call(MEMBER, "k"), booking_command())
        again = bookings.create(app, call(MEMBER, "k"), booking_command())
        assert again.id == first.id
        assert count(app) == 1
        assert len(stored_events(app)) == 1

    def test_the_answer_of_a_key_outlives_later_changes_and_the_hour(self, app: App) -> None:
        first = bookings.create(app, call(MEMBER, "k"), booking_command())
        bookings.cancel(app, call(MEMBER), CancelBooking(first.id, 1, None))
        app.clock.advance(timedelta(days=3))  # type: ignore[attr-defined]
        again = bookings.create(app, call(MEMBER, "k"), booking_command())
        assert (again.id, again.version, again.status) == (first.id, 1, Status.CONFIRMED)

    def test_a_key_gives_nothing_to_who_may_not_book_any_more(self, app: App) -> None:
        bookings.create(app, call(MEMBER, "k"), booking_command())
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_organisation"):
            bookings.create(app, call(replace(MEMBER, organisations={}), "k"), booking_command())
        bookings.create(app, call(RAQQA_DESK, "k"), booking_command(period=period(11, 12)))
        moved = replace(RAQQA_DESK, centres=frozenset({"tabqa"}))
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_centre"):
            bookings.create(app, call(moved, "k"), booking_command(period=period(11, 12)))

    def test_the_door_code_is_not_kept_with_a_key_and_comes_with_its_answer(self, app: App) -> None:
        first = bookings.create(app, call(MEMBER, "k"), booking_command())
        (kept,) = app.database.collection("idempotency_keys").find()
        assert first.door_code
        assert first.door_code not in str(kept["answer"])
        again = bookings.create(app, call(MEMBER, "k"), booking_command())
        assert again.door_code == first.door_code
        bookings.cancel(app, call(MEMBER), CancelBooking(first.id, 1, None))
        assert bookings.create(app, call(MEMBER, "k"), booking_command()).door_code is None

    def test_a_key_with_another_request_is_refused(self, app: App) -> None:
        bookings.create(app, call(MEMBER, "k"), booking_command())
        with pytest.raises(errors.KeyReused):
            bookings.create(app, call(MEMBER, "k"), booking_command(title="Other"))
        assert count(app) == 1

    def test_two_people_may_use_the_same_key(self, app: App) -> None:
        bookings.create(app, call(MEMBER, "k"), booking_command())
        other = bookings.create(
            app, call(OTHER_MEMBER, "k"), booking_command(period=period(12, 13))
        )
        assert other.booked_by == OTHER_MEMBER.id

    def test_a_refusal_is_not_kept_with_the_key(self, app: App) -> None:
        taken = bookings.create(app, call(MEMBER), booking_command())
        with pytest.raises(errors.Conflict):
            bookings.create(app, call(OTHER_MEMBER, "k"), booking_command())
        bookings.cancel(app, call(MEMBER), CancelBooking(taken.id, 1, None))
        assert bookings.create(app, call(OTHER_MEMBER, "k"), booking_command())

    def test_a_missing_key_is_malformed(self, app: App) -> None:
        with pytest.raises(errors.Malformed, match=r"idempotency\.key_missing"):
            bookings.create(app, replace(call(MEMBER), idempotency_key=None), booking_command())

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"period": Period(tomorrow(10, 5), tomorrow(11))}, "bookings.off_raster"),
            ({"period": Period(tomorrow(11), tomorrow(10))}, "bookings.end_before_start"),
            ({"period": Period(tomorrow(10), tomorrow(10))}, "bookings.end_before_start"),
            (
                {"period": Period(tomorrow(10), tomorrow(10) + timedelta(hours=13))},
                "bookings.too_long",
            ),
            ({"period": Period(NOW - timedelta(hours=1), NOW)}, "bookings.in_the_past"),
            ({"period": Period(NOW, NOW + timedelta(hours=1))}, "bookings.in_the_past"),
            ({"period": period(8, 10)}, "bookings.outside_hours"),
            ({"period": period(16, 18)}, "bookings.outside_hours"),
            (
                {
                    "period": Period(
                        tomorrow(10) + timedelta(days=210), tomorrow(11) + timedelta(days=210)
                    )
                },
                "bookings.too_far_ahead",
            ),
            ({"space_id": "nowhere"}, "bookings.unknown_space"),
            ({"people": 13}, "bookings.too_many_people"),
            ({"organisation_id": "furat"}, "bookings.not_of_organisation"),
        ],
    )
    def test_what_breaks_a_rule_is_refused_and_changes_nothing(
        self, app: App, values: dict[str, object], code: str
    ) -> None:
        with pytest.raises(errors.MasahaError) as refusal:
            bookings.create(app, call(MEMBER), booking_command(**values))
        assert refusal.value.code == code
        assert count(app) == 0
        assert stored_events(app) == []

    def test_a_visitor_must_sign_in(self, app: App) -> None:
        with pytest.raises(errors.Unauthenticated):
            bookings.create(app, call(VISITOR), booking_command())

    @pytest.mark.parametrize("staff", [MANAGER, RAQQA_DESK])
    def test_staff_book_on_behalf(self, app: App, staff: Caller) -> None:
        assert bookings.create(app, call(staff), booking_command()).booked_by == staff.id

    def test_the_desk_of_the_other_centre_may_not(self, app: App) -> None:
        with pytest.raises(errors.Forbidden):
            bookings.create(app, call(TABQA_DESK), booking_command())


class TestOverlap:
    def test_the_second_is_refused_with_ways_on(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command())
        with pytest.raises(errors.Conflict) as refusal:
            bookings.create(app, call(STRANGER), booking_command(organisation_id="furat"))
        assert refusal.value.code == "bookings.space_taken"
        offered = refusal.value.extra["alternatives"]
        assert [a["kind"] for a in offered][:1] == ["other_time"]
        assert {"other_space", "other_centre"} <= {a["kind"] for a in offered}

    def test_every_alternative_can_be_booked(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command())
        with pytest.raises(errors.Conflict) as refusal:
            bookings.create(app, call(MEMBER), booking_command())
        seen = set()
        for each in refusal.value.extra["alternatives"]:
            offered = Period(
                tomorrow(0).fromisoformat(each["starts_at"]),
                tomorrow(0).fromisoformat(each["ends_at"]),
            )
            if (each["space_id"], offered) not in seen:
                booked = bookings.create(
                    app, call(MEMBER), booking_command(space_id=each["space_id"], period=offered)
                )
                bookings.cancel(app, call(MEMBER), CancelBooking(booked.id, 1, None))

    def test_ways_on_are_looked_for_when_the_transaction_is_over(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_now: list[Database] = []
        looked: list[str] = []
        transact, find = Database.transact, alternatives.find_alternatives

        def counted(
            database: Database, work: Callable[[Session], Any], *, turn: str | None = None
        ) -> Any:
            open_now.append(database)
            try:
                return transact(database, work, turn=turn)
            finally:
                open_now.pop()

        def watched(
            app: App, wanted: alternatives.WantedBooking, session: Session | None = None
        ) -> list[Alternative]:
            assert not open_now
            looked.append(wanted.space.id)
            return find(app, wanted, session)

        monkeypatch.setattr(Database, "transact", counted)
        monkeypatch.setattr(alternatives, "find_alternatives", watched)
        mine = bookings.create(app, call(MEMBER), booking_command())
        other = bookings.create(app, call(MEMBER), booking_command(period=period(12, 13)))
        for values in ({}, {"people": 30}, {"period": period(2, 3)}):
            with pytest.raises(errors.Conflict) as refusal:
                bookings.create(
                    app, call(STRANGER), booking_command(organisation_id="furat", **values)
                )
            assert refusal.value.extra["alternatives"]
        onto = change_of(other.id, 1, starts_at=mine.period.starts_at, ends_at=mine.period.ends_at)
        for change in (onto, change_of(other.id, 1, people=30)):
            with pytest.raises(errors.Conflict) as refusal:
                bookings.change(app, call(MEMBER), change)
            assert refusal.value.extra["alternatives"]
        assert len(looked) == 5

    def test_bookings_may_touch(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(period=period(10, 11)))
        bookings.create(app, call(MEMBER), booking_command(period=period(11, 12)))
        assert count(app) == 2

    def test_a_buffer_keeps_its_distance(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-training"))
        with pytest.raises(errors.Conflict):
            bookings.create(
                app,
                call(MEMBER),
                booking_command(space_id="raqqa-training", period=period(11, 12)),
            )
        quarter_later = Period(tomorrow(11, 15), tomorrow(12, 15))
        bookings.create(
            app, call(MEMBER), booking_command(space_id="raqqa-training", period=quarter_later)
        )

    def test_a_hall_and_its_part_exclude_each_other(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-hall-a"))
        with pytest.raises(errors.Conflict, match="space_taken"):
            bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-hall"))

    def test_one_of_many_racing_wins_and_nothing_overlaps(self, app: App) -> None:
        def race(hour: int) -> Booking:
            return bookings.create(
                app, call(MEMBER), booking_command(period=period(hour, hour + 2))
            )

        outcomes = contend(*[partial(race, 10 + number % 2) for number in range(12)])
        assert Counter(map(type, outcomes)) == {Booking: 1, errors.Conflict: 11}
        assert count(app) == 1
        assert len(stored_events(app)) == 1

    def test_equal_requests_that_race_are_one(self, app: App) -> None:
        answers = together(
            *[lambda: bookings.create(app, call(MEMBER, "k"), booking_command())] * 8
        )
        assert len({each.id for each in answers}) == 1
        assert count(app) == 1


class TestChange:
    def test_a_rescheduled_booking_frees_its_old_time(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        moved = bookings.change(
            app,
            call(MEMBER),
            change_of(booking.id, 1, starts_at=tomorrow(13), ends_at=tomorrow(14), title="New"),
        )
        assert (moved.version, moved.period, moved.title) == (2, period(13, 14), "New")
        assert bookings.create(app, call(STRANGER), booking_command(organisation_id="furat"))
        assert stored_events(app)[1] == "bookings.booking.rescheduled"

    def test_a_booking_may_move_onto_its_own_time(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command(period=period(10, 12)))
        moved = bookings.change(
            app,
            call(MEMBER),
            change_of(booking.id, 1, starts_at=tomorrow(11), ends_at=tomorrow(13)),
        )
        assert moved.period == period(11, 13)

    def test_onto_a_taken_time_is_refused_and_the_old_one_kept(self, app: App) -> None:
        bookings.create(app, call(STRANGER), booking_command(organisation_id="furat"))
        mine = bookings.create(app, call(MEMBER), booking_command(period=period(13, 14)))
        with pytest.raises(errors.Conflict, match="space_taken"):
            bookings.change(
                app,
                call(MEMBER),
                change_of(mine.id, 1, starts_at=tomorrow(10), ends_at=tomorrow(11)),
            )
        assert app.bookings.get(mine.id) == mine

    def test_a_stale_version_is_refused(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        bookings.change(app, call(MEMBER), change_of(booking.id, 1, title="A"))
        with pytest.raises(errors.Stale):
            bookings.change(app, call(MEMBER), change_of(booking.id, 1, title="B"))

    def test_a_change_of_nothing_is_no_new_version(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        same = bookings.change(app, call(MEMBER), change_of(booking.id, 1, title="Planning"))
        assert same == booking
        assert len(stored_events(app)) == 1

    def test_racing_changes_lose_none(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        done: list[bool] = []

        def retitle(number: int) -> None:
            while True:
                now = bookings.get(app, call(MEMBER), booking.id)
                try:
                    bookings.change(
                        app, call(MEMBER), change_of(booking.id, now.version, title=f"T{number}")
                    )
                except errors.Stale:
                    continue
                done.append(True)
                return

        together(*[partial(retitle, number) for number in range(6)])
        after = app.bookings.get(booking.id)
        assert after.version == 7
        assert [entry.version for entry in after.history] == [1, 2, 3, 4, 5, 6, 7]

    def test_its_people_change_it_so_often_and_no_more(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        change = partial(change_of, booking.id, title="Other")
        changed_so_often(app, booking, rules.MOST_VERSIONS - 1)
        last = bookings.change(app, call(MEMBER), change(version=rules.MOST_VERSIONS - 1))
        again = (
            change_of(booking.id, last.version, title="One more"),
            change_of(booking.id, last.version, starts_at=tomorrow(13), ends_at=tomorrow(14)),
        )
        for command in again:
            for who in (MEMBER, REPRESENTATIVE):
                with pytest.raises(errors.Conflict, match="too_many_changes") as refusal:
                    bookings.change(app, call(who), command)
                assert refusal.value.params == {"most": rules.MOST_VERSIONS}
        assert app.bookings.get(booking.id) == last
        helped = bookings.change(app, call(RAQQA_DESK), again[1])
        changed_so_often(app, booking, rules.MOST_VERSIONS_FOR_STAFF)
        for who in (RAQQA_DESK, MANAGER):
            with pytest.raises(errors.Conflict, match="too_many_changes"):
                bookings.change(
                    app, call(who), change_of(booking.id, rules.MOST_VERSIONS_FOR_STAFF, people=3)
                )
        assert helped.status is Status.CONFIRMED

    def test_what_happens_to_it_once_still_does(self, app: App) -> None:
        called_off = bookings.create(app, call(MEMBER), booking_command())
        attended = bookings.create(app, call(MEMBER), booking_command(period=period(11, 12)))
        most = rules.MOST_VERSIONS_FOR_STAFF
        for booking in (called_off, attended):
            changed_so_often(app, booking, most)
        bookings.cancel(app, call(MEMBER), CancelBooking(called_off.id, most, None))
        now_is(app, tomorrow(11))
        there = check_in.check_in(app, call(RAQQA_DESK), CheckIn(attended.id, most))
        with pytest.raises(errors.Conflict, match="too_many_changes"):
            invitations.count_heads(
                app, call(RAQQA_DESK), CountHeads(there.id, there.version, 1, 1)
            )
        now_is(app, tomorrow(12))
        work(app)
        assert app.bookings.get(attended.id).status is Status.COMPLETED

    def test_history_says_who_what_and_from_what_to_what(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        bookings.change(app, call(REPRESENTATIVE), change_of(booking.id, 1, title="New"))
        bookings.cancel(app, call(RAQQA_DESK), CancelBooking(booking.id, 2, "Power cut"))
        entries = bookings.history(app, call(MEMBER), booking.id)
        assert [(e.action, e.by) for e in entries] == [
            ("create", "omar"),
            ("change", "rana"),
            ("cancel", "desk"),
        ]
        assert entries[1].changes == {"title": ("Planning", "New")}
        assert entries[2].reason == "Power cut"


class TestCancel:
    def test_its_time_is_free_at_once(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        cancelled = bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, "Ill"))
        assert (cancelled.status, cancelled.claim) == (Status.CANCELLED, None)
        assert bookings.create(app, call(MEMBER), booking_command())

    def test_twice_is_refused(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 2, None))

    def test_after_the_end_is_refused(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        with pytest.raises(errors.Conflict, match="in_the_past"):
            bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))


class TestWhoMay:
    @pytest.mark.parametrize(
        ("caller", "sees", "changes"),
        [
            (MANAGER, True, True),
            (RAQQA_DESK, True, True),
            (TABQA_DESK, False, False),
            (REPRESENTATIVE, True, True),
            (MEMBER, True, True),
            (OTHER_MEMBER, True, False),
            (STRANGER, False, False),
            (VISITOR, False, False),
        ],
    )
    def test_table(self, app: App, caller: Caller, sees: bool, changes: bool) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        if sees:
            assert bookings.get(app, call(caller), booking.id) == replace(
                booking, claim=None, history=()
            )
        else:
            with pytest.raises(errors.NotFound):
                bookings.get(app, call(caller), booking.id)
        command = CancelBooking(booking.id, 1, None)
        if changes:
            bookings.cancel(app, call(caller), command)
        else:
            with pytest.raises(errors.Forbidden if sees else errors.NotFound):
                bookings.cancel(app, call(caller), command)

    def test_a_list_holds_only_what_the_caller_may_see(self, app: App) -> None:
        mine = bookings.create(app, call(MEMBER), booking_command())
        bookings.create(
            app, call(STRANGER), booking_command(organisation_id="furat", period=period(12, 13))
        )
        everything = ListBookings({}, 20, None)
        assert [b.id for b in bookings.find(app, call(MEMBER), everything)] == [mine.id]
        assert len(bookings.find(app, call(MANAGER), everything)) == 2
        assert len(bookings.find(app, call(RAQQA_DESK), everything)) == 2
        assert bookings.find(app, call(TABQA_DESK), everything) == []
        with pytest.raises(errors.Unauthenticated):
            bookings.find(app, call(VISITOR), everything)

    def test_a_list_may_be_of_several_statuses(self, app: App) -> None:
        kept = bookings.create(app, call(MEMBER), booking_command())
        gone = bookings.create(app, call(MEMBER), booking_command(period=period(12, 13)))
        bookings.cancel(app, call(MEMBER), CancelBooking(gone.id, 1, None))
        for statuses, wanted in (
            ([kept.status, "checked_in"], [kept.id]),
            (["cancelled", kept.status], [kept.id, gone.id]),
            (None, [kept.id, gone.id]),
            ([], []),
        ):
            asked_for = list_bookings({"limit": 20, "statuses": statuses})
            assert [b.id for b in bookings.find(app, call(MEMBER), asked_for)] == wanted

    def test_a_managers_list_of_everything_reads_a_page_and_no_more(self, app: App) -> None:
        for hour in range(9, 16):
            bookings.create(app, call(MEMBER), booking_command(period=period(hour, hour + 1)))
        database = app.database.collection("bookings").database
        database.command("profile", 2)
        page = bookings.find(app, call(MANAGER), ListBookings({}, 2, (tomorrow(10), "")))
        database.command("profile", 0)
        assert [each.period for each in page] == [period(hour, hour + 1) for hour in (10, 11, 12)]
        (asked,) = database["system.profile"].find({"command.find": "bookings"})
        assert asked["planSummary"] == "IXSCAN { starts_at: 1, _id: 1 }"
        assert asked["docsExamined"] == 3
        assert "hasSortStage" not in asked

    def test_pages_follow_each_other_without_gap_or_double(self, app: App) -> None:
        made = [
            bookings.create(app, call(MEMBER), booking_command(period=period(h, h + 1))).id
            for h in (9, 10, 11, 12, 13)
        ]
        seen: list[str] = []
        after = None
        while True:
            page = bookings.find(app, call(MEMBER), ListBookings({}, 2, after))
            seen += [b.id for b in page[:2]]
            if len(page) < 3:
                break
            after = (page[1].period.starts_at, page[1].id)
        assert seen == made


class TestHours:
    def test_only_a_manager_sets_them(self, app: App) -> None:
        command = SetHours("raqqa", 1, WeeklyHours.parse({"friday": [["10:00", "12:00"]]}))
        with pytest.raises(errors.Forbidden):
            set_hours(app, call(RAQQA_DESK), command)
        assert set_hours(app, call(MANAGER), command).version == 2
        assert stored_events(app) == ["bookings.centre.hours_changed"]
        with pytest.raises(errors.Conflict, match="outside_hours"):
            bookings.create(app, call(MEMBER), booking_command())

    def test_a_stale_version_is_refused(self, app: App) -> None:
        hours = WeeklyHours.parse(WORKING_WEEK)
        with pytest.raises(errors.Stale):
            set_hours(app, call(MANAGER), SetHours("raqqa", 9, hours))


class TestAvailability:
    def find(self, app: App, **values: object) -> dict[str, list[Period]]:
        query = FindAvailability(
            **{  # type: ignore[arg-type]
                "centre_id": "raqqa",
                "space_id": None,
                "period": Period(tomorrow(0), tomorrow(24)),
                "duration_minutes": 15,
                "minimum_capacity": None,
                **values,
            }
        )
        return {space.id: free for space, free in availability.find(app, query)}

    def test_it_sees_every_acknowledged_booking(self, app: App) -> None:
        assert self.find(app)["raqqa-meeting"] == [period(9, 17)]
        bookings.create(app, call(MEMBER), booking_command())
        assert self.find(app)["raqqa-meeting"] == [period(9, 10), period(11, 17)]

    def test_a_booked_part_takes_the_hall(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-hall-a"))
        assert self.find(app)["raqqa-hall"] == [period(9, 10), period(11, 17)]

    def test_gaps_that_are_too_short_are_left_out(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command())
        free = self.find(app, duration_minutes=120)["raqqa-meeting"]
        assert free == [period(11, 17)]

    def test_it_begins_after_now(self, app: App) -> None:
        today = Period(NOW - timedelta(hours=6), NOW + timedelta(hours=18))
        free = self.find(app, period=today)["raqqa-meeting"]
        assert free[0].starts_at == NOW + timedelta(minutes=15)

    def test_a_period_that_is_too_long_is_refused(self, app: App) -> None:
        with pytest.raises(errors.Invalid, match="period_too_long"):
            self.find(app, period=Period(NOW, NOW + timedelta(days=32)))
