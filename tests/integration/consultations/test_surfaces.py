"""Every method of the branch, as every role that is not on a sealed case.

Lists are the same without and with a sealed case. What is asked about the case is answered like
what is asked about an id that nothing has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.context import VISITOR, Caller
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.service import ConsultationsService
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    call,
)
from tests.support.case_secrets import attach_file, seal, write_note
from tests.support.consultations import JAMAL, submit, submit_confidential
from tests.support.who_may import NEVER, methods_of

OUTSIDERS = (MANAGER, RAQQA_DESK, REPRESENTATIVE, OTHER_MEMBER, JAMAL, STRANGER, VISITOR)
UNKNOWN = "0190b0a5-7c1e-7000-8000-00000000dead"
SEALING = [submit_confidential, lambda app: seal(app, submit(app))]


@pytest.fixture
def service(app: App) -> ConsultationsService:
    service = ConsultationsService()
    service.app = app
    return service


def answer(service: ConsultationsService, who: Caller, method: str, asked: dict[str, Any]) -> str:
    """What a caller gets, whole; of a refusal all that it says."""
    service.call = call(who)
    try:
        return json.dumps(getattr(service, method)(asked), default=str, sort_keys=True)
    except errors.MasahaError as refusal:
        return f"{refusal.code} {refusal.params} {refusal.extra} {refusal.errors}"
    except ValidationError as fault:
        return str(fault.messages)


def about(case_id: str) -> Iterator[dict[str, Any]]:
    """The ways in which a method may name something of a case."""
    stale = {"expected_version": NEVER}
    for named in (
        {"id": case_id},
        {"case_id": case_id},
        {"case_id": case_id, "id": case_id},
        {"subject": case_id},
    ):
        yield named
        yield {**named, **stale}


def lists(service: ConsultationsService, who: Caller) -> dict[str, str]:
    """What every method answers that needs no name of a thing."""
    return {
        method: answer(service, who, method, {})
        for method in sorted(methods_of(ConsultationsService))
    }


def fill(app: App, case: Case) -> None:
    note = write_note(app, case, sealed=True)
    write_note(app, case)
    attach_file(app, case, note_id=note.id)


def test_no_list_and_no_event_shows_a_sealed_case(app: App, service: ConsultationsService) -> None:
    submit(app)
    outbox = app.database.collection("outbox")
    before = {who.id: lists(service, who) for who in (*OUTSIDERS, MEMBER)}
    events = outbox.count_documents({})
    case = submit_confidential(app)
    fill(app, case)
    assert not {who.id for who in OUTSIDERS} & case.people
    for who in OUTSIDERS:
        assert lists(service, who) == before[who.id], who.id
    assert outbox.count_documents({}) == events
    seen = lists(service, MEMBER)
    differs = {method for method, shown in seen.items() if shown != before[MEMBER.id][method]}
    assert differs >= {"list_cases"}, "its people see it, or nothing was compared"


@pytest.mark.parametrize("sealed", SEALING, ids=["legal", "sealed later"])
def test_what_is_asked_about_a_sealed_case_is_answered_as_about_nothing(
    app: App, service: ConsultationsService, sealed: Any
) -> None:
    case = sealed(app)
    fill(app, case)
    shown: list[str] = []
    on_it = answer(service, MEMBER, "get_case", {"id": case.id})
    assert on_it != answer(service, MEMBER, "get_case", {"id": UNKNOWN})
    for who in OUTSIDERS:
        for method in sorted(methods_of(ConsultationsService)):
            for asked, nothing in zip(about(case.id), about(UNKNOWN), strict=True):
                found = answer(service, who, method, asked).replace(case.id, "ID")
                if found != answer(service, who, method, nothing).replace(UNKNOWN, "ID"):
                    shown.append(f"{method} {asked.keys()} to {who.id}: {found[:200]}")
    assert shown == []
