"""Series on the real database: all or nothing, what can be had, and changed together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Limits
from services.bookings.domain.centre import Centre
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.series import OnConflict, Schedule, Scope, SeriesStatus
from services.bookings.operations import bookings, series, series_changes
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.series import (
    CancelSeries,
    ListSeries,
    RetrySeries,
)
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.time.opening_hours import Season, Timetable
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.common.time.weeks import week_of
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
    open_centre,
    period,
    space,
    tomorrow,
)
from tests.support.racing import contend, together
from tests.support.series import (
    WEEK,
    cancel,
    change,
    events,
    in_the_way,
    made,
    news,
    overlaps,
    pending_counts,
    retry,
    starts,
    stored,
    weekly,
)
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


class TestCreate:
    def test_each_occurrence_is_a_booking_and_the_series_is_told_once(self, app: App) -> None:
        found = made(app)
        assert starts(found) == [tomorrow(10) + n * WEEK for n in range(4)]
        assert {each.status for each in found.occurrences} == {Status.CONFIRMED}
        assert series.get(app, call(MEMBER), found.series.id) == found
        assert events(app) == ["booking.confirmed"] * 4 + ["series.created"]
        row = app.database.collection("outbox").find_one(
            {"event.type": "bookings.booking.confirmed"}
        )
        assert row is not None
        data = row["event"]["data"]
        assert (data["series_id"], data["part_of"]) == (found.series.id, found.series.id)

    def test_one_that_cannot_be_had_refuses_all(self, app: App) -> None:
        in_the_way(app, 2)
        with pytest.raises(errors.Conflict) as refusal:
            made(app)
        assert refusal.value.code == "bookings.series_refused"
        assert refusal.value.params == {"count": 1}
        (rejected,) = refusal.value.extra["rejected"]
        assert rejected["code"] == "bookings.space_taken"
        assert rejected["alternatives"]
        assert (stored(app), stored(app, "booking_series")) == (1, 0)

    def test_or_it_is_skipped_and_kept_with_its_reason(self, app: App) -> None:
        in_the_way(app, 2)
        found = made(app, on_conflict=OnConflict.SKIP)
        assert starts(found) == [tomorrow(10) + n * WEEK for n in (0, 1, 3)]
        (rejected,) = found.series.rejected
        assert (rejected.code, rejected.booking_id) == ("bookings.space_taken", None)
        assert rejected.period.starts_at == tomorrow(10) + 2 * WEEK

    def test_a_series_of_nothing_is_refused(self, app: App) -> None:
        with pytest.raises(errors.Conflict, match="series_refused"):
            made(app, period=period(18, 19), on_conflict=OnConflict.SKIP)
        assert stored(app, "booking_series") == 0

    def test_a_dry_run_says_the_same_and_writes_nothing(self, app: App) -> None:
        in_the_way(app, 1)
        before = events(app)
        found = series.preview(app, call(MEMBER), weekly())
        assert starts(found) == [tomorrow(10) + n * WEEK for n in (0, 2, 3)]
        assert [each.code for each in found.series.rejected] == ["bookings.space_taken"]
        assert found.series.rejected[0].alternatives
        assert (stored(app), stored(app, "booking_series")) == (1, 0)
        assert events(app) == before
        assert starts(made(app, on_conflict=OnConflict.SKIP)) == starts(found)

    def test_the_same_key_gives_the_same_series_again(self, app: App) -> None:
        first = series.create(app, call(MEMBER, "k"), weekly())
        cancel(app, first)
        again = series.create(app, call(MEMBER, "k"), weekly())
        assert again == first
        assert stored(app) == 4
        with pytest.raises(errors.KeyReused):
            series.create(app, call(MEMBER, "k"), weekly(title="Other"))
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_organisation"):
            series.create(app, call(replace(MEMBER, organisations={}), "k"), weekly())

    def test_a_hundred_occurrences_are_one_transaction_in_time(self, app: App) -> None:
        begun = time.monotonic()
        found = made(
            app, rule="FREQ=DAILY;BYDAY=SU,MO,TU,WE,TH;COUNT=100", on_conflict=OnConflict.REFUSE
        )
        assert len(found.occurrences) == 100
        assert time.monotonic() - begun < 4
        assert len(cancel(app, found).occurrences) == 100
        assert overlaps(app) == 0

    def test_a_budget_counts_every_occurrence(self, app: App) -> None:
        app = replace(app, weekly_limits=Limits(hours=40, bookings=2))
        daily = {"rule": "FREQ=DAILY;BYDAY=SU,MO,TU,WE,TH;COUNT=8"}
        found = made(app, **daily, on_conflict=OnConflict.SKIP)
        # Tuesday, Wednesday | Sunday, Monday of the next week | …
        assert {each.code for each in found.series.rejected} == {"bookings.budget_exceeded"}
        weeks: dict[str, int] = {}
        for each in found.occurrences:
            key = week_of(each.period.starts_at, "Asia/Damascus")
            weeks[key] = weeks.get(key, 0) + 1
        assert set(weeks.values()) == {2}
        with pytest.raises(errors.Conflict, match="series_refused"):
            made(app, **daily, space_id="raqqa-training")

    def test_each_occurrence_has_the_equipment_or_is_rejected(self, app: App) -> None:
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 1)])
        needs = (Need("projector", 1),)
        in_the_way(app, 1, space_id="raqqa-training", equipment=needs)
        found = made(app, equipment=needs, on_conflict=OnConflict.SKIP)
        assert starts(found) == [tomorrow(10) + n * WEEK for n in (0, 2, 3)]
        assert [each.code for each in found.series.rejected] == ["bookings.equipment_taken"]
        moved = change(app, found, shift=timedelta(hours=1))
        bookings_ = [app.bookings.get(each.booking_id) for each in moved.occurrences]
        assert [len(each.claim.units) for each in bookings_ if each.claim] == [1, 1, 1]
        with pytest.raises(errors.Invalid, match="unknown_equipment"):
            made(app, equipment=(Need("trumpet", 1),))

    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            ("FREQ=WEEKLY", "bookings.series_without_end"),
            ("FREQ=DAILY;COUNT=101", "bookings.series_too_long"),
            ("FREQ=DAILY;COUNT=100000", "bookings.series_too_long"),
            ("FREQ=DAILY;UNTIL=20290101", "bookings.series_too_long"),
            ("FREQ=YEARLY;COUNT=50", "bookings.series_too_long"),
            ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "bookings.series_too_long"),
            ("FREQ=HOURLY;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=SECONDLY;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;BYHOUR=9,10;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;INTERVAL=0;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=0", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=-1", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=3;COUNT=4", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=3;UNTIL=20261224", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;UNTIL=20261399", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;UNTIL=20200101", "bookings.series_rule_invalid"),
            ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=WEEKLY;BYEASTER=1;COUNT=3", "bookings.series_rule_invalid"),
            ("DTSTART:20261124T100000\nFREQ=DAILY;COUNT=3", "bookings.series_rule_invalid"),
            ("DTSTART=20261124T100000;FREQ=DAILY;COUNT=3", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=3\nEXDATE:20261125", "bookings.series_rule_invalid"),
            ("FREQ=DAILY;COUNT=٣", "bookings.series_rule_invalid"),
            ("every day", "bookings.series_rule_invalid"),
            ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "bookings.series_start_off_rule"),
        ],
    )
    def test_a_rule_that_is_none_is_refused(self, app: App, rule: str, code: str) -> None:
        begun = time.monotonic()
        with pytest.raises(errors.Invalid) as refusal:
            made(app, rule=rule)
        assert refusal.value.code == code
        assert time.monotonic() - begun < 1
        assert stored(app) == 0

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"space_id": "nowhere"}, "bookings.unknown_space"),
            ({"organisation_id": "furat"}, "bookings.not_of_organisation"),
            ({"period": period(11, 10)}, "bookings.end_before_start"),
            ({"people": 13}, "bookings.series_refused"),
            ({"period": Period(NOW, NOW + timedelta(hours=1))}, "bookings.in_the_past"),
            (
                {
                    "period": Period(
                        datetime(9999, 12, 31, 22, tzinfo=UTC),
                        datetime(9999, 12, 31, 23, tzinfo=UTC),
                    )
                },
                "bookings.too_far_ahead",
            ),
        ],
    )
    def test_what_breaks_a_rule_of_bookings_is_refused(
        self, app: App, values: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(errors.MasahaError) as refusal:
            made(app, **values)
        assert refusal.value.code == code
        assert stored(app) == 0

    def test_a_space_that_needs_approval_is_asked_for(self, app: App) -> None:
        app.centres.seed([], [space("raqqa-formal", needs_approval=True)])
        found = made(app, space_id="raqqa-formal")
        assert {each.status for each in found.occurrences} == {Status.PENDING}
        assert pending_counts(app) == [4]

    def test_the_news_of_a_series_counts_the_occurrences_that_wait_for_approval(
        self, app: App
    ) -> None:
        app.centres.seed([], [space("raqqa-formal", needs_approval=True)])
        found = made(app)
        one = found.occurrences[1].booking_id
        found = change(app, found, scope=Scope.THIS, booking_id=one, space_id="raqqa-formal")
        found = change(app, found, space_id="raqqa-formal", include_changed=True)
        cancel(app, found)
        assert pending_counts(app) == [0, 1, 3, 0]


class TestTheClockOnTheWall:
    def test_an_occurrence_keeps_its_hour_when_the_clock_changes(self, app: App) -> None:
        berlin = Centre(
            "berlin",
            {"ar": "برلين"},
            "Europe/Berlin",
            Timetable(WeeklyHours.parse(WORKING_WEEK)),
        )
        app.centres.seed([berlin], [space("berlin-room", centre_id="berlin")])
        app.clock.advance(datetime(2027, 3, 1, 6, tzinfo=UTC) - NOW)  # type: ignore[attr-defined]
        first = Period(datetime(2027, 3, 15, 9, tzinfo=UTC), datetime(2027, 3, 15, 10, tzinfo=UTC))
        found = made(app, space_id="berlin-room", period=first)
        walls = [at.astimezone(ZoneInfo("Europe/Berlin")).hour for at in starts(found)]
        assert walls == [10, 10, 10, 10]
        assert [at.hour for at in starts(found)] == [9, 9, 8, 8]
        moved = change(app, found, shift=timedelta(hours=2))
        assert [at.hour for at in starts(moved)] == [11, 11, 10, 10]

    def test_hours_of_a_season_reject_only_its_own_occurrences(self, app: App) -> None:
        centre = app.centres.centre("raqqa")
        second = (tomorrow(10) + WEEK).date()
        short = Season(
            {"ar": "رمضان"},
            second,
            second + timedelta(days=6),
            WeeklyHours.parse({"tuesday": [["11:00", "14:00"]]}),
        )
        timetable = replace(centre.timetable, seasons=(short,))
        changed = centre.opened_at(timetable, centre.time_zone)
        app.database.transact(lambda s: app.centres.save_centre(s, changed, centre.version))
        found = made(app, on_conflict=OnConflict.SKIP)
        assert starts(found) == [tomorrow(10) + n * WEEK for n in (0, 2, 3)]
        assert [each.code for each in found.series.rejected] == ["bookings.outside_hours"]


class TestRetry:
    def test_what_has_become_free_is_booked(self, app: App) -> None:
        blocker, other = in_the_way(app, 1), in_the_way(app, 2)
        found = made(app, on_conflict=OnConflict.SKIP)
        assert retry(app, found) == found
        bookings.cancel(app, call(STRANGER), CancelBooking(blocker.id, 1, None))
        again = retry(app, found)
        assert starts(again) == [tomorrow(10) + n * WEEK for n in (0, 1, 3)]
        assert [each.period for each in again.series.rejected] == [other.period]
        assert again.series.version == 2
        assert events(app)[-1] == "series.changed"

    def test_a_stale_version_is_refused(self, app: App) -> None:
        found = made(app)
        with pytest.raises(errors.Stale):
            series_changes.retry(app, call(MEMBER), RetrySeries(found.series.id, 9))


class TestChange:
    def test_all_move_together_also_onto_each_others_times(self, app: App) -> None:
        found = made(app, rule="FREQ=DAILY;COUNT=3")
        later = change(app, found, shift=timedelta(hours=1))
        assert starts(later) == [at + timedelta(hours=1) for at in starts(found)]
        assert later.series.period.starts_at == tomorrow(11)
        earlier = change(app, later, shift=timedelta(hours=-1), length=timedelta(hours=2))
        assert earlier.occurrences[0].period == period(10, 12)
        assert change(app, earlier) == earlier

    def test_a_daily_series_moves_by_a_day(self, app: App) -> None:
        found = made(
            app,
            period=Period(
                tomorrow(10) + 5 * WEEK - timedelta(days=2),
                tomorrow(11) + 5 * WEEK - timedelta(days=2),
            ),
            rule="FREQ=DAILY;COUNT=4",
        )
        later = change(app, found, shift=timedelta(days=1))
        assert starts(later) == [at + timedelta(days=1) for at in starts(found)]
        assert starts(change(app, later, shift=timedelta(days=-1))) == starts(found)
        assert overlaps(app) == 0

    def test_one_in_the_way_refuses_all_or_stays_where_it_was(self, app: App) -> None:
        found = made(app)
        blocker = bookings.create(
            app,
            call(STRANGER),
            booking_command(
                organisation_id="furat",
                period=Period(tomorrow(12) + WEEK, tomorrow(13) + WEEK),
            ),
        )
        with pytest.raises(errors.Conflict, match="series_refused"):
            change(app, found, shift=timedelta(hours=2))
        assert series.get(app, call(MEMBER), found.series.id) == found
        skipped = change(app, found, shift=timedelta(hours=2), on_conflict=OnConflict.SKIP)
        hours = [at - tomorrow(0) - n * WEEK for n, at in enumerate(starts(skipped))]
        assert hours == [timedelta(hours=h) for h in (12, 10, 12, 12)]
        (rejected,) = skipped.series.rejected
        assert rejected.booking_id == found.occurrences[1].booking_id
        bookings.cancel(app, call(STRANGER), CancelBooking(blocker.id, 1, None))
        again = retry(app, skipped)
        assert again.series.rejected == ()
        assert starts(again) == [at + timedelta(hours=2) for at in starts(found)]
        assert again.occurrences[1].booking_id == found.occurrences[1].booking_id

    def test_this_one_alone_is_told_by_its_own_event(self, app: App) -> None:
        found = made(app)
        this = found.occurrences[1].booking_id
        after = change(app, found, Scope.THIS, booking_id=this, details={"title": "Special"})
        titles = [app.bookings.get(each.booking_id).title for each in after.occurrences]
        assert titles == ["Weekly", "Special", "Weekly", "Weekly"]
        assert events(app)[-2:] == ["booking.changed", "series.changed"]
        rows = [r["event"]["data"] for r in app.database.collection("outbox").find().sort("_id", 1)]
        assert "part_of" not in rows[-2]
        assert rows[-1]["part_of"] == this

    def test_the_following_become_a_series_of_their_own(self, app: App) -> None:
        found = made(app)
        pivot = found.occurrences[2].booking_id
        after = change(
            app,
            found,
            Scope.FOLLOWING,
            booking_id=pivot,
            space_id="raqqa-training",
            details={"title": "Larger"},
        )
        assert after.series.follows == found.series.id
        assert (after.series.version, after.series.title) == (1, "Larger")
        assert [each.space_id for each in after.occurrences] == ["raqqa-training"] * 2
        earlier = series.get(app, call(MEMBER), found.series.id)
        assert starts(earlier) == starts(found)[:2]
        assert earlier.series.version == 2
        assert events(app)[-4:] == ["booking.rescheduled"] * 2 + [
            "series.changed",
            "series.created",
        ]

    def test_one_that_may_change_no_more_stays_and_goes_with_the_following(self, app: App) -> None:
        found = made(app)
        pivot, worn = (app.bookings.get(each.booking_id) for each in found.occurrences[1:3])
        changed_so_often(app, worn, rules.MOST_VERSIONS)
        with pytest.raises(errors.Conflict, match="series_refused") as refusal:
            change(app, found, Scope.FOLLOWING, booking_id=pivot.id, details={"title": "New"})
        (named,) = refusal.value.extra["rejected"]
        assert (named["code"], named["booking_id"]) == ("bookings.too_many_changes", worn.id)
        after = change(
            app,
            found,
            Scope.FOLLOWING,
            booking_id=pivot.id,
            shift=timedelta(hours=1),
            on_conflict=OnConflict.SKIP,
        )
        assert [b - a for a, b in zip(starts(found)[1:], starts(after), strict=True)] == [
            timedelta(hours=1),
            timedelta(0),
            timedelta(hours=1),
        ]
        (rejected,) = after.series.rejected
        assert (rejected.code, rejected.booking_id) == ("bookings.too_many_changes", worn.id)
        assert retry(app, after) == after

    def test_what_has_begun_stays(self, app: App) -> None:
        found = made(app)
        app.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
        after = change(app, found, shift=timedelta(hours=1))
        assert [b - a for a, b in zip(starts(found), starts(after), strict=True)] == [
            timedelta(0),
            timedelta(0) if starts(found)[1] <= app.clock.now() else timedelta(hours=1),
            timedelta(hours=1),
            timedelta(hours=1),
        ]

    @pytest.mark.parametrize("scope", [Scope.THIS, Scope.FOLLOWING])
    def test_a_booking_of_something_else_is_refused(self, app: App, scope: Scope) -> None:
        found, other = made(app), in_the_way(app, 9)
        for booking_id in (None, other.id, "nobody"):
            with pytest.raises(errors.Invalid, match="not_of_series"):
                change(app, found, scope, booking_id=booking_id, details={"title": "X"})

    def test_a_shift_off_the_raster_is_refused(self, app: App) -> None:
        found = made(app)
        with pytest.raises(errors.Invalid, match="off_raster"):
            change(app, found, shift=timedelta(minutes=10))

    def test_a_stale_version_is_refused(self, app: App) -> None:
        found = made(app)
        change(app, found, details={"title": "New"})
        with pytest.raises(errors.Stale):
            change(app, found, details={"title": "Newer"})


class TestCancel:
    def test_all_end_and_their_time_is_free(self, app: App) -> None:
        found = made(app)
        after = cancel(app, found, reason="Over")
        assert after.series.status is SeriesStatus.CANCELLED
        assert {each.status for each in after.occurrences} == {Status.CANCELLED}
        assert events(app)[-5:] == ["booking.cancelled"] * 4 + ["series.cancelled"]
        assert len(made(app, STRANGER, organisation_id="furat").occurrences) == 4
        for again in (cancel, change, retry):
            with pytest.raises(errors.Conflict, match="series_over"):
                again(app, after)

    def test_this_and_the_following(self, app: App) -> None:
        found = made(app)
        one = cancel(app, found, Scope.THIS, booking_id=found.occurrences[0].booking_id)
        rest = cancel(app, one, Scope.FOLLOWING, booking_id=found.occurrences[2].booking_id)
        assert [each.status for each in rest.occurrences] == [
            Status.CANCELLED,
            Status.CONFIRMED,
            Status.CANCELLED,
            Status.CANCELLED,
        ]
        assert rest.series.status is SeriesStatus.ACTIVE


class TestWhatIsTold:
    """Of how many occurrences, whether these are all, and whether people get a message about it."""

    def test_of_all_where_all_change_or_end(self, app: App) -> None:
        found = change(app, made(app), shift=timedelta(hours=1))
        cancel(app, found)
        assert news(app) == [(4, True, True)] * 3

    def test_of_a_part_where_more_can_be_had_than_before(self, app: App) -> None:
        blocker = in_the_way(app, 1)
        found = made(app, on_conflict=OnConflict.SKIP)
        bookings.cancel(app, call(STRANGER), CancelBooking(blocker.id, 1, None))
        retry(app, found)
        assert news(app) == [(3, True, True), (1, False, True)]

    def test_of_a_part_where_one_stays_as_it_was(self, app: App) -> None:
        found = made(app)
        when = Period(tomorrow(12) + WEEK, tomorrow(13) + WEEK)
        bookings.create(app, call(STRANGER), booking_command(organisation_id="furat", period=when))
        found = change(app, found, shift=timedelta(hours=2), on_conflict=OnConflict.SKIP)
        cancel(app, found)
        assert news(app) == [(4, True, True), (3, False, True), (4, True, True)]

    def test_of_all_that_are_still_to_come(self, app: App) -> None:
        found = made(app)
        app.clock.advance(timedelta(days=1, hours=6))  # type: ignore[attr-defined]
        found = change(app, found, shift=timedelta(hours=1))
        rest = found.occurrences[2].booking_id
        found = cancel(app, found, Scope.FOLLOWING, booking_id=rest)
        change(app, found, details={"title": "New"})
        cancel(app, series.get(app, call(MEMBER), found.series.id))
        assert news(app)[1:3] == [(3, True, True), (2, False, True)]
        assert news(app)[3:] == [(1, True, True)] * 2

    def test_a_split_by_the_series_that_it_makes(self, app: App) -> None:
        found = made(app)
        pivot = found.occurrences[1].booking_id
        after = change(app, found, Scope.FOLLOWING, booking_id=pivot, details={"title": "Larger"})
        assert news(app)[1:] == [(3, False, False), (3, True, True)]
        rows = list(app.database.collection("outbox").find().sort("_id", 1))[-5:]
        *changes, of_earlier, of_new = [row["event"]["data"] for row in rows]
        assert {each["part_of"] for each in (*changes, of_earlier)} == {after.series.id}
        assert of_new["follows"] == found.series.id

    def test_a_split_at_the_first_speaks_of_all_that_there_was(self, app: App) -> None:
        found = made(app)
        first = found.occurrences[0].booking_id
        change(app, found, Scope.FOLLOWING, booking_id=first, details={"title": "Larger"})
        assert news(app)[1:] == [(4, True, False), (4, True, True)]

    def test_one_alone_is_told_by_itself_and_not_for_the_series(self, app: App) -> None:
        found = made(app, rule="FREQ=WEEKLY;COUNT=1")
        this = found.occurrences[0].booking_id
        change(app, found, Scope.THIS, booking_id=this, details={"title": "New"})
        assert news(app) == [(1, True, True), (1, False, False)]


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
        found = made(app, rule="FREQ=WEEKLY;COUNT=2")
        if sees:
            assert series.get(app, call(caller), found.series.id) == found
        else:
            with pytest.raises(errors.NotFound):
                series.get(app, call(caller), found.series.id)
        identity = (found.series.id, 1)
        refused = errors.Forbidden if sees else errors.NotFound
        actions: list[Callable[[], object]] = [
            lambda: series_changes.retry(app, call(caller), RetrySeries(*identity)),
            lambda: series_changes.cancel(
                app, call(caller), CancelSeries(*identity, Scope.ALL, None, None)
            ),
        ]
        if not changes:
            actions.append(lambda: change(app, found, caller=caller, details={"title": "X"}))
        for action in actions:
            if changes:
                action()
            else:
                with pytest.raises(refused):
                    action()

    def test_a_list_holds_only_what_the_caller_may_see_the_newest_first(self, app: App) -> None:
        first = made(app)
        second = made(app, period=period(12, 13))
        made(app, STRANGER, organisation_id="furat", period=period(14, 15))
        query = ListSeries({}, 20, None)
        mine = [each.id for each in series.find(app, call(MEMBER), query)]
        assert mine == [second.series.id, first.series.id]
        assert len(series.find(app, call(MANAGER), query)) == 3
        assert series.find(app, call(TABQA_DESK), query) == []
        with pytest.raises(errors.Unauthenticated):
            series.find(app, call(VISITOR), query)

    def test_a_visitor_must_sign_in(self, app: App) -> None:
        with pytest.raises(errors.Unauthenticated):
            made(app, VISITOR)
        with pytest.raises(errors.Unauthenticated):
            series.preview(app, call(VISITOR), weekly())


class TestRaces:
    def test_series_and_single_bookings_share_what_there_is(self, app: App) -> None:
        for round_ in range(3):
            base = Period(tomorrow(10) + round_ * 6 * WEEK, tomorrow(11) + round_ * 6 * WEEK)
            won: list[str] = []

            def book_series(policy: OnConflict, base: Period = base, won: list[str] = won) -> None:
                try:
                    made(app, period=base, on_conflict=policy)
                    won.append("series")
                except errors.Conflict:
                    pass

            def book_one(week: int, base: Period = base, won: list[str] = won) -> None:
                when = Period(base.starts_at + week * WEEK, base.ends_at + week * WEEK)
                try:
                    bookings.create(
                        app,
                        call(STRANGER),
                        booking_command(organisation_id="furat", period=when),
                    )
                    won.append("one")
                except errors.Conflict:
                    pass

            together(
                lambda b=book_series: b(OnConflict.REFUSE),
                lambda b=book_series: b(OnConflict.REFUSE),
                lambda b=book_series: b(OnConflict.SKIP),
                *[lambda b=book_one, week=week: b(week) for week in range(4)],
            )
            assert won
            assert overlaps(app) == 0
            # Every time that was fought for is booked now, or nobody could have had it.
            for week in range(4):
                when = Period(base.starts_at + week * WEEK, base.ends_at + week * WEEK)
                assert app.bookings.taken(["raqqa-meeting"], when)
        claimed = [
            len(each.occurrences) + len(each.series.rejected)
            for found in series.find(app, call(MANAGER), ListSeries({}, 100, None))
            for each in [series.get(app, call(MANAGER), found.id)]
        ]
        assert set(claimed) <= {4}

    def test_equal_requests_that_race_are_one_series(self, app: App) -> None:
        answers = together(*[lambda: series.create(app, call(MEMBER, "k"), weekly())] * 6)
        assert len({each.series.id for each in answers}) == 1
        assert (stored(app), stored(app, "booking_series")) == (4, 1)

    def test_two_series_that_move_onto_the_same_time(self, app: App) -> None:
        first = made(app)
        second = made(app, period=period(14, 15))
        outcomes = contend(
            lambda: change(app, first, shift=timedelta(hours=2)),
            lambda: change(app, second, shift=timedelta(hours=-2)),
        )
        assert {type(each) for each in outcomes} == {Schedule, errors.Conflict}
        assert overlaps(app) == 0
