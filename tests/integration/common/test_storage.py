"""Transactions, keys, leases and deadlines on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo.monitoring
import pytest

from services.common import errors
from services.common.clock import FixedClock
from services.common.context import Call, Caller
from services.common.ids import new_id
from services.common.storage import mongo
from services.common.storage.deadlines import LEASE, Deadline, DeadlineRunner, Deadlines
from services.common.storage.idempotency import IdempotencyKeys, Request
from services.common.storage.leases import Lease, LeaseLost
from services.common.storage.mongo import Database, Document, RetryTransaction, Session, time_limit
from services.common.storage.projections import put_newest
from tests.support.mongo import empty_database
from tests.support.ports import free_port
from tests.support.racing import together
from tests.support.stack import Server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


class TestTransactions:
    def test_what_raises_leaves_nothing(self, store: Database) -> None:
        def work(session: Session) -> None:
            store.collection("things").insert_one({"_id": 1}, session=session)
            raise ValueError

        store.collection("things").insert_one({"_id": 0})
        with pytest.raises(ValueError):
            store.transact(work)
        assert store.collection("things").count_documents({}) == 1

    def test_racing_increments_lose_none(self, store: Database) -> None:
        things = store.collection("things")
        things.insert_one({"_id": 1, "n": 0})

        def increment(session: Session) -> None:
            found = things.find_one({"_id": 1}, session=session)
            assert found is not None
            things.update_one({"_id": 1}, {"$set": {"n": found["n"] + 1}}, session=session)

        together(*[lambda: [store.transact(increment) for _ in range(5)]] * 6)
        assert things.find_one({"_id": 1}) == {"_id": 1, "n": 30}

    def test_who_was_overtaken_starts_again_from_the_beginning(self, store: Database) -> None:
        attempts: list[int] = []

        def work(session: Session) -> str:
            attempts.append(len(attempts))
            store.collection("things").insert_one({"_id": len(attempts)}, session=session)
            if len(attempts) < 3:
                raise RetryTransaction
            return "done"

        assert store.transact(work) == "done"
        assert [each["_id"] for each in store.collection("things").find()] == [3]

    def test_who_is_overtaken_for_ever_is_told_so(
        self, store: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mongo, "TRANSACTION_RETRY_SECONDS", 0.1)

        def work(session: Session) -> None:
            raise RetryTransaction("overtaken")

        with pytest.raises(errors.Unavailable, match="overtaken") as told:
            store.transact(work)
        assert told.value.extra["retry_after"] > 0

    def test_a_database_that_is_away_is_unavailable(self) -> None:
        away = Database("mongodb://127.0.0.1:1/?replicaSet=rs0", "none")
        with pytest.raises(errors.Unavailable) as told:
            away.ping()
        assert told.value.extra["retry_after"] > 0
        away.close()


class TestIdempotencyKeys:
    @pytest.fixture
    def keys(self, store: Database, clock: FixedClock) -> IdempotencyKeys:
        return IdempotencyKeys(store, clock)

    def request(self, key: str | None, body: dict[str, object] | None = None) -> Request:
        call = Call(caller=Caller("omar"), idempotency_key=key)
        return Request.of(call, "make", body or {"a": 1})

    def make(
        self,
        store: Database,
        keys: IdempotencyKeys,
        request: Request,
        *,
        look_first: bool,
        then: Exception | None = None,
    ) -> int:
        number = store.collection("made").count_documents({}) + 1

        def work(session: Session) -> dict[str, object]:
            store.collection("made").insert_one({"_id": number}, session=session)
            if then is not None:
                raise then
            return {"made": number}

        made: int = keys.once(request, work, save=dict, load=dict, look_first=look_first)["made"]
        return made

    @pytest.mark.parametrize("look_first", [True, False])
    def test_again_is_done_once(
        self, store: Database, keys: IdempotencyKeys, look_first: bool
    ) -> None:
        assert self.make(store, keys, self.request("k"), look_first=look_first) == 1
        assert self.make(store, keys, self.request("k"), look_first=look_first) == 1
        assert self.make(store, keys, self.request("other"), look_first=look_first) == 2
        assert store.collection("made").count_documents({}) == 2

    @pytest.mark.parametrize("look_first", [True, False])
    def test_without_a_database_it_is_unavailable(
        self, clock: FixedClock, look_first: bool
    ) -> None:
        nowhere = Database(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", "nowhere")
        keys = IdempotencyKeys(nowhere, clock)
        with time_limit(0.3), pytest.raises(errors.Unavailable) as away:
            keys.once(
                self.request("k"),
                lambda session: nowhere.collection("made").insert_one({}, session=session),
                save=lambda _: {},
                load=dict,
                look_first=look_first,
            )
        assert away.value.extra["retry_after"] > 0
        nowhere.close()

    @pytest.mark.parametrize("look_first", [True, False])
    def test_another_body_is_refused(
        self, store: Database, keys: IdempotencyKeys, look_first: bool
    ) -> None:
        self.make(store, keys, self.request("k"), look_first=look_first)
        with pytest.raises(errors.KeyReused):
            self.make(store, keys, self.request("k", {"a": 2}), look_first=look_first)
        assert store.collection("made").count_documents({}) == 1

    @pytest.mark.parametrize("look_first", [True, False])
    def test_what_would_be_refused_by_now_is_answered_as_it_was(
        self, store: Database, keys: IdempotencyKeys, look_first: bool
    ) -> None:
        self.make(store, keys, self.request("k"), look_first=look_first)
        refusal = errors.Conflict("taken")
        again = self.make(store, keys, self.request("k"), look_first=look_first, then=refusal)
        assert again == 1
        with pytest.raises(errors.Conflict):
            self.make(store, keys, self.request("new"), look_first=look_first, then=refusal)

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            (None, "idempotency.key_missing"),
            ("", "idempotency.key_missing"),
            ("x" * 129, "idempotency.key_invalid"),
            ("a\x00b", "idempotency.key_invalid"),
        ],
    )
    def test_a_bad_key_is_malformed(self, key: str | None, code: str) -> None:
        with pytest.raises(errors.Malformed) as refusal:
            self.request(key)
        assert refusal.value.code == code


class TestLeases:
    def lease(self, store: Database, holder: str, seconds: float = 30) -> Lease:
        return Lease(store, "job", holder=holder, length=timedelta(seconds=seconds))

    def test_one_holds_until_it_lets_go(self, store: Database) -> None:
        first, second = self.lease(store, "a"), self.lease(store, "b")
        assert first.acquire()
        assert not second.acquire()
        assert first.acquire()
        first.release()
        assert second.acquire()
        assert not self.lease(store, "a").acquire()

    def test_one_that_was_frozen_past_its_lease_cannot_write(self, store: Database) -> None:
        frozen, successor = self.lease(store, "a", 0.001), self.lease(store, "b")
        assert frozen.acquire()
        while not successor.acquire():
            pass
        with pytest.raises(LeaseLost):
            store.transact(lambda session: frozen.write(session, {"seq": 99}))
        with pytest.raises(LeaseLost):
            store.transact(frozen.fenced)
        store.transact(lambda session: successor.write(session, {"seq": 1}))
        assert store.transact(successor.fenced)["seq"] == 1

    def test_of_many_at_once_one_holds(self, store: Database) -> None:
        held = together(*[self.lease(store, f"h{n}").acquire for n in range(8)])
        assert held.count(True) == 1


class TestProjections:
    def put(self, store: Database, *facts: Document) -> None:
        store.transact(lambda s: put_newest(s, store.collection("facts"), facts))

    def kept(self, store: Database) -> list[Document]:
        return list(store.collection("facts").find().sort("_id", 1))

    def test_the_newest_of_a_batch_is_kept_whatever_its_place(self, store: Database) -> None:
        newest = {"_id": "a", "version": 3, "name": "new"}
        self.put(store, {"_id": "a", "version": 2}, newest, {"_id": "a", "version": 1})
        assert self.kept(store) == [newest]

    def test_an_older_or_equal_version_changes_nothing(self, store: Database) -> None:
        known = {"_id": "a", "version": 2, "name": "known"}
        other = {"_id": "b", "version": 1}
        self.put(store, known)
        self.put(store, {"_id": "a", "version": 1, "name": "late"}, other)
        self.put(store, {"_id": "a", "version": 2, "name": "again"})
        assert self.kept(store) == [known, other]

    def test_a_newer_fact_takes_the_whole_place_of_the_older(self, store: Database) -> None:
        self.put(store, {"_id": "a", "version": 1, "gone": True})
        self.put(store, {"_id": "a", "version": 2, "name": "$gone"})
        assert self.kept(store) == [{"_id": "a", "version": 2, "name": "$gone"}]

    def test_nothing_to_put_asks_nobody(self, store: Database) -> None:
        self.put(store)
        assert self.kept(store) == []


class TestDeadlines:
    @pytest.fixture
    def deadlines(self, store: Database, clock: FixedClock) -> Deadlines:
        deadlines = Deadlines(store, clock, new_id)
        deadlines.ensure_indexes()
        return deadlines

    def set_due(self, store: Database, deadlines: Deadlines, subject: str = "b1") -> None:
        store.transact(lambda s: deadlines.set(s, "expire", subject, NOW, {"version": 1}))

    def test_a_claim_is_not_ahead_of_what_its_handler_reads_next(
        self, database: Server, store: Database, deadlines: Deadlines, clock: FixedClock
    ) -> None:
        """A handler reads what a majority holds. A claim that did not wait for it would find the
        deadline, but not what it is about, and finish it as if there were nothing to do."""
        claims: list[dict[str, Any]] = []

        class Listener(pymongo.monitoring.CommandListener):
            def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
                if event.command_name == "findAndModify":
                    claims.append(dict(event.command))

            def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None: ...

            def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None: ...

        self.set_due(store, deadlines)
        pymongo.monitoring.register(Listener())
        watched = Database(database.uri, store.collection("deadlines").database.name)
        assert Deadlines(watched, clock, new_id).claim() is not None
        watched.close()
        assert [claim["writeConcern"]["w"] for claim in claims] == ["majority"]

    def runner(self, deadlines: Deadlines, clock: FixedClock, handler: object) -> DeadlineRunner:
        return DeadlineRunner("test", deadlines, {"expire": handler}, clock)  # type: ignore[dict-item]

    def test_nothing_happens_before_its_time(
        self, store: Database, deadlines: Deadlines, clock: FixedClock
    ) -> None:
        later = NOW + timedelta(hours=1)
        store.transact(lambda s: deadlines.set(s, "expire", "b1", later))
        assert deadlines.claim() is None
        clock.advance(timedelta(hours=1))
        found = deadlines.claim()
        assert found is not None
        assert (found.subject, found.due_at) == ("b1", later)

    def test_many_set_at_once_are_each_as_if_set_alone(
        self, store: Database, deadlines: Deadlines
    ) -> None:
        store.transact(lambda s: deadlines.set_many(s, "expire", [], NOW))
        assert deadlines.claim() is None
        self.set_due(store, deadlines, "alone")
        store.transact(lambda s: deadlines.set_many(s, "expire", ["b1", "b2"], NOW))
        stored = {each["subject"]: each for each in store.collection("deadlines").find()}
        alone = stored.pop("alone") | {"data": {}}
        for subject, each in stored.items():
            assert each == alone | {"_id": f"expire|{subject}", "subject": subject}
        claimed = {found.subject for _ in range(3) if (found := deadlines.claim())}
        assert claimed == {"alone", "b1", "b2"}

    def test_what_was_cleared_does_not_happen(self, store: Database, deadlines: Deadlines) -> None:
        self.set_due(store, deadlines)
        store.transact(lambda s: deadlines.clear(s, "expire", "b1"))
        assert deadlines.claim() is None

    def test_only_one_worker_has_it_at_a_time(self, store: Database, deadlines: Deadlines) -> None:
        self.set_due(store, deadlines)
        assert deadlines.claim() is not None
        assert deadlines.claim() is None

    def test_a_worker_that_died_gives_it_back_and_cannot_finish_it(
        self, store: Database, deadlines: Deadlines, clock: FixedClock
    ) -> None:
        self.set_due(store, deadlines)
        dead = deadlines.claim()
        clock.advance(LEASE)
        living = deadlines.claim()
        assert dead is not None
        assert living is not None
        assert living.attempts == 2
        with pytest.raises(LeaseLost):
            store.transact(lambda s: deadlines.finish(s, dead))
        store.transact(lambda s: deadlines.finish(s, living))
        clock.advance(LEASE * 2)
        assert deadlines.claim() is None

    def test_one_set_anew_while_it_is_handled_is_not_lost(
        self, store: Database, deadlines: Deadlines
    ) -> None:
        self.set_due(store, deadlines)
        claimed = deadlines.claim()
        assert claimed is not None
        self.set_due(store, deadlines)
        with pytest.raises(LeaseLost):
            store.transact(lambda s: deadlines.finish(s, claimed))
        assert deadlines.claim() is not None

    def test_a_failing_handler_is_tried_again_later_and_stops_no_other(
        self, store: Database, deadlines: Deadlines, clock: FixedClock
    ) -> None:
        self.set_due(store, deadlines, "bad")
        clock.advance(timedelta(seconds=1))
        store.transact(lambda s: deadlines.set(s, "expire", "good", clock.now()))
        done: list[str] = []

        def handler(deadline: Deadline) -> None:
            if deadline.subject == "bad" and deadline.attempts < 3:
                raise RuntimeError
            store.transact(lambda s: deadlines.finish(s, deadline))
            done.append(deadline.subject)

        runner = self.runner(deadlines, clock, handler)
        assert runner.step()
        assert runner.step()
        assert done == ["good"]
        assert not runner.step()
        clock.advance(timedelta(seconds=5))
        assert runner.step()
        assert not runner.step()
        clock.advance(timedelta(seconds=30))
        assert runner.step()
        assert done == ["good", "bad"]
