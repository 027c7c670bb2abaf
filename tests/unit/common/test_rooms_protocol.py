"""Rooms by request: the code of both halves, checked with the rules of docs/rooms.md.

Hypothesis drives the requester's half of ``services/common/rooms`` and bookings' decisions over two
channels that repeat and reorder without bound and may lose, with a rival who books, a desk that
cancels, a closure and either side set back by a restore. Only the placing of rooms is a stand-in of
a few lines: the real one is tested on the database.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.bookings.domain.room_requests import Decision, Outcome, RoomRow, decide
from services.common.rooms import requests as half
from services.common.rooms.requests import Answer, Item, Place, RoomRequest, Status

DAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ROOMS = ("hall", "office")
TIMES = (0, 1)


def item(name: int, time: int) -> Item:
    starts_at = DAY + timedelta(hours=time)
    return Item(f"item-{name}", "raqqa", starts_at, starts_at + timedelta(hours=1), people=5)


WISHES = [
    (item(1, 0),),
    (item(1, 1),),
    (item(1, 0), item(2, 0)),
    (item(1, 0), item(2, 1)),
    (item(1, 1), item(2, 0)),
]


class Rooms(RuleBasedStateMachine):
    """Both halves and all that may happen between them."""

    @initialize(wish=st.sampled_from(WISHES))
    def begin(self, wish: tuple[Item, ...]) -> None:
        self.request = RoomRequest("r1", "cohort-1", {"ar": "جلسة"}, wish)
        self.row: RoomRow | None = None
        self.places: tuple[Place, ...] = ()
        self.code: str | None = None
        self.others: set[tuple[str, datetime]] = set()
        self.questions = [self.request]
        self.answers: list[Answer] = []
        self.to_bookings: list[RoomRequest] = [self.request]
        self.to_requester: list[Answer] = []
        self.lost_items: dict[str, int] = {}
        self.refused: set[int] = set()
        self.heard: list[Answer] = []
        self.earlier: list[RoomRequest] = []
        self.bookings_made = 0

    # -- the requester ---------------------------------------------------------------------------

    def tell(self, after: RoomRequest) -> None:
        if after is not self.request:
            self.earlier.append(self.request)
            self.request = after
            self.questions.append(after)
            self.to_bookings.append(after)

    @rule(wish=st.sampled_from(WISHES))
    @precondition(lambda self: not self.request.released and not self.request.is_over)
    def a_person_wants(self, wish: tuple[Item, ...]) -> None:
        self.tell(self.request.with_items(wish))

    @rule()
    def a_person_gives_back(self) -> None:
        self.tell(self.request.given_back())

    @rule()
    def time_asks_again(self) -> None:
        repeated = self.request.repeated()
        assert replace(repeated, version=0) == replace(self.request, version=0)
        self.request = repeated
        self.to_bookings.append(repeated)

    def take(self, answer: Answer) -> None:
        self.heard.append(answer)
        after = self.request.answered(answer)
        if after.request_version != self.request.request_version:
            self.tell(after)
        else:
            self.request = after

    # -- bookings --------------------------------------------------------------------------------

    def free(self, space: str, when: datetime, besides: tuple[Place, ...]) -> bool:
        held = {(each.space_id, each.starts_at) for each in besides}
        return (space, when) not in held | self.others

    def place_all(self, wanted: tuple[Item, ...]) -> tuple[Place, ...] | None:
        kept = tuple(
            place
            for place in self.places
            if any((i.item_id, i.starts_at) == (place.item_id, place.starts_at) for i in wanted)
        )
        placed = kept
        for each in wanted:
            if any(place.item_id == each.item_id for place in kept):
                continue
            space = next((s for s in ROOMS if self.free(s, each.starts_at, placed)), None)
            if space is None:
                return None
            self.bookings_made += 1
            key = f"b{self.bookings_made}"
            name = {"ar": space}
            placed += (Place(each.item_id, key, space, name, each.starts_at, each.ends_at),)
        return placed

    def receive(self, question: RoomRequest) -> None:
        decision = decide(
            self.row,
            question.request_version,
            seen=question.seen,
            release=question.released,
        )
        row = self.row or RoomRow("trainings:r1", "s1", 0, Outcome.FREED, version=0)
        held = self.places
        if decision is Decision.RELEASE:
            self.row, self.places, self.code = row.freed(question.request_version), (), None
        elif decision is Decision.REFUSE_OVERTAKEN:
            self.row = row.answered(Outcome.REFUSED, question.request_version)
            self.code = "bookings.overtaken"
        elif decision is Decision.PLACE:
            placed = self.place_all(question.items)
            outcome = Outcome.REFUSED if placed is None else Outcome.GRANTED
            self.row = row.answered(outcome, question.request_version)
            self.code = "bookings.space_taken" if placed is None else None
            if placed is not None:
                new = {each.booking_id for each in placed} - {p.booking_id for p in self.places}
                for each in placed:
                    if each.booking_id in new:
                        # A loss is never undone by a requester that did not know of it.
                        assert question.seen >= self.lost_items.get(each.item_id, 0)
                self.places = placed
        else:
            self.row = row.repeated(question.request_version)
        untold = question.request_version < row.request_version and not self.row.released
        if row.released or untold:
            assert self.places == held, "an older version, or one after a release, changes nothing"
        if self.row.outcome is Outcome.REFUSED:
            assert self.places == held, "a refusal leaves what is held"
            self.refused.add(question.request_version)
        if self.row.outcome is Outcome.GRANTED and decision is Decision.PLACE:
            assert question.request_version not in self.refused, "granted later, and nobody asked"
        self.answer()

    def answer(self) -> None:
        assert self.row is not None
        answer = Answer(
            self.row.request_version,
            self.row.version,
            half.Outcome(self.row.outcome),
            self.places,
            self.code,
        )
        self.answers.append(answer)
        self.to_requester.append(answer)

    @rule(data=st.data())
    @precondition(lambda self: self.places)
    def the_desk_cancels(self, data: st.DataObject) -> None:
        assert self.row is not None
        gone = data.draw(st.sampled_from(self.places))
        self.places = tuple(each for each in self.places if each is not gone)
        self.row = self.row.lost()
        self.lost_items[gone.item_id] = self.row.lost_at
        self.answer()

    @rule(data=st.data())
    @precondition(lambda self: self.places)
    def a_closure_moves_to_another_room(self, data: st.DataObject) -> None:
        assert self.row is not None
        moved = data.draw(st.sampled_from(self.places))
        free = [s for s in ROOMS if self.free(s, moved.starts_at, self.places)]
        if free:
            after = replace(moved, space_id=free[0])
            self.places = tuple(after if each is moved else each for each in self.places)
            self.row = self.row.repeated(0)
            self.answer()

    @rule(space=st.sampled_from(ROOMS), time=st.sampled_from(TIMES))
    def a_rival_books(self, space: str, time: int) -> None:
        when = DAY + timedelta(hours=time)
        if self.free(space, when, self.places):
            self.others.add((space, when))

    @rule(data=st.data())
    @precondition(lambda self: self.others)
    def a_rival_leaves(self, data: st.DataObject) -> None:
        self.others.remove(data.draw(st.sampled_from(sorted(self.others))))

    # -- channels --------------------------------------------------------------------------------

    @rule(data=st.data())
    @precondition(lambda self: self.questions)
    def any_question_arrives(self, data: st.DataObject) -> None:
        """Also one that has arrived before: a redelivery, a parked message, a replayed log."""
        self.receive(data.draw(st.sampled_from(self.questions)))

    @rule(data=st.data())
    @precondition(lambda self: self.answers)
    def any_answer_arrives(self, data: st.DataObject) -> None:
        self.take(data.draw(st.sampled_from(self.answers)))

    @rule()
    def everything_on_the_way_is_lost(self) -> None:
        self.to_bookings.clear()
        self.to_requester.clear()

    # -- restores --------------------------------------------------------------------------------

    @rule()
    def bookings_is_restored_to_before_all(self) -> None:
        """The operator then has every live request asked anew, above all versions there were."""
        self.row, self.places, self.code = None, (), None
        self.lost_items, self.refused = {}, set()
        self.tell(self.request.raised_above(max(q.request_version for q in self.questions)))

    @rule(data=st.data())
    @precondition(lambda self: self.earlier)
    def the_requester_is_restored(self, data: st.DataObject) -> None:
        self.request = data.draw(st.sampled_from(self.earlier))
        answer = self.request.answer
        self.heard = [answer] if answer else []
        self.tell(self.request.raised_above(max(q.request_version for q in self.questions)))

    # -- what holds ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Deliver what is on its way, and let deadlines ask, until nothing happens any more."""
        for _ in range(20):
            while self.to_bookings or self.to_requester:
                if self.to_bookings:
                    self.receive(self.to_bookings.pop(0))
                if self.to_requester:
                    self.take(self.to_requester.pop(0))
            if self.request.status is not Status.AWAITING:
                return
            self.time_asks_again()
        raise AssertionError("it waits for ever")

    @rule()
    def all_comes_to_rest(self) -> None:
        self.settle()
        # The day before, an answered request is asked again: what was lost on the way is heard.
        if not self.request.released:
            self.time_asks_again()
            self.settle()
        believed = self.request.answer.places if self.request.answer else ()
        assert set(_keys(believed)) == set(_keys(self.places))
        if self.request.released:
            assert not self.places
        if self.row is not None and self.row.released:
            assert not self.places

    @invariant()
    def the_newest_answer_is_kept(self) -> None:
        heard = getattr(self, "heard", [])
        if heard:
            newest = max((each.request_version, each.version) for each in heard)
            assert self.request.answer is not None
            kept = (self.request.answer.request_version, self.request.answer.version)
            assert kept == newest

    @invariant()
    def freed_means_given_back(self) -> None:
        request = getattr(self, "request", None)
        if request is not None and request.status is Status.FREED:
            assert request.released

    @invariant()
    def nothing_overlaps_and_an_item_is_held_once(self) -> None:
        held = [(each.space_id, each.starts_at) for each in getattr(self, "places", ())]
        assert len(set(held)) == len(held)
        assert not set(held) & getattr(self, "others", set())
        items = [each.item_id for each in getattr(self, "places", ())]
        assert len(set(items)) == len(items)

    @invariant()
    def granted_means_every_item_at_its_time(self) -> None:
        request = getattr(self, "request", None)
        if request is not None and request.status is Status.GRANTED:
            held = {(each.item_id, each.starts_at) for each in request.answer.places}
            assert held == {(each.item_id, each.starts_at) for each in request.items}


def _keys(places: tuple[Place, ...]) -> list[tuple[str, str, datetime]]:
    return [(each.item_id, each.space_id, each.starts_at) for each in places]


Rooms.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRooms = Rooms.TestCase
