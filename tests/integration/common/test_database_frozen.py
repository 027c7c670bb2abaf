"""A database that is frozen, not dead: it takes connections and requests, and answers none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.remote.rpc import RpcClient
from services.common import errors
from services.common.context import Call, Caller
from services.common.ids import new_id
from services.common.storage.mongo import Database, Session, time_limit
from tests.support.awaiting import until
from tests.support.echoing import Running, Wire, frozen
from tests.support.notifications import confirmed, membership, organisation, person
from tests.support.stack import DATABASE, Server, Stack

WORKERS = 2
SARA = Call(caller=Caller(id="sara"))


@pytest.fixture(scope="module")
def own_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A replica set that these tests may freeze."""
    stack = Stack(tmp_path_factory.mktemp("own-database"), only=DATABASE)
    stack.up()
    yield Server(stack.mongo_uri, "mongod", stack)
    stack.down()


@pytest.fixture
def store(own_database: Server) -> Iterator[Database]:
    # Not dropped afterwards: that would wait for what a frost has left open in it.
    database = Database(own_database.uri, f"t{new_id()[-12:]}")
    yield database
    database.close()


# -- the bound itself -----------------------------------------------------------------------------


def test_a_read_ends_with_its_time(own_database: Server, store: Database) -> None:
    things = store.collection("things")
    things.insert_many([{"_id": number} for number in range(300)])
    with frozen(own_database):
        began = time.monotonic()
        with pytest.raises(Exception) as failure, time_limit(1):
            things.find_one({"_id": 1})
        assert time.monotonic() - began < 2
    assert getattr(failure.value, "timeout", False)
    with time_limit(10):
        # More than one page, so that going on with a cursor is bounded too, and works.
        assert len(list(things.find().batch_size(100))) == 300


def test_a_transaction_ends_with_its_time_and_holds_nothing_up_for_long(
    own_database: Server, store: Database
) -> None:
    counters = store.collection("counters")
    counters.insert_one({"_id": "hours", "n": 0})

    def count(session: Session) -> None:
        counters.update_one({"_id": "hours"}, {"$inc": {"n": 1}}, session=session)

    def caught_in_the_middle(session: Session) -> None:
        count(session)
        ice.enter_context(frozen(own_database))
        counters.find_one({}, session=session)

    with ExitStack() as ice:
        began = time.monotonic()
        with time_limit(1), pytest.raises(errors.Unavailable) as told:
            store.transact(caught_in_the_middle)
        assert time.monotonic() - began < 2
    assert told.value.extra["retry_after"] > 0

    def counted() -> bool:
        store.transact(count)
        return True

    # What the frozen transaction had written stays locked until the database ends it.
    until(counted, "a change of the same document", 40, hurt_by=(errors.Unavailable,))
    assert counters.find_one() == {"_id": "hours", "n": 1}


def test_what_is_not_bounded_by_a_call_is_bounded_all_the_same(
    own_database: Server, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.common.storage.mongo.TRANSACTION_SECONDS", 1)
    store.ping()
    with frozen(own_database):
        began = time.monotonic()
        with pytest.raises(errors.Unavailable):
            store.transact(lambda s: store.collection("things").insert_one({}, session=s))
        assert time.monotonic() - began < 2
        with pytest.raises(errors.Unavailable):
            store.ping()
        assert time.monotonic() - began < 6


def test_the_shorter_of_two_bounds_holds(own_database: Server, store: Database) -> None:
    store.ping()
    with frozen(own_database), time_limit(1):
        began = time.monotonic()
        with pytest.raises(errors.Unavailable), time_limit(30):
            store.ping()
        assert time.monotonic() - began < 2


# -- the processes --------------------------------------------------------------------------------


@pytest.fixture
def client(broker: Server) -> Iterator[RpcClient]:
    # Its breaker must not answer in the branch's place.
    client = RpcClient(broker.uri, breaker={"failures": 1000})
    yield client
    client.close()


def ask(client: RpcClient, seconds: float) -> tuple[str, float]:
    """How one call ended, and after how many seconds."""
    began = time.monotonic()
    try:
        client.call("notifications", "list_inbox", {}, SARA, timeout=seconds)
    except errors.MasahaError as error:
        return f"{error.kind}: {error.detail}", time.monotonic() - began
    return "ok", time.monotonic() - began


def test_calls_are_answered_in_bound_and_all_goes_on_afterwards(
    broker: Server, own_database: Server, client: RpcClient, tmp_path: Path
) -> None:
    environment: dict[str, Any] = {
        "MONGO_URI": own_database.uri,
        "DATABASE_PREFIX": f"t{new_id()[-12:]}",
        "MAX_WORKERS": str(WORKERS),
        "SMTP_PORT": "1",
    }
    with ExitStack() as cleaning:
        wire = Wire(broker.uri)
        cleaning.callback(wire.close)
        cleaning.enter_context(wire.emptied("notifications.events.v1"))

        def start(command: str) -> Running:
            process = Running(
                tmp_path, broker.uri, "services.notifications", command, **environment
            )
            cleaning.callback(process.close)
            return process.await_ready()

        service, worker = start("service"), start("worker")
        assert ask(client, 10)[0] == "ok"

        with frozen(own_database):
            # Twice as many as there are workers: those who wait get the first ones' workers.
            with ThreadPoolExecutor(2 * WORKERS) as pool:
                short = [pool.submit(ask, client, 2) for _ in range(WORKERS)]
                long = [pool.submit(ask, client, 5) for _ in range(WORKERS)]
                ends = [each.result() for each in (*short, *long)]
            for end, seconds in ends:
                # The branch's own word, and before its caller has given up.
                assert end.startswith("unavailable: database: "), ends
                assert seconds < 5
            assert all(seconds < 2 for _, seconds in ends[:WORKERS])
            assert service.probe("/healthz")[0] == 200
            assert service.probe("/readyz")[0] == 503
            wire.publish("identity.person.registered", person("sara").encode())

        until(lambda: ask(client, 5), "an answer", 20, enough=lambda answer: answer[0] == "ok")
        for event in (organisation(), membership("sara"), confirmed()):
            wire.publish(event.type, event.encode())
        until(
            lambda: client.call("notifications", "list_inbox", {}, SARA)["unread"],
            "the message",
            40,
            enough=lambda unread: unread == 1,
        )
        until(
            lambda: worker.metric("masaha_deliveries_total", state="queued"), "a mail's attempt", 20
        )
        assert worker.probe("/healthz")[0] == 200
        for process in (service, worker):
            assert process.process.poll() is None, process.log()
