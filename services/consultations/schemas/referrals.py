"""Referrals: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import referrals as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.referrals import Consent, ConsentMeans, Referral, Result
from services.consultations.schemas import Request, instant

_make_referral = contract.MakeReferral()
_list_referrals = contract.ListReferrals()
_act_on_referral = contract.ActOnReferral()
_return_referral = contract.ReturnReferral()


@dataclass(frozen=True, slots=True)
class MakeReferral:
    case_id: str
    adviser_id: str | None
    body: str | None
    reason: str
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class ListReferrals:
    case_id: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ActOnReferral:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class ReturnReferral:
    id: str
    expected_version: int
    result: Result
    outcome: str | None


def make_referral(request: Request) -> MakeReferral:
    data = _make_referral.load(request)
    consent = data.pop("consent")
    if consent is not None:
        means = ConsentMeans(consent["means"])
        consent = Consent(means, consent["given_at"], consent["given_by"])
    return MakeReferral(**data, consent=consent)


def list_referrals(request: Request) -> ListReferrals:
    data = _list_referrals.load(request)
    return ListReferrals(data["case_id"], data["limit"], after_id(data["after"]))


def act_on_referral(request: Request) -> ActOnReferral:
    return ActOnReferral(**_act_on_referral.load(request))


def return_referral(request: Request) -> ReturnReferral:
    data = _return_referral.load(request)
    return ReturnReferral(**{**data, "result": Result(data["result"])})


# -- wire form -------------------------------------------------------------------------------------


def referral(value: Referral) -> dict[str, Any]:
    return {
        "id": value.id,
        "case_id": value.case_id,
        "adviser_id": value.adviser_id,
        "body": value.body,
        "reason": value.reason,
        "consent": {
            "means": value.consent.means.value,
            "given_at": to_wire(value.consent.given_at),
            "given_by": value.consent.given_by,
        },
        "made_by": value.made_by,
        "made_at": to_wire(value.made_at),
        "status": value.status.value,
        "answered_at": instant(value.answered_at),
        "ended_at": instant(value.ended_at),
        "result": None if value.result is None else value.result.value,
        "outcome": value.outcome,
        "version": value.version,
    }


def referral_page(values: Sequence[Referral], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, referral, by_id)
