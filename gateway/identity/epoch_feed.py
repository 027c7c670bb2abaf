"""How a process of the gateway learns which epochs were raised.

The epochs are in :mod:`gateway.identity.auth.epochs`.

From two sides; each of them is enough:

- the event ``identity.access.revoked``, from a queue of the process's own that ends with its
  connection: within a moment. Only a message that the gateway's own user of the broker published
  counts; where all services share one user, any of them could publish it;
- the store, when listening begins and every ``POLL_SECONDS``: so late at most does a process learn
  of a raise while the broker is away or events are held up. A caller whose record was taken out of
  the store by hand is found here too, at the first look after a request.

While the store is away nobody can take a right away; while both are away no call reaches a branch.
"""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from functools import partial
from typing import Any

from kombu import Connection, Queue

from gateway.identity.auth.epochs import Epochs
from gateway.identity.auth.tokens import AccessTokens
from gateway.identity.store.epochs import EpochStore
from services.common import errors, logs, metrics
from services.common.clock import Clock
from services.common.contracts.identity.events import ACCESS_REVOKED
from services.common.events.envelope import CloudEvent, NotACloudEvent
from services.common.messaging.connecting import (
    BROKEN,
    TRANSPORT,
    connect_once,
    connection_to,
    seconds_to_read,
    user_of,
)
from services.common.messaging.decoding import Undecodable, decode, leave_bodies_alone
from services.common.messaging.topology import EVENTS

_log = logs.get(__name__)

POLL_SECONDS = 2.0
CONNECT_SECONDS = 3.0
HEARTBEAT_SECONDS = 10
_READ_SECONDS = 1.0
_RETRY_SECONDS = 1.0
#: Clocks of processes may differ so much, and a transaction may take so long.
_MARGIN = timedelta(seconds=60)
_NAME = "epoch-feed"


class EpochFeed:
    """Two threads that keep this process's epochs up to date.

    Args:
        uri: of the broker.
        tokens: whose callers are looked for in the store.
        heartbeat: AMQP heartbeat in seconds.
    """

    def __init__(
        self,
        uri: str,
        store: EpochStore,
        epochs: Epochs,
        tokens: AccessTokens,
        clock: Clock,
        *,
        heartbeat: int = HEARTBEAT_SECONDS,
    ) -> None:
        self._uri = uri
        self._heartbeat = heartbeat
        self._store = store
        self._epochs = epochs
        self._tokens = tokens
        self._clock = clock
        self._stopping = threading.Event()
        self._look = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start to listen and to look. Call it after any fork."""
        for name, target in ((_NAME, self._listen), ("epoch-poll", self._poll)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Stop within a few seconds."""
        self._stopping.set()
        self._look.set()
        for thread in self._threads:
            thread.join(_READ_SECONDS + 1)

    def load(self) -> None:
        """Learn from the store.

        Raises:
            errors.Unavailable: if it is away.
        """
        lifetime = timedelta(seconds=self._tokens.seconds)
        raised = self._store.raised_since(self._clock.now() - lifetime - _MARGIN)
        for caller_id, epoch in raised.items():
            self._epochs.learn(caller_id, epoch)
        # Of all who have a token only those who came since the last look: they are few.
        looked_for = self._tokens.drain_seen() | self._epochs.removed
        self._epochs.set_removed(self._store.removed(looked_for))

    # -- the store ------------------------------------------------------------------------------

    def _poll(self) -> None:
        away = False
        while not self._stopping.is_set():
            try:
                self.load()
                away = False
            except errors.Unavailable as error:
                if not away:
                    _log.warning("epochs.store_away", error=error.detail)
                away = True
            except Exception:  # noqa: BLE001 - a thread that ends would accept what is revoked
                _log.exception("epochs.not_read")
            self._look.wait(POLL_SECONDS)
            self._look.clear()

    # -- the broker -----------------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._stopping.is_set():
            connection = connection_to(
                self._uri,
                heartbeat=self._heartbeat,
                connect_timeout=CONNECT_SECONDS,
                transport_options=dict(TRANSPORT),
            )
            try:
                self._receive(connection)
            except BROKEN as error:
                _log.warning("broker.away", connection=_NAME, error=str(error))
                self._stopping.wait(_RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - as above
                _log.exception("epochs.not_received")
                self._stopping.wait(_RETRY_SECONDS)
            finally:
                metrics.BROKER_CONNECTED.labels(_NAME).set(0)
                # Without a word to the other side, which may be frozen.
                connection.collect()

    def _receive(self, connection: Connection) -> None:
        connect_once(connection)
        queue = Queue(
            "", exchange=EVENTS, routing_key=ACCESS_REVOKED.name, exclusive=True, auto_delete=True
        )
        leave_bodies_alone(connection.default_channel)
        receive = partial(self._on_event, user_of(connection))
        connection.Consumer([queue], on_message=receive, no_ack=True).consume()
        metrics.BROKER_CONNECTED.labels(_NAME).set(1)
        self._look.set()  # for what was raised while nobody listened
        seconds = seconds_to_read(_READ_SECONDS, connection)
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=seconds)
            connection.heartbeat_check()

    def _on_event(self, own_user: str, message: Any) -> None:
        user = message.properties.get("user_id")
        if user != own_user:
            _log.warning("epochs.foreign", user=str(user))
            return
        try:
            event = CloudEvent.from_wire(decode(message))
        except (Undecodable, NotACloudEvent) as error:
            _log.warning("epochs.unreadable", error=str(error))
            return
        self._epochs.learn(event.subject, event.aggregate_version)
