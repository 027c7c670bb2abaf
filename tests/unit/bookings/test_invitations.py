"""Joint meetings, links and reports: the rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.reports import as_sheet
from services.bookings.domain import calendars, statistics
from services.bookings.domain.booking_states import Status
from services.bookings.domain.invitations import (
    ANSWERS,
    FOLLOWS,
    OPEN,
    TRANSITIONS,
    Action,
    Guest,
    Invitation,
    Standing,
    room_for_guests,
)
from services.bookings.domain.new_booking import make_booking
from services.common import csv, errors
from services.common.contracts.bookings.invitations import Guest as Address
from services.common.ids import new_id
from services.common.links import INVITATION, Links, hashed
from services.common.time.period import Period
from tests.support.bookings import NOW, period, raqqa, space, tomorrow

LINKS = Links("a secret of this test")


def an_invitation(**values: object) -> Invitation:
    given = Invitation(
        id=new_id(),
        booking_id=new_id(),
        organisation_id=None,
        guest=Guest("Salma", "Salma@Example.org", "ar"),
        nonce=new_id(),
        status=Standing.INVITED,
        people=0,
        invited_by="rana",
        invited_at=NOW,
        updated_at=NOW,
    )
    return replace(given, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "email",
    [
        *(f"a{each}b@example.org" for each in '()<>[]:;,\\" \t\r\n@'),
        "a@exa mple.org",
        "a@<b>",
        "a@",
        "é@b",
    ],
)
def test_an_address_holds_nothing_that_separates_addresses(email: str) -> None:
    assert Address().validate({"name": "Salma", "email": email}).keys() == {"email"}


@pytest.mark.parametrize(
    "email",
    ["salma@example.org", "s.o'brien+guests_{1}~x!#$%&*/=?^`|@mail.example.org", "a@localhost"],
)
def test_an_ordinary_address_is_taken(email: str) -> None:
    assert Address().validate({"name": "Salma", "email": email}) == {}


def test_an_address_is_the_same_guest_however_it_is_written() -> None:
    one, other = (
        an_invitation(guest=Guest("Salma", email, "ar"))
        for email in ("Salma@Example.org", "sALMA@eXAMPLE.ORG")
    )
    assert one.invitee == other.invitee


class TestLinks:
    def test_a_token_names_its_invitation_and_opens_it(self) -> None:
        one = an_invitation()
        token = LINKS.reply_token(one.id, one.nonce)
        assert len(token) == 64
        assert LINKS.subject_of(token) == one.id
        assert LINKS.opens(token, INVITATION, one.id, one.nonce)

    def test_another_nonce_secret_or_invitation_makes_it_void(self) -> None:
        one, other = an_invitation(), an_invitation()
        token = LINKS.reply_token(one.id, one.nonce)
        assert not LINKS.opens(token, INVITATION, one.id, other.nonce)
        assert not LINKS.opens(token, INVITATION, other.id, one.nonce)
        assert not Links("another secret").opens(token, INVITATION, one.id, one.nonce)

    @given(st.text(max_size=80))
    def test_what_is_no_token_opens_nothing_and_breaks_nothing(self, token: str) -> None:
        one = an_invitation()
        LINKS.subject_of(token)
        assert not LINKS.opens(token, INVITATION, one.id, one.nonce)

    def test_a_calendars_token_is_the_same_again_and_nobody_elses(self) -> None:
        calendar_id = new_id()
        token = LINKS.calendar_token(calendar_id)
        assert token == LINKS.calendar_token(calendar_id)
        assert token not in (LINKS.calendar_token(new_id()), hashed(token))
        assert Links("another secret").calendar_token(calendar_id) != token


class TestInvitation:
    def test_every_answer_may_follow_every_other(self) -> None:
        for standing in OPEN:
            for answer, action in ANSWERS.items():
                after = an_invitation(status=standing).answered(answer, 3, NOW)
                assert after.status is TRANSITIONS[standing, action]
                assert after.people == (3 if answer == "yes" else 0)

    @pytest.mark.parametrize(
        ("standing", "code"),
        [
            (Standing.REVOKED, "bookings.invitation_revoked"),
            (Standing.CALLED_OFF, "bookings.meeting_called_off"),
        ],
    )
    def test_nothing_follows_the_end(self, standing: Standing, code: str) -> None:
        for action in Action:
            with pytest.raises(errors.Conflict) as refusal:
                an_invitation(status=standing).after(action)
            assert refusal.value.code == code

    def test_who_declined_does_not_follow(self) -> None:
        assert {Standing.DECLINED} == OPEN - FOLLOWS

    def test_an_address_is_one_however_it_is_written(self) -> None:
        shouting = an_invitation(guest=Guest("Salma", "SALMA@EXAMPLE.ORG", "en"))
        assert an_invitation().invitee == shouting.invitee
        assert an_invitation(guest=None, organisation_id="x").invitee != an_invitation().invitee

    @pytest.mark.parametrize(("people", "room"), [(None, 11), (4, 8), (12, 0)])
    def test_the_hosts_people_have_their_places(self, people: int | None, room: int) -> None:
        booking = make_booking(
            id="b",
            space=space(),
            organisation_id="amal",
            booked_by="omar",
            period=period(10, 11),
            time_zone="Asia/Damascus",
            title="t",
            purpose="joint_meeting",
            people=people,
            now=NOW,
        )
        assert room_for_guests(booking, space()) == room


def test_every_status_of_a_booking_has_one_in_calendars() -> None:
    assert set(calendars.STATUS) == set(Status)
    assert set(calendars.STATUS.values()) == {"TENTATIVE", "CONFIRMED", "CANCELLED"}


class TestReport:
    def test_days_follow_the_clock_of_the_zone_also_when_it_changes(self) -> None:
        whole = statistics.days(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin")
        assert whole.ends_at - whole.starts_at == timedelta(hours=25)
        plain = statistics.days(date(2026, 11, 24), date(2026, 11, 24), "Asia/Damascus")
        assert plain == Period(tomorrow(0), tomorrow(24))

    def test_closures_that_overlap_are_subtracted_once(self) -> None:
        closed = [period(8, 10), period(9, 11), period(16, 20), period(20, 22)]
        within = Period(tomorrow(0), tomorrow(24))
        assert statistics.open_minutes(raqqa(), space(), within, closed) == (8 - 2 - 1) * 60
        assert statistics.open_minutes(raqqa(), space(), within, []) == 8 * 60

    def test_nothing_is_divided_by_nothing(self) -> None:
        assert statistics.rate(0, 0) is None
        assert statistics.rate(1, 3) == 0.3333

    def test_a_sheet_opens_in_arabic_and_runs_nothing(self) -> None:
        share = {"count": 1.0, "of": 2.0, "rate": 0.5}
        row = {
            "name": {"ar": "=HYPERLINK(1)", "en": "Room, large"},
            "bookings": 1,
            "hours": share,
            "no_shows": share,
            "late_cancellations": {"count": 0.0, "of": 0.0, "rate": None},
            "inter_organisation_meetings": 1,
            "headcounts": 1,
            "women": 7,
            "men": 5,
        }
        report = {"group_by": "space", "items": [{"key": "@x", **row}]}
        head, line, end = csv.write(*as_sheet(report, "ar")).split("\r\n")
        assert head.startswith("\ufeffالمكان,الاسم,عدد الحجوزات,الساعات المحجوزة,ساعات الدوام,")
        assert line == "'@x,'=HYPERLINK(1),1,1.0,2.0,0.5,1.0,2.0,0.5,0.0,0.0,,1,1,7,5"
        assert end == ""
        english = csv.write(*as_sheet(report, "en"))
        assert english.startswith("\ufeffSpace,Name,Bookings,Booked hours,Open hours,Utilisation,")
        assert '"Room, large"' in english
