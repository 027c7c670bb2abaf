"""Seats that are reserved for women and for people of a centre, until they are released."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import MasahaError
from services.trainings.domain.admissions import admit_by_hand, enrol, offer_seats
from services.trainings.domain.departures import withdraw
from services.trainings.domain.roster import Outcome, Reason, Roster
from services.trainings.domain.roster_limits import change_capacity, change_floors, settle
from services.trainings.domain.seats import count_seats, seats_needed
from tests.support.rosters import (
    HOUR,
    MINUTE,
    MONDAY,
    SUNDAY,
    decided,
    floor,
    of,
    people,
    person,
    roster,
    sound,
    woman,
)
from tests.unit.trainings.fewest_people import fewest_people


def reserved(found: Roster) -> tuple[int, int]:
    """Free seats, and those of them that are reserved."""
    count = count_seats(found)
    return count.free, count.reserved


def test_a_reserved_seat_is_not_for_everybody() -> None:
    found = roster(2, floors=[floor(1)])
    found = sound(enrol(found, [person("man")], MONDAY))
    change = enrol(found, [person("another", 1)], MONDAY)
    assert decided(change) == [("another", Outcome.WAITLISTED, "reserved_seats")]
    found = sound(change)
    assert reserved(found) == (1, 1)
    change = enrol(found, [woman("woman", 2)], MONDAY)
    assert decided(change) == [("woman", Outcome.ENROLLED, "free_seat")]
    assert reserved(sound(change)) == (0, 0)


def test_a_floor_for_one_centre_is_not_for_another() -> None:
    found = roster(1, floors=[floor(1, "tabqa")])
    for entry in (woman("of-raqqa", centre_id="raqqa"), woman("of-none")):
        assert people(sound(enrol(found, [entry], MONDAY)), "waiting") == [entry.person_id]
    of_tabqa = person("of-tabqa", centre_id="tabqa")
    assert people(sound(enrol(found, [of_tabqa], MONDAY)), "enrolled") == ["of-tabqa"]


def test_whom_a_floor_skips_waits_and_the_queue_goes_on() -> None:
    queue = [person("A", 1), person("B", 2), woman("C", 3)]
    change = offer_seats(roster(2, floors=[floor(1)]), queue, MONDAY)
    assert decided(change) == [
        ("A", Outcome.OFFERED, "next_by_rank"),
        ("B", Outcome.WAITLISTED, "reserved_seats"),
        ("C", Outcome.OFFERED, "next_by_rank"),
    ]


def test_a_floor_that_is_met_reserves_nothing() -> None:
    found = sound(enrol(roster(3, floors=[floor(1)]), [woman("W")], MONDAY))
    for name in ("A", "B"):
        found = sound(enrol(found, [person(name)], MONDAY))
    assert people(found, "enrolled") == ["W", "A", "B"]


def test_a_floor_is_reserved_again_when_its_person_leaves() -> None:
    found = sound(enrol(roster(2, floors=[floor(1)]), [woman("W")], MONDAY))
    found = sound(enrol(sound(enrol(found, [person("A")], MONDAY)), [person("B", 1)], MONDAY))
    change = withdraw(found, of("W"), MONDAY)
    assert decided(change)[1:] == [("B", Outcome.SKIPPED, "reserved_seats")]
    assert reserved(sound(change)) == (1, 1)


def test_one_woman_of_the_centre_counts_for_both_floors() -> None:
    floors = [floor(1), floor(1, "tabqa")]
    found = roster(2, floors=floors)
    # One person can meet both, so one seat is reserved, not two.
    assert reserved(found) == (2, 1)
    found = sound(enrol(found, [person("A")], MONDAY))
    # Now only a woman of Tabqa fits: any other would leave one of the floors unmet for good.
    for entry in (woman("of-raqqa", centre_id="raqqa"), person("man", centre_id="tabqa")):
        change = enrol(found, [entry], MONDAY)
        assert change.decisions[0].reason is Reason.RESERVED_SEATS
    change = enrol(found, [woman("both", centre_id="tabqa")], MONDAY)
    assert people(sound(change), "enrolled") == ["A", "both"]


def test_with_seats_for_both_each_floor_may_be_met_by_another_person() -> None:
    found = roster(2, floors=[floor(1), floor(1, "tabqa")])
    found = sound(enrol(found, [woman("of-raqqa", centre_id="raqqa")], MONDAY))
    assert reserved(found) == (1, 1)
    found = sound(enrol(found, [person("man", centre_id="tabqa")], MONDAY))
    assert reserved(found) == (0, 0)


def test_floors_of_two_centres_are_two_people() -> None:
    found = roster(2, floors=[floor(1), floor(1, "tabqa"), floor(1, "raqqa")])
    assert reserved(found) == (2, 2)
    assert people(sound(enrol(found, [person("other")], MONDAY)), "waiting") == ["other"]
    assert people(sound(enrol(found, [woman("other")], MONDAY)), "waiting") == ["other"]


def test_a_group_that_meets_a_floor_together_may_have_its_seats() -> None:
    pair = [person("A", group_id="g"), woman("B", group_id="g")]
    found = roster(2, floors=[floor(1)])
    assert people(sound(enrol(found, pair, MONDAY)), "enrolled") == ["A", "B"]
    men = [person("A", group_id="g"), person("B", group_id="g")]
    assert people(sound(enrol(found, men, MONDAY)), "waiting") == ["A", "B"]


def test_what_is_left_of_a_floor_is_released_at_its_time() -> None:
    release = MONDAY + HOUR
    found = roster(3, floors=[floor(1, release_at=release), floor(1, "tabqa", SUNDAY)])
    found = sound(offer_seats(found, [person("A", 1), person("B", 2), person("C", 3)], MONDAY))
    assert people(found, "offered") == ["A", "B"]
    found = sound(change_floors(found, [floor(2, release_at=release)], MONDAY))
    assert found.due_at == release
    assert decided(settle(found, release - MINUTE)) == []
    change = settle(found, release)
    assert decided(change) == [("C", Outcome.OFFERED, "next_by_rank")]
    assert [each.released for each in sound(change).floors] == [True]
    # A late timer makes no difference: whatever happens first releases it.
    late = enrol(found, [person("D", 4)], release)
    assert people(sound(late), "offered") == ["A", "B", "C"]


def test_a_floor_is_set_anew_and_reserves_nothing_once_its_time_has_passed() -> None:
    found = roster(1)
    floors = [floor(1, release_at=MONDAY)]
    assert reserved(sound(change_floors(found, floors, MONDAY - MINUTE))) == (1, 1)
    assert reserved(sound(change_floors(found, floors, MONDAY))) == (1, 0)


def test_floors_that_need_more_seats_than_there_are_are_refused() -> None:
    floors = [floor(2), floor(2, "tabqa"), floor(1, "raqqa")]
    for attempt in (
        lambda: roster(2, floors=floors),
        lambda: change_floors(roster(2), floors, MONDAY),
    ):
        with pytest.raises(MasahaError) as caught:
            attempt()
        assert caught.value.code == "trainings.floors_too_large"
        assert caught.value.params == {"seats": 3, "capacity": 2}
    assert reserved(roster(3, floors=floors)) == (3, 3)


@pytest.mark.parametrize(
    "floors", [[floor(1), floor(2)], [floor(1, "tabqa"), floor(0, "tabqa")], [floor(-1)]], ids=len
)
def test_floors_that_make_no_sense_are_refused(floors: list[object]) -> None:
    with pytest.raises(ValueError, match="floor"):
        roster(5, floors=floors)
    with pytest.raises(ValueError, match="floor"):
        change_floors(roster(5), floors, MONDAY)  # type: ignore[arg-type]


def test_a_floor_that_cannot_be_met_any_more_still_admits_those_it_is_for() -> None:
    found = sound(enrol(roster(3, floors=[floor(2)]), [person("A")], MONDAY))
    change = admit_by_hand(found, person("B"), MONDAY, note="heads the project")
    found = sound(change)
    assert found.excess.reserved == 1
    found = sound(enrol(found, [person("C", 1)], MONDAY))
    assert people(found, "waiting") == ["C"]
    found = sound(enrol(found, [woman("D", 2)], MONDAY))
    assert people(found, "enrolled") == ["A", "B", "D"]
    assert found.excess.reserved == 1
    assert sound(withdraw(found, of("A"), MONDAY)).excess.reserved == 0


def test_a_capacity_below_the_floors_keeps_what_is_left_for_them() -> None:
    found = sound(change_capacity(roster(3, floors=[floor(3)]), 1, MONDAY))
    assert found.excess.reserved == 2
    assert people(sound(enrol(found, [person("A")], MONDAY)), "waiting") == ["A"]
    assert people(sound(enrol(found, [woman("B")], MONDAY)), "enrolled") == ["B"]


def test_a_woman_who_leaves_an_overfull_cohort_makes_the_floors_no_worse() -> None:
    found = roster(3, floors=[floor(1)])
    for entry in (woman("W"), person("A"), person("B")):
        found = sound(enrol(found, [entry], MONDAY))
    found = sound(change_capacity(found, 2, MONDAY))
    assert found.excess.reserved == 1
    assert sound(withdraw(found, of("W"), MONDAY)).excess.reserved == 1
    assert sound(withdraw(found, of("A"), MONDAY)).excess.reserved == 0


@given(
    st.integers(0, 4),
    st.lists(st.integers(0, 3), max_size=2),
    st.integers(0, 3),
    st.lists(st.integers(0, 3), min_size=2, max_size=2),
)
def test_the_seats_needed_are_the_fewest_people_who_meet_all_floors(
    women_wanted: int, wanted: list[int], women: int, there: list[int]
) -> None:
    floors = [floor(women_wanted), *(floor(each, str(i)) for i, each in enumerate(wanted))]
    by_centre = {str(i): each for i, each in enumerate(there)}
    missing = tuple(max(0, want - have) for want, have in zip(wanted, there, strict=False))
    expected = fewest_people(max(0, women_wanted - women), missing)
    assert seats_needed(floors, women, by_centre) == expected
