"""Fixtures of the tests of consultations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.consultations.app import App
from tests.support.consultations import open_consultations
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_consultations(database.uri)
