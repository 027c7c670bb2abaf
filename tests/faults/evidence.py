"""What is left when all is quiet: read from MongoDB, RabbitMQ and the mail sink."""

from __future__ import annotations

import os
import subprocess
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, Protocol

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local import people, rabbitmq
from deploy.local.settings import Settings
from services.common.events.envelope import CloudEvent
from services.common.events.event_log import EventLog, LogBroken
from services.common.messaging import topology
from services.common.messaging.connecting import connect_once, connection_to
from services.common.messaging.parking import ParkingQueue
from services.common.storage.mongo import Database
from tests.support import checker, seat_checker
from tests.support.awaiting import tries, until
from tests.support.checker import Violation
from tests.support.ledger import Request

CONSUMER = "notifications"
QUEUE = topology.event_queue_name(CONSUMER)
RPC_QUEUE = topology.rpc_queue_name("bookings")
# Each has its own outbox, log and relay.
PUBLISHERS = ("bookings", "trainings", "consultations", "notifications", "gateway")
_CTL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
_LOOK_AGAIN_SECONDS = 0.25
# What was hurt on purpose is coming back.
_HURT = (PyMongoError, OSError)
UNSETTLED_SECONDS = 15.0

Document = dict[str, Any]


def members() -> dict[str, set[str]]:
    """Who belongs to which organisation, as the seed data has it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for person in people.everyone():
        if person.organisation_id:
            found[person.organisation_id].add(person.id)
    return dict(found)


class Place(Protocol):
    """A running system: the address of the broker, and of the database, and where mail goes."""

    @property
    def amqp_uri(self) -> str: ...

    @property
    def mongo_uri(self) -> str: ...

    @property
    def mail_folder(self) -> Path: ...

    @property
    def settings(self) -> Settings: ...


class Witness:
    """Reads the state of a system; changes nothing."""

    def __init__(self, stack: Place) -> None:
        self._stack = stack
        self._client: MongoClient[Document] = MongoClient(
            stack.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=2000
        )

    def close(self) -> None:
        self._client.close()

    def documents(self, service: str, collection: str) -> list[Document]:
        """A whole collection, by id."""
        return list(self._client[f"masaha_{service}"][collection].find().sort("_id", 1))

    def latest_events(self, limit: int) -> list[CloudEvent]:
        """The last events of bookings' log that members get messages about, oldest first."""
        found = self._client["masaha_bookings"]["event_log"].find(
            {"event.type": {"$in": sorted(checker.TOLD)}, "pending": {"$ne": True}}
        )
        latest = list(found.sort("_id", -1).limit(limit))
        return [CloudEvent.from_wire(entry["event"]) for entry in reversed(latest)]

    # -- waiting --------------------------------------------------------------------------------

    def await_told(self, booking_id: str, version: int, seconds: float) -> None:
        """Wait until a person has the message about this version of a booking in the inbox.

        Survives a database that is not back yet. AssertionError when it takes too long.
        """

        def told() -> bool:
            log = self._client["masaha_bookings"]["event_log"]
            entry = log.find_one({"event.subject": booking_id, "event.aggregateversion": version})
            if entry is None:
                return False
            found = self._client["masaha_notifications"]["notifications"].find_one(
                {"event_id": entry["event"]["id"]}
            )
            return found is not None

        until(
            told,
            f"news of version {version} of {booking_id}",
            seconds,
            hurt_by=_HURT,
            every=_LOOK_AGAIN_SECONDS,
        )

    def await_quiet(self, seconds: float) -> None:
        """Wait until nothing is under way: all published, all processed, all sent."""

        def waiting() -> dict[str, int]:
            return {name: count for name, count in self.left_over().items() if count}

        until(
            waiting,
            "an end of all that is under way",
            seconds,
            enough=lambda counts: not counts,
            hurt_by=_HURT,
            every=_LOOK_AGAIN_SECONDS,
        )

    def left_over(self) -> dict[str, int]:
        """What has not come to its end, by what it is."""
        return {**self._under_way(), **self._queued()}

    def _under_way(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for service in PUBLISHERS:
            database = self._client[f"masaha_{service}"]
            counts[f"rows in the outbox of {service}"] = database["outbox"].count_documents({})
            counts[f"unpublished events of {service}"] = database["event_log"].count_documents(
                {"pending": True}
            )
        notifications = self._client["masaha_notifications"]
        counts["deliveries to be sent"] = notifications["deliveries"].count_documents(
            {"due_at": {"$exists": True}}
        )
        counts["deliveries under way"] = notifications["deliveries"].count_documents(
            {"state": {"$nin": sorted(checker.OVER)}}
        )
        types = {"$in": sorted(checker.TOLD)}
        told = self._client["masaha_bookings"]["event_log"].count_documents({"event.type": types})
        taken = notifications["inbox_events"].count_documents({"type": types})
        counts["booking events not taken"] = told - taken
        types = {"$in": sorted(seat_checker.ANNOUNCED)}
        log = self._client["masaha_trainings"]["event_log"]
        decided = log.count_documents({"event.type": types})
        taken = notifications["inbox_events"].count_documents({"type": types})
        counts["decisions about applications not taken"] = decided - taken
        return counts

    def _queued(self) -> dict[str, int]:
        """Messages that are ready in the queues; those being worked on are seen in the database."""
        queues = (QUEUE, RPC_QUEUE, *(delay.name for delay in topology.DELAYS))
        declared = self._declared(queues)
        return {f"messages in {name}": messages for name, (messages, _) in declared.items()}

    def _declared(self, queues: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Ready messages and consumers, as the queues themselves know it at this moment."""
        found = {}
        with connection_to(self._stack.amqp_uri, connect_timeout=5) as connection:
            connect_once(connection)
            channel = connection.channel()
            for queue in queues:
                declared = channel.queue_declare(queue, passive=True)
                found[queue] = (int(declared.message_count), int(declared.consumer_count))
        return found

    # -- the broker's own view ------------------------------------------------------------------

    def broker_counts(self) -> dict[str, int]:
        """Connections, channels, and the consumers of each queue of ours."""
        connections = self._ctl("list_connections", "pid", "channels")
        consumers = self._declared((QUEUE, RPC_QUEUE))
        return {
            "connections": len(connections),
            "channels": sum(int(channels) for _, channels in connections),
            **{f"consumers of {name}": count for name, (_, count) in consumers.items()},
        }

    def unsettled(self) -> dict[str, int]:
        """Messages that were delivered and never acknowledged.

        The broker reckons them up every five seconds, so what is not 0 is looked at again.
        """
        counts: dict[str, int] = {}
        for _ in tries(UNSETTLED_SECONDS, every=1):
            listed = self._ctl("list_queues", "name", "messages_unacknowledged")
            counts = {
                f"unsettled messages of {name}": int(count)
                for name, count in listed
                if name in (QUEUE, RPC_QUEUE)
            }
            if not any(counts.values()):
                break
        return counts

    def _ctl(self, *arguments: str) -> list[list[str]]:
        settings = self._stack.settings
        answer = subprocess.run(
            [
                str(_CTL),
                "--node",
                rabbitmq.NODE,
                "--silent",
                "--no-table-headers",
                *arguments,
            ],
            env={**os.environ, **rabbitmq.environment(settings)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return [line.split("\t") for line in answer.stdout.splitlines() if line]

    def parked(self) -> dict[str, list[bytes]]:
        """The bodies in the parking queues; they stay there."""
        found = {}
        for queue in (QUEUE, RPC_QUEUE):
            with ParkingQueue.open(self._stack.amqp_uri, queue) as parking:
                found[parking.name] = [_body(parked.message) for parked in parking.read_messages()]
        return found

    def mails(self) -> dict[str, int]:
        """How often the sink has taken each delivery's mail."""
        found: Counter[str] = Counter()
        for path in self._stack.mail_folder.glob("*.eml"):
            with path.open("rb") as file:
                header = BytesHeaderParser().parse(file)["Message-ID"]
            found[str(header).strip().strip("<>").partition("@")[0]] += 1
        return dict(found)

    # -- the verdict ----------------------------------------------------------------------------

    def verdict(
        self,
        requests: Sequence[Request],
        nominations: Sequence[Request],
        poison: Mapping[str, Sequence[bytes]],
        before: Mapping[str, int],
        after: Mapping[str, int],
    ) -> list[Violation]:
        """Every check of the checker, on everything that is there."""
        _, news = _of_bookings(self.documents("notifications", "notifications"))
        return [
            *self.check_bookings(requests),
            *self._check_seats(nominations, news),
            *self.check_logs(),
            *checker.check_left_over({**self.left_over(), **self.unsettled()}),
            *checker.check_parked(self.parked(), poison),
            *checker.check_leaks(before, after),
        ]

    def check_bookings(self, requests: Sequence[Request]) -> list[Violation]:
        """What was answered about bookings, against what is stored, published and sent."""
        bookings = self.documents("bookings", "bookings")
        entries = self.documents("bookings", "event_log")
        deliveries, others = _of_bookings(self.documents("notifications", "deliveries"))
        of_others = {each["_id"] for each in others}
        mails = {each: times for each, times in self.mails().items() if each not in of_others}
        notes = [note["_id"] for note in self.documents("notifications", "inbox_events")]
        notifications, _ = _of_bookings(self.documents("notifications", "notifications"))
        spaces = self.documents("bookings", "spaces")
        belonging: Mapping[str, Collection[str]] = members()
        return [
            *checker.check_answers(requests, bookings),
            *checker.check_counts(requests, bookings),
            *checker.check_histories(bookings),
            *checker.check_overlaps(bookings, spaces),
            *checker.check_events(bookings, entries),
            *checker.check_notes(entries, notes, CONSUMER),
            *checker.check_notifications(entries, notifications, belonging),
            *checker.check_mail(entries, deliveries, mails, belonging),
        ]

    def _check_seats(
        self, nominations: Sequence[Request], news: Sequence[Document]
    ) -> list[Violation]:
        applications = self.documents("trainings", "applications")
        participants = self.documents("trainings", "participants")
        return [
            *seat_checker.check_nominations(nominations, participants, applications),
            *seat_checker.check_seats(self.documents("trainings", "cohorts"), applications),
            *seat_checker.check_news(self.documents("trainings", "event_log"), news),
        ]

    def check_logs(self) -> list[Violation]:
        """Each publisher's log, by our own reckoning and by the system's."""
        found = []
        for service in PUBLISHERS:
            found += checker.check_log(self.documents(service, "event_log"))
            database = Database(self._stack.mongo_uri, f"masaha_{service}")
            try:
                EventLog(database).verify()
            except LogBroken as broken:
                found.append(Violation(checker.DISORDER, f"log of {service}: {broken}"))
            finally:
                database.close()
        return found

    def mails_sent_again(self) -> int:
        """Mails that were taken more than once, which is allowed where nobody was sure."""
        return sum(times - 1 for times in self.mails().values())


def _of_bookings(documents: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """Messages about events of bookings, and those about others."""
    ours = [each for each in documents if each["event_type"].startswith("bookings.")]
    return ours, [each for each in documents if not each["event_type"].startswith("bookings.")]


def _body(message: Any) -> bytes:
    body = message.body
    return body if isinstance(body, bytes) else str(body).encode()
