"""What consultations needs to know beyond what every process does."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow.validate import Regexp

from services.common import config
from services.common.config import Settings


@dataclass(frozen=True, slots=True)
class CaseKeySettings:
    """Where the keys of cases are: apart from what they encrypt.

    Attributes:
        mongo_uri: of a replica set; by default the one of all databases.
        database: by default ``<prefix>_case_keys``.
    """

    mongo_uri: str
    database: str


def load_case_key_settings(settings: Settings) -> CaseKeySettings:
    """Read the settings from the environment.

    Raises:
        config.WrongSetting: for the first that is wrong.
    """
    with config.reading() as env:
        return CaseKeySettings(
            mongo_uri=env.str(
                "CASE_KEYS_MONGO_URI", settings.mongo_uri, validate=config.uri_of("mongodb")
            ),
            database=env.str(
                "CASE_KEYS_DATABASE",
                settings.database("case_keys"),
                validate=Regexp(r"[A-Za-z0-9_-]{1,60}\Z"),
            ),
        )
