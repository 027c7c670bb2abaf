"""What a needs study found, as far as recommendations begin there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.consultations.domain.needs import NeedsOfGroup, RankedNeeds
from services.consultations.domain.recommendations import Help, Target


@dataclass(frozen=True, slots=True)
class FoundNeed:
    """How much is needed of a target, in hundredths of the study's scale."""

    target: Target
    need: int


@dataclass(frozen=True, slots=True)
class NeedsFound:
    """The needs that a closed campaign has shown.

    Attributes:
        id: of the campaign.
    """

    id: str
    version: int
    closed_at: datetime
    needs: tuple[FoundNeed, ...]

    @property
    def by_target(self) -> dict[Target, int]:
        """Of a target that several questions are about, the greatest need."""
        found: dict[Target, int] = {}
        for each in self.needs:
            found[each.target] = max(each.need, found.get(each.target, 0))
        return found


def needs_found(
    campaign_id: str, version: int, closed_at: datetime, data: Mapping[str, Any]
) -> NeedsFound:
    """What ``consultations.campaign.closed`` says of needs."""
    least, most = data["least"], data["most"]
    needs = tuple(
        FoundNeed(target, round((each["need"] - least) * 100 / (most - least)))
        for each in data["needs"]
        for target in _targets_of(each)
    )
    return NeedsFound(campaign_id, version, closed_at, needs)


def said_by(found: RankedNeeds, group: NeedsOfGroup) -> dict[Target, int]:
    """Target → the greatest need of it that a group has, of those that are shown; in hundredths of
    the study's scale."""
    said: dict[Target, int] = {}
    for each in group.needs:
        if each.need is None:
            continue
        need = round((each.need - found.least * 100) / (found.most - found.least))
        named = {"topic_id": each.topic_id, "case_kind": each.case_kind}
        for target in _targets_of(named):
            said[target] = max(need, said.get(target, 0))
    return said


def _targets_of(need: Mapping[str, Any]) -> list[Target]:
    named = ((Help.TRAINING, need["topic_id"]), (Help.CONSULTATION, need["case_kind"]))
    return [Target(help, id) for help, id in named if id is not None]
