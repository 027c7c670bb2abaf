"""Action plans: what an organisation and the centre agree to do, and who has signed which edition.

Every change of a plan is a new edition with a hash of its own. Both sides sign a hash, so a
signature is for what the person read: a change takes none of them over, and asks both sides again.
What was agreed last stays in force until the newer edition is agreed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.consultations.action_plans_errors import (
    EDITIONS_USED_UP,
    PLAN_CHANGED,
    SAME_SIGNER,
    UNFIT_DUE_DATE,
    UNFIT_OWNER,
    UNKNOWN_MILESTONE,
)
from services.common.contracts.consultations.assessments_errors import UNKNOWN_ITEM
from services.common.errors import FieldError
from services.consultations.domain.action_plan_states import TRANSITIONS, PlanAction, PlanStatus

MOST_EDITIONS = 200
YEARS_AHEAD = 3


class Side(StrEnum):
    """For whom a person signs, or sees to a milestone."""

    ORGANISATION = "organisation"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sees to a milestone.

    Attributes:
        name: as both sides call the person or the role.
        person_id: of an account, where the person has one.
    """

    side: Side
    name: str
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A milestone as an edition words it.

    Attributes:
        id: the same in every edition.
        evidence: what will show that it is reached.
        item_ids: the items of the plan's assessment that it is to improve.
        document_id: the working document that it is about.
    """

    id: str
    title: str
    owner: Owner
    due_on: date
    evidence: str
    item_ids: tuple[str, ...] = ()
    document_id: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What is signed of it, in wire form."""
        return {
            "id": self.id,
            "title": self.title,
            "owner": {
                "side": self.owner.side.value,
                "name": self.owner.name,
                "person_id": self.owner.person_id,
            },
            "due_on": self.due_on.isoformat(),
            "evidence": self.evidence,
            "item_ids": list(self.item_ids),
            "document_id": self.document_id,
        }


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What is agreed.

    Attributes:
        goal: what the organisation wants to have changed.
        assessment_id: the assessment whose items the milestones name.
    """

    goal: str
    milestones: tuple[PlannedMilestone, ...]
    assessment_id: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What is signed, in wire form."""
        return {
            "goal": self.goal,
            "assessment_id": self.assessment_id,
            "milestones": [each.facts for each in self.milestones],
        }


def hash_of(plan_id: str, edition: int, content: PlanContent) -> str:
    """The SHA-256 of an edition, in hex: of its members ``plan_id``, ``edition``, ``goal``,
    ``assessment_id`` and ``milestones`` as JSON with sorted names and without spaces (RFC 8785; the
    names are ASCII and the numbers whole, so that Python's own order and forms are the same)."""
    said = {"plan_id": plan_id, "edition": edition, **content.facts}
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """That a person has signed an edition for a side."""

    side: Side
    by: str
    at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class PlanEdition:
    """One edition of a plan.

    Attributes:
        number: from 1.
        content_hash: what is signed.
        agreed_at: when the second side signed it.
    """

    number: int
    content: PlanContent
    content_hash: str
    made_by: str
    made_at: datetime
    signatures: tuple[Signature, ...] = ()
    agreed_at: datetime | None = None

    def signature_of(self, side: Side) -> Signature | None:
        """What a side has signed of it."""
        return next((each for each in self.signatures if each.side is side), None)


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The plan of a case.

    Attributes:
        current: the newest edition.
        agreed_edition: the number of the one that is in force; ``None`` until both sides have
            signed any.
    """

    kind: ClassVar[str] = "action_plan"

    id: str
    case_id: str
    organisation_id: str
    centre_id: str
    made_at: datetime
    current: PlanEdition
    status: PlanStatus = PlanStatus.DRAFT
    agreed_edition: int | None = None
    closed_at: datetime | None = None
    version: int = 1

    def changed(self, content: PlanContent, by: str, now: datetime) -> ActionPlan:
        """The plan with one more edition, which nobody has signed; itself where nothing differs.

        Raises:
            errors.Conflict: ``consultations.plan_frozen``, ``consultations.editions_used_up``.
        """
        status = TRANSITIONS.after(self.status, PlanAction.CHANGE)
        if content == self.current.content:
            return self
        if self.current.number >= MOST_EDITIONS:
            raise EDITIONS_USED_UP(most=MOST_EDITIONS)
        edition = make_edition(self.id, self.current.number + 1, content, by, now)
        return replace(self, current=edition, status=status, version=self.version + 1)

    def signed(
        self, side: Side, by: str, now: datetime, *, edition: int, content_hash: str
    ) -> ActionPlan:
        """The plan with one more signature; itself where the side has signed this edition.

        Args:
            edition, content_hash: of what the person read.

        Raises:
            errors.Conflict: ``consultations.plan_frozen``; ``consultations.plan_changed`` for
                another edition than the newest; ``consultations.same_signer``.
        """
        if self.status is PlanStatus.CLOSED:
            TRANSITIONS.after(self.status, PlanAction.SIGN_FIRST)
        if (edition, content_hash) != (self.current.number, self.current.content_hash):
            raise PLAN_CHANGED(edition=self.current.number)
        if self.current.signature_of(side) is not None:
            return self
        if any(each.by == by for each in self.current.signatures):
            raise SAME_SIGNER()
        action = PlanAction.SIGN_SECOND if self.current.signatures else PlanAction.SIGN_FIRST
        status = TRANSITIONS.after(self.status, action)
        agreed = status is PlanStatus.AGREED
        signature = Signature(side, by, now, content_hash)
        return replace(
            self,
            current=replace(
                self.current,
                signatures=(*self.current.signatures, signature),
                agreed_at=now if agreed else None,
            ),
            status=status,
            agreed_edition=edition if agreed else self.agreed_edition,
            version=self.version + 1,
        )

    def closed(self, now: datetime) -> ActionPlan:
        """The plan when its work is over, or given up.

        Raises:
            errors.Conflict: ``consultations.plan_frozen``.
        """
        status = TRANSITIONS.after(self.status, PlanAction.CLOSE)
        return replace(self, status=status, closed_at=now, version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form: no texts, which the editions have."""
        return {
            "status": self.status.value,
            "edition": self.current.number,
            "agreed_edition": self.agreed_edition,
            "signatures": [each.side.value for each in self.current.signatures],
        }


def make_edition(
    plan_id: str, number: int, content: PlanContent, by: str, now: datetime
) -> PlanEdition:
    """An edition that nobody has signed."""
    return PlanEdition(number, content, hash_of(plan_id, number, content), by, now)


def check_content(
    content: PlanContent, before: PlanContent | None, *, new_ids: Collection[str], today: date
) -> None:
    """Check what an edition says of its milestones.

    Args:
        before: the edition before, if there is one. A date that it has already may be past.
        new_ids: the ids that were given to milestones which came without one.
        today: in the centre's zone.

    Raises:
        errors.Invalid: ``consultations.unknown_milestone``, ``consultations.unfit_due_date``, each
            naming the first milestone at fault.
    """
    known: Mapping[str, PlannedMilestone] = (
        {} if before is None else {each.id: each for each in before.milestones}
    )
    latest = today.replace(year=today.year + YEARS_AHEAD, day=min(today.day, 28))
    for number, each in enumerate(content.milestones):
        old = known.get(each.id)
        if old is None and each.id not in new_ids:
            pointer = f"/milestones/{number}/id"
            raise UNKNOWN_MILESTONE(errors=[FieldError(pointer, UNKNOWN_MILESTONE.code)])
        stands = old is not None and old.due_on == each.due_on
        if not stands and not today <= each.due_on <= latest:
            pointer = f"/milestones/{number}/due_on"
            raise UNFIT_DUE_DATE(
                years=YEARS_AHEAD, errors=[FieldError(pointer, UNFIT_DUE_DATE.code)]
            )


def check_items(content: PlanContent, items: Collection[str]) -> None:
    """Check that milestones name items of the plan's assessment.

    Args:
        items: ids of the items of that assessment; empty where the plan names none.

    Raises:
        errors.Invalid: ``consultations.unknown_item``, naming the first one.
    """
    for number, each in enumerate(content.milestones):
        for place, item_id in enumerate(each.item_ids):
            if item_id not in items:
                pointer = f"/milestones/{number}/item_ids/{place}"
                raise UNKNOWN_ITEM(errors=[FieldError(pointer, UNKNOWN_ITEM.code)])


def new_owners(content: PlanContent, before: PlanContent | None) -> dict[int, str]:
    """The place of a milestone → the person who sees to it, where the edition before does not name
    the same one."""
    was = {} if before is None else {each.id: each.owner.person_id for each in before.milestones}
    return {
        number: person_id
        for number, each in enumerate(content.milestones)
        if (person_id := each.owner.person_id) is not None and was.get(each.id) != person_id
    }


def check_owners(owners: Mapping[int, str], readers: Collection[str]) -> None:
    """Check that who sees to a milestone may read it.

    Args:
        owners: those of :func:`new_owners`.
        readers: the ones of them who may read the plan.

    Raises:
        errors.Invalid: ``consultations.unfit_owner``, naming each of the others.
    """
    pointers = [
        f"/milestones/{number}/owner/person_id"
        for number, person_id in owners.items()
        if person_id not in readers
    ]
    if pointers:
        raise UNFIT_OWNER(errors=[FieldError(each, UNFIT_OWNER.code) for each in pointers])
