"""The fault test's checker finds each kind of damage, and none where there is none."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.events.envelope import CloudEvent
from services.common.events.event_log import FIRST_HASH, chained
from tests.support import checker, ledger
from tests.support.checker import Violation
from tests.support.ledger import Ledger, Request

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
MEMBERS = {"amal": {"omar", "sara"}}
SPACES = [
    {"_id": "room", "buffer_before": 0, "buffer_after": 900, "parts": []},
    {"_id": "hall", "buffer_before": 0, "buffer_after": 0, "parts": ["a", "b"]},
    {"_id": "a", "buffer_before": 0, "buffer_after": 0, "parts": []},
]


def booking(number: int, *, starts_at: datetime = NINE, **values: Any) -> dict[str, Any]:
    """A booking that was created by request ``create-<number>``."""
    return {
        "_id": f"b{number}",
        "organisation_id": "amal",
        "space_id": "room",
        "starts_at": starts_at,
        "ends_at": starts_at + HALF_HOUR,
        "status": "confirmed",
        "version": 1,
        "history": [
            {
                "action": "create",
                "version": 1,
                "reason": None,
                "changes": {"title": [None, f"create-{number}"]},
            }
        ],
        **values,
    }


def moved(number: int) -> dict[str, Any]:
    """The same, rescheduled by ``change-<number>``."""
    changed = booking(number, version=2)
    changed["history"].append(
        {
            "action": "reschedule",
            "version": 2,
            "reason": None,
            "changes": {"title": [f"create-{number}", f"change-{number}"]},
        }
    )
    return changed


def created(number: int, outcome: str = ledger.OK) -> Request:
    answered = {"booking_id": f"b{number}", "version": 1} if outcome == ledger.OK else {}
    return Request(f"create-{number}", "create", "amal", f"k{number}", outcome=outcome, **answered)


def changed(number: int, outcome: str = ledger.OK) -> Request:
    return Request(
        f"change-{number}",
        "change",
        "amal",
        booking_id=f"b{number}",
        version=2 if outcome == ledger.OK else 1,
        outcome=outcome,
    )


def log_of(*facts: tuple[str, int, str]) -> list[dict[str, Any]]:
    """A sound log of (booking, version, kind)."""
    entries, digest = [], FIRST_HASH
    for seq, (subject, version, kind) in enumerate(facts, start=1):
        event = CloudEvent(
            id=f"e{seq}",
            source="/masaha/bookings",
            type=f"bookings.booking.{kind}",
            subject=subject,
            time=NINE,
            dataschema="/schemas/x/1",
            data={"organisation_id": "amal"},
            aggregate_version=version,
            actor_kind="person",
            sequence=seq,
        )
        digest = chained(digest, event)
        entries.append({"_id": seq, "event": event.to_wire(), "hash": digest})
    return entries


LOG = log_of(("b1", 1, "confirmed"), ("b2", 1, "confirmed"), ("b1", 2, "rescheduled"))


def told(*, without: int | None = None) -> list[dict[str, Any]]:
    items = [
        {"event_id": entry["event"]["id"], "recipient_id": person}
        for entry in LOG
        for person in sorted(MEMBERS["amal"])
    ]
    return [item for place, item in enumerate(items) if place != without]


def deliveries() -> list[dict[str, Any]]:
    return [
        {
            "_id": f"d{place}",
            **item,
            "state": "sent",
            "trail": [{"state": "queued"}, {"state": "attempting"}, {"state": "sent"}],
        }
        for place, item in enumerate(told())
    ]


def mails() -> dict[str, int]:
    return {delivery["_id"]: 1 for delivery in deliveries()}


def kinds(violations: list[Violation]) -> list[str]:
    return [violation.kind for violation in violations]


class TestAnswers:
    def test_a_true_ledger_has_no_violation(self) -> None:
        requests = [
            created(1),
            changed(1),
            created(2, ledger.REFUSED),
            created(3, ledger.UNKNOWN),
            created(4, ledger.UNKNOWN),
        ]
        stored = [moved(1), booking(3, starts_at=NINE + 2 * HALF_HOUR)]
        assert checker.check_answers(requests, stored) == []
        assert checker.check_counts(requests, stored) == []
        assert checker.check_histories(stored) == []

    def test_an_acknowledged_booking_that_is_not_there_is_lost(self) -> None:
        assert kinds(checker.check_answers([created(1)], [])) == [checker.LOST]
        assert kinds(checker.check_counts([created(1)], [])) == [checker.LOST]

    def test_an_acknowledged_change_that_is_not_in_the_history_is_lost(self) -> None:
        found = checker.check_answers([created(1), changed(1)], [booking(1)])
        assert kinds(found) == [checker.LOST]

    @pytest.mark.parametrize("outcome", [ledger.OK, ledger.UNKNOWN, ledger.REFUSED])
    def test_two_bookings_of_one_key_are_doubled(self, outcome: str) -> None:
        twice = [booking(1), booking(1, _id="b9", starts_at=NINE + 2 * HALF_HOUR)]
        assert checker.DOUBLED in kinds(checker.check_answers([created(1, outcome)], twice))
        assert kinds(checker.check_counts([created(1, outcome)], twice)) == [checker.DOUBLED]

    def test_an_answer_with_another_id_than_the_stored_one_contradicts(self) -> None:
        found = checker.check_answers([created(1)], [booking(1, _id="b7")])
        assert kinds(found) == [checker.CONTRADICTED]

    def test_a_refused_request_that_was_done_contradicts(self) -> None:
        found = checker.check_answers([created(1, ledger.REFUSED)], [booking(1)])
        assert kinds(found) == [checker.CONTRADICTED]

    def test_a_booking_that_nobody_asked_for_is_found(self) -> None:
        assert kinds(checker.check_answers([], [booking(1)])) == [checker.DOUBLED]

    def test_a_history_with_a_missing_version_is_found(self) -> None:
        broken = moved(1)
        del broken["history"][0]
        assert kinds(checker.check_histories([broken])) == [checker.DISORDER]


class TestOverlaps:
    def test_bookings_that_touch_do_not_overlap(self) -> None:
        stored = [booking(1), booking(2, starts_at=NINE + HALF_HOUR + timedelta(minutes=15))]
        assert checker.check_overlaps(stored, SPACES) == []

    def test_the_buffer_counts(self) -> None:
        stored = [booking(1), booking(2, starts_at=NINE + HALF_HOUR)]
        assert kinds(checker.check_overlaps(stored, SPACES)) == [checker.OVERLAP]

    def test_a_hall_overlaps_with_its_part(self) -> None:
        stored = [booking(1, space_id="hall"), booking(2, space_id="a")]
        assert kinds(checker.check_overlaps(stored, SPACES)) == [checker.OVERLAP]

    def test_a_cancelled_booking_takes_no_time(self) -> None:
        stored = [booking(1), booking(2, status="cancelled")]
        assert checker.check_overlaps(stored, SPACES) == []


class TestLog:
    def test_a_sound_log_has_no_violation(self) -> None:
        stored = [moved(1), booking(2)]
        assert checker.check_log(LOG) == []
        assert checker.check_events(stored, LOG) == []

    def test_a_gap_is_found(self) -> None:
        assert kinds(checker.check_log([LOG[0], LOG[2]])) == [checker.DISORDER]

    def test_a_missing_beginning_is_found(self) -> None:
        assert kinds(checker.check_log(LOG[1:])) == [checker.DISORDER]

    def test_a_changed_entry_breaks_the_chain(self) -> None:
        changed_log = copy.deepcopy(LOG)
        changed_log[1]["event"]["data"]["organisation_id"] = "other"
        found = checker.check_log(changed_log)
        assert kinds(found) == [checker.DISORDER]
        assert "entry 2" in found[0].what

    def test_a_wrong_order_within_a_booking_is_found(self) -> None:
        swapped = log_of(("b1", 2, "rescheduled"), ("b1", 1, "confirmed"))
        assert checker.DISORDER in kinds(checker.check_log(swapped))

    def test_the_same_version_twice_is_found(self) -> None:
        twice = log_of(("b1", 1, "confirmed"), ("b1", 1, "confirmed"))
        assert checker.DISORDER in kinds(checker.check_log(twice))
        assert kinds(checker.check_events([booking(1)], twice)) == [checker.DOUBLED]

    def test_a_version_without_an_event_is_lost(self) -> None:
        found = checker.check_events([moved(1)], log_of(("b1", 1, "confirmed")))
        assert kinds(found) == [checker.LOST]

    def test_an_event_of_something_that_was_not_stored_is_found(self) -> None:
        assert kinds(checker.check_events([], LOG[:1])) == [checker.CONTRADICTED]

    def test_an_event_of_another_kind_than_the_change_is_found(self) -> None:
        found = checker.check_events([booking(1)], log_of(("b1", 1, "cancelled")))
        assert kinds(found) == [checker.CONTRADICTED]


class TestEffects:
    def test_sound_effects_have_no_violation(self) -> None:
        notes = [f"notifications|{entry['event']['id']}" for entry in LOG]
        assert checker.check_notes(LOG, notes, "notifications") == []
        assert checker.check_notifications(LOG, told(), MEMBERS) == []
        assert checker.check_mail(LOG, deliveries(), mails(), MEMBERS) == []

    def test_an_event_that_was_not_noted_is_lost(self) -> None:
        notes = [f"notifications|{entry['event']['id']}" for entry in LOG[1:]]
        assert kinds(checker.check_notes(LOG, notes, "notifications")) == [checker.LOST]

    def test_an_event_that_was_noted_twice_is_doubled(self) -> None:
        notes = ["notifications|e1"] * 2 + ["notifications|e2", "notifications|e3"]
        assert kinds(checker.check_notes(LOG, notes, "notifications")) == [checker.DOUBLED]

    def test_a_missing_message_is_lost(self) -> None:
        found = checker.check_notifications(LOG, told(without=2), MEMBERS)
        assert kinds(found) == [checker.LOST]

    def test_a_second_message_is_doubled(self) -> None:
        found = checker.check_notifications(LOG, [*told(), told()[0]], MEMBERS)
        assert kinds(found) == [checker.DOUBLED]

    def test_a_message_to_somebody_else_is_found(self) -> None:
        strange = {"event_id": "e1", "recipient_id": "ziad"}
        found = checker.check_notifications(LOG, [*told(), strange], MEMBERS)
        assert kinds(found) == [checker.CONTRADICTED]

    def test_a_mail_that_was_never_taken_is_lost(self) -> None:
        found = checker.check_mail(LOG, deliveries(), mails() | {"d0": 0}, MEMBERS)
        assert kinds(found) == [checker.LOST]

    def test_a_second_mail_is_doubled_where_nobody_was_unsure(self) -> None:
        found = checker.check_mail(LOG, deliveries(), mails() | {"d0": 2}, MEMBERS)
        assert kinds(found) == [checker.DOUBLED]

    def test_a_second_mail_is_allowed_where_the_delivery_was_unsure(self) -> None:
        queued = deliveries()
        queued[0]["trail"].insert(2, {"state": "unknown"})
        assert checker.check_mail(LOG, queued, mails() | {"d0": 2}, MEMBERS) == []

    def test_a_mail_may_be_missing_where_a_later_one_took_its_place(self) -> None:
        queued = deliveries()
        assert queued[0]["event_id"] == "e1"
        queued[0] |= {"state": "skipped", "trail": [{"state": "queued"}, {"state": "skipped"}]}
        assert checker.check_mail(LOG, queued, mails() | {"d0": 0}, MEMBERS) == []
        found = checker.check_mail(LOG, queued, mails(), MEMBERS)
        assert kinds(found) == [checker.CONTRADICTED]
        queued[0]["trail"].insert(1, {"state": "unknown"})
        assert checker.check_mail(LOG, queued, mails(), MEMBERS) == []

    @pytest.mark.parametrize("place", [2, 4])
    def test_the_last_news_of_a_booking_is_lost_where_it_was_skipped(self, place: int) -> None:
        queued = deliveries()
        queued[place]["state"] = "skipped"
        found = checker.check_mail(LOG, queued, mails() | {f"d{place}": 0}, MEMBERS)
        assert kinds(found) == [checker.LOST]

    def test_a_delivery_that_does_not_end_is_left_over(self) -> None:
        queued = deliveries()
        queued[0]["state"] = "attempting"
        assert kinds(checker.check_mail(LOG, queued, mails(), MEMBERS)) == [checker.LEFT_OVER]

    def test_a_mail_without_a_delivery_is_found(self) -> None:
        found = checker.check_mail(LOG, deliveries(), mails() | {"d99": 1}, MEMBERS)
        assert kinds(found) == [checker.DOUBLED]


class TestTheRest:
    def test_what_still_waits_is_left_over(self) -> None:
        found = checker.check_left_over({"bookings.outbox": 2, "gateway.outbox": 0})
        assert kinds(found) == [checker.LEFT_OVER]

    def test_a_parking_queue_may_hold_the_poison_only(self) -> None:
        poison = {"q.parked": [b"poison"]}
        assert checker.check_parked({"q.parked": [b"poison", b"poison"]}, poison) == []
        assert kinds(checker.check_parked({"q.parked": []}, poison)) == [checker.LOST]
        found = checker.check_parked({"q.parked": [b"poison", b"an event"]}, poison)
        assert kinds(found) == [checker.LEFT_OVER]

    def test_more_connections_than_at_the_start_are_a_leak(self) -> None:
        assert checker.check_leaks({"connections": 9}, {"connections": 9}) == []
        assert checker.check_leaks({"connections": 9}, {"connections": 8}) == []
        assert kinds(checker.check_leaks({"connections": 9}, {"connections": 10})) == [checker.LEAK]

    def test_every_kind_is_counted(self) -> None:
        found = checker.count([Violation(checker.LOST, "x"), Violation(checker.LOST, "y")])
        assert found[checker.LOST] == 2
        assert found[checker.OVERLAP] == 0


class TestLedger:
    def test_a_request_without_an_outcome_is_unknown(self, tmp_path: Path) -> None:
        written = Ledger(tmp_path / "ledger")
        written.sent(created(1, ledger.UNKNOWN))
        written.settled(created(1))
        written.sent(created(2, ledger.OK))
        written.close()
        first, second = ledger.read(tmp_path / "ledger")
        assert first == created(1)
        assert second.outcome == ledger.UNKNOWN
        assert written.count() == written.count(ledger.OK) == 1
