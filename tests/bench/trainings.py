"""The branch of trainings, opened for a measurement that nobody has set anything for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from services.common.clock import Clock
from services.common.config import Settings
from services.common.links import Links
from services.trainings.app import App, build
from services.trainings.settings import CertificateSettings

_KEYS = Path(tempfile.gettempdir()) / "masaha-certificate-keys-of-benchmarks"


def open_trainings(mongo_uri: str, prefix: str, clock: Clock) -> App:
    """The branch on a database with this prefix; no variable of the environment is read."""
    return build(
        Settings("amqp://unused", mongo_uri, database_prefix=prefix),
        clock=clock,
        certificates=CertificateSettings(_KEYS, "http://127.0.0.1:8800"),
        links=Links("links of this benchmark"),
    )
