"""Joint meetings on the real database: who may invite, what a link opens, and how many fit in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_notes import Headcount
from services.bookings.domain.booking_states import Status
from services.bookings.domain.calendars import Kind
from services.bookings.domain.invitations import MOST_INVITATIONS, Guest, Invitation, Standing
from services.bookings.operations import (
    bookings,
    calendars,
    check_in,
    guests,
    invitations,
    personal_data,
)
from services.bookings.operations.identity_events import apply_events
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.calendars import CreateCalendar
from services.bookings.schemas.check_in import CheckIn, CorrectNoShow
from services.bookings.schemas.invitations import CountHeads, Invite, Reply, RevokeInvitation
from services.common import errors
from services.common.context import SYSTEM, VISITOR, Caller
from services.common.contracts.identity.events import ERASURE_DETAILS
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.personal_data import in_wire_form
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    booking_command,
    call,
    now_is,
    open_centre,
    period,
    tomorrow,
    work,
)
from tests.support.racing import contend
from tests.support.stack import Server

SALMA = Guest("سلمى", "salma@example.org", "ar")


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


@pytest.fixture
def meeting(app: App) -> Booking:
    """A joint meeting of `amal` in a room for twelve, to which it brings four people."""
    return bookings.create(
        app, call(MEMBER), booking_command(purpose="joint_meeting", title="لقاء", people=4)
    )


def guest(number: int) -> Guest:
    return Guest(f"Guest {number}", f"guest{number}@example.org", "en")


def invite(app: App, meeting: Booking, whom: Guest | str, by: Caller = MEMBER) -> Invitation:
    organisation_id = whom if isinstance(whom, str) else None
    command = Invite(meeting.id, organisation_id, None if organisation_id else whom)  # type: ignore[arg-type]
    return invitations.invite(app, call(by), command)


def token(app: App, invitation: Invitation) -> str:
    return app.links.reply_token(invitation.id, invitation.nonce)


def reply(app: App, invitation: Invitation, answer: str, people: int = 1) -> Invitation:
    return invitations.reply(app, call(VISITOR), Reply(token(app, invitation), answer, people))


def events(app: App, start: str = "bookings.invitation") -> list[dict[str, Any]]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [row["event"] for row in rows if row["event"]["type"].startswith(start)]


def commands(app: App) -> int:
    """How many commands the database has been given that read or write documents."""
    status = app.database.collection("bookings").database.command("serverStatus")
    counted = status["metrics"]["commands"]
    return sum(counted[name]["total"] for name in ("find", "insert", "update", "delete"))


def change(booking_id: str, version: int, **values: Any) -> ChangeBooking:
    known = {key: values.pop(key, None) for key in ("space_id", "starts_at", "ends_at")}
    return ChangeBooking(id=booking_id, expected_version=version, details=values, **known)


class TestInvite:
    def test_no_event_has_the_address_nor_what_opens_the_link(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = invite(app, meeting, SALMA)
        (sent,) = events(app)
        assert sent["type"] == "bookings.invitation.issued"
        assert SALMA.email not in str(sent)
        assert SALMA.name not in str(sent)
        (state,) = events(app, "bookings.guest.details")
        assert state["data"]["details"]["email"] == SALMA.email
        named = (sent["data"]["invitation_id"], sent["data"]["link_nonce"])
        assert app.links.reply_token(*named) == token(app, invitation)
        reply(app, invitation, "yes")
        replied = events(app)[-1]
        assert SALMA.email not in str(replied)
        assert token(app, invitation)[32:] not in str(events(app, ""))

    def test_the_same_key_invites_once(self, app: App, meeting: Booking) -> None:
        command = Invite(meeting.id, "furat", None)
        first = invitations.invite(app, call(MEMBER, "k"), command)
        assert invitations.invite(app, call(MEMBER, "k"), command) == first
        assert len(events(app)) == 1
        with pytest.raises(errors.NotFound):
            invitations.invite(app, call(replace(MEMBER, organisations={}), "k"), command)

    @pytest.mark.parametrize("who", [MEMBER, REPRESENTATIVE, RAQQA_DESK, MANAGER])
    def test_the_host_and_staff_may(self, app: App, meeting: Booking, who: Caller) -> None:
        invitation = invite(app, meeting, SALMA, by=who)
        found, room = invitations.find(app, call(who), meeting.id)
        assert (found, room) == ([invitation], 8)

    @pytest.mark.parametrize(
        ("who", "refusal"),
        [
            (OTHER_MEMBER, errors.Forbidden),
            (STRANGER, errors.NotFound),
            (TABQA_DESK, errors.NotFound),
            (VISITOR, errors.NotFound),
        ],
    )
    def test_others_may_neither_invite_nor_read_the_list(
        self, app: App, meeting: Booking, who: Caller, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            invite(app, meeting, SALMA, by=who)
        with pytest.raises(refusal):
            invitations.find(app, call(who), meeting.id)

    def test_only_to_a_joint_meeting_that_is_confirmed_and_ahead(self, app: App) -> None:
        plain = bookings.create(app, call(MEMBER), booking_command())
        with pytest.raises(errors.Conflict, match="not_a_joint_meeting"):
            invite(app, plain, SALMA)
        off = bookings.cancel(app, call(MEMBER), CancelBooking(plain.id, 1, None))
        joint = bookings.create(app, call(MEMBER), booking_command(purpose="joint_meeting"))
        assert off.status is Status.CANCELLED
        app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        with pytest.raises(errors.Conflict, match="invitation_over"):
            invite(app, joint, SALMA)

    def test_nobody_is_asked_twice_nor_the_host_at_all(self, app: App, meeting: Booking) -> None:
        invite(app, meeting, "furat")
        invite(app, meeting, SALMA)
        shouting = Guest("Salma", SALMA.email.upper(), "en")
        for whom in ("furat", shouting, "amal"):
            with pytest.raises(errors.Conflict, match="already_invited"):
                invite(app, meeting, whom)

    def test_one_more_than_the_most_is_refused_until_one_is_revoked(
        self, app: App, meeting: Booking
    ) -> None:
        app.database.collection("guest_lists").insert_one(
            {"_id": meeting.id, "open": MOST_INVITATIONS - 1, "accepted": 0, "organisations": []}
        )
        last = invite(app, meeting, guest(1))
        with pytest.raises(errors.Conflict, match="too_many_invitations"):
            invite(app, meeting, guest(2))
        invitations.revoke(app, call(MEMBER), RevokeInvitation(meeting.id, last.id, 1))
        assert invite(app, meeting, guest(2))


class TestLink:
    def test_it_shows_the_meeting(self, app: App, meeting: Booking) -> None:
        shown = invitations.meeting(app, token(app, invite(app, meeting, SALMA)))
        assert (shown.booking.title, shown.space.id, shown.centre.id) == (
            "لقاء",
            "raqqa-meeting",
            "raqqa",
        )

    def test_a_forged_one_is_unknown(self, app: App, meeting: Booking) -> None:
        good = token(app, invite(app, meeting, SALMA))
        other_secret = good[:32] + "0" * 32
        of_nobody = "0" * 32 + good[32:]
        for forged in (other_secret, of_nobody, good[:-1], "x" * 64, "short"):
            with pytest.raises(errors.NotFound, match="invitation_unknown"):
                invitations.meeting(app, forged)
            with pytest.raises(errors.NotFound, match="invitation_unknown"):
                invitations.reply(app, call(VISITOR), Reply(forged, "yes", 1))
        assert [each["type"] for each in events(app)] == ["bookings.invitation.issued"]

    def test_a_revoked_one_is_void_and_gives_its_places_back(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = reply(app, invite(app, meeting, SALMA), "yes", 8)
        revoke = RevokeInvitation(meeting.id, invitation.id, invitation.version)
        invitations.revoke(app, call(MEMBER), revoke)
        with pytest.raises(errors.Conflict, match="invitation_revoked"):
            invitations.meeting(app, token(app, invitation))
        with pytest.raises(errors.Conflict, match="invitation_revoked"):
            reply(app, invitation, "no")
        assert invitations.find(app, call(MEMBER), meeting.id)[1] == 8
        assert events(app)[-1]["type"] == "bookings.invitation.revoked"
        with pytest.raises(errors.Stale):
            invitations.revoke(app, call(MEMBER), revoke)

    def test_it_is_spent_when_the_meeting_begins(self, app: App, meeting: Booking) -> None:
        invitation = invite(app, meeting, SALMA)
        now_is(app, tomorrow(10))
        with pytest.raises(errors.Conflict, match="invitation_over"):
            reply(app, invitation, "yes")

    def test_an_invitation_of_another_meeting_is_not_revoked_through_this_one(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = invite(app, meeting, SALMA)
        other = bookings.create(
            app, call(MEMBER), booking_command(space_id="raqqa-training", purpose="joint_meeting")
        )
        with pytest.raises(errors.NotFound):
            invitations.revoke(app, call(MEMBER), RevokeInvitation(other.id, invitation.id, 1))


class TestCapacity:
    def test_who_does_not_fit_in_hears_how_many_would(self, app: App, meeting: Booking) -> None:
        reply(app, invite(app, meeting, guest(1)), "yes", 6)
        with pytest.raises(errors.Conflict, match="no_room_for_guests") as refusal:
            reply(app, invite(app, meeting, guest(2)), "yes", 3)
        assert refusal.value.params == {"left": 2}
        assert reply(app, invite(app, meeting, guest(3)), "yes", 2).people == 2

    def test_a_change_of_mind_is_counted_once(self, app: App, meeting: Booking) -> None:
        invitation = invite(app, meeting, guest(1))
        for answer, people, left in (("yes", 8, 0), ("yes", 8, 0), ("yes", 3, 5), ("maybe", 9, 8)):
            reply(app, invitation, answer, people)
            assert invitations.find(app, call(MEMBER), meeting.id)[1] == left
        kinds = [each["data"]["answer"] for each in events(app)[1:]]
        assert kinds == ["yes", "yes", "maybe"]

    def test_replies_that_race_never_fill_more_than_the_room(
        self, app: App, meeting: Booking
    ) -> None:
        asked = [invite(app, meeting, guest(number)) for number in range(10)]
        outcomes = contend(*[partial(reply, app, each, "yes", 3) for each in asked])
        accepted = [each.status for each in outcomes if isinstance(each, Invitation)]
        refused = [each.code for each in outcomes if isinstance(each, errors.Conflict)]
        # Eight places beside the host's four people: two groups of three.
        assert accepted == [Standing.ACCEPTED] * 2
        assert refused == ["bookings.no_room_for_guests"] * 8
        found, room = invitations.find(app, call(MEMBER), meeting.id)
        assert (sum(each.people for each in found), room) == (6, 2)

    def test_the_host_cannot_bring_more_than_the_guests_leave_room_for(
        self, app: App, meeting: Booking
    ) -> None:
        reply(app, invite(app, meeting, guest(1)), "yes", 7)
        with pytest.raises(errors.Conflict, match="guests_do_not_fit"):
            bookings.change(app, call(MEMBER), change(meeting.id, 1, people=6))
        assert bookings.change(app, call(MEMBER), change(meeting.id, 1, people=5)).people == 5

    def test_a_reply_and_the_hosts_own_growth_never_both_win(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = invite(app, meeting, guest(1))
        contend(
            lambda: reply(app, invitation, "yes", 8),
            lambda: bookings.change(app, call(MEMBER), change(meeting.id, 1, people=12)),
        )
        booking = bookings.get(app, call(MEMBER), meeting.id)
        coming = app.invitations.coming(meeting.id)
        assert (booking.people or 0) + coming == 12


class TestTheMeetingChanges:
    def test_guests_are_told_of_another_time_except_who_declined(
        self, app: App, meeting: Booking
    ) -> None:
        first, second = invite(app, meeting, guest(1)), invite(app, meeting, guest(2))
        reply(app, second, "no")
        bookings.change(
            app,
            call(MEMBER),
            change(meeting.id, 1, starts_at=tomorrow(13), ends_at=tomorrow(14)),
        )
        told = [each for each in events(app) if each["type"].endswith(".changed")]
        assert [each["subject"] for each in told] == [first.id]
        assert told[0]["data"]["previous_starts_at"] == "2026-11-24T07:00:00Z"
        assert told[0]["data"]["link_nonce"] == first.nonce
        assert "guest" not in told[0]["data"]

    @pytest.mark.parametrize(
        "values",
        [
            {"starts_at": tomorrow(13), "ends_at": tomorrow(14)},
            {"title": "لقاء آخر"},
            {"purpose": "meeting"},
        ],
    )
    def test_many_guests_cost_no_more_commands_than_few(
        self, app: App, values: dict[str, Any]
    ) -> None:
        cost = []
        for hour, invited in ((9, 2), (10, 30)):
            meeting = bookings.create(
                app,
                call(MEMBER),
                booking_command(purpose="joint_meeting", period=period(hour, hour + 1)),
            )
            for number in range(invited):
                invite(app, meeting, guest(number))
            told, before = len(events(app)), commands(app)
            after = bookings.change(app, call(MEMBER), change(meeting.id, 1, **values))
            cost.append(commands(app) - before)
            assert len(events(app)) == told + invited
            bookings.cancel(app, call(MEMBER), CancelBooking(after.id, after.version, None))
        assert cost[0] == cost[1]

    def test_an_answer_and_a_move_at_once_are_told_one_after_the_other(
        self, app: App, meeting: Booking
    ) -> None:
        asked = [invite(app, meeting, guest(number)) for number in range(4)]
        contend(
            *[partial(reply, app, each, "no") for each in asked],
            lambda: bookings.change(app, call(MEMBER), change(meeting.id, 1, title="آخر")),
        )
        for each in asked:
            now = app.invitations.get(each.id)
            assert now.status is Standing.DECLINED
            told = [e["data"]["version"] for e in events(app) if e["subject"] == each.id]
            assert told == [*range(1, now.version + 1)]

    def test_what_guests_were_never_told_is_no_news(self, app: App, meeting: Booking) -> None:
        invite(app, meeting, guest(1))
        bookings.change(app, call(MEMBER), change(meeting.id, 1, people=3))
        assert len(events(app)) == 1

    def test_a_cancelled_meeting_is_called_off_with_its_reason(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = invite(app, meeting, "furat")
        bookings.cancel(app, call(MEMBER), CancelBooking(meeting.id, 1, "الطريق مقطوع"))
        told = events(app)[-1]
        assert told["type"] == "bookings.invitation.called_off"
        assert told["data"]["reason"] == "الطريق مقطوع"
        with pytest.raises(errors.Conflict, match="meeting_called_off"):
            reply(app, invitation, "yes")
        assert app.invitations.get(invitation.id).status is Standing.CALLED_OFF

    def test_a_meeting_that_is_no_joint_one_any_more_is_off_for_its_guests(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = reply(app, invite(app, meeting, "furat"), "yes", 8)
        private = change(meeting.id, 1, purpose="meeting", title="INTERNAL: salaries")
        bookings.change(app, call(MEMBER), private)
        off = app.invitations.get(invitation.id)
        assert (off.status, off.people) == (Standing.CALLED_OFF, 0)
        told = events(app)[-1]
        assert told["type"] == "bookings.invitation.called_off"
        assert told["data"]["title"] == meeting.title
        assert app.invitations.meetings_of(["furat"]) == []

    def test_joint_once_more_it_has_room_for_as_many_as_at_first(
        self, app: App, meeting: Booking
    ) -> None:
        for number in range(3):
            reply(app, invite(app, meeting, guest(number)), "yes", 2)
        reply(app, invite(app, meeting, guest(3)), "no")
        bookings.change(app, call(MEMBER), change(meeting.id, 1, purpose="meeting"))
        bookings.change(app, call(MEMBER), change(meeting.id, 2, purpose="joint_meeting"))
        assert invitations.find(app, call(MEMBER), meeting.id)[1] == 8
        (guests,) = app.database.collection("guest_lists").find()
        assert (guests["accepted"], guests["open"], guests["organisations"]) == (0, 0, [])
        assert reply(app, invite(app, meeting, guest(1)), "yes", 8).people == 8

    def test_who_would_have_come_to_a_cancelled_one_is_known_still(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = reply(app, invite(app, meeting, "furat"), "yes", 8)
        bookings.cancel(app, call(MEMBER), CancelBooking(meeting.id, 1, None))
        off = app.invitations.get(invitation.id)
        assert (off.status, off.people) == (Standing.CALLED_OFF, 8)
        assert app.invitations.meetings_of(["furat"]) == [meeting.id]

    @pytest.mark.parametrize("corrected", [False, True])
    def test_where_the_host_is_not_seen_the_invitations_are_over_but_not_called_off(
        self, app: App, meeting: Booking, corrected: bool
    ) -> None:
        invitation = reply(app, invite(app, meeting, "furat"), "yes", 3)
        told = events(app)
        now_is(app, tomorrow(10, 15))
        work(app)
        assert app.bookings.get(meeting.id).status is Status.NO_SHOW
        if corrected:
            command = CorrectNoShow(meeting.id, 2, "كانوا في القاعة")
            check_in.correct_no_show(app, call(RAQQA_DESK), command)
        assert app.invitations.get(invitation.id) == invitation
        assert events(app) == told
        token = app.links.reply_token(invitation.id, invitation.nonce)
        with pytest.raises(errors.Conflict, match="invitation_over"):
            invitations.meeting(app, token)
        with pytest.raises(errors.Conflict, match="invitation_over"):
            reply(app, invitation, "no")

    def test_nobody_is_invited_to_a_meeting_that_is_being_cancelled(self, app: App) -> None:
        for hour in range(10, 16):
            meeting = bookings.create(
                app,
                call(MEMBER),
                booking_command(purpose="joint_meeting", period=period(hour, hour + 1)),
            )
            contend(
                partial(invite, app, meeting, SALMA),
                partial(bookings.cancel, app, call(MEMBER), CancelBooking(meeting.id, 1, None)),
            )
            assert app.bookings.get(meeting.id).status is Status.CANCELLED
            left = app.invitations.of_booking(meeting.id)
            assert [each.status for each in left] in ([], [Standing.CALLED_OFF])


class TestHeadcount:
    def here(self, app: App, meeting: Booking) -> Booking:
        now_is(app, tomorrow(10))
        return check_in.check_in(app, call(RAQQA_DESK), CheckIn(meeting.id, meeting.version))

    @pytest.mark.parametrize("who", [MEMBER, RAQQA_DESK])
    def test_it_is_noted_corrected_and_told(self, app: App, meeting: Booking, who: Caller) -> None:
        present = self.here(app, meeting)
        counted = invitations.count_heads(
            app, call(who), CountHeads(meeting.id, present.version, 7, 5)
        )
        assert counted.headcount == Headcount(7, 5)
        assert app.bookings.get(meeting.id).headcount == Headcount(7, 5)
        entry = counted.history[-1]
        assert dict(entry.changes) == {"women": (None, 7), "men": (None, 5)}
        corrected = invitations.count_heads(
            app, call(who), CountHeads(meeting.id, counted.version, 8, 5)
        )
        assert corrected.version == counted.version + 1
        assert events(app, "bookings.booking.counted")[-1]["data"]["women"] == 8

    def test_up_to_twice_the_seats_can_have_been_there(self, app: App, meeting: Booking) -> None:
        present = self.here(app, meeting)
        seats = app.centres.space(meeting.space_id).capacity
        with pytest.raises(errors.Conflict, match="headcount_too_large") as refusal:
            invitations.count_heads(
                app, call(MEMBER), CountHeads(meeting.id, present.version, seats, seats + 1)
            )
        assert refusal.value.params == {"most": 2 * seats}
        counted = invitations.count_heads(
            app, call(MEMBER), CountHeads(meeting.id, present.version, seats, seats)
        )
        assert counted.headcount == Headcount(seats, seats)

    def test_not_before_anybody_is_there_nor_for_a_stale_version_nor_by_others(
        self, app: App, meeting: Booking
    ) -> None:
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            invitations.count_heads(app, call(MEMBER), CountHeads(meeting.id, 1, 1, 1))
        self.here(app, meeting)
        with pytest.raises(errors.Stale):
            invitations.count_heads(app, call(MEMBER), CountHeads(meeting.id, 1, 1, 1))
        with pytest.raises(errors.NotFound):
            invitations.count_heads(app, call(STRANGER), CountHeads(meeting.id, 2, 1, 1))


class TestErasure:
    def test_a_guest_who_is_erased_still_counts_and_the_link_is_void(
        self, app: App, meeting: Booking
    ) -> None:
        invitation = invite(app, meeting, SALMA)
        link = token(app, invitation)
        reply(app, invitation, "yes")
        capital = replace(SALMA, email=SALMA.email.upper())
        app.database.transact(lambda s: guests.erase_guest(app, s, capital.email, SYSTEM))
        (kept,), room = invitations.find(app, call(MEMBER), meeting.id)
        assert (kept.guest, kept.status, room) == (None, Standing.ACCEPTED, 7)
        with pytest.raises(errors.NotFound):
            invitations.meeting(app, link)
        (state,) = events(app, "bookings.guest.details")
        assert (state["subject"], state["data"]["details"]) == (invitation.id, None)
        held = str([list(app.database.collection(c).find()) for c in collections(app)])
        assert SALMA.email not in held
        assert SALMA.name not in held

    def test_who_is_erased_as_a_person_is_erased_as_a_guest_too_and_loses_feeds(
        self, app: App, meeting: Booking
    ) -> None:
        calendars.create(app, call(MEMBER, "feed"), CreateCalendar(Kind.PERSON, None))
        invite(app, meeting, SALMA)
        apply_events(app, [erasure(MEMBER.id, SALMA.email)])
        assert calendars.find(app, call(MEMBER)) == []
        assert SALMA.email not in str(list(app.database.collection("invitations").find()))
        assert bookings.get(app, call(MEMBER), meeting.id).booked_by == MEMBER.id
        keys = [each["_id"] for each in app.database.collection("idempotency_keys").find()]
        assert not [each for each in keys if each.startswith(f"{MEMBER.id}|")]

    def test_the_details_of_guests_can_be_sent_again(self, app: App, meeting: Booking) -> None:
        first, second = invite(app, meeting, guest(1)), invite(app, meeting, guest(2))
        app.database.collection("outbox").delete_many({})
        assert guests.republish(app) == 2
        sent = events(app, "bookings.guest.details")
        assert [each["subject"] for each in sent] == [first.id, second.id]

    def test_a_person_gets_what_is_held_about_them(self, app: App, meeting: Booking) -> None:
        invite(app, meeting, SALMA)
        found = personal_data.export(app, call(MEMBER), MEMBER.id, SALMA.email.upper())
        assert [each["id"] for each in found["bookings"]] == [meeting.id]
        assert found["invitations_as_guest"][0]["name"] == SALMA.name
        assert found["changes"][0]["booking_id"] == meeting.id
        assert in_wire_form(found)["data"]["bookings"][0]["starts_at"].endswith("Z")
        with pytest.raises(errors.Forbidden):
            personal_data.export(app, call(OTHER_MEMBER), MEMBER.id, None)

    @pytest.mark.parametrize(
        ("collection", "field"),
        [
            ("bookings", "booked_by"),
            ("bookings", "history.by"),
            ("booking_series", "booked_by"),
            ("waitlist_entries", "booked_by"),
            ("history", "by"),
            ("invitations", "invited_by"),
            ("calendars", "owner_id"),
        ],
    )
    def test_what_is_held_is_found_by_an_index(self, app: App, collection: str, field: str) -> None:
        plan = app.database.collection(collection).find({field: "omar"}).explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


def collections(app: App) -> list[str]:
    return app.database.collection("x").database.list_collection_names()


def erasure(person_id: str, email: str) -> CloudEvent:
    data = {"person_id": person_id, "version": 2, "details": {"email": email}}
    ERASURE_DETAILS.check(data)
    return CloudEvent(
        id=new_id(),
        source="/masaha/identity",
        type=ERASURE_DETAILS.name,
        subject=person_id,
        time=datetime(2026, 11, 23, tzinfo=UTC),
        dataschema=ERASURE_DETAILS.dataschema,
        data=data,
        aggregate_version=2,
        actor_kind="person",
    )
