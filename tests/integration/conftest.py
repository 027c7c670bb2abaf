"""Fixtures of more than one file."""

from __future__ import annotations

from collections.abc import Iterator

import pymongo
import pytest

from tests.support.mongo import Counted
from tests.support.notifications import Mailbox, a_mail_server
from tests.support.ports import free_port


@pytest.fixture
def counted() -> Counted:
    """What is asked of the database by clients that are made after this."""
    counted = Counted()
    pymongo.monitoring.register(counted)
    return counted


@pytest.fixture
def port() -> int:
    """Of a mail server."""
    return free_port()


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    """A mail server that runs."""
    with a_mail_server(port) as box:
        yield box
