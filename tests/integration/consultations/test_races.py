"""Some rounds of the race of the benchmark: processes and threads for the day of one adviser."""

from __future__ import annotations

import pytest

from tests.bench import advisers
from tests.support.stack import Server

SEED = 2018


def test_no_adviser_is_in_two_places_and_no_free_time_is_refused(
    database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    found = advisers.measure(database.uri, seed=SEED, rounds=2)
    values = {each.name.removeprefix("consultations.advisers."): each.value for each in found}
    assert values.pop("rounds") == 2
    assert {name: value for name, value in values.items() if value} == {}, capsys.readouterr().out
