"""The reckoning of the races for seats finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.trainings.domain.cohorts import CentreFloor, Cohort, CohortSession, Floors, Mode
from services.trainings.domain.earning import EarningRule
from services.trainings.domain.roster import Entry, Roster, Standing
from tests.bench.seats import RACE_AT, Tally, count_faults
from tests.support.rosters import TWO_DAYS, person, woman

STARTS = RACE_AT + timedelta(days=9)


def cohort(*entries: Entry, capacity: int = 3, **values: object) -> Cohort:
    session = CohortSession("s", STARTS, STARTS + timedelta(hours=2))
    known = Cohort(
        id="c",
        course_id="course",
        topic_id="topic",
        centre_id="raqqa",
        title={"ar": "دورة"},
        hours=2,
        earning=EarningRule(least_attendance=80),
        mode=Mode.FIRST_COME,
        language="ar",
        capacity=capacity,
        created_by="desk",
        created_at=RACE_AT,
        sessions=(session,),
        roster=Roster(capacity, STARTS, TWO_DAYS, entries=entries),
    )
    return replace(known, **values)  # type: ignore[arg-type]


def seat(entry: Entry) -> Entry:
    return replace(entry, standing=Standing.ENROLLED)


def found(value: Cohort, most: int = 3) -> Tally:
    tally = Tally()
    count_faults(value, [], tally, most=most)
    return tally


def test_more_people_than_seats_are_oversold() -> None:
    people = [seat(person(f"p{number}", number)) for number in range(5)]
    assert found(cohort(*people)).oversold == 2
    # While people raced there were five.
    assert found(cohort(*people), most=5).oversold == 0


def test_more_people_of_an_organisation_than_its_cap_are_counted() -> None:
    people = [seat(person(f"p{number}", number, organisation_id="amal")) for number in range(3)]
    assert found(cohort(*people, cap_per_organisation=1)).caps_broken == 2


def test_seats_that_a_floor_keeps_are_nobody_elses() -> None:
    floors = Floors(women=2, centres=(CentreFloor("tabqa", 1),), released_at=STARTS)
    taken = [seat(person("first")), seat(person("second", 1))]
    assert found(cohort(*taken, floors=floors)).floors_broken == 1
    assert found(cohort(seat(person("first")), floors=floors)).floors_broken == 0
    over = replace(floors, released_at=RACE_AT)
    assert found(cohort(*taken, floors=over)).floors_broken == 0


def test_a_seat_is_left_empty_only_for_a_person_who_may_have_it() -> None:
    waits = person("waits", 2, organisation_id="amal")
    assert found(cohort(seat(person("first")), waits)).left_empty == 1
    full = [seat(person(f"p{number}", number)) for number in range(3)]
    assert found(cohort(*full, waits)).left_empty == 0
    capped = seat(person("first", organisation_id="amal"))
    assert found(cohort(capped, waits, cap_per_organisation=1)).left_empty == 0
    floors = Floors(women=3, released_at=STARTS)
    assert found(cohort(waits, floors=floors)).left_empty == 0
    assert found(cohort(woman("waits"), floors=floors)).left_empty == 1


def test_a_roster_without_its_applications_disagrees() -> None:
    assert found(cohort(seat(person("first")))).disagreements == 1
