"""Sixty people want the last seats of a cohort at the same moment, while others leave and staff
change the number of seats."""

from __future__ import annotations

import random
from functools import partial

import pytest

from services.common.context import Caller
from services.common.errors import MasahaError, Stale
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.seats import count_seats
from services.trainings.operations import application_answers, cohorts
from services.trainings.schemas.applications import ActOnApplication
from services.trainings.schemas.cohorts import ChangeCohort
from tests.support.applications import applicant, apply, check_sound
from tests.support.bookings import RAQQA_DESK, call
from tests.support.racing import contend
from tests.support.trainings import open_cohort

pytestmark = pytest.mark.alone

TAKERS = 60
SEATED = 6


def person(number: int) -> Caller:
    """Every second person comes for one of three organisations."""
    organisation = f"organisation-{number % 3}" if number % 2 else None
    return applicant(f"person-{number}", organisation)


def take(app: App, cohort: Cohort, number: int) -> Application:
    sex = "female" if number % 4 == 0 else "male"
    return apply(app, cohort, person(number), person={"sex": sex})


def leave(app: App, application: Application) -> Application:
    """Withdraw, again where the roster has changed the application meanwhile."""
    while True:
        version = app.applications.get(application.id).version
        command = ActOnApplication(application.id, version)
        who = Caller(id=application.participant_id)
        try:
            return application_answers.withdraw_application(app, call(who), command)
        except Stale:
            continue


def resize(app: App, cohort: Cohort, capacity: int) -> Cohort:
    """Change the number of seats, again where another has changed the cohort meanwhile."""
    while True:
        version = app.cohorts.get(cohort.id).version
        command = ChangeCohort(cohort.id, version, {"capacity": capacity})
        try:
            return cohorts.change_cohort(app, call(RAQQA_DESK), command)
        except Stale:
            continue


@pytest.mark.parametrize("seed", range(3))
def test_sixty_takers_for_the_last_seats(app: App, seed: int) -> None:
    chance = random.Random(seed)
    cohort = open_cohort(
        app,
        capacity=10,
        cap_per_organisation=4,
        floors={"women": 3, "centres": [{"centre_id": "raqqa", "seats": 2}]},
    )
    seated = [take(app, cohort, 1000 + number) for number in range(SEATED)]
    works = [
        *(partial(take, app, cohort, number) for number in range(TAKERS)),
        *(partial(leave, app, each) for each in seated[:4]),
        *(partial(resize, app, cohort, capacity) for capacity in (14, 8, 12)),
    ]
    chance.shuffle(works)
    results = contend(*works)
    assert [each for each in results if isinstance(each, MasahaError)] == []
    roster = check_sound(app, cohort)
    count = count_seats(roster)
    assert count.taken <= count.capacity + roster.excess.seats
    assert all(seats <= 4 for seats in count.by_organisation.values())
    assert len(app.applications.of_cohort(cohort.id)) == TAKERS + SEATED
