"""The story that `make demo` plays holds on the running system, more than once."""

from __future__ import annotations

import pytest

from deploy.local import demo
from tests.support.stack import Stack


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_demo_verifies_each_of_its_steps(stack: Stack, time: str) -> None:
    assert demo.play(stack.gateway_url, stack.mail_folder) == 0
