"""Budgets on the real database: what is counted, what is refused, and what races cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Amount, Grant, Limits
from services.bookings.operations import bookings, budgets
from services.bookings.schemas.budgets import BudgetOfWeek, GrantBudget, SetBudget
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    a_week_later,
    book,
    booking_command,
    call,
    cancel,
    move,
    open_centre,
    period,
)
from tests.support.racing import contend
from tests.support.stack import Server

# The centre's tests begin on Monday, 23 November 2026.
WEEK = "2026-W48"
WEEK_NAMED = {"starts_on": "2026-11-22"}
NEXT_WEEK = "2026-W49"
LIMITS = Limits(hours=6, bookings=4)


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri, LIMITS)


@pytest.fixture(autouse=True)
def _counters_agree_with_the_bookings(app: App) -> Iterator[None]:
    yield
    assert budgets.audit_budgets(app) == []


def used(app: App, week: str = WEEK, organisation_id: str = "amal") -> Amount:
    return app.budgets.week(organisation_id, week).used


def grant(app: App, caller: Caller = MANAGER, **values: object) -> Grant:
    command = GrantBudget(
        **{  # type: ignore[arg-type]
            "organisation_id": "amal",
            "week": WEEK,
            "hours": 0,
            "bookings": 0,
            "reason": "Annual conference",
            **values,
        }
    )
    return budgets.grant(app, call(caller), command)


def limit(
    app: App, hours: int | None, count: int | None, version: int = 1, caller: Caller = MANAGER
) -> None:
    budgets.set_limits(app, call(caller), SetBudget("amal", version, hours, count))


class TestCounting:
    def test_the_organisation_shares_one_budget_and_others_have_their_own(self, app: App) -> None:
        book(app, period=period(9, 11))
        book(app, OTHER_MEMBER, period=period(11, 12))
        book(app, STRANGER, organisation_id="furat", period=period(12, 13))
        assert used(app) == Amount(180, 2)
        assert used(app, organisation_id="furat") == Amount(60, 1)

    def test_hours_that_are_too_many_are_refused_and_it_says_what_is_left(self, app: App) -> None:
        book(app, period=period(9, 14))
        with pytest.raises(errors.Conflict) as refusal:
            book(app, space_id="raqqa-training", period=period(9, 11))
        assert refusal.value.code == "bookings.budget_exceeded"
        assert refusal.value.params == WEEK_NAMED | {"hours_left": 1, "bookings_left": 3}
        assert used(app) == Amount(300, 1)
        assert app.database.collection("bookings").count_documents({}) == 1

    def test_what_fits_exactly_is_taken(self, app: App) -> None:
        book(app, period=period(9, 15))
        assert used(app) == Amount(360, 1)

    def test_too_many_bookings_are_refused(self, app: App) -> None:
        for hour in (9, 10, 11, 12):
            book(app, period=period(hour, hour + 1))
        with pytest.raises(errors.Conflict) as refusal:
            book(app, period=period(13, 14))
        assert refusal.value.params == WEEK_NAMED | {"hours_left": 2, "bookings_left": 0}

    def test_each_week_is_its_own(self, app: App) -> None:
        book(app, period=period(9, 15))
        book(app, period=a_week_later(period(9, 15)))
        assert (used(app), used(app, NEXT_WEEK)) == (Amount(360, 1), Amount(360, 1))

    def test_a_first_booking_that_is_beyond_the_limit_is_refused(self, app: App) -> None:
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, period=period(9, 16))
        assert used(app) == Amount()

    def test_the_same_request_again_counts_once(self, app: App) -> None:
        for _ in range(2):
            bookings.create(app, call(MEMBER, "k"), booking_command())
        assert used(app) == Amount(60, 1)

    def test_a_taken_space_counts_nothing(self, app: App) -> None:
        book(app)
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, OTHER_MEMBER)
        assert used(app) == Amount(60, 1)

    def test_a_cancelled_booking_is_given_back(self, app: App) -> None:
        cancel(app, book(app, period=period(9, 15)))
        assert used(app) == Amount()
        assert book(app, period=period(9, 15))

    def test_without_limits_nothing_is_counted(self, app: App) -> None:
        limit(app, 10_000, 10_000)
        for hour in (9, 10, 11, 12, 13):
            book(app, period=period(hour, hour + 1))
        assert used(app) == Amount()


class TestReschedule:
    def test_a_longer_booking_takes_more_and_a_shorter_one_gives_back(self, app: App) -> None:
        booking = move(app, book(app, period=period(9, 10)), period(9, 14))
        assert used(app) == Amount(300, 1)
        booking = move(app, booking, period(9, 11))
        assert used(app) == Amount(120, 1)

    def test_longer_than_what_is_left_is_refused_and_it_stays_as_it_was(self, app: App) -> None:
        booking = book(app, period=period(9, 10))
        with pytest.raises(errors.Conflict) as refusal:
            move(app, booking, period(9, 16))
        assert refusal.value.params["hours_left"] == 5
        assert app.bookings.get(booking.id) == booking
        assert used(app) == Amount(60, 1)

    def test_into_another_week_it_counts_there(self, app: App) -> None:
        booking = book(app, period=period(9, 12))
        move(app, booking, a_week_later(period(9, 11)))
        assert (used(app), used(app, NEXT_WEEK)) == (Amount(), Amount(120, 1))

    def test_into_a_week_that_is_used_up_is_refused(self, app: App) -> None:
        book(app, period=a_week_later(period(9, 15)))
        booking = book(app, period=period(9, 10))
        with pytest.raises(errors.Conflict) as refusal:
            move(app, booking, a_week_later(period(15, 16)))
        assert refusal.value.extra["week"] == NEXT_WEEK
        assert used(app) == Amount(60, 1)

    def test_it_may_become_shorter_whatever_the_limit_is_by_now(self, app: App) -> None:
        booking = book(app, period=period(9, 14))
        limit(app, 1, 0)
        move(app, booking, period(9, 13))
        assert used(app) == Amount(240, 1)

    def test_what_was_not_counted_when_it_was_made_counts_when_it_moves(self, app: App) -> None:
        limit(app, 10_000, 10_000)
        booking = book(app, period=period(9, 10))
        limit(app, None, None, version=2)
        move(app, booking, period(10, 12))
        assert used(app) == Amount(120, 1)


class TestStaff:
    def test_on_behalf_counts_for_the_organisation(self, app: App) -> None:
        book(app, RAQQA_DESK, period=period(9, 15))
        assert used(app) == Amount(360, 1)
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, RAQQA_DESK, period=period(15, 16))

    def test_a_manager_may_go_beyond_and_it_counts_all_the_same(self, app: App) -> None:
        book(app, period=period(9, 15))
        beyond = book(app, MANAGER, period=period(15, 17), beyond_budget=True)
        assert used(app) == Amount(480, 2)
        moved = move(app, beyond, Period(beyond.period.starts_at, beyond.period.ends_at), MANAGER)
        assert moved == beyond
        cancel(app, beyond, MANAGER)
        assert used(app) == Amount(360, 1)

    @pytest.mark.parametrize("caller", [MEMBER, REPRESENTATIVE, RAQQA_DESK])
    def test_nobody_else_may(self, app: App, caller: Caller) -> None:
        with pytest.raises(errors.Forbidden):
            book(app, caller, beyond_budget=True)
        assert used(app) == Amount()


class TestGrants:
    def test_more_hours_for_one_week(self, app: App) -> None:
        book(app, period=period(9, 15))
        granted = grant(app, hours=2)
        assert book(app, period=period(15, 17))
        assert used(app) == Amount(480, 2)
        standing = budgets.get_week(app, call(MEMBER), BudgetOfWeek("amal", WEEK))
        assert standing.grants == [granted]
        assert standing.use.left(standing.limits) == Amount(0, 2)
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, period=a_week_later(period(9, 16)))

    def test_the_same_key_grants_once(self, app: App) -> None:
        command = GrantBudget("amal", WEEK, 2, 0, "Conference")
        first = budgets.grant(app, call(MANAGER, "k"), command)
        again = budgets.grant(app, call(MANAGER, "k"), command)
        assert again == first
        assert app.budgets.week("amal", WEEK).granted == Amount(120, 0)

    def test_each_grant_is_told_and_raises_the_version(self, app: App) -> None:
        grant(app, hours=1)
        grant(app, bookings=1)
        rows = list(app.database.collection("outbox").find().sort("version", 1))
        assert [row["event"]["type"] for row in rows] == ["bookings.budget.granted"] * 2
        assert [row["version"] for row in rows] == [2, 3]
        assert rows[0]["event"]["data"]["reason"] == "Annual conference"

    def test_grants_that_race_are_all_given(self, app: App) -> None:
        outcomes = contend(*[lambda: grant(app, hours=1, bookings=1) for _ in range(8)])
        assert not [each for each in outcomes if isinstance(each, Exception)]
        assert app.budgets.week("amal", WEEK).granted == Amount(480, 8)

    def test_a_week_that_does_not_exist_is_refused(self, app: App) -> None:
        with pytest.raises(errors.Invalid):
            grant(app, week="2027-W53", hours=1)


class TestLimits:
    def test_an_organisation_may_have_limits_of_its_own(self, app: App) -> None:
        limit(app, 2, None)
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, period=period(9, 12))
        standing = budgets.get(app, call(MEMBER), "amal")
        assert (standing.limits, standing.budget.version) == (Limits(2, 4), 2)
        assert book(app, STRANGER, organisation_id="furat", period=period(9, 12))

    def test_the_same_again_is_no_new_version(self, app: App) -> None:
        limit(app, 2, 2)
        limit(app, 2, 2, version=2)
        assert budgets.get(app, call(MEMBER), "amal").budget.version == 2
        assert app.database.collection("outbox").count_documents({}) == 1

    def test_a_stale_version_is_refused(self, app: App) -> None:
        limit(app, 2, 2)
        with pytest.raises(errors.Stale):
            limit(app, 3, 3, version=1)


class TestWhoMay:
    @pytest.mark.parametrize(
        ("caller", "sees", "sets"),
        [
            (MANAGER, True, True),
            (RAQQA_DESK, True, False),
            (TABQA_DESK, True, False),
            (REPRESENTATIVE, True, False),
            (MEMBER, True, False),
            (STRANGER, False, False),
            (VISITOR, False, False),
        ],
    )
    def test_table(self, app: App, caller: Caller, sees: bool, sets: bool) -> None:
        hidden = errors.Unauthenticated if caller is VISITOR else errors.NotFound
        if sees:
            assert budgets.get(app, call(caller), "amal").limits == LIMITS
            assert budgets.get_week(app, call(caller), BudgetOfWeek("amal", None)).week == WEEK
        else:
            with pytest.raises(hidden):
                budgets.get(app, call(caller), "amal")
            with pytest.raises(hidden):
                budgets.get_week(app, call(caller), BudgetOfWeek("amal", None))
        if sets:
            grant(app, caller, hours=1)
            limit(app, 2, 2, version=2, caller=caller)
        else:
            with pytest.raises(errors.Forbidden if sees else hidden):
                grant(app, caller, hours=1)
            with pytest.raises(errors.Forbidden if sees else hidden):
                limit(app, 2, 2, caller=caller)


class TestRaces:
    """Never more than the limit, and exactly as many as fit."""

    ROOMS = ("raqqa-meeting", "raqqa-training", "raqqa-hall-a", "tabqa-meeting")

    def wishes(self) -> list[dict[str, object]]:
        """Sixteen free hours: four rooms at four times."""
        return [
            {"space_id": room, "period": period(hour, hour + 1)}
            for room in self.ROOMS
            for hour in (9, 11, 13, 15)
        ]

    @pytest.mark.parametrize(
        ("limits", "fit"), [(Limits(40, 4), 4), (Limits(5, 40), 5), (Limits(40, 11), 11)]
    )
    def test_as_many_succeed_as_fit(self, app: App, limits: Limits, fit: int) -> None:
        narrow = replace(app, weekly_limits=limits)
        people = (MEMBER, OTHER_MEMBER, REPRESENTATIVE)
        outcomes = contend(
            *[
                lambda caller=people[number % 3], wish=wish: book(narrow, caller, **wish)
                for number, wish in enumerate(self.wishes())
            ]
        )
        booked = [each for each in outcomes if isinstance(each, Booking)]
        refused = [each for each in outcomes if isinstance(each, errors.MasahaError)]
        assert {each.code for each in refused} == {"bookings.budget_exceeded"}
        assert (len(booked), len(refused)) == (fit, 16 - fit)
        assert used(app) == Amount(60 * fit, fit)

    def test_equal_requests_that_race_count_once(self, app: App) -> None:
        again = call(MEMBER, "k")
        outcomes = contend(
            *[lambda: bookings.create(app, again, booking_command()) for _ in range(8)]
        )
        assert len({each.id for each in outcomes if isinstance(each, Booking)}) == 1
        assert used(app) == Amount(60, 1)

    def test_moves_that_race_stay_within(self, app: App) -> None:
        made = [book(app, space_id=room, period=period(9, 10)) for room in self.ROOMS]
        # Four hours are used and two are left: two of the four can become an hour longer.
        outcomes = contend(*[lambda one=one: move(app, one, period(9, 11)) for one in made])
        moved = [each for each in outcomes if isinstance(each, Booking)]
        assert len(moved) == 2
        assert used(app) == Amount(360, 4)

    def test_cancelling_and_booking_at_once_loses_nothing(self, app: App) -> None:
        wishes = self.wishes()
        made = [book(app, **wish) for wish in wishes[:4]]
        outcomes = contend(
            *[lambda one=one: cancel(app, one) for one in made],
            *[lambda wish=wish: book(app, **wish) for wish in wishes[4:12]],
        )
        cancelled = [b for b in outcomes if isinstance(b, Booking) and b.status is Status.CANCELLED]
        booked = [b for b in outcomes if isinstance(b, Booking) and b.status is Status.CONFIRMED]
        assert len(cancelled) == 4
        assert len(booked) <= 4
        assert used(app) == Amount(60 * len(booked), len(booked))


def test_the_audit_finds_a_counter_that_is_wrong(app: App) -> None:
    book(app)
    weeks = app.database.collection("budget_weeks")
    weeks.update_one({}, {"$inc": {"minutes": 15}})
    (found,) = budgets.audit_budgets(app)
    assert (found.counted, found.booked) == (Amount(75, 1), Amount(60, 1))
    weeks.update_one({}, {"$inc": {"minutes": -15}})
