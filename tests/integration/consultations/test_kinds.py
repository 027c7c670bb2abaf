"""Kinds of consultations: managers set their specialities and limits."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.context import Caller
from services.consultations.app import App
from services.consultations.operations import advisers
from services.consultations.schemas.advisers import list_advisers
from services.consultations.service import ConsultationsService
from tests.support.adviser_calendars import make_adviser
from tests.support.bookings import MANAGER, RAQQA_DESK, call
from tests.support.consultations import HUDA, submit, submit_confidential

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
