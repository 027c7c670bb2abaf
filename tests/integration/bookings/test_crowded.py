"""All features of the bookings branch at once, on the real database: whatever meets whatever, and
whenever the worker is killed, in the end everything is as it must be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.bookings.app import App
from tests.support.bookings import open_centre
from tests.support.bookkeeping import faults
from tests.support.crowd import Crowd
from tests.support.stack import Server

SEEDS = range(2018, 2022)
DAYS, ROUNDS_A_DAY = 5, 8


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_taken_twice_or_forgotten(app: App, seed: int) -> None:
    crowd = Crowd(app, seed)
    for _ in range(DAYS):
        for _ in range(ROUNDS_A_DAY):
            crowd.do()
        crowd.come_to_rest()
        assert faults(app) == []
