"""Mail to addresses that people choose: how much of it they may cause, on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.guest_mail import LIMITS, Counted, mailbox_of
from services.bookings.domain.invitations import Guest, Invitation
from services.bookings.operations import bookings, invitations
from services.bookings.schemas.bookings import ChangeBooking
from services.bookings.schemas.invitations import Invite, RevokeInvitation
from services.common import clock, errors
from services.common.context import Caller
from tests.support.bookings import (
    MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    booking_command,
    call,
    open_centre,
    period,
)
from tests.support.racing import contend
from tests.support.stack import Server

A_CALLERS = LIMITS[Counted.CALLER].most
AN_ADDRESSES = LIMITS[Counted.ADDRESS].most
AN_ORGANISATIONS = LIMITS[Counted.ORGANISATION].most


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for each in open_centre(database.uri):
        # The clock stands still on a day that is past: the database would remove the counts.
        each.database.collection("guest_mail_counts").drop_indexes()
        yield each


def a_meeting(app: App, start: int = 10) -> Booking:
    details = booking_command(purpose="joint_meeting", people=4, period=period(start, start + 1))
    return bookings.create(app, call(MEMBER), details)


@pytest.fixture
def meeting(app: App) -> Booking:
    return a_meeting(app)


def guest(number: int, domain: str = "example.org") -> Guest:
    return Guest("Guest", f"guest-{number}@{domain}", "en")


def invite(app: App, meeting: Booking, whom: Guest | str, by: Caller = MEMBER) -> Invitation:
    command = (
        Invite(meeting.id, whom, None) if isinstance(whom, str) else Invite(meeting.id, None, whom)
    )
    return invitations.invite(app, call(by), command)


def invite_and_revoke(
    app: App, meeting: Booking, whom: Guest | str, by: Caller = MEMBER
) -> Invitation:
    made = invite(app, meeting, whom, by)
    return invitations.revoke(app, call(by), RevokeInvitation(meeting.id, made.id, 1))


def refused(app: App, meeting: Booking, whom: Guest | str, by: Caller = MEMBER) -> dict[str, Any]:
    """What the refusal says of when it is possible again."""
    with pytest.raises(errors.TooManyRequests, match="guest_mail_limited") as refusal:
        invite(app, meeting, whom, by)
    return refusal.value.extra


def test_revoking_gives_no_invitation_back_to_its_caller(app: App, meeting: Booking) -> None:
    for number in range(A_CALLERS):
        invite_and_revoke(app, meeting, guest(number))
    said = refused(app, meeting, guest(99))
    within = LIMITS[Counted.CALLER].within
    assert said["retry_after"] == within.total_seconds()
    assert said["again_at"] == clock.to_wire(app.clock.now() + within)
    invite(app, meeting, guest(99), by=REPRESENTATIVE)
    app.clock.advance(within)  # type: ignore[attr-defined]
    invite(app, meeting, guest(98))


def test_an_address_is_counted_for_all_who_write_to_it_in_any_spelling(
    app: App, meeting: Booking
) -> None:
    spellings = [
        "salma@example.org",
        "SALMA@Example.org",
        "salma+a@example.org",
        "Salma+b@example.org",
    ]
    callers = [MEMBER, REPRESENTATIVE, RAQQA_DESK]
    for number in range(AN_ADDRESSES):
        email = spellings[number % len(spellings)]
        invite_and_revoke(app, meeting, Guest("S", email, "ar"), callers[number % len(callers)])
    for each in spellings:
        refused(app, meeting, Guest("S", each, "ar"), by=RAQQA_DESK)
    assert "salma" not in str(list(app.database.collection("guest_mail_counts").find()))


def test_an_organisation_that_is_invited_again_and_again_is_counted_too(
    app: App, meeting: Booking
) -> None:
    for _ in range(AN_ADDRESSES):
        invite_and_revoke(app, meeting, "furat")
    refused(app, meeting, "furat")


def test_the_organisation_is_counted_whoever_acts_for_it(app: App, meeting: Booking) -> None:
    for number in range(AN_ORGANISATIONS):
        by = replace(REPRESENTATIVE, id=f"representative-{number // A_CALLERS}")
        invite_and_revoke(app, meeting, guest(number), by)
    refused(app, meeting, guest(999), by=RAQQA_DESK)


def test_a_refused_invitation_leaves_nothing_and_counts_nothing(app: App, meeting: Booking) -> None:
    whom = guest(1)
    for _ in range(AN_ADDRESSES):
        invite_and_revoke(app, meeting, whom)
    before = list(app.database.collection("guest_mail_counts").find())
    told = app.database.collection("outbox").count_documents({})
    refused(app, meeting, whom)
    assert list(app.database.collection("guest_mail_counts").find()) == before
    assert app.database.collection("outbox").count_documents({}) == told


def test_an_answer_that_is_given_again_is_counted_once(app: App, meeting: Booking) -> None:
    command = Invite(meeting.id, None, guest(1))
    for _ in range(AN_ADDRESSES + 1):
        invitations.invite(app, call(MEMBER, "one key"), command)
    (count,) = app.database.collection("guest_mail_counts").find({"_id": {"$regex": "^address"}})
    assert len(count["at"]) == 1


def test_many_who_invite_one_address_at_once_get_no_more_than_the_limit(app: App) -> None:
    meetings = [a_meeting(app, hour) for hour in range(9, 9 + AN_ADDRESSES + 2)]
    outcomes = contend(*(partial(invite, app, each, guest(1)) for each in meetings))
    assert sum(isinstance(each, Invitation) for each in outcomes) == AN_ADDRESSES
    refusals = [each for each in outcomes if isinstance(each, errors.MasahaError)]
    assert {each.code for each in refusals} == {"bookings.guest_mail_limited"}


def test_a_host_who_moves_a_meeting_to_and_fro_mails_its_guests_so_often_and_no_more(
    app: App, meeting: Booking
) -> None:
    invite(app, meeting, guest(1))
    most = LIMITS[Counted.MEETING].most

    def retitle(version: int, by: Caller = MEMBER) -> None:
        change = ChangeBooking(meeting.id, version, None, None, None, {"title": f"T{version}"})
        bookings.change(app, call(by), change)

    for version in range(1, most + 1):
        retitle(version)
    with pytest.raises(errors.TooManyRequests, match="guest_mail_limited"):
        retitle(most + 1)
    retitle(most + 1, by=RAQQA_DESK)
    app.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    people = ChangeBooking(meeting.id, most + 2, None, None, None, {"people": 3})
    bookings.change(app, call(MEMBER), people)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Salma@Example.ORG", "salma@example.org"),
        ("salma+news+x@example.org", "salma@example.org"),
        ("+@example.org", "+@example.org"),
    ],
)
def test_the_spellings_of_an_address_are_one_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox
