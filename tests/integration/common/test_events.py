"""Outbox, relay, log and inbox on the real database (and the real broker where it matters)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from services.common import errors, metrics
from services.common.clock import FixedClock
from services.common.context import SYSTEM
from services.common.contracts.bookings.events import CENTRE_HOURS_CHANGED
from services.common.contracts.identity.events import PersonState
from services.common.contracts.registry import ContractBroken, StateType
from services.common.events.envelope import CONTENT_TYPE, CloudEvent, NotACloudEvent
from services.common.events.event_log import EventLog, LogBroken
from services.common.events.outbox import Fact, Outbox
from services.common.events.processed_events import ProcessedEvents
from services.common.ids import new_id
from services.common.messaging import relay as relay_module
from services.common.messaging.pacing import (
    LINGER_SECONDS,
    LONGEST_QUIET_SECONDS,
    LONGEST_REST_SECONDS,
)
from services.common.messaging.publisher import ConfirmingPublisher, Message
from services.common.messaging.relay import Relay
from services.common.messaging.topology import EVENTS, STATES, Topology
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import (
    AlreadyThere,
    Database,
    Document,
    Session,
    insert_all,
)
from services.common.storage.projections import put_states, tombstone
from tests.support.awaiting import until
from tests.support.mongo import commands, empty_database
from tests.support.racing import together
from tests.support.stack import Server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def outbox(store: Database) -> Outbox:
    outbox = Outbox(store, FixedClock(NOW), new_id)
    outbox.ensure_indexes()
    EventLog(store).ensure_indexes()
    return outbox


class Recorder:
    """A publisher that records what it gets, and refuses the subjects in ``refuse``."""

    def __init__(self) -> None:
        self.sent: list[CloudEvent] = []
        self.refuse: set[str] = set()
        self.tries = 0
        self.accepts_messages = True

    def publish_many(self, messages: Iterable[Message]) -> frozenset[str]:
        failed = set()
        for message in messages:
            self.tries += 1
            event = CloudEvent.decode(message.body)
            if event.subject in self.refuse:
                failed.add(message.key)
            else:
                self.sent.append(event)
        return frozenset(failed)

    def close(self) -> None:
        pass


def record(store: Database, outbox: Outbox, subject: str, version: int) -> CloudEvent:
    return store.transact(
        lambda session: outbox.record(
            session,
            CENTRE_HOURS_CHANGED,
            subject=subject,
            version=version,
            data={
                "centre_id": subject,
                "version": version,
                "time_zone": "Asia/Damascus",
                "weekly_hours": {},
            },
            caller=SYSTEM,
        )
    )


def leading(store: Database, publisher: Recorder | ConfirmingPublisher, holder: str = "r") -> Relay:
    relay = Relay("test", store, publisher, holder=holder)
    assert relay.acquire_lease()
    return relay


def held_wait(relay: Relay) -> float:
    """Seconds between two tries of the one aggregate that is held back."""
    (held,) = relay._backlog.held.values()
    return held.wait


def empty(store: Database) -> bool:
    return store.collection("outbox").count_documents({}) == 0


class StoppedClock:
    """The relay's monotonic clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(relay_module, "time", self)

    def monotonic(self) -> float:
        return self.now


class TestOutbox:
    def test_data_that_breaks_the_contract_fails_its_own_change(
        self, store: Database, outbox: Outbox
    ) -> None:
        def work(session: Session) -> None:
            store.collection("things").insert_one({"_id": 1}, session=session)
            outbox.record(
                session,
                CENTRE_HOURS_CHANGED,
                subject="raqqa",
                version=1,
                data={"centre_id": "raqqa"},
                caller=SYSTEM,
            )

        with pytest.raises(ContractBroken, match="weekly_hours"):
            store.transact(work)
        assert store.collection("things").count_documents({}) == 0
        assert empty(store)


# Of its own: on a broker that is shared others may be bound to the true one.
DETAILS = StateType("testing.person.details", 1, PersonState, "For these tests.")


def put_state(store: Database, outbox: Outbox, subject: str, version: int, name: str) -> None:
    state = {
        "person_id": subject,
        "version": version,
        "status": "active" if name else "erased",
        "roles": [],
        "centres": [],
        "details": {"name": {"ar": name}, "email": "x@example.org", "language": "ar"}
        if name
        else None,
    }
    facts = [Fact(subject, version, state)]
    store.transact(lambda s: outbox.put_states(s, DETAILS, facts, caller=SYSTEM))


class TestStates:
    """Personal details: the newest leaves, before the events, and no log has it."""

    def test_a_state_leaves_before_the_event_of_its_transaction_and_is_gone(
        self, store: Database, outbox: Outbox
    ) -> None:
        publisher = Recorder()
        for number in range(5):
            record(store, outbox, f"s{number}", 1)
        put_state(store, outbox, "rana", 1, "رنا")
        assert leading(store, publisher).step() == 6
        assert publisher.sent[0].subject == "rana"
        assert publisher.sent[0].sequence is None
        assert empty(store)
        assert "rana" not in {entry.event.subject for entry in EventLog(store).read()}
        assert EventLog(store).verify()[0] == 5

    def test_a_newer_state_takes_the_place_of_one_that_waits_and_an_older_one_does_not(
        self, store: Database, outbox: Outbox
    ) -> None:
        publisher = Recorder()
        put_state(store, outbox, "rana", 2, "رنا")
        put_state(store, outbox, "rana", 3, "")
        put_state(store, outbox, "rana", 1, "ر")
        assert "رنا" not in str(list(store.collection("outbox").find()))
        leading(store, publisher).step()
        (sent,) = publisher.sent
        assert (sent.aggregate_version, sent.data["details"]) == (3, None)

    def test_one_that_no_queue_takes_waits_and_holds_up_no_event(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publisher = Recorder()
        publisher.refuse = {f"p{number}" for number in range(relay_module.BATCH)}
        for person in publisher.refuse:
            put_state(store, outbox, person, 1, "رنا")
        record(store, outbox, "s", 1)
        relay = leading(store, publisher)
        assert relay.step() == 1
        assert [event.subject for event in publisher.sent] == ["s"]
        publisher.refuse = set()
        assert relay.step() == 0, "not again at once"
        put_state(store, outbox, "p0", 2, "رنا")
        assert relay.step() == 1, "but a newer one is offered"
        monkeypatch.setattr(relay_module, "STATES_RETRY_SECONDS", 0)
        relay._states_again = 0
        assert relay.step() == relay_module.BATCH - 1
        assert empty(store)

    def test_after_an_outage_it_leaves_before_the_events_that_waited_with_it(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = StoppedClock(monkeypatch)
        publisher = Recorder()
        publisher.refuse, publisher.accepts_messages = {"rana", "a"}, False
        put_state(store, outbox, "rana", 1, "رنا")
        record(store, outbox, "a", 1)
        relay = leading(store, publisher)
        relay.step(only_due=True)
        publisher.refuse, publisher.accepts_messages = set(), True
        clock.now += relay_module.RETRY_SECONDS / 2
        record(store, outbox, "b", 1)
        assert relay.step(only_due=True) == 0, "no event overtakes the state"
        clock.now += relay_module.RETRY_SECONDS / 2
        assert relay.step(only_due=True) == 3
        assert [event.subject for event in publisher.sent] == ["rana", "a", "b"]

    def test_a_broker_that_comes_back_within_a_step_gets_no_event_before_it(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class BackAtOnce(Recorder):
            def publish_many(self, messages: Iterable[Message]) -> frozenset[str]:
                if self.tries:
                    self.refuse, self.accepts_messages = set(), True
                return super().publish_many(messages)

        clock = StoppedClock(monkeypatch)
        publisher = BackAtOnce()
        publisher.refuse, publisher.accepts_messages = {"rana"}, False
        put_state(store, outbox, "rana", 1, "رنا")
        record(store, outbox, "a", 1)
        relay = leading(store, publisher)
        assert relay.step(only_due=True) == 0
        clock.now += relay_module.RETRY_SECONDS
        assert relay.step(only_due=True) == 2
        assert [event.subject for event in publisher.sent] == ["rana", "a"]

    def test_it_is_tried_again_with_the_events_while_a_broker_that_is_there_takes_nothing(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = StoppedClock(monkeypatch)
        publisher = Recorder()
        publisher.refuse = {"rana", "a"}
        put_state(store, outbox, "rana", 1, "رنا")
        record(store, outbox, "a", 1)
        relay = leading(store, publisher)
        assert relay.step(only_due=True) == 0
        publisher.refuse = set()
        clock.now += relay_module.RETRY_SECONDS
        assert relay.step(only_due=True) == 2
        assert [event.subject for event in publisher.sent] == ["rana", "a"]

    def test_those_that_wait_are_not_read_before_they_are_due(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 4)
        clock = StoppedClock(monkeypatch)
        publisher = Recorder()
        publisher.refuse = {f"p{number}" for number in range(8)}
        for person in publisher.refuse:
            put_state(store, outbox, person, 1, "رنا")
        relay = leading(store, publisher)
        assert relay.step(only_due=True) == 0
        states, events = relay._waiting(all_states=False)
        assert (states, events) == ([], [])
        put_state(store, outbox, "p3", 2, "ندى")
        record(store, outbox, "a", 1)
        read: list[int] = []
        waiting = relay._waiting

        def counted(*, all_states: bool) -> tuple[list[Document], list[Document]]:
            found = waiting(all_states=all_states)
            read.append(len(found[0]))
            return found

        monkeypatch.setattr(relay, "_waiting", counted)
        relay.step(only_due=True)
        relay.step(only_due=True)
        clock.now += relay_module.STATES_RETRY_SECONDS
        relay.step(only_due=True)
        assert read == [1, 0, 8]

    def test_where_none_waits_a_step_asks_once(self, store: Database, outbox: Outbox) -> None:
        relay = leading(store, Recorder())
        put_state(store, outbox, "rana", 1, "رنا")
        relay.step()
        with commands(store) as asked:
            relay.step()
        assert [each for each in asked if each.startswith("find")] == ["find outbox"]

    def test_one_that_came_while_the_last_was_sent_is_not_taken_away_with_it(
        self, store: Database, outbox: Outbox
    ) -> None:
        class Meanwhile(Recorder):
            def publish_many(self, messages: Iterable[Message]) -> frozenset[str]:
                if not self.sent:
                    put_state(store, outbox, "rana", 1, "ندى")
                return super().publish_many(messages)

        put_state(store, outbox, "rana", 1, "رنا")
        publisher = Meanwhile()
        relay = leading(store, publisher)
        relay.step()
        relay.step()
        assert [event.data["details"]["name"]["ar"] for event in publisher.sent] == ["رنا", "ندى"]

    def test_the_broker_gives_it_to_who_is_bound_to_states_and_to_nobody_else(
        self, store: Database, outbox: Outbox, broker: Server
    ) -> None:
        publisher = ConfirmingPublisher(broker.uri, declare=[EVENTS, STATES])
        relay = leading(store, publisher)
        put_state(store, outbox, "rana", 1, "رنا")
        try:
            assert relay.step() == 0
            assert not empty(store), "no queue has it"
            topology = Topology()
            with Connection(broker.uri) as connection, connection.channel() as channel:
                curious = topology.consumer_queue(f"curious.{new_id()}", ["#"])(channel)
                bound = topology.consumer_queue(f"bound.{new_id()}", [], [DETAILS.name])(channel)
                curious.declare()
                bound.declare()
                put_state(store, outbox, "rana", 1, "رنا")
                assert relay.step() == 1
                message = bound.get(no_ack=True)
                assert CloudEvent.decode(message.body).subject == "rana"
                assert curious.get(no_ack=True) is None
                curious.delete()
                bound.delete()
            assert empty(store)
        finally:
            publisher.close()


class TestKeptStates:
    def test_an_erasure_is_final_and_keeps_no_detail(self, store: Database) -> None:
        kept = store.collection("contacts")

        def put(*states: dict[str, Any]) -> None:
            store.transact(lambda session: put_states(session, kept, states))

        put({"_id": "rana", "version": 1, "name": "رنا"})
        put({"_id": "rana", "version": 3, "name": "ندى"}, tombstone("rana", 2))
        assert list(kept.find()) == [tombstone("rana", 2)]
        put({"_id": "rana", "version": 9, "name": "رنا"})
        assert list(kept.find()) == [tombstone("rana", 2)]


class TestRelay:
    def test_events_get_a_number_without_gaps_and_leave_in_order(
        self, store: Database, outbox: Outbox
    ) -> None:
        for version in range(1, 4):
            for subject in ("a", "b"):
                record(store, outbox, subject, version)
        recorder = Recorder()
        relay = leading(store, recorder)
        assert relay.step() == 6
        assert sorted(e.sequence or 0 for e in recorder.sent) == [1, 2, 3, 4, 5, 6]
        for subject in ("a", "b"):
            versions = [e.aggregate_version for e in recorder.sent if e.subject == subject]
            assert versions == [1, 2, 3]
        assert empty(store)
        assert EventLog(store).pending(10) == []
        assert EventLog(store).verify()[0] == 6

    def test_none_is_lost_when_commits_overtake_each_other(
        self, store: Database, outbox: Outbox
    ) -> None:
        recorder = Recorder()
        relay = leading(store, recorder)
        done = threading.Event()

        def write(seed: int) -> None:
            chance = random.Random(seed)
            for number in range(25):
                subject = f"{seed}-{number}"

                def slowly(session: Session, subject: str = subject) -> None:
                    outbox.record(
                        session,
                        CENTRE_HOURS_CHANGED,
                        subject=subject,
                        version=1,
                        data={
                            "centre_id": subject,
                            "version": 1,
                            "time_zone": "UTC",
                            "weekly_hours": {},
                        },
                        caller=SYSTEM,
                    )
                    # The id is made; the commit comes at a time of its own.
                    done.wait(chance.random() * 0.01)

                store.transact(slowly)

        writers = [threading.Thread(target=write, args=(seed,)) for seed in range(6)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            relay.step()
        relay.step()
        assert len({e.id for e in recorder.sent}) == 150
        assert EventLog(store).verify()[0] == 150

    def test_one_that_is_refused_holds_back_its_own_aggregate_only(
        self, store: Database, outbox: Outbox
    ) -> None:
        for version in (1, 2):
            record(store, outbox, "bad", version)
        record(store, outbox, "good", 1)
        recorder = Recorder()
        recorder.refuse = {"bad"}
        relay = leading(store, recorder)
        assert relay.step() == 1
        record(store, outbox, "good", 2)
        record(store, outbox, "bad", 3)
        assert relay.step() == 1
        assert [e.subject for e in recorder.sent] == ["good", "good"]
        recorder.refuse = set()
        assert relay.step() == 3
        assert [e.aggregate_version for e in recorder.sent if e.subject == "bad"] == [1, 2, 3]

    def test_a_fact_is_counted_once_however_often_it_is_sent_and_what_waits_is_shown(
        self, store: Database, outbox: Outbox
    ) -> None:
        def counted() -> float:
            return metrics.FACTS.labels("test", CENTRE_HOURS_CHANGED.name)._value.get()

        def held() -> float:
            return metrics.EVENTS_HELD.labels("test", "relay")._value.get()

        before = counted()
        record(store, outbox, "bad", 1)
        record(store, outbox, "good", 1)
        recorder = Recorder()
        recorder.refuse = {"bad"}
        relay = leading(store, recorder)
        relay.step()
        assert (counted() - before, held()) == (2, 1)
        relay.step()
        recorder.refuse = set()
        relay.step()
        assert [e.subject for e in recorder.sent] == ["good", "bad"]
        assert (counted() - before, held()) == (2, 0)

    def test_those_that_are_held_back_slow_nobody_down_however_many(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 4)
        monkeypatch.setattr(relay_module, "BACKLOG", 6)
        refused = {f"bad{n}" for n in range(12)}
        for subject in sorted(refused):
            for version in (1, 2):
                record(store, outbox, subject, version)
        recorder = Recorder()
        recorder.refuse = refused
        relay = Relay("test", store, recorder, holder="r", linger=0.01)
        stop = threading.Event()
        running = threading.Thread(target=relay.run, args=(stop, lambda: None))
        running.start()
        try:
            until(lambda: recorder.tries >= 6, "the first refusals")
            record(store, outbox, "good", 1)
            until(lambda: recorder.sent, "the first of another aggregate")
            began = time.monotonic()
            for version in range(2, 12):
                record(store, outbox, "good", version)
                until(lambda v=version: len(recorder.sent) >= v, "the next one")
            assert time.monotonic() - began < relay_module.RETRY_SECONDS * 5
            until(lambda: empty(store), "the end of the outbox")
            recorder.refuse = set()
            until(lambda: len(recorder.sent) == 11 + 24, "all that was held back", 70)
        finally:
            stop.set()
            running.join()
        for subject in refused:
            versions = [e.aggregate_version for e in recorder.sent if e.subject == subject]
            assert versions == [1, 2]
        assert EventLog(store).pending(1) == []

    def test_one_that_is_refused_is_tried_less_and_less_often_while_others_are_taken(
        self, store: Database, outbox: Outbox
    ) -> None:
        recorder = Recorder()
        recorder.refuse = {"bad"}
        relay = leading(store, recorder)
        waits = []
        record(store, outbox, "bad", 1)
        for version in range(1, 9):
            record(store, outbox, "good", version)
            assert relay.step() == 1
            waits.append(held_wait(relay))
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
        tries = recorder.tries
        assert relay.step(only_due=True) == 0
        assert recorder.tries == tries

    def test_nobody_waits_longer_for_an_outage_that_lasts_longer(
        self, store: Database, outbox: Outbox
    ) -> None:
        recorder = Recorder()
        recorder.refuse = {"a"}
        relay = leading(store, recorder)
        record(store, outbox, "a", 1)
        for _ in range(5):
            assert relay.step() == 0
        assert held_wait(relay) == relay_module.RETRY_SECONDS

    def test_a_successor_sends_what_was_appended_but_not_confirmed(
        self, store: Database, outbox: Outbox
    ) -> None:
        record(store, outbox, "a", 1)
        dying = Recorder()
        dying.refuse = {"a"}
        first = leading(store, dying, "first")
        assert first.step() == 0
        first._lease.release()
        record(store, outbox, "a", 2)
        recorder = Recorder()
        assert leading(store, recorder, "second").step() == 2
        assert [(e.sequence, e.aggregate_version) for e in recorder.sent] == [(1, 1), (2, 2)]

    def test_a_successor_gets_past_a_page_of_events_that_the_broker_refuses(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 2)
        for version in (1, 2):
            record(store, outbox, "bad", version)
        record(store, outbox, "good", 1)
        dying, recorder = Recorder(), Recorder()
        dying.refuse, recorder.refuse = {"bad", "good"}, {"bad"}
        first = leading(store, dying, "first")
        for _ in range(3):
            first.step()
        first._lease.release()
        record(store, outbox, "good", 2)
        second = leading(store, recorder, "second")
        for _ in range(4):
            second.step()
        assert [(e.subject, e.aggregate_version) for e in recorder.sent] == [
            ("good", 1),
            ("good", 2),
        ]
        recorder.refuse = set()
        assert second.step() == 2
        assert [e.aggregate_version for e in recorder.sent if e.subject == "bad"] == [1, 2]

    def test_an_append_whose_answer_was_lost_is_published_all_the_same(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(store, outbox, "a", 1)
        recorder = Recorder()
        relay = Relay("test", store, recorder, holder="r")
        transact, stop = store.transact, threading.Event()

        def commits_and_breaks(work: Callable[[Session], object]) -> object:
            transact(work)
            raise errors.Unavailable

        monkeypatch.setattr(store, "transact", commits_and_breaks)
        with pytest.raises(errors.Unavailable):
            relay.run(stop, lambda: None)
        monkeypatch.undo()
        # The runtime starts a loop that failed again.
        relay.run(stop, lambda: stop.set() if recorder.sent else None)
        assert [e.sequence for e in recorder.sent] == [1]

    def test_one_that_lost_its_lease_appends_nothing(self, store: Database, outbox: Outbox) -> None:
        recorder = Recorder()
        frozen = leading(store, recorder, "frozen")
        store.collection("leases").update_one({"_id": "relay"}, {"$set": {"expires_at": NOW}})
        leading(store, Recorder(), "successor")
        record(store, outbox, "a", 1)
        with pytest.raises(LeaseLost):
            frozen.step()
        assert recorder.sent == []
        assert not empty(store)

    def test_one_that_was_frozen_while_another_came_and_went_goes_on_from_what_that_one_left(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "LEASE", timedelta(milliseconds=1))
        recorder, dying = Recorder(), Recorder()
        dying.refuse = {"a"}
        record(store, outbox, "a", 1)
        frozen = leading(store, recorder, "frozen")
        assert frozen.step() == 1
        other = Relay("test", store, dying, holder="other")
        until(other.acquire_lease, "the end of the lease of the frozen one", 5)
        record(store, outbox, "a", 2)
        assert other.step() == 0
        until(frozen.acquire_lease, "the end of the lease of the other one", 5)
        record(store, outbox, "a", 3)
        assert frozen.step() == 2
        assert [e.sequence for e in recorder.sent] == [1, 2, 3]
        assert EventLog(store).verify()[0] == 3

    def test_more_than_a_batch_keeps_the_order_of_each_aggregate(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 4)
        for version in range(1, 8):
            for subject in ("a", "b", "c"):
                record(store, outbox, subject, version)
        # Clocks of two machines disagree: the earliest version has the latest id.
        rows = store.collection("outbox")
        first = rows.find_one({"version": 1, "event.subject": "a"})
        assert first is not None
        rows.delete_one({"_id": first["_id"]})
        rows.insert_one({**first, "_id": "ffffffff", "event": {**first["event"], "id": "ffffffff"}})
        recorder = Recorder()
        relay = leading(store, recorder)
        while not empty(store):
            relay.step()
        for subject in ("a", "b", "c"):
            versions = [e.aggregate_version for e in recorder.sent if e.subject == subject]
            assert versions == [1, 2, 3, 4, 5, 6, 7]
        assert EventLog(store).verify()[0] == 21

    def test_while_nothing_can_be_sent_only_so_much_is_held(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 2)
        monkeypatch.setattr(relay_module, "BACKLOG", 4)
        subjects = {f"s{n}" for n in range(10)}
        for subject in subjects:
            record(store, outbox, subject, 1)
        recorder = Recorder()
        recorder.refuse = subjects
        relay = leading(store, recorder)
        for _ in range(20):
            relay.step()
        assert len(relay._backlog.entries) == 4
        assert store.collection("outbox").count_documents({}) == 6
        recorder.refuse = set()
        while relay.step():
            pass
        assert {event.subject for event in recorder.sent} == subjects

    def test_while_the_broker_is_there_and_takes_nothing_only_so_much_is_held(
        self, store: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 2)
        monkeypatch.setattr(relay_module, "BACKLOG", 4)
        monkeypatch.setattr(relay_module, "MOST_HELD", 8)
        clock = StoppedClock(monkeypatch)
        subjects = {f"s{n:02}" for n in range(20)}
        for subject in subjects:
            record(store, outbox, subject, 1)
        recorder = Recorder()
        recorder.refuse = subjects
        relay = leading(store, recorder)
        for _ in range(20):
            clock.now += relay_module.RETRY_SECONDS
            relay.step(only_due=True)
        assert len(relay._backlog.held) == 8
        recorder.refuse = set()
        for _ in range(20):
            clock.now += relay_module.RETRY_SECONDS
            relay.step(only_due=True)
        assert {event.subject for event in recorder.sent} == subjects

    def test_it_looks_often_while_events_come_and_less_often_after(
        self, store: Database, outbox: Outbox
    ) -> None:
        class Pauses(threading.Event):
            """Ends the run after so many pauses; the tenth has something to find."""

            def __init__(self) -> None:
                super().__init__()
                self.taken: list[float] = []

            def wait(self, timeout: float | None = None) -> bool:
                self.taken.append(timeout or 0)
                if len(self.taken) == 10:
                    record(store, outbox, "raqqa", 1)
                    return super().wait(1.1)
                if len(self.taken) >= 12:
                    self.set()
                return super().wait(timeout)

        pauses = Pauses()
        Relay("test", store, Recorder(), holder="r").run(pauses, lambda: None)
        assert pauses.taken[0] == LINGER_SECONDS
        assert all(pause < LONGEST_QUIET_SECONDS for pause in pauses.taken[:10])
        # Found after a second of quiet: it looks often again.
        assert pauses.taken[10] <= LONGEST_REST_SECONDS
        assert pauses.taken[11] == LINGER_SECONDS

    def test_to_the_real_broker_and_at_once(
        self, store: Database, outbox: Outbox, broker: Server
    ) -> None:
        stop = threading.Event()
        publisher = ConfirmingPublisher(broker.uri, declare=[EVENTS])
        relay = Relay("test", store, publisher, holder="r")
        with Connection(broker.uri) as connection:
            channel = connection.channel()
            queue = Queue(new_id(), Exchange("masaha.events", type="topic"), "#", exclusive=True)(
                channel
            )
            queue.declare()
            running = threading.Thread(target=relay.run, args=(stop, lambda: None))
            running.start()
            event = record(store, outbox, "raqqa", 1)
            arrived: list[CloudEvent] = []

            def take(message: object) -> None:
                assert message.content_type == CONTENT_TYPE  # type: ignore[attr-defined]
                arrived.append(CloudEvent.decode(message.body))  # type: ignore[attr-defined]

            queue.consume(callback=take, no_ack=True)
            while not arrived:
                connection.drain_events(timeout=10)
        stop.set()
        running.join(timeout=10)
        assert not running.is_alive()
        relay.close()
        assert arrived == [event.numbered(1)]


class TestLog:
    def filled(self, store: Database, outbox: Outbox) -> EventLog:
        for version in range(1, 4):
            record(store, outbox, "a", version)
        leading(store, Recorder()).step()
        return EventLog(store)

    def test_a_changed_entry_shows(self, store: Database, outbox: Outbox) -> None:
        log = self.filled(store, outbox)
        store.collection("event_log").update_one(
            {"_id": 2}, {"$set": {"event.data.time_zone": "UTC"}}
        )
        with pytest.raises(LogBroken, match="entry 2"):
            log.verify()

    def test_a_lost_entry_shows(self, store: Database, outbox: Outbox) -> None:
        log = self.filled(store, outbox)
        store.collection("event_log").delete_one({"_id": 2})
        with pytest.raises(LogBroken, match="followed by 3"):
            log.verify()

    def test_equal_logs_have_equal_ends(self, store: Database, outbox: Outbox) -> None:
        log = self.filled(store, outbox)
        last = list(log.read())[-1]
        assert log.verify() == (3, last.hash)

    def test_what_is_pending_is_read_in_order_from_the_index(
        self, store: Database, outbox: Outbox
    ) -> None:
        log = self.filled(store, outbox)
        entries = store.collection("event_log")
        entries.update_many({}, {"$set": {"pending": True}})
        assert [entry.seq for entry in log.pending(10, after=1)] == [2, 3]
        plan = entries.find({"pending": True, "_id": {"$gt": 1}}).sort("_id", 1).explain()
        assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
        assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])


class TestInbox:
    @pytest.fixture
    def inbox(self, store: Database) -> ProcessedEvents:
        inbox = ProcessedEvents(store, "test", FixedClock(NOW))
        inbox.ensure_indexes()
        return inbox

    def effect(self, store: Database) -> object:
        def apply(session: Session, events: Sequence[CloudEvent]) -> None:
            for event in events:
                store.collection("effects").insert_one({"event": event.id}, session=session)

        return apply

    def count(self, store: Database) -> int:
        return store.collection("effects").count_documents({})

    def test_however_often_it_arrives_it_has_one_effect(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents
    ) -> None:
        event = record(store, outbox, "a", 1)
        other = record(store, outbox, "a", 2)
        assert inbox.apply_once([event, event], self.effect(store)) == 1  # type: ignore[arg-type]
        assert inbox.apply_once([event], self.effect(store)) == 0  # type: ignore[arg-type]
        assert inbox.apply_once([event, other], self.effect(store)) == 1  # type: ignore[arg-type]
        assert self.count(store) == 2

    def test_an_effect_that_fails_may_be_tried_again(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents
    ) -> None:
        event = record(store, outbox, "a", 1)

        def fails(session: Session, events: Sequence[CloudEvent]) -> None:
            store.collection("effects").insert_one({"event": event.id}, session=session)
            raise RuntimeError

        store.collection("effects").insert_one({"event": "before"})
        with pytest.raises(RuntimeError):
            inbox.apply_once([event], fails)
        assert self.count(store) == 1
        inbox.apply_once([event], self.effect(store))  # type: ignore[arg-type]
        assert self.count(store) == 2

    def test_new_events_are_taken_without_a_look(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents
    ) -> None:
        events = [record(store, outbox, "a", version) for version in range(1, 4)]
        with commands(store) as asked:
            assert inbox.apply_once(events, self.effect(store)) == 3  # type: ignore[arg-type]
        assert asked == ["insert inbox_events", *["insert effects"] * 3, "commit"]

    @pytest.mark.parametrize("known", [slice(0, 1), slice(2, 4), slice(4, 5), slice(0, 5)])
    def test_of_a_batch_that_is_known_in_part_only_the_rest_has_an_effect(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents, known: slice
    ) -> None:
        events = [record(store, outbox, "a", version) for version in range(1, 6)]
        before = events[known]
        inbox.apply_once(before, self.effect(store))  # type: ignore[arg-type]
        with commands(store) as asked:
            taken = inbox.apply_once(events, self.effect(store))  # type: ignore[arg-type]
        assert taken == 5 - len(before)
        assert asked.count("find inbox_events") == 1
        effects = [each["event"] for each in store.collection("effects").find()]
        assert sorted(effects) == sorted(event.id for event in events)

    def test_a_duplicate_of_the_effects_own_is_its_own_fault(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents
    ) -> None:
        event = record(store, outbox, "a", 1)

        def twice(session: Session, _events: Sequence[CloudEvent]) -> None:
            insert_all(session, store.collection("effects"), [{"_id": 1}])

        store.collection("effects").insert_one({"_id": 1})
        with pytest.raises(AlreadyThere, match="effects"):
            inbox.apply_once([event], twice)
        assert store.collection("inbox_events").count_documents({}) == 0

    def test_deliveries_that_race_have_one_effect(
        self, store: Database, outbox: Outbox, inbox: ProcessedEvents
    ) -> None:
        events = [record(store, outbox, "a", version) for version in range(1, 11)]
        effect = self.effect(store)
        taken = together(
            *[partial(inbox.apply_once, events[first : first + 5], effect) for first in range(6)]  # type: ignore[arg-type]
        )
        assert self.count(store) == sum(taken) == 10


class TestEnvelope:
    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_time_beyond_the_calendar_is_no_event(
        self, store: Database, outbox: Outbox, time: str
    ) -> None:
        wire = record(store, outbox, "a", 1).to_wire() | {"time": time}
        with pytest.raises(NotACloudEvent):
            CloudEvent.from_wire(wire)

    def test_it_is_read_back(self, store: Database, outbox: Outbox) -> None:
        event = record(store, outbox, "a", 1).numbered(7)
        assert CloudEvent.decode(event.encode()) == event

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff",
            b"[]",
            b"null",
            b'"text"',
            b"{}",
            b'{"specversion": "1.0"}',
            b'{"specversion": "0.3"}',
        ],
    )
    def test_what_is_no_cloud_event_is_told_apart(self, body: bytes) -> None:
        with pytest.raises(NotACloudEvent):
            CloudEvent.decode(body)
