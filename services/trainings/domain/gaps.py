"""How much an organisation needs a course, by its last assessment.

A gap is the distance from the highest level of the scale, in parts of the scale: 0 for an
organisation that has nothing to gain, 1 for one that is at the lowest level everywhere. It decides
between applicants whose score is the same, before the time does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LOWEST, HIGHEST = 1, 4
"""Of the scale on which organisations are assessed."""

_DECIMALS = 4


class AssessmentStatus(StrEnum):
    """Where an assessment stands, as consultations publishes it."""

    DRAFT = "draft"
    AGREED = "agreed"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


COUNTS = frozenset({AssessmentStatus.AGREED, AssessmentStatus.VERIFIED})


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an assessment of an organisation came to.

    Attributes:
        mean: of all scores; ``None`` where there are none.
        topics: mean by topic, of the items that a training of the topic helps.
    """

    id: str
    organisation_id: str
    status: AssessmentStatus
    held_on: date
    mean: float | None = None
    topics: Mapping[str, float] = field(default_factory=dict)
    version: int = 1


def newest_of(assessments: Iterable[Assessment]) -> Assessment | None:
    """The assessment that counts: the last that was held."""
    counting = [each for each in assessments if each.status in COUNTS]
    return max(counting, key=lambda each: (each.held_on, each.id), default=None)


def gap_of(assessment: Assessment | None, topic_id: str) -> float | None:
    """The gap of an organisation for courses of a topic: of the items that they help, where the
    assessment has some that apply, and of the whole assessment otherwise; ``None`` where nothing
    is known."""
    if assessment is None:
        return None
    mean = assessment.topics.get(topic_id, assessment.mean)
    return None if mean is None else round((HIGHEST - mean) / (HIGHEST - LOWEST), _DECIMALS)
