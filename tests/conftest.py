"""Fixtures that every test may ask for.

The servers are real and private to the run: started when the first test asks, stopped at its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.stack import BROKER, DATABASE, Server, Stack

# Of the branches that a test builds or starts itself; a whole stack makes its own.
os.environ.setdefault("LINK_SECRET", "links of this test run")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A RabbitMQ node of this run, with the project's topology: `broker.uri`."""
    stack = Stack(tmp_path_factory.mktemp("broker"), only=BROKER)
    stack.up()
    yield Server(stack.amqp_uri, "rabbitmq", stack)
    stack.down()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A MongoDB replica set of this run: `database.uri`. Tests choose their own database names."""
    stack = Stack(tmp_path_factory.mktemp("database"), only=DATABASE)
    stack.up()
    yield Server(stack.mongo_uri, "mongod", stack)
    stack.down()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, seeded: every process, reached through `stack.gateway_url`."""
    whole = Stack(tmp_path_factory.mktemp("stack"))
    whole.up()
    yield whole
    whole.down()
