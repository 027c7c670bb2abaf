"""A service may read what it subscribes to; without the right its process never gets ready."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from deploy.broker import SERVICES


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "gateway"])
def test_a_service_may_read_what_it_subscribes_to(service: str) -> None:
    # A branch that subscribes to nothing has no patterns.
    patterns = getattr(import_module(f"services.{service}.service"), "PATTERNS", ())
    _, readable = SERVICES[service].topics["masaha.events"]
    refused = [pattern for pattern in patterns if not re.search(readable, pattern)]
    assert not refused, f"deploy/broker.py: {service} may not read {refused}"
