"""Kinds of consultations: managers set their specialities and limits."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.contracts.consultations import kinds
from services.consultations.app import App
from services.consultations.operations import advisers
from services.consultations.schemas.advisers import list_advisers
from services.consultations.service import ConsultationsService
from tests.support.adviser_calendars import make_adviser
from tests.support.bookings import MANAGER, RAQQA_DESK, call
from tests.support.consultations import (
    HUDA,
    know_adviser,
    seed_kinds,
    submit,
    submit_confidential,
)

FUNDING = {
    "id": "funding",
    "name": {"ar": "التمويل", "en": "Funding"},
    "topics": ["report-writing"],
}


def change(app: App, who: Caller = MANAGER, version: int = 1, **values: Any) -> dict[str, Any]:
    service = ConsultationsService()
    service.app, service.call = app, call(who)
    request = {"id": "technical", "expected_version": version, **values}
    found: dict[str, Any] = service.change_kind(request)
    return found


def ask(app: App, method: str, who: Caller = MANAGER, key: str = "key", **request: Any) -> Any:
    service = ConsultationsService()
    service.app, service.call = app, call(who, key)
    return getattr(service, method)(request)


def form_with(*ids: str) -> dict[str, Any]:
    """The form of a kind, which asks these questions."""
    label = {"ar": "سؤال", "en": "A question"}
    questions = [{"id": each, "kind": "text", "label": label, "required": True} for each in ids]
    return {"title": {"ar": "طلب", "en": "A request"}, "questions": questions}


def added(app: App, **values: Any) -> dict[str, Any]:
    request = {**kinds.EXAMPLE, "form": form_with("first"), **values}
    found: dict[str, Any] = ask(app, "add_kind", **request)
    return found


def answered(edition: int, **given: str) -> dict[str, Any]:
    return {"edition": edition, "answers": given}


def test_a_manager_adds_a_kind_that_organisations_ask_for(app: App) -> None:
    made = added(app)
    assert (made["version"], made["retired"], made["confidential"]) == (1, False, False)
    assert made["form"]["edition"] == 1
    assert added(app) == made, "the same key gives the same kind"
    assert made["id"] in [each["id"] for each in ask(app, "list_kinds", VISITOR)["items"]]
    kind = {"kind_id": made["id"], "speciality": "media"}
    case = submit(app, **kind, form=answered(1, first="لا شيء"))
    assert (case.kind_id, case.content.answers) == (made["id"], {"first": "لا شيء"})
    assert [each.what for each in app.time_limits.of_cases([case.id])]
    with pytest.raises(ValidationError):
        submit(app, **kind, form=answered(1))


def test_cases_of_a_kind_may_be_confidential_from_their_first_event(app: App) -> None:
    make_adviser(app, HUDA, specialities=["media"])
    know_adviser(app, HUDA.id)
    made = added(app, confidential=True)
    case = submit(app, kind_id=made["id"], form=answered(1, first="x"))
    assert (case.sealed, case.adviser_ids) == (True, frozenset({HUDA.id}))
    with pytest.raises(errors.NotFound):
        ask(app, "get_case", id=case.id)


def test_another_form_begins_its_next_edition(app: App) -> None:
    made = added(app)
    changed = change(app, id=made["id"], form=form_with("second"), reason="صياغة أوضح")
    assert (changed["form"]["edition"], changed["form"]["frozen"]) == (2, True)
    older = submit(app, kind_id=made["id"], form=answered(1, first="قديم"))
    newer = submit(app, kind_id=made["id"], form=answered(2, second="جديد"))
    assert (older.edition, newer.edition) == (1, 2)
    same = change(app, id=made["id"], version=2, form=form_with("second"))
    assert (same["version"], same["form"]["edition"]) == (2, 2)
    entries = ask(app, "kind_history", id=made["id"])["items"]
    assert [each["action"] for each in entries] == ["add", "change"]
    assert entries[1]["reason"] == "صياغة أوضح"
    assert entries[1]["changes"] == {"form_edition": {"from": 1, "to": 2}}


def test_a_kind_is_retired_and_offered_again(app: App) -> None:
    case = submit(app)
    retired = change(app, retired=True)
    assert (retired["retired"], retired["version"]) == (True, 2)
    listed = ask(app, "list_kinds", VISITOR)["items"]
    assert [each["id"] for each in listed] == ["legal", "planning"]
    gone = ask(app, "list_kinds", VISITOR, retired=True)["items"]
    assert [each["id"] for each in gone] == ["technical"]
    with pytest.raises(errors.Invalid, match="unknown_kind"):
        submit(app)
    assert ask(app, "get_kind", VISITOR, id=case.kind_id)["name"] == retired["name"]
    change(app, version=2, retired=False)
    assert submit(app).kind_id == "technical"


def test_kinds_come_in_pages(app: App) -> None:
    first = ask(app, "list_kinds", VISITOR, limit=2)
    assert [each["id"] for each in first["items"]] == ["legal", "planning"]
    rest = ask(app, "list_kinds", VISITOR, limit=2, after=first["next"])
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (["technical"], None)


def test_forms_of_an_earlier_release_are_frozen_by_the_next_start(app: App) -> None:
    forms = app.database.collection("forms")
    forms.update_many({}, {"$set": {"frozen": False}})
    seed_kinds(app)
    assert {each["frozen"] for each in forms.find()} == {True}
    changed = change(app, form=form_with("first"))
    assert changed["form"]["edition"] == 2


def test_a_manager_sets_the_specialities_of_a_kind(app: App) -> None:
    before = app.kinds.get("technical")
    old = submit(app, speciality=before.specialities[0].id)
    changed = change(app, specialities=[FUNDING])
    assert (changed["version"], changed["specialities"]) == (2, [FUNDING])
    new = submit(app, speciality="funding")
    assert new.speciality == "funding"
    assert app.cases.get(old.id).speciality == before.specialities[0].id
    with pytest.raises(errors.Invalid, match="unknown_speciality"):
        submit(app, speciality=before.specialities[0].id)
    make_adviser(app, HUDA, specialities=["funding"])
    query = list_advisers({"speciality": "funding"})
    assert [each.id for each in advisers.find_advisers(app, call(MANAGER), query)] == [HUDA.id]
    assert change(app, version=2, specialities=[FUNDING])["version"] == 2


def test_limits_are_changed_for_what_comes(app: App) -> None:
    limits = {"first_answer_minutes": 120, "resolution_minutes": 2400, "warning_minutes": 60}
    assert change(app, limits=limits)["limits"] == limits
    with pytest.raises(errors.Stale):
        change(app, limits=limits)


@pytest.mark.parametrize(
    "values",
    [
        {"specialities": []},
        {"specialities": [FUNDING, FUNDING]},
        {"specialities": [{"id": "x"}]},
        {"limits": {"first_answer_minutes": 60, "resolution_minutes": 120, "warning_minutes": 60}},
        {"limits": {"first_answer_minutes": 0, "resolution_minutes": 120, "warning_minutes": 60}},
        {"sealed": False},
        {"confidential": True},
        {"retired": None},
        {"form": {"title": {"ar": "طلب"}, "questions": []}},
        {"form": form_with("same", "same")},
    ],
)
def test_what_is_no_kind_changes_nothing(app: App, values: dict[str, Any]) -> None:
    before = app.kinds.get("technical")
    with pytest.raises(ValidationError):
        change(app, **values)
    with pytest.raises(errors.Forbidden):
        change(app, RAQQA_DESK, name={"ar": "غير ذلك"})
    assert app.kinds.get("technical") == before


def test_a_form_of_a_kind_does_not_tell_of_the_first_case(app: App) -> None:
    """Its edition is frozen from its start, not by the first answer."""
    forms = app.database.collection("forms")
    before = list(forms.find())
    assert all(each["frozen"] for each in before)
    submit_confidential(app)
    assert list(forms.find()) == before
