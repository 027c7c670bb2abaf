"""One round of each race of the benchmark: processes and threads against the real database."""

from __future__ import annotations

import pytest

from tests.bench import races
from tests.support.stack import Server

SEED = 2018


def test_no_race_has_two_winners_or_none(
    database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    found = races.measure(database.uri, seed=SEED, rounds=1)
    values = {figure.name.removeprefix("bookings.race."): figure.value for figure in found}
    for what in races.RACES:
        assert values.pop(f"{what}.rounds") == 1
    assert {name: value for name, value in values.items() if value} == {}, capsys.readouterr().out
