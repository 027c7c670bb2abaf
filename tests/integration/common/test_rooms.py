"""The requester's half of rooms by request, on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common.clock import FixedClock, to_wire
from services.common.context import SYSTEM
from services.common.contracts.rooms import RoomStanding
from services.common.events.envelope import CloudEvent
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.rooms.requester import REPEAT_REQUEST, RoomRequests
from services.common.rooms.requests import Item, RoomRequest, Status
from services.common.storage.deadlines import DeadlineRunner, Deadlines
from services.common.storage.mongo import Database
from tests.support.mongo import empty_database
from tests.support.stack import Server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
LABEL = {"ar": "تدريب", "en": "Training"}


def session_of(name: str, starts_at: datetime = NINE) -> Item:
    ends_at = starts_at + timedelta(hours=2)
    return Item(name, "raqqa", starts_at, ends_at, people=20, equipment={"projector": 1})


class Branch:
    """A branch that needs rooms, and nothing else."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        outbox = Outbox(database, self.clock, new_id)
        self.deadlines = Deadlines(database, self.clock, new_id)
        self.rooms = RoomRequests("trainings", database, outbox, self.deadlines, self.clock, new_id)
        for each in (outbox, self.deadlines, self.rooms):
            each.ensure_indexes()
        self.tasks: list[str] = []
        self.answers = 0

    def want(self, *items: Item) -> RoomRequest | None:
        return self.database.transact(
            lambda session: self.rooms.request_rooms(session, "cohort-1", LABEL, items, SYSTEM)
        )

    def told(self) -> list[dict[str, Any]]:
        rows = self.database.collection("outbox").find({}).sort("_id", 1)
        return [row["event"] for row in rows]

    def hear(
        self, outcome: str, version: int, *held: Item, requester: str = "trainings", **why: Any
    ) -> Any:
        """Bookings answers the live request."""
        request = self.rooms.of("cohort-1")
        assert request is not None
        self.answers += 1
        data = {
            "requester": requester,
            "request_id": request.id,
            "request_version": version,
            "places": [
                {
                    "item_id": each.item_id,
                    "booking_id": f"b-{each.item_id}",
                    "space_id": "raqqa-hall",
                    "space_name": {"ar": "القاعة"},
                    "starts_at": to_wire(each.starts_at),
                    "ends_at": to_wire(each.ends_at),
                }
                for each in held
            ],
            "code": None,
            "problems": [],
            "reason": None,
            **why,
        }
        RoomStanding().load(data)
        event = CloudEvent(
            id=new_id(),
            source="/masaha/bookings",
            type=f"bookings.room.{outcome}",
            subject="s1",
            time=NOW,
            dataschema="/schemas/x/1",
            data=data,
            aggregate_version=self.answers,
            actor_kind="system",
            traceparent=None,
        )
        return self.database.transact(lambda session: self.rooms.apply_answer(session, event))

    def run_due(self) -> None:
        def unanswered(session: Any, request: RoomRequest) -> None:
            self.tasks.append(request.subject)

        handlers = {
            REPEAT_REQUEST: lambda deadline: self.rooms.repeat_request(deadline, unanswered)
        }
        runner = DeadlineRunner("trainings", self.deadlines, handlers, self.clock)
        while runner.step():
            pass

    @property
    def status(self) -> Status:
        request = self.rooms.of("cohort-1")
        assert request is not None
        return request.status


@pytest.fixture
def branch(database: Server) -> Iterator[Branch]:
    for each in empty_database(database.uri):
        yield Branch(each)


def test_what_is_wanted_is_told_once_for_each_wish(branch: Branch) -> None:
    branch.want(session_of("one"))
    branch.want(session_of("one"))
    branch.want(session_of("one"), session_of("two"))
    told = branch.told()
    assert [each["type"] for each in told] == ["trainings.room.requested"] * 2
    assert [each["data"]["request_version"] for each in told] == [1, 2]
    assert [each["aggregateversion"] for each in told] == [1, 2]
    assert [len(each["data"]["items"]) for each in told] == [1, 2]
    assert "cohort-1" not in str(told), "a request names no aggregate of the requester"


def test_nothing_wanted_gives_all_back_for_good(branch: Branch) -> None:
    assert branch.want() is None
    first = branch.want(session_of("one"))
    branch.want()
    assert branch.rooms.of("cohort-1") is None
    again = branch.want(session_of("one"))
    assert first is not None
    assert again is not None
    assert again.id != first.id
    assert [each["type"].rpartition(".")[2] for each in branch.told()] == [
        "requested",
        "released",
        "requested",
    ]


def test_an_answer_settles_its_own_version_only(branch: Branch) -> None:
    one, two = session_of("one"), session_of("two")
    branch.want(one)
    branch.want(one, two)
    change = branch.hear("granted", 1, one)
    assert (branch.status, change.is_settled) == (Status.AWAITING, False)
    change = branch.hear("granted", 2, one, two)
    assert (branch.status, change.is_settled) == (Status.GRANTED, True)
    request = branch.rooms.of("cohort-1")
    assert request is not None
    place = request.place_of("two")
    assert place is not None
    assert place.booking_id == "b-two"


def test_what_is_stored_is_what_was_wanted_and_what_was_answered(branch: Branch) -> None:
    wanted = (session_of("one"), replace(session_of("two"), space_id="lab", features=("screen",)))
    branch.want(*wanted)
    problem = {"item_id": "two", "code": "space_taken", "alternatives": [{"space_id": "hall"}]}
    change = branch.hear("refused", 1, wanted[0], code="space_taken", problems=[problem])
    stored = branch.rooms.of("cohort-1")
    assert stored == change.after
    assert stored.items == wanted
    assert stored.answer.problems == (problem,)
    assert (stored.answer.code, stored.status) == ("space_taken", Status.REFUSED)


def test_an_answer_to_another_branch_or_an_older_one_changes_nothing(branch: Branch) -> None:
    one = session_of("one")
    branch.want(one)
    assert branch.hear("granted", 1, one, requester="consultations") is None
    assert branch.hear("granted", 1, one) is not None
    branch.answers = 0
    assert branch.hear("lost", 1) is None
    assert branch.status is Status.GRANTED


def test_what_is_not_answered_is_asked_again_word_for_word_and_becomes_a_task(
    branch: Branch,
) -> None:
    branch.want(session_of("one"))
    for pause in (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1)):
        branch.clock.advance(pause - timedelta(seconds=1))
        told = len(branch.told())
        branch.run_due()
        assert len(branch.told()) == told
        branch.clock.advance(timedelta(seconds=1))
        branch.run_due()
        assert len(branch.told()) == told + 1
    told = branch.told()
    assert [each["data"] for each in told] == [told[0]["data"]] * 4
    assert [each["aggregateversion"] for each in told] == [1, 2, 3, 4]
    assert len({each["id"] for each in told}) == 4
    assert branch.tasks == ["cohort-1"]


def test_an_answered_request_is_asked_again_a_day_before_each_item(branch: Branch) -> None:
    first, second = session_of("one"), session_of("two", NINE + timedelta(days=7))
    branch.want(first, second)
    branch.hear("granted", 1, first, second)
    for start in (first.starts_at, second.starts_at):
        branch.clock.advance(start - timedelta(hours=24) - branch.clock.now())
        branch.run_due()
        branch.hear("granted", 1, first, second)
    branch.clock.advance(timedelta(days=30))
    branch.run_due()
    assert len(branch.told()) == 3


def test_after_a_loss_only_a_person_asks_again_and_knows_of_it(branch: Branch) -> None:
    one = session_of("one")
    branch.want(one)
    branch.hear("granted", 1, one)
    branch.hear("lost", 1)
    assert branch.status is Status.LOST
    branch.want(one)
    assert branch.told()[-1]["data"] | {"items": None, "label": None, "request_id": None} == {
        "request_id": None,
        "request_version": 2,
        "seen": 2,
        "label": None,
        "items": None,
    }


def test_what_bookings_gave_up_for_good_is_wanted_in_a_new_request(branch: Branch) -> None:
    one = session_of("one")
    before = branch.want(one)
    branch.hear("freed", 5)
    assert branch.status is Status.LOST
    after = branch.want(one)
    assert before is not None
    assert after is not None
    assert after.id != before.id
    assert branch.status is Status.AWAITING


def test_an_answer_above_the_own_version_shows_a_restore_and_is_overtaken(branch: Branch) -> None:
    one = session_of("one")
    branch.want(one)
    branch.hear("granted", 7, one)
    assert branch.told()[-1]["data"]["request_version"] == 8
    assert branch.status is Status.AWAITING


def test_after_a_restore_all_are_asked_above_every_version(branch: Branch) -> None:
    branch.want(session_of("one"))
    assert branch.rooms.repeat_all_requests(above=100) == 1
    assert branch.told()[-1]["data"]["request_version"] == 101
