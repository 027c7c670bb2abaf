"""The report of use on the real database: what is counted, against which hours, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.operations import bookings, check_in, hours, invitations, statistics
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.check_in import CheckIn, CorrectNoShow
from services.bookings.schemas.hours import set_space_hours
from services.bookings.schemas.invitations import CountHeads, Invite, Reply
from services.bookings.schemas.statistics import ReportUtilisation, utilisation
from services.bookings.store.statistics import meetings, sums
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.contracts.bookings.statistics import UtilisationReport
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    booking_command,
    call,
    open_centre,
    period,
    tomorrow,
)
from tests.support.stack import Server

# Tuesday, the day of `tomorrow()`; the centres open from nine to five, Sunday to Thursday.
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def report(
    app: App,
    group_by: str = "centre",
    first: date = TUESDAY,
    last: date = TUESDAY,
    who: Caller = MANAGER,
) -> dict[str, dict[str, Any]]:
    """The rows by key, in wire form, checked with the contract."""
    query = ReportUtilisation(first, last, group_by)
    wire = utilisation(statistics.utilisation(app, call(who), query))
    assert not UtilisationReport().validate(wire)
    return {row["key"]: row for row in wire["items"]}


def book(app: App, from_hour: int, to_hour: int, **values: Any) -> Booking:
    command = booking_command(period=period(from_hour, to_hour), **values)
    return bookings.create(app, call(MANAGER), command)


def at(app: App, hour: int, minute: int = 0) -> None:
    app.clock.advance(tomorrow(hour, minute) - app.clock.now())  # type: ignore[attr-defined]


def come(app: App, booking: Booking) -> Booking:
    return check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking.id, booking.version))


def test_hours_booked_are_held_against_the_hours_of_every_space(app: App) -> None:
    book(app, 10, 12)
    book(app, 12, 13, space_id="raqqa-training")
    row = report(app)["raqqa"]
    # Meeting room, training room, and the part of the hall: eight hours each.
    assert row["hours"] == {"count": 3.0, "of": 24.0, "rate": 0.125}
    assert row["bookings"] == 2
    assert row["name"] == {"ar": "مركز الرقة", "en": "Raqqa centre"}
    assert report(app)["tabqa"]["hours"] == {"count": 0.0, "of": 8.0, "rate": 0.0}


def test_a_hall_counts_as_its_parts(app: App) -> None:
    book(app, 10, 12, space_id="raqqa-hall")
    assert report(app)["raqqa"]["hours"]["count"] == 4.0
    assert report(app, "space")["raqqa-hall"]["hours"] == {"count": 4.0, "of": 16.0, "rate": 0.25}


def test_days_are_those_of_the_centres_clock(app: App) -> None:
    book(app, 10, 12)
    assert report(app, first=TUESDAY - timedelta(days=1), last=TUESDAY - timedelta(days=1))[
        "raqqa"
    ]["hours"] == {"count": 0.0, "of": 24.0, "rate": 0.0}
    friday = date(2026, 11, 27)
    assert report(app, first=friday, last=friday)["raqqa"]["hours"] == {
        "count": 0.0,
        "of": 0.0,
        "rate": None,
    }
    week = report(app, first=date(2026, 11, 22), last=date(2026, 11, 28))["raqqa"]
    assert week["hours"]["of"] == 24.0 * 5


def test_exceptions_and_a_spaces_own_hours_make_less_of_the_day(app: App) -> None:
    hours.set_space_hours(
        app,
        call(MANAGER),
        set_space_hours(
            {
                "id": "raqqa-meeting",
                "expected_version": 1,
                "weekly_hours": {"tuesday": [["09:00", "13:00"]]},
                "exceptions": [{"date": "2026-12-01", "name": {"ar": "عطلة"}, "hours": []}],
            }
        ),
    )
    assert report(app, "space")["raqqa-meeting"]["hours"]["of"] == 4.0
    holiday = date(2026, 12, 1)
    assert report(app, "space", holiday, holiday)["raqqa-meeting"]["hours"]["of"] == 0.0


def test_a_closed_room_could_not_be_used(app: App) -> None:
    app.database.collection("closures").insert_many(
        [
            {
                "_id": number,
                "centre_id": "raqqa",
                "leaves": ["raqqa-meeting"],
                "starts_at": tomorrow(from_hour),
                "ends_at": tomorrow(to_hour),
                "lifted_at": None if lifted is None else tomorrow(lifted),
            }
            # One overlaps the other, one reaches beyond the day, and one was lifted in time.
            for number, (from_hour, to_hour, lifted) in enumerate(
                [(9, 11, None), (10, 12, None), (16, 20, None), (13, 15, 14)]
            )
        ]
    )
    assert report(app, "space")["raqqa-meeting"]["hours"]["of"] == 8.0 - 3 - 1 - 1
    assert report(app)["raqqa"]["hours"]["of"] == 24.0 - 5


def test_rates_come_with_what_they_are_made_of(app: App) -> None:
    kept, lost = book(app, 10, 11), book(app, 12, 13)
    off = book(app, 14, 15)
    bookings.cancel(app, call(MANAGER), CancelBooking(off.id, 1, None))
    at(app, 10)
    come(app, kept)
    at(app, 12, 15)
    app.database.transact(lambda session: check_in.mark_no_show(app, session, lost))
    row = report(app)["raqqa"]
    assert row["no_shows"] == {"count": 1, "of": 2, "rate": 0.5}
    # A day ahead is too late for others to use the time: see domain/timing.py.
    assert row["late_cancellations"]["of"] == 3
    assert row["bookings"] == 1
    assert row["hours"]["count"] == 1.0


def test_joint_meetings_that_took_place_are_counted_with_who_was_there(app: App) -> None:
    joint = {"purpose": "joint_meeting"}
    with_others = book(app, 10, 11, **joint)
    alone = book(app, 10, 11, space_id="raqqa-training", **joint)
    for meeting, answer in ((with_others, "yes"), (alone, "no")):
        asked = invitations.invite(app, call(MANAGER), Invite(meeting.id, "furat", None))
        token = app.links.reply_token(asked.id, asked.nonce)
        invitations.reply(app, call(VISITOR), Reply(token, answer, 1))
    at(app, 10)
    assert report(app)["raqqa"]["inter_organisation_meetings"] == 0
    for meeting in (with_others, alone):
        present = come(app, meeting)
        command = CountHeads(meeting.id, present.version, 3, 2)
        invitations.count_heads(app, call(RAQQA_DESK), command)
    row = report(app, "purpose")["joint_meeting"]
    assert row["inter_organisation_meetings"] == 1
    assert (row["headcounts"], row["women"], row["men"]) == (2, 6, 4)


def test_a_meeting_whose_guests_were_called_off_does_not_count_them(app: App) -> None:
    meeting = book(app, 10, 11, purpose="joint_meeting")
    asked = invitations.invite(app, call(MANAGER), Invite(meeting.id, "furat", None))
    token = app.links.reply_token(asked.id, asked.nonce)
    invitations.reply(app, call(VISITOR), Reply(token, "yes", 1))
    for purpose in ("meeting", "joint_meeting"):
        command = ChangeBooking(meeting.id, meeting.version, None, None, None, {"purpose": purpose})
        meeting = bookings.change(app, call(MANAGER), command)
    at(app, 10)
    come(app, meeting)
    assert report(app)["raqqa"]["inter_organisation_meetings"] == 0


def test_a_meeting_that_was_taken_for_a_no_show_counts_with_its_guests_once_that_is_corrected(
    app: App,
) -> None:
    meeting = book(app, 10, 11, purpose="joint_meeting")
    asked = invitations.invite(app, call(MANAGER), Invite(meeting.id, "furat", None))
    token = app.links.reply_token(asked.id, asked.nonce)
    invitations.reply(app, call(VISITOR), Reply(token, "yes", 1))
    at(app, 10, 15)
    app.database.transact(lambda session: check_in.mark_no_show(app, session, meeting))
    assert report(app)["raqqa"]["inter_organisation_meetings"] == 0
    check_in.correct_no_show(app, call(RAQQA_DESK), CorrectNoShow(meeting.id, 2, "Power cut"))
    assert report(app)["raqqa"]["inter_organisation_meetings"] == 1


def test_rows_by_organisation_and_purpose_are_shares_of_all_the_room(app: App) -> None:
    book(app, 10, 12)
    book(app, 13, 14, organisation_id="furat", purpose="training")
    by_organisation = report(app, "organisation")
    assert {key: row["hours"]["count"] for key, row in by_organisation.items()} == {
        "amal": 2.0,
        "furat": 1.0,
    }
    assert by_organisation["amal"]["hours"]["of"] == 32.0
    assert set(report(app, "purpose")) == {"meeting", "training"}


def test_a_booking_across_the_edge_is_counted_where_it_begins_and_lies(app: App) -> None:
    booking = book(app, 10, 11)
    midnight = tomorrow(24)
    app.database.collection("bookings").update_one(
        {"_id": booking.id},
        {
            "$set": {
                "starts_at": midnight - timedelta(hours=2),
                "ends_at": midnight + timedelta(hours=1),
            }
        },
    )
    wednesday = TUESDAY + timedelta(days=1)
    first, second = report(app)["raqqa"], report(app, first=wednesday, last=wednesday)["raqqa"]
    assert (first["bookings"], second["bookings"]) == (1, 0)
    assert (first["hours"]["count"], second["hours"]["count"]) == (2.0, 1.0)


def test_a_front_desk_reads_of_its_own_centre_and_nobody_else_at_all(app: App) -> None:
    assert set(report(app, who=RAQQA_DESK)) == {"raqqa"}
    assert set(report(app, "space", who=TABQA_DESK)) == {"tabqa-meeting"}
    for who in (MEMBER, STRANGER):
        with pytest.raises(errors.Forbidden):
            report(app, who=who)
    with pytest.raises(errors.Unauthenticated):
        report(app, who=VISITOR)


def test_a_period_has_an_order_and_an_end(app: App) -> None:
    with pytest.raises(errors.Invalid, match="report_ends_early"):
        report(app, last=TUESDAY - timedelta(days=1))
    with pytest.raises(errors.Invalid, match="report_too_long"):
        report(app, last=TUESDAY + timedelta(days=400))
    assert report(app, last=TUESDAY + timedelta(days=399))


def test_what_is_read_is_bounded_by_an_index(app: App) -> None:
    within = Period(tomorrow(0), tomorrow(24))
    for pipeline in (sums("raqqa", within, None), meetings("raqqa", within, "purpose")):
        plan = app.database.collection("bookings").database.command(
            "explain", {"aggregate": "bookings", "pipeline": pipeline, "cursor": {}}
        )
        assert "centre_id_1_starts_at_1__id_1" in str(plan)
        assert "COLLSCAN" not in str(plan)
