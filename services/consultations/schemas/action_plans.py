"""Action plans: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import action_plans as contract
from services.common.errors import Malformed
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.action_plans import (
    ActionPlan,
    Owner,
    PlanEdition,
    PlannedMilestone,
    Side,
)
from services.consultations.schemas import Request, instant

_list_action_plans = contract.ListActionPlans()
_create_action_plan = contract.CreateActionPlan()
_change_action_plan = contract.ChangeActionPlan()
_sign_action_plan = contract.SignActionPlan()
_close_action_plan = contract.CloseActionPlan()
_of_plan = contract.OfPlan()
_of_plan_edition = contract.OfPlanEdition()
_print_of_plan = contract.PrintOfPlan()


@dataclass(frozen=True, slots=True)
class ListActionPlans:
    case_id: str
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class SaidMilestone:
    """A milestone as a person has written it; ``id`` is ``None`` for a new one."""

    id: str | None
    title: str
    owner: Owner
    due_on: date
    evidence: str
    item_ids: tuple[str, ...]
    document_id: str | None

    def planned(self, milestone_id: str) -> PlannedMilestone:
        """The milestone under its id."""
        return PlannedMilestone(
            id=milestone_id,
            title=self.title,
            owner=self.owner,
            due_on=self.due_on,
            evidence=self.evidence,
            item_ids=self.item_ids,
            document_id=self.document_id,
        )


@dataclass(frozen=True, slots=True)
class CreateActionPlan:
    case_id: str
    goal: str
    assessment_id: str | None
    milestones: tuple[SaidMilestone, ...]


@dataclass(frozen=True, slots=True)
class ChangeActionPlan:
    """``said`` holds what was said of ``goal`` and ``assessment_id``; ``milestones`` is ``None``
    where they were left out."""

    id: str
    expected_version: int
    said: Mapping[str, str | None]
    milestones: tuple[SaidMilestone, ...] | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SignActionPlan:
    id: str
    edition: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class CloseActionPlan:
    id: str
    expected_version: int
    reason: str


@dataclass(frozen=True, slots=True)
class OfPlan:
    """``after`` is the number of the edition where the page before ended."""

    id: str
    limit: int
    after: int | None


@dataclass(frozen=True, slots=True)
class OfPlanEdition:
    id: str
    number: int


@dataclass(frozen=True, slots=True)
class PrintOfPlan:
    id: str
    number: int
    language: str


def list_action_plans(request: Request) -> ListActionPlans:
    data = _list_action_plans.load(request)
    after = data.pop("after")
    return ListActionPlans(**data, after=after_id(after))


def create_action_plan(request: Request) -> CreateActionPlan:
    data = _create_action_plan.load(request)
    return CreateActionPlan(**data | {"milestones": _milestones(data["milestones"])})


def change_action_plan(request: Request) -> ChangeActionPlan:
    data = _change_action_plan.load(request)
    milestones = data.get("milestones")
    return ChangeActionPlan(
        id=data["id"],
        expected_version=data["expected_version"],
        said={name: data[name] for name in ("goal", "assessment_id") if name in data},
        milestones=None if milestones is None else _milestones(milestones),
        reason=data["reason"],
    )


def sign_action_plan(request: Request) -> SignActionPlan:
    return SignActionPlan(**_sign_action_plan.load(request))


def close_action_plan(request: Request) -> CloseActionPlan:
    return CloseActionPlan(**_close_action_plan.load(request))


def of_plan(request: Request) -> OfPlan:
    data = _of_plan.load(request)
    return OfPlan(data["id"], data["limit"], after_number(data["after"]))


def of_plan_edition(request: Request) -> OfPlanEdition:
    return OfPlanEdition(**_of_plan_edition.load(request))


def print_of_plan(request: Request) -> PrintOfPlan:
    return PrintOfPlan(**_print_of_plan.load(request))


def after_number(position: Sequence[Any] | None) -> int | None:
    """The position in a list of editions, the newest first.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [int(number)]:
            return number
    raise Malformed(detail="not a position of this list")


def _milestones(said: Sequence[Mapping[str, Any]]) -> tuple[SaidMilestone, ...]:
    return tuple(_milestone(**each) for each in said)


def _milestone(owner: Mapping[str, Any], item_ids: Sequence[str], **said: Any) -> SaidMilestone:
    side = Side(owner["side"])
    return SaidMilestone(
        owner=Owner(side, owner["name"], owner["person_id"]), item_ids=tuple(item_ids), **said
    )


# -- wire form -------------------------------------------------------------------------------------


def edition(value: PlanEdition) -> dict[str, Any]:
    return {
        "number": value.number,
        **value.content.facts,
        "content_hash": value.content_hash,
        "made_by": value.made_by,
        "made_at": to_wire(value.made_at),
        "signatures": [
            {
                "side": each.side.value,
                "by": each.by,
                "at": to_wire(each.at),
                "content_hash": each.content_hash,
            }
            for each in value.signatures
        ],
        "agreed_at": instant(value.agreed_at),
    }


def edition_page(values: Sequence[PlanEdition], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, edition, lambda each: [each.number])


def action_plan(value: ActionPlan) -> dict[str, Any]:
    return {
        "id": value.id,
        "case_id": value.case_id,
        "organisation_id": value.organisation_id,
        "centre_id": value.centre_id,
        "status": value.status.value,
        "current": edition(value.current),
        "agreed_edition": value.agreed_edition,
        "made_at": to_wire(value.made_at),
        "closed_at": instant(value.closed_at),
        "version": value.version,
    }


def action_plan_page(values: Sequence[ActionPlan], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, action_plan, by_id)
