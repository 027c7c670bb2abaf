"""The two processes on the real broker, database and mail server: what a person sees in the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from nameko.standalone.rpc import ClusterRpcProxy

from deploy.local.mongodb import TRANSACTION_LIFETIME_SECONDS
from services.common import errors
from services.common.context import Call
from services.common.contracts.notifications.rpc import NotificationList
from services.common.contracts.registry import is_state
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.messaging.topology import EVENTS, STATES
from tests.support.awaiting import until
from tests.support.echoing import LOG_SHOWN_CHARACTERS, Running, Wire
from tests.support.mongo import drop_databases
from tests.support.notifications import (
    Mailbox,
    a_mail_server,
    booking_data,
    cancelled,
    confirmed,
    membership,
    organisation,
    person,
    requested,
    signed_in,
)
from tests.support.ports import free_port
from tests.support.stack import Server

QUEUE = "notifications.events.v1"
# A process that is killed within a transaction leaves it open: MongoDB ends it after its lifetime,
# looking twice as often. A handler that writes the same is delayed by five seconds again and again.
LEFT_OPEN_SECONDS = 1.5 * TRANSACTION_LIFETIME_SECONDS


@dataclass
class Branch:
    """Notifications as it runs, and the means to speak with it."""

    service: Running
    worker: Running
    wire: Wire
    mailbox: Mailbox
    uri: str
    start: Any

    def tell(self, *events: CloudEvent) -> None:
        for event in events:
            exchange = STATES if is_state(event.type) else EVENTS
            self.wire.publish(event.type, event.encode(), exchange=exchange.name)

    def call(self, method: str, request: dict[str, Any], person_id: str | None) -> dict[str, Any]:
        call = Call(signed_in(person_id)) if person_id else Call()
        with ClusterRpcProxy(
            {"AMQP_URI": self.uri}, context_data={"call": call.to_header()}, timeout=10
        ) as services:
            answer: dict[str, Any] = getattr(services.notifications, method)(request)
            return answer

    def inbox(self, person_id: str) -> list[dict[str, Any]]:
        answer = self.call("list_inbox", {"limit": 100}, person_id)
        assert NotificationList().validate(answer) == {}
        items: list[dict[str, Any]] = answer["items"]
        return items

    def await_inbox(self, person_id: str, count: int, seconds: float = 15) -> list[dict[str, Any]]:
        try:
            return until(
                lambda: self.inbox(person_id),
                f"{count} messages for {person_id}",
                seconds,
                enough=lambda items: len(items) >= count,
            )
        except AssertionError as error:
            # Says whether the event was late, delayed or parked, and why.
            error.add_note(self.service.log()[-LOG_SHOWN_CHARACTERS:])
            raise


@pytest.fixture(scope="module")
def branch(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Branch]:
    folder = tmp_path_factory.mktemp("notifications")
    smtp_port = free_port()
    prefix = f"t{new_id()[-12:]}"
    environment = {
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": prefix,
        "SMTP_PORT": str(smtp_port),
        "MAIL_PER_SECOND": "1000",
    }
    with ExitStack() as stack:
        stack.callback(drop_databases, database.uri, prefix)
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        stack.enter_context(wire.emptied(QUEUE, f"{QUEUE}.parked"))

        def start(command: str) -> Running:
            process = Running(folder, broker.uri, "services.notifications", command, **environment)
            stack.callback(process.close)
            return process

        mailbox = stack.enter_context(a_mail_server(smtp_port))
        service, worker = start("service"), start("worker")
        service.await_ready()
        worker.await_ready()
        yield Branch(service, worker, wire, mailbox, broker.uri, start)


def test_members_are_told_in_inbox_and_mail_and_the_delivery_is_told(branch: Branch) -> None:
    branch.tell(organisation(), person("sara"), membership("sara"), confirmed())
    [notice] = branch.await_inbox("sara", 1)
    assert notice["state"] == "unread"
    until(lambda: branch.mailbox.mails, "the mail")
    assert branch.mailbox.mails[0]["Subject"] == notice["title"]
    # The delivery's event.
    branch.worker.await_metric("masaha_events_published_total", service="notifications")


def test_reading_and_archiving_over_rpc(branch: Branch) -> None:
    branch.tell(organisation("read"), person("rima"), membership("rima", "read"))
    branch.tell(confirmed(organisation_id="read", changed_by="rima"))
    [notice] = branch.await_inbox("rima", 1)
    read = branch.call("mark_read", {"id": notice["id"], "expected_version": 1}, "rima")
    assert (read["state"], read["version"]) == ("read", 2)
    with pytest.raises(Exception, match="stale"):
        branch.call("archive_notification", {"id": notice["id"], "expected_version": 1}, "rima")
    with pytest.raises(Exception, match="not_found"):
        branch.call("get_notification", {"id": notice["id"]}, "somebody")
    with pytest.raises(Exception, match=errors.Unauthenticated.default_code):
        branch.call("list_inbox", {}, None)
    with pytest.raises(Exception, match="invalid"):
        branch.call("list_inbox", {"limit": 0}, "rima")
    branch.call("archive_notification", {"id": notice["id"], "expected_version": 2}, "rima")
    assert branch.inbox("rima") == []


def test_the_front_desk_hears_of_requests_as_long_as_it_is_the_front_desk(branch: Branch) -> None:
    at_it = {"roles": ["front_desk"], "centres": ["raqqa"]}
    branch.tell(organisation("desks"), membership("maya", "desks"), person("dima", **at_it))
    branch.tell(requested(organisation_id="desks"))
    [notice] = branch.await_inbox("dima", 1)
    assert notice["event_type"] == "bookings.booking.requested"
    branch.tell(person("dima", version=2), person("rami", **at_it))
    branch.tell(requested(organisation_id="desks"))
    branch.await_inbox("rami", 1)
    assert [each["id"] for each in branch.inbox("dima")] == [notice["id"]]


def test_poison_in_a_batch_is_parked_and_the_rest_is_told(branch: Branch) -> None:
    parked = f"{QUEUE}.parked"
    branch.wire.purge(parked)
    branch.tell(organisation("p"), person("hadi"), membership("hadi", "p"))
    good = [confirmed(organisation_id="p") for _ in range(5)]
    poison = replace(confirmed(organisation_id="p"), data=booking_data(starts_at="tomorrow"))
    branch.tell(*good[:3], poison, *good[3:])
    assert len(branch.await_inbox("hadi", 5)) == 5
    branch.wire.await_depth(parked, 1)
    branch.wire.purge(parked)


def test_a_booking_before_its_organisation_is_told_later(branch: Branch) -> None:
    booked = confirmed(organisation_id="late", changed_by="nour", booked_by="nour")
    branch.tell(booked)
    branch.service.await_metric("masaha_events_consumed_total", type=booked.type, outcome="delayed")
    branch.tell(organisation("late"), person("nour", "en"), membership("nour", "late"))
    [notice] = branch.await_inbox("nour", 1, seconds=20)
    assert notice["event_id"] == booked.id


def test_events_while_a_service_dies_and_another_starts_are_told_once(branch: Branch) -> None:
    branch.tell(organisation("k"), person("kinan"), membership("kinan", "k"))
    events = [confirmed(organisation_id="k", booking_id=new_id()) for _ in range(150)]
    events += [cancelled(organisation_id="k", booking_id=new_id()) for _ in range(50)]
    branch.tell(*events[:100])
    branch.service.process.send_signal(signal.SIGKILL)
    branch.service.process.wait(10)
    branch.tell(*events[100:], *events[:40])
    branch.service = branch.start("service").await_ready()
    until(
        lambda: branch.call("list_inbox", {"limit": 1}, "kinan")["unread"],
        "200 messages",
        LEFT_OPEN_SECONDS + 15,
        enough=lambda unread: unread >= 200,
    )
    branch.wire.await_depth(QUEUE, 0)
    assert branch.call("list_inbox", {"limit": 1}, "kinan")["unread"] == 200
    sent = until(
        lambda: (
            branch.mailbox.recipients.count("kinan@example.org") >= 200
            and [m for m in branch.mailbox.mails if "kinan@example.org" in str(m["To"])]
        ),
        "200 mails",
        60,
    )
    assert len({mail["Message-ID"] for mail in sent}) == 200


def test_both_processes_end_cleanly(branch: Branch) -> None:
    for process in (branch.service, branch.worker):
        process.terminate()
        assert process.wait() == 0, process.log()
