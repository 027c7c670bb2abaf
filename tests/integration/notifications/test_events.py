"""Events become messages: once, in any order, in the recipient's language, on the real database."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from services.common.errors import NotYet, Permanent
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import AlreadyThere
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE, Notification
from services.notifications.domain.rules import rules_for
from services.notifications.domain.rules.rule import EMAIL, INBOX, Urgency
from services.notifications.operations.notify import PATIENCE
from services.notifications.store.people import Known
from tests.support.mongo import commands
from tests.support.notifications import (
    NOW,
    SERIES,
    an_app,
    arrive,
    booking_data,
    cancelled,
    changed,
    confirmed,
    expired,
    invited,
    membership,
    no_show,
    organisation,
    person,
    rejected,
    requested,
    rescheduled,
    series_created,
    two_members_of_hope,
    waiting,
    waitlist_expired,
    waitlist_offered,
    waitlist_withdrawn,
)
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    with an_app(database.uri) as built:
        yield built


@pytest.fixture
def hope(app: App) -> App:
    """The application when Sara and Omar of the Hope Association are known."""
    arrive(app, *two_members_of_hope())
    return app


def inbox_of(app: App, person_id: str) -> list[Notification]:
    return app.notifications.page(person_id, VISIBLE, limit=100, after=None)


def stored(app: App, collection: str) -> list[dict[str, Any]]:
    return list(app.database.collection(collection).find().sort("_id", 1))


def mail_to(app: App, person_id: str) -> list[dict[str, Any]]:
    sent = ("email", person_id)
    return [d for d in stored(app, "deliveries") if (d["channel"], d["recipient_id"]) == sent]


class TestAudience:
    def test_every_member_is_told_in_the_inbox_and_by_mail_in_their_language(
        self, hope: App
    ) -> None:
        booked = confirmed()
        arrive(hope, booked)
        [to_sara], [to_omar] = inbox_of(hope, "sara"), inbox_of(hope, "omar")
        assert to_sara.language == "ar"
        assert to_sara.title.startswith("تم تأكيد الحجز")
        assert to_omar.title == "Booking confirmed: Main hall, 24 November 2026"
        assert (to_omar.event_id, to_omar.subject_id) == (booked.id, booked.subject)
        assert [d["language"] for d in mail_to(hope, "omar")] == ["en"]
        assert waiting(hope) == len(stored(hope, "deliveries")) == 2

    def test_staff_who_book_for_an_organisation_get_a_confirmation_without_mail(
        self, hope: App
    ) -> None:
        arrive(hope, person("desk"), confirmed(changed_by="desk"))
        assert len(inbox_of(hope, "desk")) == 1
        assert mail_to(hope, "desk") == []
        assert len(inbox_of(hope, "sara")) == 1

    @pytest.mark.parametrize("kind", ["visitor", "system", "service"])
    def test_what_no_person_caused_confirms_to_nobody(self, hope: App, kind: str) -> None:
        arrive(hope, confirmed(changed_by=kind, actor_kind=kind))
        assert {d["recipient_id"] for d in stored(hope, "notifications")} == {"sara", "omar"}

    def test_the_front_desk_of_the_centre_hears_of_a_request_and_no_other(self, hope: App) -> None:
        arrive(
            hope,
            person("desk", "en", roles=["front_desk"], centres=["raqqa", "tabqa"]),
            person("elsewhere", roles=["front_desk"], centres=["tabqa"]),
            person("hala", roles=["manager"], centres=["raqqa"]),
            person("away", status="disabled", roles=["front_desk"], centres=["raqqa"]),
            requested(),
        )
        [notice] = inbox_of(hope, "desk")
        assert notice.title == "A booking waits for approval: Main hall, 24 November 2026"
        heard = {each["recipient_id"] for each in stored(hope, "notifications")}
        assert heard == {"sara", "omar", "desk"}

    def test_who_has_lost_the_role_hears_nothing_even_if_older_news_comes_late(
        self, hope: App
    ) -> None:
        hired = person("desk", roles=["front_desk"], centres=["raqqa"])
        arrive(hope, person("desk", version=2), hired, requested())
        assert inbox_of(hope, "desk") == []

    def test_who_has_left_is_not_told(self, hope: App) -> None:
        arrive(hope, membership("omar", version=2, granted=False), confirmed())
        assert inbox_of(hope, "omar") == []
        assert len(inbox_of(hope, "sara")) == 1

    def test_another_organisation_is_not_told(self, hope: App) -> None:
        arrive(hope, person("lina"), membership("lina", "light"), confirmed())
        assert inbox_of(hope, "lina") == []

    def test_a_change_of_details_sends_no_mail(self, hope: App) -> None:
        arrive(hope, changed())
        assert len(inbox_of(hope, "sara")) == 1
        assert stored(hope, "deliveries") == []

    def test_a_series_is_told_once_and_not_booking_by_booking(self, hope: App) -> None:
        many = [confirmed(series_id=SERIES, part_of=SERIES, booking_id=f"b{n}") for n in range(3)]
        arrive(hope, *many, series_created())
        assert [each.event_type for each in inbox_of(hope, "omar")] == ["bookings.series.created"]
        assert len(stored(hope, "deliveries")) == 2

    def test_an_occurrence_that_changes_alone_is_told_for_itself(self, hope: App) -> None:
        arrive(hope, cancelled(series_id=SERIES))
        assert len(inbox_of(hope, "omar")) == 1

    def test_an_offer_of_the_waitlist_is_urgent(self, hope: App) -> None:
        arrive(hope, waitlist_offered(), waitlist_expired())
        newest = [each.event_type for each in inbox_of(hope, "sara")]
        assert sorted(newest) == ["bookings.waitlist.expired", "bookings.waitlist.offered"]
        rule = rules_for("bookings.waitlist.offered")[0]
        assert (rule.urgency, rule.channels) == (Urgency.URGENT, (INBOX, EMAIL))

    def test_an_offer_that_is_taken_back_is_as_urgent_as_it_was(self, hope: App) -> None:
        arrive(hope, waitlist_offered(), waitlist_withdrawn())
        told = [each.event_type for each in inbox_of(hope, "sara")]
        assert sorted(told) == ["bookings.waitlist.offered", "bookings.waitlist.withdrawn"]
        rule = rules_for("bookings.waitlist.withdrawn")[0]
        assert (rule.urgency, rule.channels) == (Urgency.URGENT, (INBOX, EMAIL))

    def test_an_event_that_no_row_names_is_nobodys_message(self, hope: App) -> None:
        unknown = replace(confirmed(), type="bookings.booking.held")
        arrive(hope, unknown)
        assert stored(hope, "notifications") == []

    @pytest.mark.parametrize(
        ("event", "title", "mailed"),
        [
            (requested(), "Booking requested: Main hall, 24 November 2026", False),
            (rejected(), "Booking request declined: Main hall, 24 November 2026", True),
            (expired(), "Booking request expired: Main hall, 24 November 2026", True),
            (no_show(), "Nobody came: Main hall, 24 November 2026", True),
        ],
    )
    def test_decisions_and_what_time_does_are_told(
        self, hope: App, event: CloudEvent, title: str, mailed: bool
    ) -> None:
        arrive(hope, event)
        [to_omar] = inbox_of(hope, "omar")
        assert to_omar.title == title
        assert len(inbox_of(hope, "sara")) == 1
        assert bool(mail_to(hope, "omar")) is mailed

    def test_the_whole_story_of_a_booking_newest_first(self, hope: App) -> None:
        arrive(hope, cancelled(at=NOW + timedelta(minutes=2)), confirmed())
        arrive(hope, rescheduled())
        types = [n.event_type.rsplit(".", 1)[1] for n in inbox_of(hope, "sara")]
        assert types[0] == "cancelled"
        assert set(types[1:]) == {"confirmed", "rescheduled"}


class TestOnceOnly:
    def test_an_event_that_arrives_again_changes_nothing(self, hope: App) -> None:
        booked = confirmed()
        arrive(hope, booked, booked)
        before = stored(hope, "notifications"), stored(hope, "deliveries")
        arrive(hope, booked)
        assert (stored(hope, "notifications"), stored(hope, "deliveries")) == before
        assert len(inbox_of(hope, "sara")) == 1

    def test_a_replay_after_the_notes_are_gone_makes_no_second_message(self, hope: App) -> None:
        booked = confirmed()
        arrive(hope, booked)
        hope.database.collection("inbox_events").delete_many({})
        arrive(hope, booked)
        assert len(inbox_of(hope, "sara")) == 1
        assert len(mail_to(hope, "sara")) == 1

    @pytest.mark.parametrize("forgotten", [slice(0, 2), slice(1, 3), slice(2, 4), slice(0, 4)])
    def test_a_batch_of_which_some_was_told_before_tells_the_rest(
        self, hope: App, forgotten: slice
    ) -> None:
        events = [confirmed(booking_id=f"b{n}") for n in range(4)]
        arrive(hope, *events[forgotten])
        told = stored(hope, "deliveries")
        hope.database.collection("inbox_events").delete_many({})
        with commands(hope.database) as asked:
            arrive(hope, *events)
        assert asked.count("find notifications") == asked.count("find deliveries") == 1
        for person_id in ("sara", "omar"):
            for found in (inbox_of(hope, person_id), mail_to(hope, person_id)):
                assert len(found) == 4
        assert [d for d in stored(hope, "deliveries") if d in told] == told
        assert waiting(hope) == 8

    def test_a_message_that_is_there_under_another_id_is_not_told_and_ends(self, hope: App) -> None:
        booked = confirmed()
        arrive(hope, booked)
        hope.database.collection("inbox_events").delete_many({})
        [mail] = mail_to(hope, "sara")
        mails = hope.database.collection("deliveries")
        mails.delete_one({"_id": mail["_id"]})
        mails.insert_one(mail | {"_id": "another"})
        with pytest.raises(AlreadyThere, match="deliveries"):
            arrive(hope, booked)
        assert stored(hope, "inbox_events") == []

    def test_processes_that_race_with_parts_of_one_batch_tell_each_once(self, hope: App) -> None:
        events = [confirmed(booking_id=f"b{n}") for n in range(9)]
        start = threading.Barrier(5)

        def take(first: int) -> None:
            start.wait()
            arrive(hope, *events[first : first + 5])

        with ThreadPoolExecutor(5) as processes:
            for each in [processes.submit(take, first) for first in range(5)]:
                each.result()
        assert len(inbox_of(hope, "sara")) == len(mail_to(hope, "sara")) == 9
        assert waiting(hope) == 18

    def test_the_database_itself_refuses_a_second_message(self, hope: App) -> None:
        arrive(hope, confirmed())
        for collection in ("notifications", "deliveries"):
            double = stored(hope, collection)[0] | {"_id": "another"}
            with pytest.raises(DuplicateKeyError):
                hope.database.collection(collection).insert_one(double)

    def test_a_failure_between_two_channels_leaves_neither(
        self, hope: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        booked = confirmed()

        def fail(*_: object, **__: object) -> None:
            raise ConnectionResetError

        email = hope.channels["email"]
        with monkeypatch.context() as broken:
            broken.setattr(type(email), "accept", fail)
            with pytest.raises(ConnectionResetError):
                arrive(hope, booked)
        assert stored(hope, "notifications") == []
        arrive(hope, booked)
        assert len(inbox_of(hope, "sara")) == len(mail_to(hope, "sara")) == 1


class TestProjection:
    def test_any_order_and_any_repetition_ends_the_same(self, app: App) -> None:
        story = [
            *two_members_of_hope(),
            person("sara", "en", version=2, email="new@example.org"),
            person("sara", "ar", version=3, email="newest@example.org"),
            organisation(version=2, ar="الأمل", en="Hope"),
            membership("omar", version=2, granted=False),
            membership("omar", version=3),
            membership("sara", version=2, granted=False),
        ]
        chaos = random.Random(20261123)
        for _ in range(10):
            events = story * 2
            chaos.shuffle(events)
            while events:
                size = chaos.randint(1, 5)
                arrive(app, *events[:size])
                events = events[size:]
            known = app.people.find_known(
                members_of=["hope"], organisations=["hope"], people=["sara"]
            )
            contact = known.contacts["sara"]
            assert (contact.version, contact.email) == (3, "newest@example.org")
            assert known.members == {"hope": {"omar"}}
            assert known.organisations["hope"]["en"] == "Hope"
            for collection in ("people", "organisations", "memberships", "inbox_events"):
                app.database.collection(collection).delete_many({})

    def test_a_late_grant_does_not_bring_a_member_back(self, app: App) -> None:
        arrive(app, membership("sara", version=2, granted=False))
        arrive(app, membership("sara", version=1))
        assert app.people.find_known(members_of=["hope"]).members == {"hope": set()}

    def test_a_name_is_never_read_as_an_expression(self, app: App) -> None:
        arrive(app, person("sara", ar="$$ROOT", en="$version"))
        [contact] = app.people.find_known(people=["sara"]).contacts.values()
        assert contact.name == {"ar": "$$ROOT", "en": "$version"}

    def test_what_is_known_of_a_part_is_told_without_the_rest(self, app: App) -> None:
        asked = {"members_of": ["hope"], "organisations": ["hope"], "people": ["ziad", "nobody"]}
        assert app.people.find_known(**asked) == Known({}, {}, {})
        arrive(app, membership("sara"))
        assert app.people.find_known(**asked) == Known({"hope": {"sara"}}, {}, {})
        arrive(app, organisation(ar="الأمل", en="Hope"), person("ziad", "ar"), person("omar"))
        known = app.people.find_known(**asked)
        assert known.members == {"hope": {"sara"}}
        assert known.contacts.keys() == {"ziad"}
        assert known.organisations == {"hope": {"ar": "الأمل", "en": "Hope"}}

    def test_members_bring_their_contacts_and_those_who_have_left_do_not(self, app: App) -> None:
        arrive(app, *two_members_of_hope(), membership("omar", version=2, granted=False))
        known = app.people.find_known(members_of=["hope"])
        assert known.members == {"hope": {"sara"}}
        assert known.contacts.keys() == {"sara"}
        assert known.organisations == {}


def assert_waits(untaken: dict[str, Exception], *events: CloudEvent) -> None:
    """These events, and no others, wait for their organisation."""
    assert untaken.keys() == {event.id for event in events}
    assert {type(reason) for reason in untaken.values()} <= {NotYet}


class TestEarlyEvents:
    def test_a_booking_before_its_organisation_waits_and_is_told_then(self, app: App) -> None:
        booked = confirmed()
        assert_waits(arrive(app, booked), booked)
        assert stored(app, "notifications") == []
        arrive(app, *two_members_of_hope())
        arrive(app, booked)
        assert len(inbox_of(app, "sara")) == len(inbox_of(app, "omar")) == 1

    def test_members_in_the_same_batch_are_in_time(self, app: App) -> None:
        arrive(app, confirmed(), *two_members_of_hope())
        assert len(inbox_of(app, "omar")) == 1

    def test_one_early_event_does_not_hold_up_the_others(self, hope: App) -> None:
        booked, early = confirmed(), confirmed(organisation_id="unheard-of")
        assert_waits(arrive(hope, early, booked), early)
        assert [n.event_id for n in inbox_of(hope, "sara")] == [booked.id]

    def test_after_some_patience_whoever_is_known_is_told(self, app: App) -> None:
        booked = confirmed()
        arrive(app, person("sara"))
        assert_waits(arrive(app, booked), booked)
        app.clock.advance(PATIENCE)  # type: ignore[attr-defined]
        arrive(app, booked)
        [notice] = inbox_of(app, "sara")
        assert "منظمتكم" in notice.body

    def test_when_nobody_becomes_known_it_is_parked_and_a_replay_finds_it_new(
        self, app: App
    ) -> None:
        booked = confirmed()
        assert_waits(arrive(app, booked), booked)
        app.clock.advance(PATIENCE)  # type: ignore[attr-defined]
        untaken = arrive(app, booked)
        assert [type(reason) for reason in untaken.values()] == [Permanent]
        arrive(app, *two_members_of_hope())
        arrive(app, booked)
        assert len(inbox_of(app, "sara")) == 1

    def test_an_organisation_that_all_have_left_is_known(self, app: App) -> None:
        arrive(app, membership("sara", version=2, granted=False))
        arrive(app, confirmed(actor_kind="system"))
        assert stored(app, "notifications") == []

    @pytest.mark.parametrize("members", [[], [membership("sara", version=2, granted=False)]])
    def test_an_organisation_without_a_member_is_known_and_its_events_wait_for_nothing(
        self, app: App, members: list[CloudEvent]
    ) -> None:
        arrive(app, organisation(), *members)
        by_staff = confirmed(changed_by="desk")
        assert arrive(app, confirmed(actor_kind="system"), by_staff, cancelled()) == {}
        assert {n["recipient_id"] for n in stored(app, "notifications")} == {"desk", "sara"}
        assert stored(app, "early_events") == []

    def test_who_joins_later_is_told_of_what_happens_then(self, app: App) -> None:
        arrive(app, organisation())
        arrive(app, confirmed(actor_kind="system"))
        arrive(app, membership("omar"), cancelled())
        assert [n.event_type for n in inbox_of(app, "omar")] == ["bookings.booking.cancelled"]

    def test_an_invited_organisation_without_a_member_holds_up_nothing(self, hope: App) -> None:
        arrive(hope, organisation("furat", ar="الفرات", en="Euphrates"))
        assert arrive(hope, invited(organisation_id="furat")) == {}

    def test_many_that_wait_cost_as_little_as_one(self, hope: App) -> None:
        early = [confirmed(organisation_id=f"unheard-of-{n}") for n in range(49)]
        with commands(hope.database) as asked:
            assert_waits(arrive(hope, *early, confirmed()), *early)
        assert len([each for each in asked if "early_events" in each]) == 2
        assert len(inbox_of(hope, "sara")) == 1

    def test_a_member_whose_contact_is_late_is_told_in_arabic(self, app: App) -> None:
        arrive(app, membership("omar"), confirmed())
        [notice] = inbox_of(app, "omar")
        assert notice.language == "ar"
        assert len(mail_to(app, "omar")) == 1


class TestPoison:
    @pytest.mark.parametrize(
        "damage",
        [
            {"starts_at": "tomorrow"},
            {"organisation_id": None},
            {"space_name": {"en": "no Arabic"}},
            {"time_zone": 3},
        ],
    )
    def test_data_that_breaks_the_contract_is_permanent_and_does_nothing(
        self, hope: App, damage: dict[str, Any]
    ) -> None:
        poison = replace(confirmed(), data=booking_data() | damage)
        with pytest.raises(Permanent):
            arrive(hope, confirmed(), poison)
        assert stored(hope, "notifications") == []

    def test_a_person_without_an_address_is_permanent(self, app: App) -> None:
        whole = person("sara")
        details = {k: v for k, v in whole.data["details"].items() if k != "email"}
        with pytest.raises(Permanent):
            arrive(app, replace(whole, data={**whole.data, "details": details}))

    def test_a_zone_that_does_not_exist_is_permanent(self, hope: App) -> None:
        with pytest.raises(Permanent):
            arrive(hope, replace(confirmed(), data=booking_data(time_zone="Asia/Nowhere")))


LOOKED_UP = ["aggregate memberships"]
# Nobody who is named is erased meanwhile.
HELD = "update people"


def test_a_batch_takes_few_round_trips(hope: App) -> None:
    with commands(hope.database) as asked:
        arrive(hope, *(changed() for _ in range(50)))
    assert len(inbox_of(hope, "sara")) == 50
    written = ["insert inbox_events", HELD, "insert notifications"]
    assert asked == [*LOOKED_UP, *written, "commit"]


def test_a_batch_with_mails_takes_few_round_trips_too(hope: App) -> None:
    with commands(hope.database) as asked:
        arrive(hope, *(confirmed() for _ in range(50)))
    assert len(mail_to(hope, "sara")) == 50
    written = ["insert inbox_events", HELD, "insert notifications", "insert deliveries"]
    assert asked == [*LOOKED_UP, *written, "commit"]
