"""What trainings needs to know beyond what every process does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from marshmallow.validate import Length

from services.common import config


@dataclass(frozen=True, slots=True)
class CertificateSettings:
    """Settings of certificates; each is an environment variable of the same name in capitals.

    Attributes:
        certificate_keys_dir: holds the keys that sign certificates, one PEM file each.
        public_url: where people reach the gateway, whose page verifies them.
    """

    certificate_keys_dir: Path
    public_url: str


def load_certificate_settings() -> CertificateSettings:
    """Read the settings from the environment.

    Raises:
        config.WrongSetting: for the first that is missing or wrong.
    """
    with config.reading() as env:
        return CertificateSettings(
            certificate_keys_dir=Path(env.str("CERTIFICATE_KEYS_DIR", validate=Length(min=1))),
            public_url=env.str(
                "PUBLIC_URL", "http://127.0.0.1:8800", validate=config.uri_of("http", "https")
            ).rstrip("/"),
        )
