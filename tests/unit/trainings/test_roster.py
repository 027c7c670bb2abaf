"""Seats, offers and queue of a cohort, in one value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.common.errors import MasahaError
from services.trainings.domain.admissions import (
    accept_offer,
    add_staff,
    admit_by_hand,
    enrol,
    offer_seats,
    readmit,
)
from services.trainings.domain.audit import audit_roster
from services.trainings.domain.departures import (
    decline_offer,
    erase_person,
    merge_people,
    withdraw,
)
from services.trainings.domain.roster import (
    Change,
    Closed,
    Entry,
    Outcome,
    Reason,
    Role,
    Roster,
    Standing,
)
from services.trainings.domain.roster_limits import (
    cancel_roster,
    change_cap,
    change_capacity,
    change_start,
    new_roster,
    settle,
)
from services.trainings.domain.seats import count_seats
from tests.support.rosters import (
    HOUR,
    MINUTE,
    MONDAY,
    SUNDAY,
    TWO_DAYS,
    decided,
    of,
    people,
    person,
    roster,
    sound,
    staff,
)


def enrolled(capacity: int, *names: str, **values: object) -> Roster:
    """A roster with these people enrolled."""
    found = roster(capacity, **values)
    for place, name in enumerate(names):
        found = sound(enrol(found, [person(name, place)], MONDAY))
    assert people(found, "enrolled") == list(names)
    return found


def refused(code: str, change: Callable[[], object]) -> None:
    with pytest.raises(MasahaError) as caught:
        change()
    assert caught.value.code == code


# -- TR2: the start ----------------------------------------------------------


def before_the_start() -> Roster:
    """Sunday 08:00, an hour before the first session: D has a seat, E an offer, N waits."""
    found = enrolled(2, "C", "D")
    found = sound(change_capacity(found, 3, MONDAY))
    change = offer_seats(found, [person("E", 5), person("N", 6)], SUNDAY - HOUR)
    found = sound(change)
    assert people(found, "offered") == ["E"]
    assert people(found, "waiting") == ["N"]
    return found


def test_an_offer_ends_when_the_cohort_starts_and_not_after_its_validity() -> None:
    found = before_the_start()
    entry = found.entry(of("E"))
    assert entry is not None
    assert entry.offer is not None
    assert entry.offer.expires_at == SUNDAY
    assert found.due_at == SUNDAY
    refused("trainings.offer_over", lambda: accept_offer(found, of("E"), SUNDAY))
    accepted = sound(accept_offer(found, of("E"), SUNDAY - MINUTE))
    assert people(accepted, "enrolled") == ["C", "D", "E"]


def test_an_offer_long_before_the_start_ends_after_its_validity() -> None:
    change = offer_seats(roster(1), [person("E")], MONDAY)
    assert change.decisions[0].expires_at == MONDAY + TWO_DAYS
    assert change.roster.due_at == MONDAY + TWO_DAYS


@pytest.mark.parametrize("timer", [True, False])
def test_who_withdraws_after_the_start_is_followed_by_nobody(timer: bool) -> None:
    found = before_the_start()
    if timer:
        change = settle(found, SUNDAY)
        assert decided(change) == [
            ("E", Outcome.OFFER_EXPIRED, "no_answer"),
            ("N", Outcome.QUEUE_CLOSED, "cohort_started"),
        ]
        found = sound(change)
        assert found.closed is Closed.COHORT_STARTED
    change = withdraw(found, of("D"), SUNDAY + 15 * MINUTE)
    found = sound(change)
    assert people(found, "enrolled") == ["C"]
    assert people(found, "offered") == people(found, "waiting") == []
    assert decided(change)[-1] == ("D", Outcome.WITHDRAWN, "own_choice")
    assert len(decided(change)) == (1 if timer else 3)
    assert found.closed is Closed.COHORT_STARTED
    assert found.due_at is None


def test_a_trainer_admits_by_hand_after_the_start_with_a_reason() -> None:
    found = sound(withdraw(before_the_start(), of("D"), SUNDAY + 15 * MINUTE))
    refused("trainings.cohort_started", lambda: enrol(found, [person("N")], SUNDAY + HOUR))
    refused("trainings.cohort_started", lambda: offer_seats(found, [person("N")], SUNDAY + HOUR))
    refused("trainings.cohort_started", lambda: readmit(found, person("E"), SUNDAY + HOUR))
    refused(
        "trainings.reason_missing",
        lambda: admit_by_hand(found, person("N"), SUNDAY + HOUR, note=" "),
    )
    change = admit_by_hand(found, person("N"), SUNDAY + HOUR, note="came for D ")
    assert decided(change) == [("N", Outcome.ADMITTED, "by_hand")]
    assert change.decisions[0].note == "came for D"
    entry = sound(change).entry(of("N"))
    assert entry is not None
    assert (entry.standing, entry.by_hand) == (Standing.ENROLLED, "came for D")


def test_by_hand_nobody_gets_a_seat_that_is_not_there() -> None:
    found = enrolled(2, "C", "D")
    refused("trainings.no_seat", lambda: admit_by_hand(found, person("N"), MONDAY, note="x"))
    refused(
        "trainings.already_on_roster", lambda: admit_by_hand(found, person("C"), MONDAY, note="x")
    )


def test_by_hand_an_offer_becomes_a_seat() -> None:
    found = sound(offer_seats(roster(1), [person("A", 1), person("B", 2)], MONDAY))
    change = admit_by_hand(found, person("A", 1), MONDAY, note="cannot read mail")
    assert decided(change) == [("A", Outcome.ADMITTED, "by_hand")]
    assert people(sound(change), "enrolled") == ["A"]
    assert people(change.roster, "waiting") == ["B"]


def test_who_is_admitted_by_hand_from_the_queue_waits_no_longer() -> None:
    capped = sound(enrol(roster(2, cap=1), [person("A", organisation_id="X")], MONDAY))
    capped = sound(enrol(capped, [person("B", organisation_id="X")], MONDAY))
    assert people(capped, "waiting") == ["B"]
    change = admit_by_hand(capped, person("B"), MONDAY, note="interprets for A")
    assert people(sound(change), "enrolled") == ["A", "B"]
    assert change.roster.excess.by_organisation == (("X", 1),)
    fewer = sound(withdraw(change.roster, of("A"), MONDAY))
    assert fewer.excess.by_organisation == ()


def test_a_start_that_moves_nearer_shortens_offers_and_one_that_moves_away_does_not() -> None:
    found = sound(offer_seats(roster(1), [person("A")], MONDAY))
    change = change_start(found, MONDAY + HOUR, MONDAY)
    assert decided(change) == [("A", Outcome.OFFER_SHORTENED, "start_moved")]
    assert change.decisions[0].expires_at == MONDAY + HOUR
    assert sound(change).due_at == MONDAY + HOUR
    later = change_start(change.roster, SUNDAY, MONDAY)
    assert decided(later) == []
    assert sound(later).due_at == MONDAY + HOUR


def test_a_start_that_is_moved_into_the_past_closes_the_queue() -> None:
    found = sound(offer_seats(roster(1), [person("A"), person("B", 1)], MONDAY))
    change = change_start(found, MONDAY, MONDAY)
    assert people(sound(change), "offered") == people(change.roster, "waiting") == []
    assert change.roster.closed is Closed.COHORT_STARTED
    refused(
        "trainings.cohort_started", lambda: change_start(change.roster, SUNDAY, MONDAY + MINUTE)
    )


# -- TR3: one count ----------------------------------------------------------


def three_seats_with_staff() -> Roster:
    found = enrolled(3, "G", "K")
    found = sound(add_staff(found, staff("T", Role.TRAINER), MONDAY))
    found = sound(add_staff(found, staff("O", Role.OBSERVER), MONDAY))
    return sound(offer_seats(found, [person("F", 5)], MONDAY))


def test_trainers_and_observers_take_no_seat() -> None:
    change = accept_offer(three_seats_with_staff(), of("F"), MONDAY + HOUR)
    count = count_seats(sound(change))
    assert people(change.roster, "enrolled") == ["G", "K", "F"]
    assert (count.taken, count.free, count.capacity) == (3, 0, 3)
    assert change.decisions[0].taken == 3


def test_who_is_erased_frees_the_seat_and_stays_in_the_anonymous_count() -> None:
    full = sound(accept_offer(three_seats_with_staff(), of("F"), MONDAY))
    change = erase_person(full, "G", MONDAY + HOUR)
    count = count_seats(sound(change))
    assert (count.taken, count.enrolled, count.erased) == (2, 2, 1)
    assert [each.taken for each in change.decisions] == [2]
    assert "'G'" not in repr(change.roster)
    assert of("G") not in repr(change.roster)


def test_after_an_erasure_the_next_is_promoted_and_page_offer_and_audit_count_the_same() -> None:
    full = sound(accept_offer(three_seats_with_staff(), of("F"), MONDAY))
    full = sound(enrol(full, [person("N", 8)], MONDAY))
    change = erase_person(full, "G", MONDAY + HOUR)
    assert decided(change) == [
        ("G", Outcome.ERASED, "person_erased"),
        ("N", Outcome.OFFERED, "next_by_rank"),
    ]
    assert [each.taken for each in change.decisions] == [2, 3]
    count = count_seats(sound(change))
    assert (count.enrolled, count.offered, count.taken, count.waiting) == (2, 1, 3, 0)
    again = erase_person(change.roster, "G", MONDAY + HOUR)
    assert again == Change(change.roster)


def test_erasure_forgets_who_has_left_too() -> None:
    found = sound(withdraw(enrolled(1, "A"), of("A"), MONDAY))
    assert "'A'" in repr(found)
    assert "'A'" not in repr(sound(erase_person(found, "A", MONDAY)))


def test_people_who_waited_or_trained_are_no_erased_participants() -> None:
    found = sound(add_staff(enrolled(1, "A"), staff("T", Role.TRAINER), MONDAY))
    found = sound(enrol(found, [person("W", 3)], MONDAY))
    found = sound(erase_person(sound(erase_person(found, "W", MONDAY)), "T", MONDAY))
    assert count_seats(found).erased == 0
    assert [(each.standing, each.people) for each in found.erased] == [(Standing.WAITING, 1)]


def test_equal_people_who_are_erased_are_one_number() -> None:
    found = sound(erase_person(enrolled(2, "A", "B"), "B", MONDAY))
    found = sound(erase_person(found, "A", MONDAY))
    assert [each.people for each in found.erased] == [2]
    assert count_seats(found).erased == 2


def test_a_trainer_does_not_take_part_and_a_participant_does_not_train() -> None:
    found = three_seats_with_staff()
    refused("trainings.already_on_roster", lambda: enrol(found, [person("T")], MONDAY))
    refused(
        "trainings.already_on_roster", lambda: add_staff(found, staff("G", Role.TRAINER), MONDAY)
    )
    without = withdraw(found, of("T"), MONDAY)
    assert decided(without) == [("T", Outcome.STAFF_REMOVED, "own_choice")]
    assert without.roster.departures == ()
    with pytest.raises(ValueError, match="participant"):
        add_staff(found, person("Z"), MONDAY)


# -- TR4: the cap ----------------------------------------------------------


def of_organisation(name: str, organisation: str, score: float) -> Entry:
    return person(name, organisation_id=organisation, score=score)


def capped() -> Roster:
    """Cap 2: X has one seat, and ranks 1 and 3; Y rank 2, Z rank 4. No seat is free."""
    found = sound(enrol(roster(1, cap=2), [of_organisation("X0", "X", 0)], MONDAY))
    queue = [("X1", "X", 9.0), ("Y", "Y", 8.0), ("X2", "X", 7.0), ("Z", "Z", 6.0)]
    change = offer_seats(found, [of_organisation(*each) for each in queue], MONDAY)
    assert people(sound(change), "waiting") == ["X1", "Y", "X2", "Z"]
    assert {each.reason for each in change.decisions} == {Reason.FULL}
    return change.roster


def test_ones_own_place_in_the_queue_does_not_count_against_the_cap() -> None:
    change = change_capacity(capped(), 3, MONDAY)
    assert decided(change) == [
        ("X1", Outcome.OFFERED, "next_by_rank"),
        ("Y", Outcome.OFFERED, "next_by_rank"),
    ]
    assert people(sound(change), "waiting") == ["X2", "Z"]


def test_whom_the_cap_skips_stays_in_the_queue_and_the_queue_goes_on() -> None:
    found = sound(change_capacity(capped(), 3, MONDAY))
    change = change_capacity(found, 4, MONDAY)
    assert decided(change) == [
        ("X2", Outcome.SKIPPED, "organisation_cap"),
        ("Z", Outcome.OFFERED, "next_by_rank"),
    ]
    assert people(sound(change), "waiting") == ["X2"]


def test_who_was_skipped_is_next_when_the_organisation_gives_a_seat_back() -> None:
    found = sound(change_capacity(sound(change_capacity(capped(), 3, MONDAY)), 4, MONDAY))
    change = withdraw(found, of("X0"), MONDAY)
    assert decided(change)[1:] == [("X2", Outcome.OFFERED, "next_by_rank")]
    count = count_seats(sound(change))
    assert count.by_organisation == {"X": 2, "Y": 1, "Z": 1}


def test_an_offer_that_fills_the_cap_can_be_accepted() -> None:
    found = sound(change_capacity(capped(), 3, MONDAY))
    assert people(sound(accept_offer(found, of("X1"), MONDAY)), "enrolled") == ["X0", "X1"]


def test_a_seat_that_the_cap_keeps_empty_is_recorded_once_for_each_reason() -> None:
    found = sound(withdraw(sound(change_capacity(capped(), 3, MONDAY)), of("Z"), MONDAY))
    change = change_capacity(found, 4, MONDAY)
    assert decided(change) == [("X2", Outcome.SKIPPED, "organisation_cap")]
    assert count_seats(sound(change)).free == 1
    assert decided(change_capacity(change.roster, 5, MONDAY)) == []


def test_who_comes_is_enrolled_past_those_whom_the_cap_holds_back() -> None:
    found = sound(enrol(roster(2, cap=1), [person("A", organisation_id="X")], MONDAY))
    change = enrol(found, [person("B", organisation_id="X")], MONDAY)
    assert decided(change) == [("B", Outcome.WAITLISTED, "organisation_cap")]
    change = enrol(change.roster, [person("C", organisation_id="Y")], MONDAY)
    assert decided(change) == [("C", Outcome.ENROLLED, "free_seat")]
    assert people(sound(change), "waiting") == ["B"]


def test_people_of_no_organisation_are_not_capped() -> None:
    found = roster(3, cap=1)
    for name in "ABC":
        found = sound(enrol(found, [person(name)], MONDAY))
    assert people(found, "enrolled") == ["A", "B", "C"]


def test_a_cap_that_is_lowered_removes_nobody_and_one_that_is_raised_promotes() -> None:
    found = sound(change_cap(sound(change_capacity(capped(), 4, MONDAY)), 1, MONDAY))
    assert count_seats(found).by_organisation["X"] == 2
    assert found.excess.by_organisation == (("X", 1),)
    found = sound(change_capacity(found, 5, MONDAY))
    assert people(found, "waiting") == ["X2"]
    for cap in (None, 3):
        assert decided(change_cap(found, cap, MONDAY)) == [("X2", Outcome.OFFERED, "next_by_rank")]


# -- rank and queue ----------------------------------------------------------


def test_the_queue_is_by_score_then_gap_then_time_then_id() -> None:
    waiting = [
        person("late", 9, score=5, gap=3),
        person("early", 1, score=5, gap=3),
        person("needs-more", 9, score=5, gap=4),
        person("best", 9, score=6, gap=0),
        person("no-gap", 0, score=5),
        person("no-score", 0, gap=9),
        person("b-same", 9, score=5, gap=3),
    ]
    order = ["best", "needs-more", "early", "b-same", "late", "no-gap", "no-score"]
    for entries in (waiting, waiting[::-1]):
        assert people(sound(offer_seats(roster(0), entries, MONDAY)), "waiting") == order


def test_offers_in_a_batch_go_by_rank_with_those_who_wait() -> None:
    found = sound(offer_seats(roster(0), [person("W", score=5)], MONDAY))
    found = sound(change_capacity(found, 0, MONDAY))
    batch = [person("A", score=4), person("B", score=6)]
    change = offer_seats(found, batch, MONDAY)
    assert decided(change) == [
        ("B", Outcome.WAITLISTED, "full"),
        ("A", Outcome.WAITLISTED, "full"),
    ]
    more = change_capacity(change.roster, 2, MONDAY)
    assert decided(more) == [
        ("B", Outcome.OFFERED, "next_by_rank"),
        ("W", Outcome.OFFERED, "next_by_rank"),
    ]


def test_who_declines_or_does_not_answer_makes_room_for_the_next() -> None:
    found = sound(offer_seats(roster(1), [person("A", 1), person("B", 2), person("C", 3)], MONDAY))
    change = decline_offer(found, of("A"), MONDAY)
    assert decided(change) == [
        ("A", Outcome.OFFER_DECLINED, "own_choice"),
        ("B", Outcome.OFFERED, "next_by_rank"),
    ]
    assert [each.taken for each in change.decisions] == [0, 1]
    later = settle(sound(change), MONDAY + TWO_DAYS)
    assert decided(later) == [
        ("B", Outcome.OFFER_EXPIRED, "no_answer"),
        ("C", Outcome.OFFERED, "next_by_rank"),
    ]
    assert later.decisions[-1].expires_at == MONDAY + 2 * TWO_DAYS
    assert settle(sound(later), MONDAY + TWO_DAYS) == Change(later.roster)
    refused("trainings.not_on_roster", lambda: accept_offer(later.roster, of("B"), SUNDAY))


def test_an_offer_is_live_until_its_end_and_not_at_it() -> None:
    found = sound(offer_seats(roster(1), [person("A")], MONDAY))
    end = MONDAY + TWO_DAYS
    for answer in (accept_offer, decline_offer):
        sound(answer(found, of("A"), end - timedelta(microseconds=1)))
        with pytest.raises(MasahaError) as caught:
            answer(found, of("A"), end)
        assert caught.value.code == "trainings.offer_over"


def test_only_an_offer_is_answered() -> None:
    found = sound(enrol(enrolled(1, "A"), [person("B", 2)], MONDAY))
    for id, code in ((of("A"), "no_offer"), (of("B"), "no_offer"), ("?", "not_on_roster")):
        refused(f"trainings.{code}", lambda id=id: accept_offer(found, id, MONDAY))
        refused(f"trainings.{code}", lambda id=id: decline_offer(found, id, MONDAY))
    refused("trainings.not_on_roster", lambda: withdraw(found, "?", MONDAY))


def test_who_left_comes_back_behind_those_who_did_not() -> None:
    best = person("A", score=9)
    found = sound(offer_seats(roster(1), [best, person("B", score=2)], MONDAY))
    found = sound(decline_offer(found, of("A"), MONDAY))
    refused("trainings.never_left", lambda: readmit(found, person("C"), MONDAY))
    found = sound(readmit(found, best, MONDAY))
    found = sound(offer_seats(found, [person("C", score=1)], MONDAY))
    assert people(found, "waiting") == ["C", "A"]
    # The way in makes no difference: who has left, has left.
    left = sound(withdraw(found, of("A"), MONDAY))
    back = sound(enrol(left, [best], MONDAY)).entry(of("A"))
    assert back is not None
    assert back.rank.departures == 2


def test_who_left_gets_a_free_seat_as_anybody_does() -> None:
    found = sound(withdraw(enrolled(1, "A"), of("A"), MONDAY))
    assert people(sound(enrol(found, [person("A")], MONDAY)), "enrolled") == ["A"]
    assert people(sound(readmit(found, person("A"), MONDAY)), "offered") == ["A"]


@pytest.mark.parametrize("standing", ["enrolled", "offered", "waiting"])
def test_no_person_twice(standing: str) -> None:
    found = sound(offer_seats(enrolled(2, "enrolled"), [person("offered", 1)], MONDAY))
    found = sound(enrol(found, [person("waiting", 2)], MONDAY))
    assert people(found, standing) == [standing]
    second = Entry("another application", standing, person(standing).rank)
    for change in (
        lambda: enrol(found, [second], MONDAY),
        lambda: offer_seats(found, [second], MONDAY),
        lambda: admit_by_hand(found, second, MONDAY, note="x"),
        lambda: enrol(found, [person("new"), person("new")], MONDAY),
    ):
        refused("trainings.already_on_roster", change)


# -- groups ----------------------------------------------------------


def group(*names: str, **values: object) -> list[Entry]:
    return [person(name, place, group_id="team", **values) for place, name in enumerate(names)]


def test_a_group_that_does_not_fit_blocks_nobody_behind_it() -> None:
    found = sound(change_capacity(enrolled(1, "A"), 1, MONDAY))
    found = sound(offer_seats(found, [*group("B", "C", score=9), person("D", score=1)], MONDAY))
    change = change_capacity(found, 2, MONDAY)
    assert decided(change) == [
        ("B", Outcome.SKIPPED, "group_does_not_fit"),
        ("C", Outcome.SKIPPED, "group_does_not_fit"),
        ("D", Outcome.OFFERED, "next_by_rank"),
    ]
    change = change_capacity(sound(change), 4, MONDAY)
    assert [each[:2] for each in decided(change)] == [
        ("B", Outcome.OFFERED),
        ("C", Outcome.OFFERED),
    ]


def test_a_group_comes_together_or_waits_together() -> None:
    found = enrolled(3, "A")
    assert people(sound(enrol(found, group("B", "C"), MONDAY)), "enrolled") == ["A", "B", "C"]
    change = enrol(found, group("B", "C", "D"), MONDAY)
    assert people(sound(change), "waiting") == ["B", "C", "D"]
    assert {each.reason for each in change.decisions} == {Reason.GROUP_DOES_NOT_FIT}
    smaller = withdraw(change.roster, of("C"), MONDAY)
    assert people(sound(smaller), "offered") == ["B", "D"]


def test_a_group_is_held_to_the_cap_together() -> None:
    change = enrol(roster(5, cap=2), group("A", "B", "C", organisation_id="X"), MONDAY)
    assert people(sound(change), "waiting") == ["A", "B", "C"]
    assert {each.reason for each in change.decisions} == {Reason.ORGANISATION_CAP}


def test_a_group_stands_where_its_last_would() -> None:
    strong = person("strong", score=9, group_id="team")
    weak = person("weak", score=1, group_id="team")
    found = sound(offer_seats(roster(0), [strong, weak, person("middle", score=5)], MONDAY))
    assert people(found, "waiting") == ["middle", "strong", "weak"]


def test_each_of_a_group_answers_alone() -> None:
    found = sound(offer_seats(roster(2), group("A", "B"), MONDAY))
    found = sound(accept_offer(sound(decline_offer(found, of("A"), MONDAY)), of("B"), MONDAY))
    assert people(found, "enrolled") == ["B"]


def test_who_joins_a_group_that_waits_waits_with_it() -> None:
    found = sound(enrol(roster(1), group("A", "B"), MONDAY))
    change = enrol(found, [person("C", 3, group_id="team")], MONDAY)
    assert decided(change) == [("C", Outcome.WAITLISTED, "group_does_not_fit")]
    assert people(sound(change), "waiting") == ["A", "B", "C"]


# -- capacity ----------------------------------------------------------


def test_a_capacity_below_what_is_taken_removes_nobody_and_honours_offers() -> None:
    found = sound(change_capacity(enrolled(2, "A", "B"), 3, MONDAY))
    found = sound(offer_seats(found, [person("C", 3), person("D", 4)], MONDAY))
    change = change_capacity(found, 1, MONDAY)
    assert decided(change) == []
    found = sound(change)
    assert found.excess.seats == 2
    found = sound(accept_offer(found, of("C"), MONDAY))
    assert people(found, "enrolled") == ["A", "B", "C"]
    for name, excess in (("A", 1), ("B", 0)):
        change = withdraw(found, of(name), MONDAY)
        found = sound(change)
        assert found.excess.seats == excess
        assert people(found, "waiting") == ["D"]
    assert people(sound(withdraw(found, of("C"), MONDAY)), "offered") == ["D"]


def test_a_capacity_that_is_raised_promotes_as_many() -> None:
    found = sound(offer_seats(roster(0), [person(name, i) for i, name in enumerate("ABC")], MONDAY))
    assert people(sound(change_capacity(found, 2, MONDAY)), "offered") == ["A", "B"]


# -- the end ----------------------------------------------------------


def test_a_cancelled_cohort_has_nobody_and_takes_nobody() -> None:
    found = sound(enrol(three_seats_with_staff(), [person("W", 9)], MONDAY))
    change = cancel_roster(found, MONDAY)
    assert {each.outcome for each in change.decisions} == {Outcome.CANCELLED}
    assert {each.person_id for each in change.decisions} == {"G", "K", "T", "O", "F", "W"}
    cancelled = sound(change)
    assert cancelled.entries == ()
    assert cancelled.due_at is None
    assert cancel_roster(cancelled, SUNDAY) == settle(cancelled, SUNDAY) == Change(cancelled)
    for attempt in (
        lambda: enrol(cancelled, [person("A")], MONDAY),
        lambda: offer_seats(cancelled, [person("A")], MONDAY),
        lambda: admit_by_hand(cancelled, person("A"), MONDAY, note="x"),
        lambda: add_staff(cancelled, staff("A", Role.TRAINER), MONDAY),
        lambda: change_capacity(cancelled, 9, MONDAY),
        lambda: change_cap(cancelled, 9, MONDAY),
        lambda: change_start(cancelled, SUNDAY + HOUR, MONDAY),
    ):
        refused("trainings.cohort_cancelled", attempt)


# -- two records of one person ----------------------------------------------------------


def test_a_merge_frees_the_spare_seat_for_the_next() -> None:
    found = sound(enrol(enrolled(2, "F1", "F2"), [person("N", 5)], MONDAY))
    change = merge_people(found, "F2", "F1", MONDAY)
    assert decided(change) == [
        ("F2", Outcome.MERGED, "same_person"),
        ("N", Outcome.OFFERED, "next_by_rank"),
    ]
    assert people(sound(change), "enrolled") == ["F1"]
    assert merge_people(change.roster, "F1", "F1", MONDAY) == Change(change.roster)


def test_of_two_records_the_better_standing_stays_under_the_name_that_stays() -> None:
    found = sound(enrol(enrolled(1, "seated"), [person("waiting", 3)], MONDAY))
    change = merge_people(found, "seated", "waiting", MONDAY)
    assert decided(change) == [("waiting", Outcome.MERGED, "same_person")]
    entry = sound(change).entry(of("seated"))
    assert entry is not None
    assert entry.person_id == "waiting"
    assert len(change.roster.entries) == 1


def test_a_merge_keeps_that_somebody_left() -> None:
    found = sound(withdraw(enrolled(1, "old"), of("old"), MONDAY))
    found = sound(enrol(found, [person("A", 1)], MONDAY))
    found = sound(enrol(found, [person("new", 2)], MONDAY))
    found = sound(merge_people(found, "old", "new", MONDAY))
    assert found.departures_of("new") == 1
    assert found.departures_of("old") == 0
    assert found.queue()[0].rank.departures == 1


def test_a_trainer_who_is_also_a_participant_trains() -> None:
    found = three_seats_with_staff()
    for ended, kept in (("G", "T"), ("T", "G")):
        merged = sound(merge_people(found, ended, kept, MONDAY))
        entry = merged.entry_of(kept)
        assert entry is not None
        assert entry.role is Role.TRAINER


# -- what makes no roster ----------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [{"capacity": -1}, {"cap": 0}, {"offer_validity": timedelta(0)}],
    ids=str,
)
def test_limits_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    usual: dict[str, object] = {"capacity": 2, "starts_at": SUNDAY, "offer_validity": HOUR}
    with pytest.raises(ValueError, match=" "):
        new_roster(**{**usual, **values})  # type: ignore[arg-type]
    if "capacity" in values:
        with pytest.raises(ValueError, match="capacity"):
            change_capacity(roster(1), -1, MONDAY)
    if "cap" in values:
        with pytest.raises(ValueError, match="cap"):
            change_cap(roster(1), 0, MONDAY)


def test_a_roster_in_which_time_was_not_settled_is_late() -> None:
    found = sound(offer_seats(roster(1), [person("A")], MONDAY))
    end = MONDAY + TWO_DAYS
    assert audit_roster(found, end - MINUTE) == ()
    assert [each.rule for each in audit_roster(found, end)] == ["on_time"]
    assert audit_roster(settle(found, end).roster, end) == ()
