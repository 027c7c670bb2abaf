"""An assessment: a conversation about an organisation that ends with an agreed score for each item,
and what an adviser has seen of it afterwards.

The agreed score is a consensus of the people of the organisation, found with a facilitator. The
verified score stands beside it and names its evidence. Where an assessment is verified, the
verified scores count; until then the agreed ones do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from services.common.contracts.consultations.assessments_errors import (
    EVIDENCE_MISSING,
    HELD_IN_THE_FUTURE,
    ITEM_APPLIES,
    NOTHING_SCORED,
    SCORE_OR_NOT_APPLICABLE,
    SCORES_MISSING,
    UNKNOWN_DOMAIN,
    UNKNOWN_ITEM,
)
from services.common.contracts.consultations.instruments_limits import LOWEST
from services.common.errors import ErrorCode, FieldError
from services.consultations.domain.assessment_states import (
    COUNTS,
    TRANSITIONS,
    AssessmentAction,
    AssessmentStatus,
)
from services.consultations.domain.instruments import Instrument
from services.consultations.domain.scores import Scores


@dataclass(frozen=True, slots=True)
class AgreedScore:
    """What the conversation came to for an item.

    Attributes:
        score: ``None`` where the item does not apply.
        remark: why, in the words of the conversation.
    """

    item_id: str
    score: int | None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedScore:
    """What an adviser has seen for an item.

    Attributes:
        evidence: what was seen, and where.
        by: the person who has seen it.
    """

    item_id: str
    score: int
    evidence: str | None
    remark: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DomainPriority:
    """What the organisation says of a domain.

    Attributes:
        urgency: 1 (can wait) to 4 (harm is done while it waits).
        readiness: 1 (nobody has time for it) to 4 (people and leaders have begun).
    """

    domain_id: str
    urgency: int
    readiness: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of one organisation with one edition of an instrument.

    Attributes:
        held_on: the day of the conversation.
        people: how many took part in it.
        facilitator_id: the person who began it.
    """

    kind: ClassVar[str] = "assessment"

    id: str
    organisation_id: str
    instrument_id: str
    family: str
    held_on: date
    people: int
    facilitator_id: str
    started_at: datetime
    agreed: tuple[AgreedScore, ...] = ()
    verified: tuple[VerifiedScore, ...] = ()
    priorities: tuple[DomainPriority, ...] = ()
    status: AssessmentStatus = AssessmentStatus.DRAFT
    agreed_at: datetime | None = None
    agreed_by: str | None = None
    verified_at: datetime | None = None
    verified_by: str | None = None
    version: int = 1

    @property
    def scores(self) -> Scores:
        """The scores that count, of the items that apply."""
        if self.status is AssessmentStatus.VERIFIED:
            return {each.item_id: each.score for each in self.verified}
        return {each.item_id: each.score for each in self.agreed if each.score is not None}

    def comes_before(self, other: Assessment) -> bool:
        """Whether its conversation was before that of another; of one day, whether its scores were
        agreed before."""
        if self.held_on != other.held_on or self.agreed_at is None or other.agreed_at is None:
            return self.held_on < other.held_on
        return self.agreed_at < other.agreed_at

    @property
    def counts(self) -> bool:
        """Whether its scores are agreed."""
        return self.status in COUNTS

    def changed(
        self,
        *,
        held_on: date | None = None,
        people: int | None = None,
        agreed: Sequence[AgreedScore] = (),
        priorities: Sequence[DomainPriority] = (),
    ) -> Assessment:
        """The draft with these entries in place of earlier ones of the same items and domains; the
        draft itself where nothing differs.

        Raises:
            errors.Conflict: ``consultations.assessment_not_allowed_now``.
        """
        TRANSITIONS.after(self.status, AssessmentAction.CHANGE)
        scores = {each.item_id: each for each in (*self.agreed, *agreed)}
        said = {each.domain_id: each for each in (*self.priorities, *priorities)}
        after = replace(
            self,
            held_on=held_on or self.held_on,
            people=people or self.people,
            agreed=tuple(scores.values()),
            priorities=tuple(said.values()),
        )
        return self if after == self else replace(after, version=self.version + 1)

    def agree(self, instrument: Instrument, by: str, at: datetime) -> Assessment:
        """The assessment with its scores agreed; they do not change any more.

        Raises:
            errors.Conflict: ``consultations.scores_missing``, naming the items;
                ``consultations.nothing_scored``; ``consultations.assessment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, AssessmentAction.AGREE)
        _check_complete(instrument.items, [each.item_id for each in self.agreed])
        if not self.scores:
            raise NOTHING_SCORED()
        return replace(self, status=status, agreed_at=at, agreed_by=by, version=self.version + 1)

    def with_evidence(self, seen: Sequence[VerifiedScore]) -> Assessment:
        """The assessment with what an adviser has seen of these items.

        Raises:
            errors.Conflict: ``consultations.assessment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, AssessmentAction.NOTE_EVIDENCE)
        known = {each.item_id: each for each in (*self.verified, *seen)}
        return replace(
            self, status=status, verified=tuple(known.values()), version=self.version + 1
        )

    def verify(self, by: str, at: datetime) -> Assessment:
        """The assessment with its verified scores, which count from now on.

        Raises:
            errors.Conflict: ``consultations.scores_missing``, naming the items that apply and were
                not looked at; ``consultations.assessment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, AssessmentAction.VERIFY)
        _check_complete(self.scores, [each.item_id for each in self.verified])
        return replace(
            self, status=status, verified_at=at, verified_by=by, version=self.version + 1
        )

    def withdraw(self) -> Assessment:
        """The assessment as one that does not count.

        Raises:
            errors.Conflict: ``consultations.assessment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, AssessmentAction.WITHDRAW)
        return replace(self, status=status, version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form: no remark and no evidence."""
        return {
            "organisation_id": self.organisation_id,
            "instrument_id": self.instrument_id,
            "status": self.status.value,
            "held_on": self.held_on.isoformat(),
            "people": self.people,
            "agreed": {each.item_id: each.score for each in self.agreed},
            "verified": {each.item_id: each.score for each in self.verified},
            "priorities": {
                each.domain_id: [each.urgency, each.readiness] for each in self.priorities
            },
        }


def _check_complete(wanted: Iterable[str], there: Sequence[str]) -> None:
    missing = [each for each in wanted if each not in set(there)]
    if missing:
        raise SCORES_MISSING(extra={"missing_items": missing})


def check_held_on(held_on: date, today: date) -> None:
    """Raises:
    errors.Invalid: ``consultations.held_in_the_future``.
    """
    if held_on > today:
        raise HELD_IN_THE_FUTURE(errors=[FieldError("/held_on", HELD_IN_THE_FUTURE.code)])


def check_agreed(instrument: Instrument, scores: Sequence[AgreedScore]) -> None:
    """Whether the edition has these items, each once, and lets those be left out that are.

    Raises:
        errors.Invalid: ``consultations.unknown_item``, ``consultations.item_applies``.
    """
    items = instrument.items
    _check_named("scores", "item_id", items, [each.item_id for each in scores], UNKNOWN_ITEM)
    applies = [
        FieldError(f"/scores/{number}/not_applicable", ITEM_APPLIES.code)
        for number, each in enumerate(scores)
        if each.score is None and not items[each.item_id].may_not_apply
    ]
    if applies:
        raise ITEM_APPLIES(errors=applies)


def check_priorities(instrument: Instrument, priorities: Sequence[DomainPriority]) -> None:
    """Whether the edition has these domains, each once.

    Raises:
        errors.Invalid: ``consultations.unknown_domain``.
    """
    domains = {each.id: each for each in instrument.domains}
    named = [each.domain_id for each in priorities]
    _check_named("priorities", "domain_id", domains, named, UNKNOWN_DOMAIN)


def check_verified(assessment: Assessment, seen: Sequence[VerifiedScore]) -> None:
    """Whether these items apply, each once, and have evidence.

    Raises:
        errors.Invalid: ``consultations.unknown_item``, ``consultations.evidence_missing``.
    """
    applies = {each.item_id: each for each in assessment.agreed if each.score is not None}
    _check_named("scores", "item_id", applies, [each.item_id for each in seen], UNKNOWN_ITEM)
    bare = [
        FieldError(f"/scores/{number}/evidence", EVIDENCE_MISSING.code)
        for number, each in enumerate(seen)
        if each.score > LOWEST and not each.evidence
    ]
    if bare:
        raise EVIDENCE_MISSING(errors=bare)


def check_one_of_both(entries: Sequence[Mapping[str, Any]]) -> None:
    """Whether each entry has a score or does not apply.

    Raises:
        errors.Invalid: ``consultations.score_or_not_applicable``.
    """
    faults = [
        FieldError(f"/scores/{number}/score", SCORE_OR_NOT_APPLICABLE.code)
        for number, each in enumerate(entries)
        if (each["score"] is None) != each["not_applicable"]
    ]
    if faults:
        raise SCORE_OR_NOT_APPLICABLE(errors=faults)


def _check_named(
    list_name: str, field: str, known: Mapping[str, Any], named: Sequence[str], code: ErrorCode
) -> None:
    faults = [
        FieldError(f"/{list_name}/{number}/{field}", code.code)
        for number, each in enumerate(named)
        if each not in known or each in named[:number]
    ]
    if faults:
        raise code(errors=faults)
