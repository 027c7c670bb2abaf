"""Trajectories: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import trajectory as contract
from services.consultations.domain.scores import in_decimals
from services.consultations.domain.trajectory import WEIGHTS, Point
from services.consultations.domain.trajectory_facts import FactKind
from services.consultations.schemas import Request

_get_trajectory = contract.GetTrajectory()


@dataclass(frozen=True, slots=True)
class GetTrajectory:
    organisation_id: str


def get_trajectory(request: Request) -> GetTrajectory:
    return GetTrajectory(**_get_trajectory.load(request))


def trajectory(organisation_id: str, points: Sequence[Point]) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "weights": dict(WEIGHTS),
        "points": [_point(each) for each in points],
    }


def _point(point: Point) -> dict[str, Any]:
    terms = {name: in_decimals(term) for name, term in point.terms.items()}
    return {
        "month": str(point.month),
        "counts": {
            "trainings": point.counts[FactKind.TRAINING],
            "milestones": point.counts[FactKind.MILESTONE],
            "meetings": point.counts[FactKind.MEETING],
        },
        "terms": terms or None,
        "index": None if point.index is None else in_decimals(point.index),
        "stage": point.stage.value if point.stage else None,
        "assessment_id": point.level.assessment_id if point.level else None,
        "instrument_id": point.level.instrument_id if point.level else None,
    }
