"""Links of forms: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common import clock
from services.common.contracts.trainings import form_links as contract
from services.common.forms.questions import Form
from services.trainings.domain.answering import Occasion
from services.trainings.domain.catalogue import Name
from services.trainings.schemas import Request
from services.trainings.schemas.forms import form

_make_form_link = contract.MakeFormLink()
_open_form_link = contract.OpenFormLink()
_answer_by_link = contract.AnswerByLink()


@dataclass(frozen=True, slots=True)
class MakeFormLink:
    """``id`` is that of the application."""

    id: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class AnswerByLink:
    """``sent`` is what ``CohortAnswers`` of the contract has loaded."""

    token: str
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkedForm:
    """What the holder of a link is shown."""

    occasion: Occasion
    cohort_title: Name
    expires_at: datetime
    answered: bool
    form: Form


def make_form_link(request: Request) -> MakeFormLink:
    data = _make_form_link.load(request)
    return MakeFormLink(data["id"], Occasion(data["occasion"]))


def open_form_link(request: Request) -> str:
    token: str = _open_form_link.load(request)["token"]
    return token


def answer_by_link(request: Request) -> AnswerByLink:
    sent = _answer_by_link.load(request)
    return AnswerByLink(sent.pop("token"), sent)


# -- wire form -------------------------------------------------------------------------------------


def form_link(token: str, expires_at: datetime) -> dict[str, Any]:
    return {"token": token, "expires_at": clock.to_wire(expires_at)}


def linked_form(value: LinkedForm) -> dict[str, Any]:
    return {
        "occasion": value.occasion.value,
        "cohort_title": dict(value.cohort_title),
        "expires_at": clock.to_wire(value.expires_at),
        "answered": value.answered,
        "form": form(value.form),
    }
