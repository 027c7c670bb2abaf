"""What is still to be sent when its time has come, on a real SMTP server: nobody reads last what
does not hold any more, nor what is not their business any more."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from services.common.events.envelope import CloudEvent
from services.common.storage.deadlines import LEASE
from services.notifications.app import App
from services.notifications.domain.delivery import OLDEST_DATE, PAUSES
from services.notifications.domain.inbox import VISIBLE
from services.notifications.operations.deliver import WAITS
from tests.support import notifications as given
from tests.support.mongo import commands
from tests.support.notifications import (
    NOW,
    Mailbox,
    arrive,
    cancelled,
    confirmed,
    send_due,
    waiting,
)
from tests.support.stack import Server

CONFIRMED, CANCELLED = "bookings.booking.confirmed", "bookings.booking.cancelled"
GREYLISTED = "450 greylisted"
SARA = "sara@example.org"
EVERYTHING_IS_DUE = max(PAUSES)


@pytest.fixture
def app(database: Server, port: int) -> Iterator[App]:
    """The application when Sara of the Hope Association is known."""
    with given.an_app(database.uri, replace(given.MAIL, port=port)) as built:
        arrive(built, given.organisation(), given.person("sara"), given.membership("sara"))
        yield built


def later(app: App, by: timedelta = EVERYTHING_IS_DUE) -> None:
    """What is due after that time is done."""
    app.clock.advance(by)  # type: ignore[attr-defined]
    send_due(app)


def deliveries(app: App) -> dict[str, dict[str, Any]]:
    return {each["_id"]: each for each in app.database.collection("deliveries").find()}


def queue_for_front_desk(app: App, *people: str) -> None:
    """Mails to the front desk of Raqqa: today's rules write to it in the inbox only."""
    arrive(app, confirmed())
    [known] = [each for each in deliveries(app).values() if each["recipient_id"] == "sara"]
    collection = app.database.collection("deliveries")
    collection.delete_one({"_id": known["_id"]})
    duty = {"role": "front_desk", "centre_id": "raqqa"}
    collection.insert_many(
        [
            known | {"_id": f"to-{each}", "recipient_id": each, "membership": None, "duty": duty}
            for each in people
        ]
    )


def delivery(app: App, event_type: str) -> dict[str, Any]:
    [found] = [each for each in deliveries(app).values() if each["event_type"] == event_type]
    return found


def trail(app: App, event_type: str) -> list[str]:
    return [entry["state"] for entry in delivery(app, event_type)["trail"]]


def came(app: App, mailbox: Mailbox) -> list[str]:
    """The events of the mails, in the order in which the server accepted them."""
    known = deliveries(app)
    return [known[mail["Message-ID"][1:].partition("@")[0]]["event_type"] for mail in mailbox.mails]


def told(app: App) -> list[tuple[str, str]]:
    outbox = [
        CloudEvent.from_wire(row["event"]) for row in app.database.collection("outbox").find()
    ]
    return [(each.type.rpartition(".")[2], each.data["event_type"]) for each in outbox]


class TestLaterNewsFirst:
    def test_a_confirmation_that_the_server_puts_off_does_not_follow_the_cancellation(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, confirmed())
        mailbox.refuse = {SARA: GREYLISTED}
        send_due(app)
        mailbox.refuse = {}
        arrive(app, cancelled())
        send_due(app)
        assert came(app, mailbox) == [CANCELLED]
        later(app)
        assert came(app, mailbox) == [CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "attempting", "queued", "skipped"]
        reason = "overtaken by version 2 of what it tells about"
        skipped = delivery(app, CONFIRMED)
        assert skipped["reason"] == skipped["trail"][-1]["reason"] == reason
        assert "text" not in skipped
        assert sorted(told(app)) == [("sent", CANCELLED), ("skipped", CONFIRMED)]
        assert waiting(app) == 0

    def test_it_ends_when_the_cancellation_goes_and_not_hours_later(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, confirmed())
        mailbox.refuse = {SARA: GREYLISTED}
        send_due(app)
        mailbox.refuse = {}
        arrive(app, cancelled())
        send_due(app)
        assert delivery(app, CONFIRMED)["state"] == "skipped"
        assert waiting(app) == 0

    def test_of_two_that_wait_only_the_last_is_sent(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, confirmed(), cancelled())
        send_due(app)
        assert came(app, mailbox) == [CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "skipped"]

    @pytest.mark.parametrize("sent_before", [True, False])
    def test_an_older_event_that_arrives_later_is_in_the_inbox_at_its_place_and_no_mail(
        self, app: App, mailbox: Mailbox, sent_before: bool
    ) -> None:
        arrive(app, cancelled(at=NOW + timedelta(minutes=2)))
        if sent_before:
            send_due(app)
        arrive(app, confirmed())
        later(app)
        assert came(app, mailbox) == [CANCELLED]
        inbox = app.notifications.page("sara", VISIBLE, limit=9, after=None)
        assert [each.event_type for each in inbox] == [CANCELLED, CONFIRMED]
        assert trail(app, CONFIRMED) == ["queued", "skipped"]

    def test_it_is_not_news_either_when_it_is_replayed_months_later(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, cancelled())
        send_due(app)
        app.clock.advance(timedelta(days=89))  # type: ignore[attr-defined]
        arrive(app, confirmed())
        later(app)
        assert came(app, mailbox) == [CANCELLED]

    def test_whatever_the_order_of_arrival_nobody_reads_an_older_one_after_a_newer(
        self, app: App, mailbox: Mailbox
    ) -> None:
        chaos = random.Random(20261123)
        for number in range(12):
            name = f"0190b0a5-7c1e-7000-8000-{number:012}"
            moves = [
                replace(given.rescheduled(booking_id=name), id=f"{number}-{v}", aggregate_version=v)
                for v in (2, 3, 4)
            ]
            off = replace(cancelled(booking_id=name), aggregate_version=5)
            story = [confirmed(booking_id=name), *moves, off]
            chaos.shuffle(story)
            for event in story:
                arrive(app, event)
                mailbox.answers = chaos.choices(["451 later", "250 kept", None], k=2)
                later(app, chaos.choice(PAUSES))
            mailbox.answers = []
            later(app)
            later(app)
        known = deliveries(app)
        versions: dict[str, list[int]] = {}
        for mail in mailbox.mails:
            one = known[mail["Message-ID"][1:].partition("@")[0]]
            versions.setdefault(one["subject_id"], []).append(one["aggregate_version"])
        assert len(versions) == 12
        assert all(each == sorted(each) and each[-1] == 5 for each in versions.values()), versions
        assert {each["state"] for each in known.values()} == {"sent", "skipped"}
        assert waiting(app) == 0


class TestUnderWay:
    def test_one_that_may_have_arrived_is_not_sent_again_after_newer_news(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, confirmed())
        mailbox.answers = [None]
        send_due(app)
        arrive(app, cancelled())
        later(app)
        assert came(app, mailbox) == [CONFIRMED, CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "attempting", "unknown", "skipped"]

    def test_newer_news_waits_for_one_that_is_being_sent(
        self, app: App, mailbox: Mailbox, during: Callable[[str, Callable[[], None]], None]
    ) -> None:
        def meanwhile() -> None:
            arrive(app, cancelled())
            send_due(app)
            assert delivery(app, CANCELLED)["state"] == "queued"
            assert mailbox.mails == []

        arrive(app, confirmed())
        during("_send", meanwhile)
        send_due(app)
        assert came(app, mailbox) == [CONFIRMED]
        later(app, WAITS)
        assert came(app, mailbox) == [CONFIRMED, CANCELLED]
        assert trail(app, CANCELLED) == ["queued", "attempting", "sent"]

    def test_also_where_both_are_to_be_read(
        self, app: App, mailbox: Mailbox, during: Callable[[str, Callable[[], None]], None]
    ) -> None:
        def meanwhile() -> None:
            arrive(app, given.series_changed(scope="following", whole=False))
            send_due(app)
            assert mailbox.mails == []

        arrive(app, given.series_created())
        during("_send", meanwhile)
        send_due(app)
        later(app, WAITS)
        assert came(app, mailbox) == ["bookings.series.created", "bookings.series.changed"]

    def test_and_takes_its_place_where_it_is_put_off(
        self, app: App, mailbox: Mailbox, during: Callable[[str, Callable[[], None]], None]
    ) -> None:
        def meanwhile() -> None:
            arrive(app, cancelled())
            send_due(app)
            mailbox.answers = ["451 later"]

        arrive(app, confirmed())
        during("_send", meanwhile)
        send_due(app)
        later(app, WAITS)
        assert came(app, mailbox) == [CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "attempting", "queued", "skipped"]

    def test_news_that_comes_between_the_look_and_the_attempt_goes_instead(
        self, app: App, mailbox: Mailbox, during: Callable[[str, Callable[[], None]], None]
    ) -> None:
        def meanwhile() -> None:
            arrive(app, cancelled())
            send_due(app)

        arrive(app, confirmed())
        during("prepare", meanwhile)
        send_due(app)
        later(app)
        assert came(app, mailbox) == [CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "skipped"]

    def test_an_attempt_that_begins_between_the_look_and_the_skip_is_waited_for(
        self, app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arrive(app, confirmed())
        mailbox.refuse = {SARA: GREYLISTED}
        send_due(app)
        mailbox.refuse = {}
        arrive(app, cancelled())
        look = type(app.deliveries).read_case
        begun: list[str] = []

        def begins_then(store: Any, delivery_id: str) -> Any:
            case = look(store, delivery_id)
            for earlier in case.earlier if not begun else ():
                begun.append(earlier.id)
                assert store.begin(earlier, app.clock.now())
            return case

        monkeypatch.setattr(type(app.deliveries), "read_case", begins_then)
        send_due(app)
        assert begun
        assert mailbox.mails == []
        assert delivery(app, CANCELLED)["due_at"] == app.clock.now() + WAITS
        # To wait is no failure, after which it would come back later and later.
        assert "claims" not in delivery(app, CANCELLED)
        assert delivery(app, CANCELLED)["state"] == "queued"
        assert delivery(app, CONFIRMED)["state"] == "attempting"

    def test_the_attempt_of_a_worker_that_died_holds_newer_news_up_for_its_lease_only(
        self, app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        def die(*_: object) -> None:
            raise Killed

        arrive(app, confirmed())
        with monkeypatch.context() as crash:
            crash.setattr(type(app.channels["email"]), "_send", die)
            with pytest.raises(Killed):
                send_due(app)
        arrive(app, cancelled())
        send_due(app)
        assert mailbox.mails == []
        later(app, LEASE)
        later(app, WAITS)
        assert came(app, mailbox) == [CANCELLED]
        assert trail(app, CONFIRMED) == ["queued", "attempting", "unknown", "skipped"]

    @pytest.fixture
    def during(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str, Callable[[], None]], None]:
        """Have something happen once, just before a step of the channel."""
        channel = type(app.channels["email"])

        def plan(step: str, event: Callable[[], None]) -> None:
            original = getattr(channel, step)

            def interrupted(*args: Any) -> Any:
                monkeypatch.setattr(channel, step, original)
                event()
                return original(*args)

            monkeypatch.setattr(channel, step, interrupted)

        return plan


class TestWhatOvertakes:
    def test_a_change_of_details_overtakes_nothing(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, confirmed(), given.changed())
        send_due(app)
        assert came(app, mailbox) == [CONFIRMED]

    def test_another_booking_is_another_matter(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, confirmed(), cancelled(booking_id="0190b0a5-7c1e-7000-8000-0000000000b2"))
        send_due(app)
        assert sorted(came(app, mailbox)) == [CANCELLED, CONFIRMED]

    @pytest.mark.parametrize(
        "news",
        [
            given.waitlist_expired(),
            given.waitlist_ended("accepted"),
            given.waitlist_ended("declined"),
            given.waitlist_ended("left"),
        ],
    )
    def test_an_offer_is_not_made_once_it_has_ended(
        self, app: App, mailbox: Mailbox, news: CloudEvent
    ) -> None:
        arrive(app, given.waitlist_offered())
        arrive(app, news)
        send_due(app)
        assert "bookings.waitlist.offered" not in came(app, mailbox)
        assert trail(app, "bookings.waitlist.offered") == ["queued", "skipped"]

    def test_a_series_that_changed_as_a_whole_is_told_as_it_is_now(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, given.series_created(), given.series_changed())
        send_due(app)
        assert came(app, mailbox) == ["bookings.series.changed"]

    def test_what_could_be_had_in_the_end_does_not_take_the_place_of_the_rest(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, given.series_created(), given.series_changed(occurrences=1, whole=False))
        send_due(app)
        assert sorted(came(app, mailbox)) == ["bookings.series.changed", "bookings.series.created"]

    @pytest.mark.parametrize("part", [given.series_changed, given.series_cancelled])
    def test_a_change_of_a_part_leaves_true_what_was_said_of_the_rest(
        self, app: App, mailbox: Mailbox, part: Callable[..., CloudEvent]
    ) -> None:
        news = part(scope="following", whole=False)
        arrive(app, given.series_created(), news)
        send_due(app)
        assert sorted(came(app, mailbox)) == sorted(["bookings.series.created", news.type])

    def test_a_split_is_told_once_as_a_change_beside_what_was_said_of_the_rest(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, given.series_created(), *given.series_split())
        send_due(app)
        created = "bookings.series.created"
        assert came(app, mailbox) == [created, created]
        inbox = app.notifications.page("sara", VISIBLE, limit=9, after=None)
        assert {each.subject_id for each in inbox} == {given.SERIES, given.SPLIT_OFF}
        subjects = {mail["Subject"].partition(":")[0] for mail in mailbox.mails}
        assert len(subjects) == 2

    def test_what_becomes_of_a_series_that_was_split_off_overtakes_the_split(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, *given.series_split())
        mailbox.refuse = {SARA: GREYLISTED}
        send_due(app)
        mailbox.refuse = {}
        arrive(app, given.split_off_changed())
        send_due(app)
        later(app)
        assert came(app, mailbox) == ["bookings.series.changed"]
        assert trail(app, "bookings.series.created") == [
            "queued",
            "attempting",
            "queued",
            "skipped",
        ]

    def test_a_booking_that_ends_with_its_series_is_not_told_of_as_moved_before(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, given.rescheduled(series_id=given.SERIES))
        off = cancelled(series_id=given.SERIES, part_of=given.SERIES)
        arrive(app, replace(off, aggregate_version=3), given.series_cancelled())
        send_due(app)
        assert came(app, mailbox) == ["bookings.series.cancelled"]

    def test_a_guest_whose_invitation_waits_hears_of_the_new_time_with_the_link(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, *given.invited_guest("en"), given.meeting_moved())
        send_due(app)
        [mail] = mailbox.mails
        assert mail["Subject"].startswith("Meeting changed")
        token = given.LINKS.reply_token(given.INVITATION, given.NONCE)
        plain = mail.get_body(("plain",))
        assert plain is not None
        assert f"Reply to the invitation: https://masaha.example/invitations/{token}" in (
            plain.get_content()
        )


class TestWhoHasLeft:
    def test_who_is_no_member_any_more_gets_no_mail(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, given.person("omar", "en"), given.membership("omar"), confirmed())
        mailbox.refuse = {SARA: GREYLISTED}
        send_due(app)
        mailbox.refuse = {}
        arrive(app, given.membership("sara", version=2, granted=False))
        later(app)
        assert mailbox.recipients == ["omar@example.org"]
        [skipped] = [each for each in deliveries(app).values() if each["recipient_id"] == "sara"]
        states = [entry["state"] for entry in skipped["trail"]]
        assert states == ["queued", "attempting", "queued", "skipped"]
        assert skipped["reason"] == "the recipient has left"

    def test_who_has_lost_a_staff_role_gets_no_mail_that_was_for_it(
        self, app: App, mailbox: Mailbox
    ) -> None:
        desk = {"roles": ["front_desk"], "centres": ["raqqa"]}
        arrive(app, given.person("rami", "en", **desk), given.person("dima", "en", **desk))
        queue_for_front_desk(app, "rami", "dima")
        arrive(app, given.person("rami", "en", version=2))
        send_due(app)
        assert mailbox.recipients == ["dima@example.org"]
        [skipped] = [each for each in deliveries(app).values() if each["recipient_id"] == "rami"]
        assert skipped["reason"] == "the recipient has left"
        assert "text" not in skipped
        assert sorted(told(app)) == [("sent", CONFIRMED), ("skipped", CONFIRMED)]
        assert waiting(app) == 0

    def test_who_has_come_back_gets_it(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, confirmed())
        arrive(app, given.membership("sara", version=2, granted=False))
        arrive(app, given.membership("sara", version=3))
        send_due(app)
        assert came(app, mailbox) == [CONFIRMED]

    def test_another_membership_does_not_count(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, given.membership("sara", "light"), confirmed())
        arrive(app, given.membership("sara", version=2, granted=False))
        send_due(app)
        assert mailbox.mails == []

    def test_so_it_is_with_an_organisation_that_is_invited(
        self, app: App, mailbox: Mailbox
    ) -> None:
        for person_id in ("ziad", "lina"):
            arrive(app, given.person(person_id), given.membership(person_id, "furat"))
        arrive(app, given.organisation("furat"), given.invited(organisation_id="furat"))
        arrive(app, given.membership("ziad", "furat", version=2, granted=False))
        send_due(app)
        assert mailbox.recipients == ["lina@example.org"]

    def test_a_guest_belongs_to_nobody_and_is_told(self, app: App, mailbox: Mailbox) -> None:
        arrive(app, *given.invited_guest())
        send_due(app)
        assert mailbox.recipients == ["salma@example.org"]

    def test_one_whose_attempt_may_have_arrived_is_not_sent_again(
        self, app: App, mailbox: Mailbox
    ) -> None:
        arrive(app, confirmed())
        mailbox.answers = [None]
        send_due(app)
        arrive(app, given.membership("sara", version=2, granted=False))
        later(app)
        assert len(mailbox.mails) == 1
        assert trail(app, CONFIRMED) == ["queued", "attempting", "unknown", "skipped"]


class TestDate:
    def test_mails_are_dated_by_their_facts(self, app: App, mailbox: Mailbox) -> None:
        app.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
        arrive(app, given.series_cancelled(scope="following", whole=False))
        send_due(app)
        arrive(app, replace(given.series_created(), time=NOW - timedelta(hours=1)))
        send_due(app)
        dates = [parsedate_to_datetime(mail["Date"]) for mail in mailbox.mails]
        assert dates == [NOW, NOW - timedelta(hours=1)]

    def test_but_not_by_one_long_past(self, app: App, mailbox: Mailbox) -> None:
        app.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]
        arrive(app, confirmed())
        send_due(app)
        [mail] = mailbox.mails
        assert parsedate_to_datetime(mail["Date"]) == app.clock.now() - OLDEST_DATE


def test_what_decides_is_read_in_one_question(app: App, mailbox: Mailbox) -> None:
    arrive(app, confirmed())
    with commands(app.database) as asked:
        send_due(app)
    claims = "findAndModify deliveries"
    noted = ["update deliveries", "insert outbox", "commit"]
    # Whose turn it is next is looked for twice: after the last one, and from the first.
    assert asked == [claims, "aggregate deliveries", "update deliveries", *noted, claims, claims]
    assert len(mailbox.mails) == 1


def test_what_is_under_way_is_found_by_an_index_of_those_that_are_not_over(
    app: App, mailbox: Mailbox
) -> None:
    arrive(app, *(confirmed(booking_id=f"b{number}") for number in range(30)))
    send_due(app)
    arrive(app, confirmed(), cancelled())
    used = app.database.collection("deliveries").aggregate([{"$indexStats": {}}])
    before = {each["name"]: each["accesses"]["ops"] for each in used}
    name = app.database.collection("x").database.name
    profile = app.database.client[name]
    profile.command("profile", 2)
    case = app.deliveries.read_case(delivery(app, CANCELLED)["_id"])
    profile.command("profile", 0)
    assert case is not None
    assert [each.event_type for each in case.earlier] == [CONFIRMED]
    used = app.database.collection("deliveries").aggregate([{"$indexStats": {}}])
    after = {each["name"]: each["accesses"]["ops"] for each in used}
    assert after["not_over"] == before["not_over"] + 1
    [asked] = profile["system.profile"].find({"command.aggregate": "deliveries"})
    # Itself, contact, membership, subject, and the two about this booking that are not over.
    assert asked["docsExamined"] <= 6
