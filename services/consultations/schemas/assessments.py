"""Assessments: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from services.common.contracts.consultations import assessments as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.assessments import (
    AgreedScore,
    Assessment,
    DomainPriority,
    check_one_of_both,
)
from services.consultations.domain.instruments import Instrument
from services.consultations.domain.scores import Comparison, Result, in_decimals, result_of
from services.consultations.schemas import Request, instant

_list_assessments = contract.ListAssessments()
_start_assessment = contract.StartAssessment()
_change_assessment = contract.ChangeAssessment()
_act_on_assessment = contract.ActOnAssessment()
_note_evidence = contract.NoteEvidence()
_withdraw_assessment = contract.WithdrawAssessment()
_compare_assessments = contract.CompareAssessments()


@dataclass(frozen=True, slots=True)
class ListAssessments:
    organisation_id: str | None
    family: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class StartAssessment:
    organisation_id: str
    instrument_id: str
    held_on: date
    people: int


@dataclass(frozen=True, slots=True)
class ChangeAssessment:
    id: str
    expected_version: int
    scores: tuple[AgreedScore, ...]
    priorities: tuple[DomainPriority, ...]
    held_on: date | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class ActOnAssessment:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class SeenItem:
    item_id: str
    score: int
    evidence: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class NoteEvidence:
    id: str
    expected_version: int
    scores: tuple[SeenItem, ...]


@dataclass(frozen=True, slots=True)
class WithdrawAssessment:
    id: str
    expected_version: int
    reason: str


@dataclass(frozen=True, slots=True)
class CompareAssessments:
    id: str
    earlier_id: str


def list_assessments(request: Request) -> ListAssessments:
    data = _list_assessments.load(request)
    after = data.pop("after")
    return ListAssessments(**data, after=after_id(after))


def start_assessment(request: Request) -> StartAssessment:
    return StartAssessment(**_start_assessment.load(request))


def change_assessment(request: Request) -> ChangeAssessment:
    """Raises:
    errors.Invalid: ``consultations.score_or_not_applicable``.
    """
    data = _change_assessment.load(request)
    scores = data.pop("scores")
    check_one_of_both(scores)
    return ChangeAssessment(
        **data
        | {
            "scores": tuple(AgreedScore(e["item_id"], e["score"], e["remark"]) for e in scores),
            "priorities": tuple(DomainPriority(**each) for each in data["priorities"]),
        }
    )


def act_on_assessment(request: Request) -> ActOnAssessment:
    return ActOnAssessment(**_act_on_assessment.load(request))


def note_evidence(request: Request) -> NoteEvidence:
    data = _note_evidence.load(request)
    return NoteEvidence(**data | {"scores": tuple(SeenItem(**each) for each in data["scores"])})


def withdraw_assessment(request: Request) -> WithdrawAssessment:
    return WithdrawAssessment(**_withdraw_assessment.load(request))


def compare_assessments(request: Request) -> CompareAssessments:
    return CompareAssessments(**_compare_assessments.load(request))


def assessment(value: Assessment, instrument: Instrument) -> dict[str, Any]:
    result = result_of(instrument, value.scores)
    return {
        **_summary(value),
        "scores": _scores_of(value),
        "priorities": [asdict(each) for each in value.priorities],
        "result": None if result is None else _result(result),
    }


def _scores_of(value: Assessment) -> list[dict[str, Any]]:
    seen = {each.item_id: each for each in value.verified}
    found = []
    for each in value.agreed:
        verified = seen.get(each.item_id)
        found.append(
            {
                "item_id": each.item_id,
                "agreed": each.score,
                "not_applicable": each.score is None,
                "remark": each.remark,
                "verified": verified.score if verified else None,
                "evidence": verified.evidence if verified else None,
                "verifier_remark": verified.remark if verified else None,
                "verified_by": verified.by if verified else None,
            }
        )
    return found


def _result(result: Result) -> dict[str, Any]:
    return {
        "mean": in_decimals(result.mean),
        "band_id": result.band.id,
        "domains": [
            {
                "domain_id": each.domain_id,
                "mean": None if each.mean is None else in_decimals(each.mean),
                "scored": each.scored,
                "band_id": each.band.id if each.band else None,
            }
            for each in result.domains
        ],
    }


def _summary(value: Assessment) -> dict[str, Any]:
    return {
        "id": value.id,
        "organisation_id": value.organisation_id,
        "instrument_id": value.instrument_id,
        "family": value.family,
        "held_on": value.held_on.isoformat(),
        "people": value.people,
        "facilitator_id": value.facilitator_id,
        "status": value.status.value,
        "agreed_at": instant(value.agreed_at),
        "verified_at": instant(value.verified_at),
        "version": value.version,
    }


def assessment_page(values: Sequence[Assessment], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, _summary, by_id)


def comparison(query: CompareAssessments, found: Comparison) -> dict[str, Any]:
    return {
        "earlier_id": query.earlier_id,
        "later_id": query.id,
        "before": in_decimals(found.before),
        "after": in_decimals(found.after),
        "change": in_decimals(found.change),
        "domains": [
            {
                "domain_id": each.domain_id,
                "before": in_decimals(each.before),
                "after": in_decimals(each.after),
                "change": in_decimals(each.change),
                "items": [asdict(item) for item in each.items],
            }
            for each in found.domains
        ],
        "left_out": list(found.left_out),
    }
