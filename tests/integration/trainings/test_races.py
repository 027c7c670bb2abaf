"""One round of each race of the benchmark: processes and threads for the seats of one cohort."""

from __future__ import annotations

import pytest

from tests.bench import seats
from tests.support.stack import Server

SEED = 2018


def test_no_seat_is_sold_twice_and_none_stays_empty(
    database: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the command runs it: nothing is set.
    for name in ("LINK_SECRET", "CERTIFICATE_KEYS_DIR"):
        monkeypatch.delenv(name, raising=False)
    found = seats.measure(database.uri, seed=SEED, rounds=1)
    values = {figure.name.removeprefix("trainings.seats."): figure.value for figure in found}
    for what in seats.RACES:
        assert values.pop(f"{what}.rounds") == 1
    assert {name: value for name, value in values.items() if value} == {}, capsys.readouterr().out
