"""The first data: centres and topics of the seed files."""

from __future__ import annotations

import json
from pathlib import Path

from services.common.config import Settings
from services.trainings.app import build
from services.trainings.domain.catalogue import Course, Topic
from services.trainings.domain.centres import Centre


def seed(settings: Settings, path: str) -> None:
    """Put centres, topics and courses of the seed files into the database; again does no harm."""
    folder = Path(path)
    network = json.loads((folder / "centre.json").read_text("utf-8"))
    courses = json.loads((folder / "courses.json").read_text("utf-8"))
    app = build(settings)
    try:
        app.centres.seed(
            Centre(each["id"], each["name"], network["network"]["time_zone"])
            for each in network["centres"]
        )
        app.topics.seed(
            Topic(each["id"], each["name"], each.get("in_demand", False))
            for each in network["topics"]
        )
        app.courses.seed(
            Course(**each | {"prerequisites": tuple(each.get("prerequisites", ()))})
            for each in courses["courses"]
        )
    finally:
        app.close()
