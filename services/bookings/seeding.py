"""The first data: centres, spaces and equipment, from ``centre.json``, ``spaces.json`` and
``equipment.json``.

What is there already stays as people left it; what is missing is added.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.bookings.app import App, build
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Equipment
from services.bookings.operations import spaces
from services.common.config import Settings
from services.common.time.opening_hours import Timetable
from services.common.time.weekly_hours import WeeklyHours


def seed(settings: Settings, path: str) -> None:
    """Write the first data found in the folder ``path``; may run any number of times.

    Raises:
        OSError, ValueError: if a file is not there or no JSON.
    """
    network, details, lent = (
        json.loads((Path(path) / name).read_text("utf-8"))
        for name in ("centre.json", "spaces.json", "equipment.json")
    )
    app = build(settings)
    try:
        seed_centres(app, network, details["weekly_hours"])
        spaces.seed(app, [_space(each) for each in details["spaces"]])
        app.equipment.seed(Equipment(**each) for each in lent["equipment"])
    finally:
        app.close()


def seed_centres(app: App, network: dict[str, Any], weekly_hours: dict[str, Any]) -> None:
    """Add the centres of the network, each with its weekly hours."""
    app.centres.seed(
        [
            Centre(
                id=each["id"],
                name=each["name"],
                time_zone=network["network"]["time_zone"],
                timetable=Timetable(WeeklyHours.parse(weekly_hours[each["id"]])),
            )
            for each in network["centres"]
        ]
    )


def _space(given: dict[str, Any]) -> Space:
    return Space(
        id=given["id"],
        centre_id=given["centre_id"],
        name=given["name"],
        capacity=given["capacity"],
        features=tuple(given["features"]),
        buffer_before=timedelta(minutes=given["buffer_before_minutes"]),
        buffer_after=timedelta(minutes=given["buffer_after_minutes"]),
        parts=tuple(given.get("parts", ())),
        needs_approval=given.get("needs_approval", False),
    )
