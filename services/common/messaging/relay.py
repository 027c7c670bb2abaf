"""The relay: moves rows from the outbox to the log, and from the log to RabbitMQ.

One relay of a service and an audience works at a time. Its lease carries an *epoch* that rises with
every change of hands, and each append requires the epoch it started with, so a relay that was
frozen past its lease cannot write when it wakes.

A step, each part safe to die after::

    outbox ──(one transaction)──▶ log, pending ──(publish, confirm)──▶ log, not pending

Rows are taken from what is *there*, never from ``id > last``: the order of ids is not the order of
commits. Within an aggregate events leave in the order of its versions. One that the broker does not
take holds back the later ones of its own aggregate only: these stay in the log, and the first is
tried again after a pause that grows while the broker takes what others send.

States (personal details) go straight from the outbox, before the events of the same step, and are
taken away once a queue has them: no log sees them. One that no queue takes waits, is replaced by a
newer one of its subject, and holds up nothing. If the broker is away while states are there to be
sent, the events wait for the same moment as the states.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from services.common import errors, logs, metrics, spans
from services.common.config import Settings
from services.common.events import outbox
from services.common.events.audience import OPEN, Audience
from services.common.events.envelope import CloudEvent
from services.common.events.event_log import FIRST_HASH, Entry, EventLog, chained
from services.common.ids import new_id
from services.common.messaging.backlog import Backlog, Held
from services.common.messaging.event_spans import record_published
from services.common.messaging.pacing import LINGER_SECONDS, Pacing
from services.common.messaging.publisher import ConfirmingPublisher, Message, Publisher
from services.common.messaging.topology import STATES, TOPOLOGY, exchange_of
from services.common.storage.leases import Lease, LeaseLost
from services.common.storage.mongo import Database, Document, Session

_log = logs.get(__name__)

BATCH = 200
# While the broker is away events stay in the outbox once so many aggregates are held back. While it
# is there and takes none of them a batch is tried now and then: it may take those of others.
BACKLOG = 10 * BATCH
# While the broker takes none, no more aggregates than this are held back.
MOST_HELD = 5 * BACKLOG
LEASE = timedelta(seconds=5)
STANDBY_SECONDS = 1.0
RETRY_SECONDS = 1.0
STATES_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 60.0


# An id above those of all states, and below those of all events.
_FIRST_EVENT = "0"
_STATES = {"_id": {"$lt": _FIRST_EVENT}}
_EVENTS = {"_id": {"$gte": _FIRST_EVENT}}
_MOST_STATES = 10 * BATCH

# The number and the hash of the last entry of the log.
_End = tuple[int, str]


class Relay:
    """The relay of one service for one audience.

    Args:
        service: whose it is; a label of the metrics.
        database: the service's own.
        publisher: to RabbitMQ, with confirms.
        holder: unique name of this process, for the lease.
        audience: whose outbox and log it works on.
        linger: seconds between two looks while events come, at the least.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        publisher: Publisher,
        *,
        holder: str,
        audience: Audience = OPEN,
        linger: float = LINGER_SECONDS,
    ) -> None:
        self._service = service
        self._database = database
        self._audience = audience
        self._rows = database.collection(audience.outbox)
        self._log = EventLog(database, audience)
        self._publisher = publisher
        self._lease = Lease(database, audience.relay, holder=holder, length=LEASE)
        self._backlog = Backlog()
        self._confirmed = 0
        # Whether states wait that no queue has taken, and when all of them are tried again.
        self._states_held = False
        self._states_again = 0.0
        # Until then nothing is published: the broker was away when states were there to be sent.
        self._away_until = 0.0
        self._epoch: int | None = None
        # As this relay left it; None: read it. Nobody else writes as long as the fence holds.
        self._end: _End | None = None
        self._linger = linger

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Work until the process stops: look for rows, as often as :mod:`.pacing` says."""
        # After a step that broke off nobody knows what the log holds: look.
        self._forget()
        pacing = Pacing(self._linger, time.monotonic())
        try:
            while not stop.is_set():
                beat()
                if not self.acquire_lease():
                    stop.wait(STANDBY_SECONDS)
                    continue
                began = time.monotonic()
                try:
                    moved = self.step(only_due=True)
                except LeaseLost:
                    _log.warning("relay.lease_lost")
                    self._forget()
                    continue
                full = moved >= BATCH
                pause = pacing.after(moved, full=full, began=began, ended=time.monotonic())
                stop.wait(pause)
        finally:
            with suppress(errors.Unavailable):
                self._lease.release()

    def _forget(self) -> None:
        self._backlog = Backlog()
        self._end = None

    def close(self) -> None:
        """Close the connection to the broker; call it when :meth:`run` has returned."""
        self._publisher.close()

    def acquire_lease(self) -> bool:
        """Take or keep the lease; true if it is ours now.

        What is remembered holds under one epoch: a relay that was frozen may find the lease free
        after another has come, written, and gone.
        """
        epoch = self._lease.acquire()
        if epoch is None or epoch != self._epoch:
            self._forget()
        self._epoch = epoch
        return epoch is not None

    def step(self, *, only_due: bool = False) -> int:
        """Append a batch and publish it, and what is held back.

        Args:
            only_due: leave out what is held back and has its next try later.

        Returns:
            How many events and states were confirmed.

        Raises:
            LeaseLost: if another relay has taken over.
        """
        now = time.monotonic()
        backlog = self._backlog
        again = [held.entry for held in backlog.held.values() if held.due <= now or not only_due]
        again.sort(key=lambda entry: entry.seq)
        new: list[Entry] = []
        if not backlog.complete:
            # A relay that has just taken over starts with what its predecessor left unconfirmed.
            new = self._read_on()
        sent = 0
        if backlog.complete and self._may_append(now):
            retry_states = not self._states_held or now >= self._states_again
            states, events = self._waiting(all_states=retry_states)
            sent = self._send(states, now, retried=retry_states)
            new += self._append(events)
        return sent + self._publish(again, new, now)

    def _may_append(self, now: float) -> bool:
        """Whether to take more from the outbox than is held back already."""
        backlog = self._backlog
        full = len(backlog.held) >= BACKLOG and not backlog.flows
        if full and (now < backlog.probe_at or not self._publisher.accepts_messages):
            return False
        if len(backlog.held) >= MOST_HELD and not backlog.flows:
            return False
        backlog.probe_at = now + RETRY_SECONDS
        return True

    def _read_on(self) -> list[Entry]:
        """The next entries that the log has pending."""
        backlog = self._backlog
        page = self._log.pending(BATCH, after=backlog.read_to)
        backlog.complete = len(page) < BATCH
        if page:
            backlog.read_to = page[-1].seq
        return page

    def _send(self, states: list[Document], now: float, *, retried: bool) -> int:
        """Publish states, and take away those that a queue has, unless a newer one has come.

        Args:
            retried: whether those that wait are among them.
        """
        if now < self._away_until:
            return 0
        failed: frozenset[str] = frozenset()
        if states:
            failed = self._publisher.publish_many([_state_message(row) for row in states])
        if retried:
            self._states_held = False
        sent = [row for row in states if row["event"]["id"] not in failed]
        if sent:
            self._rows.delete_many({"$or": [_exactly(row) for row in sent]})
        if failed:
            self._hold_states([row for row in states if row["event"]["id"] in failed], now)
        return len(sent)

    def _hold_states(self, states: list[Document], now: float) -> None:
        """Let states wait: a second if the broker is away, and longer if no queue takes them."""
        _log.warning("relay.states_held", states=len(states))
        if not self._publisher.accepts_messages:
            self._away_until = self._states_again = now + RETRY_SECONDS
        elif not self._states_held:
            self._states_again = now + STATES_RETRY_SECONDS
        self._states_held = True
        tried = {"$or": [_exactly(row) for row in states if outbox.UNTRIED in row]}
        if tried["$or"]:
            self._rows.update_many(tried, {"$unset": {outbox.UNTRIED: ""}})

    def _append(self, rows: list[Document]) -> list[Entry]:
        if not rows:
            return []

        def move(known: _End | None, session: Session) -> tuple[list[Entry], _End]:
            seq, digest = known or self._stored_end(session)
            entries: list[Entry] = []
            for row in rows:
                seq += 1
                event = CloudEvent.from_wire(row["event"]).numbered(seq)
                digest = chained(digest, event)
                entries.append(Entry(seq, event, digest))
            self._lease.write(session, {"seq": seq, "hash": digest})
            self._log.append(session, entries)
            self._rows.delete_many({"_id": {"$in": [row["_id"] for row in rows]}}, session=session)
            return entries, (seq, digest)

        known, self._end = self._end, None
        # Until the commit has been answered: only the database knows whether one that broke off
        # took effect.
        entries, self._end = self._database.transact(partial(move, known))
        if self._audience is OPEN:
            for entry in entries:
                metrics.FACTS.labels(self._service, entry.event.type).inc()
        return entries

    def _waiting(self, *, all_states: bool) -> tuple[list[Document], list[Document]]:
        """The states to be sent, and the next batch of events in the order in which they leave.

        Args:
            all_states: whether to read the states that no queue has taken, too.

        Read before the transaction, and at one moment, so that an event's person has their state
        there: the row of an event never changes, and only the relay takes one away, which the fence
        makes sure of.
        """
        with self._database.snapshot() as session:
            rows, wanted = self._rows, {} if all_states else _EVENTS
            events = list(rows.find(wanted, session=session).sort("_id", 1).limit(BATCH))
            full = len(events) == BATCH
            states = [row for row in events if row["_id"] < _FIRST_EVENT]
            if not all_states:
                untried = rows.find({outbox.UNTRIED: True}, session=session)
                states = list(untried.limit(_MOST_STATES))
            elif states and full:
                states = list(rows.find(_STATES, session=session).limit(_MOST_STATES))
                events = list(rows.find(_EVENTS, session=session).sort("_id", 1).limit(BATCH))
            else:
                events = events[len(states) :]
            if full:
                # Ids come from several machines' clocks: an earlier version of an aggregate that
                # is in the batch may lie beyond the limit.
                aggregates = list({row["aggregate"] for row in events})
                events = list(self._rows.find({"aggregate": {"$in": aggregates}}, session=session))
        return states, _in_order(events)

    def _stored_end(self, session: Session) -> _End:
        state = self._lease.fenced(session)
        return state.get("seq", 0), state.get("hash", FIRST_HASH)

    def _publish(self, again: list[Entry], new: list[Entry], now: float) -> int:
        """Publish in waves of at most one event per aggregate.

        Args:
            again: the first events of aggregates that are held back.
            new: events that have not been tried.
            now: on the monotonic clock.
        """
        held = self._backlog.held
        fresh = [entry for entry in new if not self._hold_behind(entry)]
        tried_again = {entry.event.aggregate for entry in again}
        before, refused, flows = self._confirmed, 0, False
        left = again + fresh
        while left:
            wave: dict[str, Entry] = {}
            later: list[Entry] = []
            for entry in left:
                aggregate = entry.event.aggregate
                if aggregate in wave:
                    later.append(entry)
                elif aggregate in tried_again or not self._hold_behind(entry):
                    wave[aggregate] = entry
            failed = self._send_wave(list(wave.values()), now)
            for aggregate, entry in wave.items():
                if entry.event.id in failed:
                    refused += 1
                    self._hold_back(entry, now)
                elif aggregate not in tried_again:
                    flows = True
                elif held.pop(aggregate).more:
                    later += self._log.pending_of(entry)
            tried_again.clear()
            left = later
        if fresh:
            self._backlog.flows = flows
        if refused and self._confirmed == before:
            # Nothing was taken: the states are tried again with the events, and before them.
            self._states_again = min(self._states_again, now + RETRY_SECONDS)
        metrics.EVENTS_PUBLISHED.labels(self._service).inc(self._confirmed - before)
        metrics.EVENTS_HELD.labels(self._service, self._audience.relay).set(len(held))
        if refused:
            metrics.EVENTS_UNCONFIRMED.labels(self._service).inc(refused)
            _log.warning("relay.unconfirmed", events=refused, aggregates=len(held))
        return self._confirmed - before

    def _send_wave(self, wave: list[Entry], now: float) -> frozenset[str]:
        """Publish some events; returns the ids of those that were not confirmed."""
        if not wave:
            return frozenset()
        if now < self._away_until:
            return frozenset(entry.event.id for entry in wave)
        began = spans.now()
        failed = self._publisher.publish_many(
            [_message(entry.event, self._audience) for entry in wave]
        )
        if self._audience is OPEN:
            record_published((e.event for e in wave if e.event.id not in failed), began)
        sent = [entry.seq for entry in wave if entry.event.id not in failed]
        if sent:
            self._log.published(sent)
            self._confirmed += len(sent)
        return failed

    def _hold_behind(self, entry: Entry) -> bool:
        """Leave an event in the log if its aggregate is held back."""
        held = self._backlog.held.get(entry.event.aggregate)
        if held is not None:
            held.more = True
        return held is not None

    def _hold_back(self, entry: Entry, now: float) -> None:
        """Hold an aggregate back for an event that was not taken.

        It waits longer each time, but only while others are taken: after an outage all go at once.
        """
        aggregate = entry.event.aggregate
        held = self._backlog.held.get(aggregate)
        if held is None:
            due = self._away_until if now < self._away_until else now + RETRY_SECONDS
            held = Held(entry, RETRY_SECONDS, due, self._confirmed)
            self._backlog.held[aggregate] = held
            return
        if self._confirmed > held.confirmed:
            held.wait = min(held.wait * 2, LONGEST_RETRY_SECONDS)
        held.due, held.confirmed = now + held.wait, self._confirmed


def build_relay(
    settings: Settings,
    service: str,
    database: Database,
    *,
    audience: Audience = OPEN,
    linger: float = LINGER_SECONDS,
) -> Relay:
    """The relay of a service, with its own confirming connection to RabbitMQ."""
    # States are in the outbox of the open events only.
    declared = [TOPOLOGY.events, TOPOLOGY.states] if audience is OPEN else [exchange_of(audience)]
    publisher = ConfirmingPublisher(settings.amqp_uri, declare=declared)
    holder = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
    return Relay(service, database, publisher, holder=holder, audience=audience, linger=linger)


def _message(event: CloudEvent, audience: Audience) -> Message:
    return Message(
        key=event.id,
        body=event.encode(),
        routing_key=event.type,
        exchange=audience.exchange,
        mandatory=audience.must_arrive,
    )


def _state_message(row: Document) -> Message:
    event = CloudEvent.from_wire(row["event"])
    # Mandatory: what no queue takes would be lost, since no log has it to be sent again.
    return Message(
        key=event.id,
        body=event.encode(),
        routing_key=event.type,
        exchange=STATES.name,
        mandatory=True,
    )


def _exactly(row: Document) -> Document:
    """A state as it was read: a newer one of its subject has the same key."""
    return {"_id": row["_id"], "event.id": row["event"]["id"]}


def _in_order(rows: list[Document]) -> list[Document]:
    """Rows by id, but within an aggregate by version."""
    places = sorted(range(len(rows)), key=lambda i: str(rows[i]["_id"]))
    by_version = sorted(rows, key=lambda row: (str(row["aggregate"]), row["version"]))
    queues: dict[str, list[Document]] = {}
    for row in by_version:
        queues.setdefault(str(row["aggregate"]), []).append(row)
    return [queues[str(rows[i]["aggregate"])].pop(0) for i in places]
