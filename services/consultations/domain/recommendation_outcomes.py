"""What comes of a recommendation: one fact for each person in a training, or each case.

A person's application and a case each have a newest version; an older event changes nothing. Events
of sealed cases do not come here, and a case that is sealed later is forgotten, so no recommendation
shows one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.consultations.domain.recommendations import Help, Target

_APPLICATION = "trainings.application."
_CASE = "consultations.case."
CASE_GONE = "consultations.case.gone"


class Came(StrEnum):
    """What has become of it."""

    BEGUN = "begun"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    NOTHING = "nothing"


_OF_APPLICATION: Mapping[str, Came] = {
    "enrolled": Came.BEGUN,
    "completed": Came.COMPLETED,
    "not_completed": Came.NOT_COMPLETED,
    "withdrawn": Came.NOTHING,
    "cancelled": Came.NOTHING,
}
_OF_CASE: Mapping[str, Came] = {
    "submitted": Came.BEGUN,
    "triaged": Came.BEGUN,
    "assigned": Came.BEGUN,
    "planned": Came.BEGUN,
    "in_progress": Came.BEGUN,
    "awaiting_organisation": Came.BEGUN,
    "reopened": Came.BEGUN,
    "resolved": Came.COMPLETED,
    "closed": Came.COMPLETED,
    "declined": Came.NOTHING,
    "withdrawn": Came.NOTHING,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """What an event says of a target and an organisation.

    Attributes:
        source_id: of the application or the case.
        version: of it.
    """

    organisation_id: str
    target: Target
    source_id: str
    version: int
    came: Came


def sign_of(type: str, version: int, data: Mapping[str, Any]) -> Sign | None:
    """What an event says; ``None`` where it says nothing of a recommendation."""
    if type.startswith(_APPLICATION):
        came = _OF_APPLICATION.get(data["status"])
        target, source = Target(Help.TRAINING, data["topic_id"]), data["application_id"]
    elif type.startswith(_CASE) and "kind_id" in data:
        came = _OF_CASE.get(data["status"])
        target, source = Target(Help.CONSULTATION, data["kind_id"]), data["case_id"]
    else:
        return None
    if came is None or data["organisation_id"] is None:
        return None
    return Sign(data["organisation_id"], target, source, version, came)
