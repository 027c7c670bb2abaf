"""A service may read what it subscribes to; without the right its process never gets ready."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from deploy.broker import SERVICES
from services.bookings import service as bookings
from services.consultations import service as consultations
from services.notifications import service as notifications
from services.trainings import service as trainings


@pytest.mark.parametrize(
    ("service", "patterns"),
    [
        ("bookings", bookings.PATTERNS),
        ("trainings", trainings.PATTERNS),
        ("consultations", consultations.PATTERNS),
        ("notifications", notifications.PATTERNS),
    ],
)
def test_a_service_may_read_what_it_subscribes_to(service: str, patterns: Iterable[str]) -> None:
    _, readable = SERVICES[service].topics["masaha.events"]
    refused = [pattern for pattern in patterns if not re.search(readable, pattern)]
    assert not refused, f"deploy/broker.py: {service} may not read {refused}"
