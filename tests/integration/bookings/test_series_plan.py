"""A series describes what it is: by property, over every kind of edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.bookings.app import App
from services.bookings.domain.booking_states import Status
from services.bookings.domain.centre import Centre
from services.bookings.domain.series import OnConflict, Schedule, Scope, SeriesStatus
from services.bookings.operations import bookings, series, series_changes
from services.bookings.schemas.bookings import ChangeBooking
from services.bookings.schemas.series import CancelSeries, ChangeSeries
from services.bookings.steps.recurrence import starts_of
from services.common import errors
from services.common.time.opening_hours import Timetable
from services.common.time.period import Period
from services.common.time.wall_clock import repeat_period, to_local_time
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import MEMBER, call, open_centre, space, tomorrow
from tests.support.series import WEEK, cancel, change, in_the_way, made, retry, starts, weekly
from tests.support.stack import Server

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SKIP = OnConflict.SKIP
ALWAYS = WeeklyHours.parse(
    {
        day: [["00:00", "24:00"]]
        for day in (
            *("monday", "tuesday", "wednesday", "thursday"),
            *("friday", "saturday", "sunday"),
        )
    }
)
ZONES = {"damascus": "Asia/Damascus", "berlin": "Europe/Berlin", "lord-howe": "Australia/Lord_Howe"}


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for opened in open_centre(database.uri):
        opened.centres.seed(
            [Centre(id, {"ar": id}, zone, Timetable(ALWAYS)) for id, zone in ZONES.items()],
            [space(f"{id}-room", centre_id=id) for id in ZONES],
        )
        yield opened


def check_describes_itself(app: App, series_id: str) -> Schedule:
    """Rule, count and start agree with the occurrences, and can be sent back."""
    found = series.get(app, call(MEMBER), series_id)
    its = found.series
    if not its.plan:
        assert its.status is SeriesStatus.CANCELLED, "split at its first occurrence"
        assert {each.status for each in found.occurrences} <= {Status.CANCELLED}
        return found
    first = to_local_time(its.period.starts_at, its.time_zone)
    walls = starts_of(its.rule, first, its.time_zone)
    planned = repeat_period(its.period, walls, its.time_zone)
    assert sorted(its.plan.values()) == walls
    by_plan = {id: its.planned(id) for id in its.plan}
    assert sorted(p.starts_at for p in by_plan.values() if p) == [p.starts_at for p in planned]
    members = {each.booking_id: each for each in found.occurrences}
    without = {each.id: each for each in its.rejected if each.booking_id is None}
    assert its.plan.keys() <= members.keys() | without.keys()
    for each in found.occurrences:
        if each.status is not Status.CANCELLED:
            assert each.booking_id in its.plan
            waits = any(r.booking_id == each.booking_id for r in its.rejected)
            assert each.period == by_plan[each.booking_id] or "time" in each.differs or waits
    return found


def check_can_be_sent_back(app: App, found: Schedule) -> None:
    its = found.series
    values = {"period": its.period, "rule": its.rule, "space_id": its.space_id}
    again = series.preview(app, call(MEMBER), weekly(**values, on_conflict=SKIP))
    assert again.series.rule == its.rule
    starts_wanted = sorted(
        [each.period.starts_at for each in again.occurrences]
        + [each.period.starts_at for each in again.series.rejected]
    )
    planned = [its.planned(id) for id in its.plan]
    assert starts_wanted == sorted(each.starts_at for each in planned if each)


RULES = [
    "FREQ=WEEKLY;COUNT=5",
    "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;COUNT=5",
    "FREQ=DAILY;COUNT=6",
    "FREQ=DAILY;INTERVAL=3;COUNT=4",
    "FREQ=MONTHLY;COUNT=3",
    "FREQ=MONTHLY;BYDAY=4TU;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=24,30;COUNT=4",
    "FREQ=WEEKLY;UNTIL=20270105",
]
EDITS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["change", "change", "change", "cancel", "retry", "pass"]),
            "scope": st.sampled_from([Scope.THIS, Scope.FOLLOWING, Scope.FOLLOWING, Scope.ALL]),
            "which": st.integers(0, 5),
            "shift": st.sampled_from([0, 15, 60, -60, 90, 24 * 60, -24 * 60, 2 * 24 * 60 + 30]),
            "length": st.sampled_from([None, None, 30, 60, 150]),
            "space": st.sampled_from([None, None, None, *ZONES]),
            "include": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(RULES), st.sampled_from([*ZONES]), st.integers(0, 47), EDITS)
def test_after_every_edit_a_series_describes_what_it_is(
    app: App, rule: str, centre: str, half_hour: int, edits: list[dict[str, Any]]
) -> None:
    for collection in ("bookings", "booking_series"):
        app.database.collection(collection).delete_many({})
    # A Tuesday, some weeks before clocks are changed in Berlin and on Lord Howe.
    at = datetime(2027, 3, 9, tzinfo=UTC) + half_hour * timedelta(minutes=30)
    app.clock.advance(datetime(2027, 2, 1, tzinfo=UTC) - app.clock.now())  # type: ignore[attr-defined]
    rule = rule.replace("4TU", "2TU").replace("24,30", "9,30").replace("20270105", "20270415")
    try:
        found = made(
            app,
            rule=rule,
            space_id=f"{centre}-room",
            period=Period(at, at + HOUR),
            on_conflict=SKIP,
        )
    except errors.Invalid as refusal:
        assert refusal.code == "bookings.series_start_off_rule"
        return
    ids = {found.series.id}
    for edit in edits:
        found = apply(app, found, edit)
        ids.add(found.series.id)
        for series_id in ids:
            each = check_describes_itself(app, series_id)
            if each.series.plan and each.series.period.starts_at > app.clock.now():
                check_can_be_sent_back(app, each)


def apply(app: App, found: Schedule, edit: dict[str, Any]) -> Schedule:
    found = series.get(app, call(MEMBER), found.series.id)
    scope = edit["scope"]
    one = found.occurrences[edit["which"] % len(found.occurrences)]
    if edit["kind"] == "pass":
        app.clock.advance(WEEK + 3 * HOUR)  # type: ignore[attr-defined]
        return found
    try:
        if edit["kind"] == "retry":
            return retry(app, found)
        if edit["kind"] == "cancel":
            return cancel(app, found, scope, booking_id=one.booking_id)
        return change(
            app,
            found,
            scope,
            booking_id=one.booking_id,
            shift=timedelta(minutes=edit["shift"]),
            length=edit["length"] and timedelta(minutes=edit["length"]),
            space_id=edit["space"] and f"{edit['space']}-room",
            include_changed=edit["include"],
            on_conflict=SKIP,
        )
    except errors.MasahaError as refusal:
        assert refusal.code in {
            "bookings.series_over",
            "bookings.series_refused",
            "bookings.not_of_series",
        }
        return found


class TestTheRule:
    def test_a_shift_to_another_weekday_moves_the_weekday(self, app: App) -> None:
        found = change(app, made(app, rule="FREQ=WEEKLY;BYDAY=TU;COUNT=4"), shift=DAY)
        assert found.series.rule == "FREQ=WEEKLY;BYDAY=WE;COUNT=4"

    def test_a_split_shares_out_the_count(self, app: App) -> None:
        found = made(app)
        pivot = found.occurrences[1].booking_id
        after = change(app, found, Scope.FOLLOWING, booking_id=pivot, shift=HOUR)
        assert after.series.rule == "FREQ=WEEKLY;COUNT=3"
        assert after.series.period == Period(tomorrow(11) + WEEK, tomorrow(12) + WEEK)
        earlier = check_describes_itself(app, found.series.id)
        assert (earlier.series.rule, len(earlier.occurrences)) == ("FREQ=WEEKLY;COUNT=1", 1)

    def test_the_following_that_are_called_off_are_of_the_rule_no_more(self, app: App) -> None:
        found = made(app)
        rest = cancel(app, found, Scope.FOLLOWING, booking_id=found.occurrences[2].booking_id)
        assert rest.series.rule == "FREQ=WEEKLY;COUNT=2"

    def test_what_no_rule_gives_is_listed_and_can_be_sent_back(self, app: App) -> None:
        found = made(app)
        app.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
        after = change(app, found, shift=HOUR)
        assert after.series.rule.startswith("RDATE:20261124T100000,")
        listed = "RDATE:20270105T100000,20270107T130000"
        first = datetime(2027, 1, 5, 7, tzinfo=UTC)
        again = made(app, rule=listed, period=Period(first, first + HOUR))
        assert starts(again) == [first, first + 2 * DAY + 3 * HOUR]

    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            ("RDATE:", "series_rule_invalid"),
            ("RDATE:20261124", "series_rule_invalid"),
            ("RDATE:20261124T100000,20261124T100000", "series_rule_invalid"),
            ("RDATE:20261124T100000,20261123T100000", "series_rule_invalid"),
            ("RDATE:20261124T100000,20261124T101000", "off_raster"),
            ("RDATE:20261125T100000", "series_start_off_rule"),
            ("RDATE:20261124T100000,20290101T100000", "series_too_long"),
        ],
    )
    def test_a_list_that_is_none_is_refused(self, app: App, rule: str, code: str) -> None:
        with pytest.raises(errors.Invalid, match=code):
            made(app, rule=rule)


class TestChangedByItself:
    def by_itself(self, app: App, found: Schedule, number: int, **details: Any) -> None:
        booking = app.bookings.get(found.occurrences[number].booking_id)
        starts_at = details.pop("starts_at", None)
        ends_at = details.pop("ends_at", None)
        command = ChangeBooking(booking.id, booking.version, None, starts_at, ends_at, details)
        bookings.change(app, call(MEMBER), command)

    def test_it_keeps_what_was_changed_and_follows_in_the_rest(self, app: App) -> None:
        found = made(app)
        self.by_itself(app, found, 1, title="Guests")
        there = tomorrow(14) + 2 * WEEK
        self.by_itself(app, found, 2, starts_at=there, ends_at=there + HOUR)
        shown = series.get(app, call(MEMBER), found.series.id)
        assert [each.differs for each in shown.occurrences] == [(), ("title",), ("time",), ()]
        after = change(app, shown, shift=HOUR, details={"title": "New", "people": 5})
        titles = [app.bookings.get(each.booking_id).title for each in after.occurrences]
        assert titles == ["New", "Guests", "New", "New"]
        assert starts(after) == [
            tomorrow(11),
            tomorrow(11) + WEEK,
            there,
            tomorrow(11) + 3 * WEEK,
        ]
        assert [each.differs for each in after.occurrences] == [(), ("title",), ("time",), ()]
        asked = change(app, after, shift=HOUR, details={"title": "Newest"}, include_changed=True)
        assert {app.bookings.get(e.booking_id).title for e in asked.occurrences} == {"Newest"}
        assert starts(asked)[2] == there + HOUR

    def test_one_that_lasts_longer_moves_and_still_does(self, app: App) -> None:
        found = made(app)
        self.by_itself(app, found, 1, ends_at=tomorrow(12) + WEEK)
        after = change(app, found, shift=2 * HOUR)
        assert after.occurrences[1].period == Period(tomorrow(12) + WEEK, tomorrow(14) + WEEK)

    def test_one_at_another_time_gets_the_new_length(self, app: App) -> None:
        found = made(app)
        there = tomorrow(14) + WEEK
        self.by_itself(app, found, 1, starts_at=there, ends_at=there + HOUR)
        after = change(app, found, length=2 * HOUR)
        assert after.occurrences[1].period == Period(there, there + 2 * HOUR)

    def test_one_in_another_space_stays_there(self, app: App) -> None:
        found = made(app)
        one = found.occurrences[1].booking_id
        found = change(app, found, Scope.THIS, booking_id=one, space_id="raqqa-hall")
        after = change(app, found, space_id="raqqa-training")
        assert [each.space_id for each in after.occurrences] == [
            "raqqa-training",
            "raqqa-hall",
            "raqqa-training",
            "raqqa-training",
        ]


class TestADryRunOfAChange:
    def preview(self, app: App, found: Schedule, scope: Scope, **values: Any) -> Schedule:
        command = ChangeSeries(
            **{
                "id": found.series.id,
                "expected_version": found.series.version,
                "scope": scope,
                "booking_id": None,
                "shift": timedelta(0),
                "length": None,
                "space_id": None,
                "details": {},
                "on_conflict": OnConflict.REFUSE,
                **values,
            }
        )
        return series_changes.preview_change(app, call(MEMBER), command)

    @pytest.mark.parametrize("scope", list(Scope))
    def test_it_says_what_the_change_then_does_and_writes_nothing(
        self, app: App, scope: Scope
    ) -> None:
        found = made(app)
        pivot = found.occurrences[1].booking_id
        values = {"booking_id": pivot, "shift": HOUR, "details": {"title": "New"}}
        said = self.preview(app, found, scope, **values)
        assert series.get(app, call(MEMBER), found.series.id) == found
        done = change(app, found, scope, **values)
        assert said.occurrences == done.occurrences
        assert said.series.rule == done.series.rule

    def test_what_could_not_be_had_is_said_instead_of_refused(self, app: App) -> None:
        found = made(app)
        in_the_way(app, 1, space_id="raqqa-training")
        said = self.preview(app, found, Scope.ALL, space_id="raqqa-training")
        (rejected,) = said.series.rejected
        assert (rejected.code, rejected.booking_id) == (
            "bookings.space_taken",
            found.occurrences[1].booking_id,
        )
        assert series.get(app, call(MEMBER), found.series.id) == found

    def test_calling_off_is_rehearsed_too(self, app: App) -> None:
        found = made(app)
        pivot = found.occurrences[1].booking_id
        command = CancelSeries(found.series.id, 1, Scope.FOLLOWING, pivot, None)
        said = series_changes.preview_cancel(app, call(MEMBER), command)
        assert series.get(app, call(MEMBER), found.series.id) == found
        done = cancel(app, found, Scope.FOLLOWING, booking_id=pivot)
        assert said.occurrences == done.occurrences
        assert said.series.rule == done.series.rule == "FREQ=WEEKLY;COUNT=1"

    def test_a_stale_version_is_refused(self, app: App) -> None:
        found = made(app)
        with pytest.raises(errors.Stale):
            self.preview(app, found, Scope.ALL, expected_version=9, shift=HOUR)
