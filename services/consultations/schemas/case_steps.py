"""The steps of a case: commands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import case_steps as contract
from services.consultations.schemas import Request

_step_of_case = contract.StepOfCase()
_triage_case = contract.TriageCase()
_change_case = contract.ChangeCase()
_end_case = contract.EndCase()
_withdraw_case = contract.WithdrawCase()
_ask_organisation = contract.AskOrganisation()
_resolve_case = contract.ResolveCase()
_person_of_case = contract.PersonOfCase()


@dataclass(frozen=True, slots=True)
class StepOfCase:
    """``content`` holds the texts that the step writes; ``changes`` further fields."""

    id: str
    expected_version: int
    reason: str | None = None
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TriageCase:
    """``changes`` holds what was said: the speciality."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """``changes`` holds what was said of the case, ``content`` what was said in words."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonOfCase:
    id: str
    expected_version: int
    person_id: str


def step_of_case(request: Request) -> StepOfCase:
    return StepOfCase(**_step_of_case.load(request))


def triage_case(request: Request) -> TriageCase:
    data = _triage_case.load(request)
    return TriageCase(data.pop("id"), data.pop("expected_version"), data)


def change_case(request: Request) -> ChangeCase:
    data = _change_case.load(request)
    key, version = data.pop("id"), data.pop("expected_version")
    content = {name: data.pop(name) for name in ("title", "description") if name in data}
    return ChangeCase(key, version, data, content)


def end_case(request: Request) -> StepOfCase:
    return StepOfCase(**_end_case.load(request))


def withdraw_case(request: Request) -> StepOfCase:
    return StepOfCase(**_withdraw_case.load(request))


def ask_organisation(request: Request) -> StepOfCase:
    data = _ask_organisation.load(request)
    return StepOfCase(content={"question": data.pop("question")}, **data)


def resolve_case(request: Request) -> StepOfCase:
    data = _resolve_case.load(request)
    return StepOfCase(content={"outcome": data.pop("outcome")}, **data)


def person_of_case(request: Request) -> PersonOfCase:
    return PersonOfCase(**_person_of_case.load(request))
