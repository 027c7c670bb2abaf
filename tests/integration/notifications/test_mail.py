"""Mail on a real SMTP server and the real database: sent, refused, tried again, or unknown."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common.contracts.notifications import events as contract
from services.common.events.envelope import CloudEvent
from services.common.storage.deadlines import BACKOFF, LEASE
from services.notifications.app import App
from services.notifications.channels import smtp
from services.notifications.domain.delivery import PAUSES
from tests.support.notifications import (
    MAIL,
    Mailbox,
    a_mail_server,
    an_app,
    arrive,
    confirmed,
    membership,
    organisation,
    person,
    send_due,
    waiting,
)
from tests.support.stack import Server


@pytest.fixture
def app(database: Server, port: int) -> Iterator[App]:
    """One mail, to Sara, is queued."""
    with an_app(database.uri, replace(MAIL, port=port)) as built:
        arrive(built, organisation(), person("sara"), membership("sara"), confirmed())
        yield built


def wait_for_retry(app: App, number: int = 1) -> None:
    app.clock.advance(PAUSES[number - 1])  # type: ignore[attr-defined]


def delivery(app: App) -> dict[str, Any]:
    found = app.database.collection("deliveries").find_one()
    assert found is not None
    return found


def trail(app: App) -> list[str]:
    return [entry["state"] for entry in delivery(app)["trail"]]


def told(app: App) -> list[CloudEvent]:
    return [CloudEvent.from_wire(r["event"]) for r in app.database.collection("outbox").find()]


def test_a_mail_is_sent_once_and_told(app: App, mailbox: Mailbox) -> None:
    send_due(app)
    send_due(app)
    [mail] = mailbox.mails
    assert mailbox.recipients == ["sara@example.org"]
    assert mail["Subject"].startswith("تم تأكيد الحجز")
    assert mail["Message-ID"] == f"<{delivery(app)['_id']}@masaha.example>"
    assert trail(app) == ["queued", "attempting", "sent"]
    assert "text" not in delivery(app)
    assert waiting(app) == 0
    [fact] = told(app)
    assert (fact.type, fact.aggregate_version) == (contract.DELIVERY_SENT.name, 1)
    assert fact.data["recipient_id"] == "sara"
    assert "example.org" not in str(fact.data)


def test_nothing_is_sent_before_the_worker_works(app: App, mailbox: Mailbox) -> None:
    assert mailbox.mails == []
    assert waiting(app) == 1


@pytest.mark.parametrize("refusal", ["451 later", "452 mailbox full", "421 going down"])
def test_a_temporary_refusal_is_tried_again_later(app: App, mailbox: Mailbox, refusal: str) -> None:
    mailbox.answers = [refusal]
    send_due(app)
    assert delivery(app)["state"] == "queued"
    assert delivery(app)["reason"] == refusal
    send_due(app)
    assert mailbox.mails == []
    wait_for_retry(app)
    send_due(app)
    assert len(mailbox.mails) == 1
    assert trail(app) == ["queued", "attempting", "queued", "attempting", "sent"]


def test_greylisting_of_the_recipient_is_tried_again(app: App, mailbox: Mailbox) -> None:
    mailbox.refuse = {"sara@example.org": "450 greylisted"}
    send_due(app)
    mailbox.refuse = {}
    wait_for_retry(app)
    send_due(app)
    assert delivery(app)["state"] == "sent"


def test_a_mailbox_that_does_not_exist_fails_for_good(app: App, mailbox: Mailbox) -> None:
    mailbox.refuse = {"sara@example.org": "550 <Sara@Example.org>: no such mailbox"}
    send_due(app)
    assert delivery(app)["state"] == "failed"
    assert delivery(app)["reason"] == "550 <recipient>: no such mailbox"
    assert waiting(app) == 0
    [fact] = told(app)
    assert (fact.type, fact.data["status"]) == (contract.DELIVERY_FAILED.name, "failed")


def test_a_mail_refused_for_its_content_fails_for_good(app: App, mailbox: Mailbox) -> None:
    mailbox.answers = ["554 looks like spam"]
    send_due(app)
    assert delivery(app)["state"] == "failed"


def test_a_server_that_is_away_is_tried_until_it_is_back(app: App, port: int) -> None:
    for attempt in (1, 2, 3):
        send_due(app)
        assert delivery(app)["reason"] == "no connection: ConnectionRefusedError"
        wait_for_retry(app, attempt)
    with a_mail_server(port) as mailbox:
        send_due(app)
        assert len(mailbox.mails) == 1


def test_a_server_that_never_comes_back_ends_in_failed(app: App) -> None:
    for attempt in range(1, len(PAUSES) + 1):
        send_due(app)
        assert delivery(app)["state"] == "queued"
        wait_for_retry(app, attempt)
    send_due(app)
    assert delivery(app)["state"] == "failed"
    assert delivery(app)["reason"].startswith("given up: ")
    assert [fact.data["status"] for fact in told(app)] == ["failed"]
    assert waiting(app) == 0


def test_a_connection_lost_after_the_mail_is_unknown_and_the_same_mail_goes_again(
    app: App, mailbox: Mailbox
) -> None:
    mailbox.answers = [None]
    send_due(app)
    assert delivery(app)["state"] == "unknown"
    assert told(app) == []
    wait_for_retry(app)
    send_due(app)
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert trail(app) == ["queued", "attempting", "unknown", "attempting", "sent"]
    assert len(told(app)) == 1


def test_a_crash_between_send_and_record_is_unknown_first_and_then_the_same_mail(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as crash:
        crash.setattr(type(app.deliveries), "settle", die)
        with pytest.raises(Killed):
            send_due(app)
    assert len(mailbox.mails) == 1
    assert delivery(app)["state"] == "attempting"
    send_due(app)
    assert delivery(app)["state"] == "attempting", "the dead worker's claim still holds"

    app.clock.advance(LEASE)  # type: ignore[attr-defined]
    send_due(app)
    assert delivery(app)["state"] == "unknown"
    assert len(mailbox.mails) == 1
    wait_for_retry(app)
    send_due(app)
    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1
    assert trail(app) == ["queued", "attempting", "unknown", "attempting", "sent"]
    assert len(told(app)) == 1


def test_a_worker_that_was_only_slow_still_reports_what_happened(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = type(app.channels["email"])
    send = channel._send  # type: ignore[attr-defined]

    def slowly(*args: Any) -> Any:
        outcome = send(*args)
        app.clock.advance(LEASE)  # type: ignore[attr-defined]
        monkeypatch.setattr(channel, "_send", send)
        send_due(app)  # another worker finds the claim run out
        assert delivery(app)["state"] == "unknown"
        return outcome

    monkeypatch.setattr(channel, "_send", slowly)
    send_due(app)
    assert delivery(app)["state"] == "sent"
    wait_for_retry(app)
    send_due(app)
    assert len(mailbox.mails) == 1


def test_an_address_that_is_none_fails_for_good_without_an_attempt(
    app: App, mailbox: Mailbox
) -> None:
    arrive(app, person("sara", version=2, email="sara@example.org\r\nBcc: x@example.org"))
    send_due(app)
    assert mailbox.mails == []
    assert trail(app) == ["queued", "failed"]


def test_the_address_is_the_one_known_when_it_is_sent(app: App, mailbox: Mailbox) -> None:
    arrive(app, person("sara", version=2, email="new@example.org"))
    send_due(app)
    assert mailbox.recipients == ["new@example.org"]


def test_a_contact_that_comes_later_is_waited_for(app: App, mailbox: Mailbox) -> None:
    contacts = app.database.collection("people")
    known = contacts.find_one_and_delete({})
    assert known is not None
    send_due(app)
    assert delivery(app)["state"] == "queued"
    contacts.insert_one(known)
    wait_for_retry(app)
    send_due(app)
    assert delivery(app)["state"] == "sent"
    assert len(mailbox.mails) == 1


def test_a_frozen_server_costs_a_timeout_and_no_mail(
    app: App, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.channels.smtp.STEP_SECONDS", 0.2)
    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", port))
        frozen.listen()
        send_due(app)
    assert delivery(app)["state"] == "queued"
    assert delivery(app)["reason"].startswith("no connection: ")


def test_two_workers_with_the_same_delivery_send_one_mail(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = type(app.channels["email"])
    prepare = channel.prepare  # type: ignore[attr-defined]

    def overtaken(*args: Any) -> Any:
        step = prepare(*args)
        monkeypatch.setattr(channel, "prepare", prepare)
        app.clock.advance(LEASE)  # type: ignore[attr-defined]
        send_due(app)
        return step

    monkeypatch.setattr(channel, "prepare", overtaken)
    send_due(app)
    assert len(mailbox.mails) == 1
    assert trail(app) == ["queued", "attempting", "sent"]
    assert len(told(app)) == 1


def test_a_server_that_takes_the_mail_and_does_not_answer_in_time_is_unknown(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.channels.smtp.MAIL_SECONDS", 0.2)
    mailbox.thinks = 0.6
    send_due(app)
    assert delivery(app)["state"] == "unknown"
    assert delivery(app)["reason"].startswith("after the mail: ")
    mailbox.thinks = 0
    wait_for_retry(app)
    send_due(app)
    assert delivery(app)["state"] == "sent"
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_one_attempt_ends_within_the_lease_of_its_deadline() -> None:
    always = smtp.TURN_SECONDS + smtp.BEFORE_SECONDS + smtp.GOODBYE_SECONDS
    the_last_step_before, data_command_and_mail = smtp.STEP_SECONDS, 2 * smtp.MAIL_SECONDS
    # CRAM-MD5 asks twice, PLAIN once and LOGIN three times; what took too long is not gone on with.
    signing_in = 6 * smtp.STEP_SECONDS
    assert always + the_last_step_before + data_command_and_mail < LEASE.total_seconds()
    assert always + signing_in < LEASE.total_seconds()


def test_the_steps_before_a_mail_share_their_time(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.channels.smtp.BEFORE_SECONDS", 0.3)
    monkeypatch.setattr(mailbox, "hesitates", 0.2)
    send_due(app)
    assert delivery(app)["state"] == "queued"
    assert delivery(app)["reason"].startswith("before the mail: ")
    assert mailbox.mails == []


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_a_delivery_that_ended_after_it_was_claimed_is_due_no_more(
    app: App, mailbox: Mailbox, state: str
) -> None:
    """Its lease had run out, another worker claimed it, and the first one then ended it."""
    ended = {"$set": {"state": state, "attempts": 1}, "$unset": {"text": ""}}
    app.database.collection("deliveries").update_one({}, ended)
    send_due(app)
    assert mailbox.mails == []
    assert waiting(app) == 0
    assert delivery(app)["state"] == state


def test_a_delivery_that_cannot_be_made_comes_back_later_each_time(
    app: App, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr(type(app.channels["email"]), "prepare", broken)
    pauses = []
    for _ in range(5):
        send_due(app)
        due = delivery(app)["due_at"]
        pauses.append(due - app.clock.now())
        app.clock.advance(due - app.clock.now())  # type: ignore[attr-defined]
    assert pauses == [*BACKOFF, BACKOFF[-1]]
    assert delivery(app)["claims"] == 5
    monkeypatch.undo()
    send_due(app)
    assert len(mailbox.mails) == 1
    assert delivery(app).keys().isdisjoint({"due_at", "claims", "token"})


def test_what_is_due_is_found_without_looking_at_what_is_over(app: App, mailbox: Mailbox) -> None:
    arrive(app, *(confirmed(booking_id=f"b{number}") for number in range(20)))
    send_due(app)
    arrive(app, confirmed(booking_id="last"))
    database = app.database.collection("deliveries").database
    database.command("profile", 2)
    assert app.due.claim() is not None
    database.command("profile", 0)
    [asked] = database["system.profile"].find({"command.findAndModify": "deliveries"})
    assert (asked["keysExamined"], asked["docsExamined"]) == (1, 1)


def test_a_thousand_mails_of_one_organisation_hold_back_no_other(
    app: App, mailbox: Mailbox
) -> None:
    for name in ("a-light", "z-youth"):
        arrive(app, organisation(name), membership("sara", name))
    arrive(app, *(confirmed(booking_id=f"b{n}") for n in range(50)))
    app.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    for name in ("a-light", "z-youth"):
        arrive(app, *(confirmed(booking_id=f"{name}-{n}", organisation_id=name) for n in range(2)))
    claimed = []
    while (deadline := app.due.claim()) is not None:
        claimed.append(deadline.subject)
    documents = app.database.collection("deliveries").find({}, {"sender": 1})
    senders = {document["_id"]: document["sender"] for document in documents}
    turns = [senders[each] for each in claimed]
    assert turns[:6] == ["a-light", "hope", "z-youth"] * 2
    assert set(turns[6:]) == {"hope"}
    assert len(turns) == 55


def test_a_turn_is_found_without_looking_at_what_waits_for_later(
    app: App, mailbox: Mailbox
) -> None:
    send_due(app)
    mailbox.answers = ["451 later"] * 40
    arrive(app, *(confirmed(booking_id=f"b{number}") for number in range(40)))
    send_due(app)
    arrive(app, organisation("z"), membership("sara", "z"))
    arrive(app, *(confirmed(booking_id=f"z{n}", organisation_id="z") for n in range(2)))
    assert app.due.claim() is not None
    database = app.database.collection("deliveries").database
    database.command("profile", 2)
    assert app.due.claim() is not None
    database.command("profile", 0)
    asked = list(database["system.profile"].find({"command.findAndModify": "deliveries"}))
    assert max(each["keysExamined"] for each in asked) <= 3
    assert max(each["docsExamined"] for each in asked) <= 1
