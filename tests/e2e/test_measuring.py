"""The commands that measure work: `make load` and the first part of `make bench`, in small.

How fast is no test's matter; that they run, and that what they say was measured, is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.bench.__main__ as bench
import tests.load.__main__ as load
from tests.bench import targets
from tests.support.figures import Figure
from tests.support.stack import Stack

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The benchmark comes first: what the load has booked, it would be refused."""
    whole = Stack(tmp_path_factory.mktemp("measured"))
    whole.up()
    yield whole
    whole.down()


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    assert len({figure.name for figure in figures}) == len(figures)
    return {figure.name: figure for figure in figures}


def test_the_system_is_held_against_both_floors(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in (bench, targets):
        monkeypatch.setattr(part, "ROUNDS", 1)
        monkeypatch.setattr(part, "SECONDS", 0.5)
        monkeypatch.setattr(part, "WARM_UP_SECONDS", 0.25)
    figures = by_name(bench.measure(stack, tmp_path))
    measured = ("bookings.read", "bookings.create", "consultations.read", "consultations.open")
    for what in measured:
        for name in ("rps", "p50", "p99", "beside_bare.rps"):
            figure = figures[f"{what}.{name}"]
            assert figure.value > 0
            assert figure.floor
            assert figure.ratio
    for name in ("rate", "p50", "p99"):
        assert figures[f"events.inbox.{name}"].value > 0


def test_people_at_work_meet_no_failure(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "USERS", 20)
    monkeypatch.setattr(load, "SECONDS", 6)
    figures = by_name(load.run(stack, tmp_path))
    assert figures["load.all.failures"].value == 0
    for what in ("availability", "inbox", "bookings_list", "bookings_create"):
        assert figures[f"load.{what}.requests"].value > 0
