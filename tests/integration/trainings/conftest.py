"""Fixtures of the tests of trainings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.trainings.app import App
from tests.support.stack import Server
from tests.support.trainings import open_trainings


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_trainings(database.uri)
