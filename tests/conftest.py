"""Fixtures that every test may ask for, and how the tests are shared out among workers.

The servers are real and private to the worker: they start when its first test asks and stop at
its end.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.parallel import Turns, group
from tests.support.stack import BROKER, DATABASE, Server, Stack

# Of the branches that a test builds or starts itself; a whole stack makes its own.
os.environ.setdefault("LINK_SECRET", "links of this test run")
os.environ.setdefault(
    "CERTIFICATE_KEYS_DIR", str(Path(tempfile.gettempdir()) / "masaha-certificate-keys-of-tests")
)

# How fast examples are made says how busy the machine is, and nothing about the code. A test that
# never ends meets pytest's own limit.
settings.register_profile("masaha", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("masaha")

TURNS = pytest.StashKey[Turns]()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A RabbitMQ node of this worker, with the project's topology: `broker.uri`."""
    stack = Stack(tmp_path_factory.mktemp("broker"), only=BROKER)
    stack.up()
    yield Server(stack.amqp_uri, "rabbitmq", stack)
    stack.down()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A MongoDB replica set of this worker: `database.uri`. Tests choose their database names."""
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


# -- several workers: pytest -n 2 ------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the lock between the workers; a worker opens it."""
    if hasattr(config, "workerinput"):
        config.stash[TURNS] = Turns(Path(config.workerinput["turns"]))
    elif config.getoption("numprocesses", None):
        folder = tempfile.TemporaryDirectory(prefix="masaha-tests-")
        config.add_cleanup(folder.cleanup)
        config.stash[TURNS] = Turns(Path(folder.name))
        # Each worker must find the same tests: parameters out of a set, in the same order.
        os.environ.setdefault("PYTHONHASHSEED", str(random.randrange(2**32)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["turns"] = str(node.config.stash[TURNS].folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out the tests group by group."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        _split_scope = staticmethod(group)

    return ByGroup(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A worker waits for its turn before the test's time limit begins to count."""
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with item.config.stash[TURNS].turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)
