"""Milestones: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import milestones as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.milestone_states import MilestoneAction
from services.consultations.domain.milestones import Milestone
from services.consultations.schemas import Request, instant

_list_milestones = contract.ListMilestones()
_act_on_milestone = contract.ActOnMilestone()


@dataclass(frozen=True, slots=True)
class ListMilestones:
    case_id: str
    status: str | None
    overdue: bool | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ActOnMilestone:
    """What is said with an action: ``blocker`` with ``block``, ``evidence`` with ``report``,
    ``reason`` with ``return`` and ``reopen``."""

    id: str
    expected_version: int
    action: MilestoneAction
    blocker: str | None = None
    evidence: str | None = None
    reason: str | None = None


def list_milestones(request: Request) -> ListMilestones:
    data = _list_milestones.load(request)
    after = data.pop("after")
    return ListMilestones(**data, after=after_id(after))


def act_on_milestone(request: Request) -> ActOnMilestone:
    data = _act_on_milestone.load(request)
    return ActOnMilestone(**data | {"action": MilestoneAction(data["action"])})


def milestone(value: Milestone) -> dict[str, Any]:
    said = value.planned.facts
    return {
        "id": value.id,
        "plan_id": value.plan_id,
        "case_id": value.case_id,
        "organisation_id": value.organisation_id,
        "centre_id": value.centre_id,
        "edition": value.edition,
        "title": said["title"],
        "owner": said["owner"],
        "due_on": said["due_on"],
        "evidence_wanted": said["evidence"],
        "item_ids": said["item_ids"],
        "document_id": said["document_id"],
        "status": value.status.value,
        "overdue": value.overdue,
        "blocker": value.blocker,
        "evidence": value.evidence,
        "reached_at": instant(value.reached_at),
        "version": value.version,
    }


def milestone_page(values: Sequence[Milestone], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, milestone, by_id)
