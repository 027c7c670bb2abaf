"""The page about messaging names tests; they are there, and the example it gives loads."""

from __future__ import annotations

import re

from tests.architecture.project import ROOT

PAGE = ROOT / "docs" / "messaging.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert named <= defined, f"not there: {sorted(named - defined)}"


def test_every_delay_and_exchange_that_is_declared_is_on_the_page() -> None:
    from services.common.messaging import topology

    page = PAGE.read_text(encoding="utf-8")
    for name in (topology.EVENTS.name, topology.DEAD_LETTER.name, topology.UNROUTABLE):
        assert name in page
    for delay in topology.DELAYS:
        assert "." + delay.name.rsplit(".", 1)[-1] in page
