"""Editions of instruments on the real database: drafts, frozen ones, and the edition after."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from services.common import errors
from services.consultations.app import App
from services.consultations.domain.instruments import Instrument
from services.consultations.operations import instruments
from services.consultations.schemas import instruments as schemas
from tests.support.assessments import seed_instrument, start
from tests.support.bookings import MANAGER, MEMBER, call
from tests.support.consultations import events_of
from tests.support.instruments import an_instrument_request

DOMAINS_OF_NO_KIND = deepcopy(an_instrument_request()["domains"])
DOMAINS_OF_NO_KIND[0]["items"][0]["case_kinds"] = ["medical"]


def add(app: App, key: str | None = None, **values: Any) -> Instrument:
    command = schemas.add_instrument(an_instrument_request(**values))
    return instruments.add_instrument(app, call(MANAGER, key=key), command)


def publish(app: App, instrument: Instrument) -> Instrument:
    command = schemas.MoveInstrument(instrument.id, instrument.version)
    return instruments.publish_instrument(app, call(MANAGER), command)


def change(app: App, instrument: Instrument, **values: Any) -> Instrument:
    request = {"id": instrument.id, "expected_version": instrument.version, **values}
    command = schemas.change_instrument(request)
    return instruments.change_instrument(app, call(MANAGER), command)


def test_an_edition_is_stored_as_it_was_sent(app: App) -> None:
    added = add(app, family="young", key="one")
    assert app.instruments.get(added.id) == added
    assert add(app, family="young", key="one") == added
    assert [each["type"] for each in events_of(app, added.id)] == ["consultations.instrument.added"]


def test_nobody_but_managers_sees_a_draft(app: App) -> None:
    draft = add(app, family="young")
    with pytest.raises(errors.NotFound):
        instruments.get_instrument(app, call(MEMBER), draft.id)
    query = schemas.list_instruments({"family": "young"})
    assert instruments.find_instruments(app, call(MEMBER), query) == []
    assert [e["_id"] for e in instruments.find_instruments(app, call(MANAGER), query)] == [draft.id]
    publish(app, draft)
    assert instruments.get_instrument(app, call(MEMBER), draft.id).published


def test_an_edition_is_frozen_from_the_first_assessment_on(app: App) -> None:
    seed_instrument(app)
    mended = change(app, app.instruments.get("capacity-1"), name={"ar": "أداة"})
    start(app)
    used = app.instruments.get("capacity-1")
    assert used.version == mended.version + 1
    with pytest.raises(errors.Conflict) as refused:
        change(app, used, name={"ar": "أخرى"})
    assert refused.value.params == {"state": "in_use", "to": "change"}
    assert app.instruments.get("capacity-1") == used


def test_the_next_edition_follows_the_newest_and_links_to_it(app: App) -> None:
    first = add(app, family="young")
    for earlier_id in (None, "nothing"):
        with pytest.raises(errors.Conflict) as refused:
            add(app, family="young", earlier_id=earlier_id)
        assert refused.value.code == "consultations.not_the_newest_edition"
    links = [{"item_id": "budget", "earlier_item_id": "cash"}]
    second = add(app, family="young", earlier_id=first.id, links=links)
    assert (second.edition, second.earlier_id) == (2, first.id)


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"links": [{"item_id": "budget", "earlier_item_id": "x"}]}, "/links/0/earlier", "unknown"),
        ({"domains": DOMAINS_OF_NO_KIND}, "/domains/0/items/0/case_kinds/0", "unknown"),
        (
            {"bands": [{"id": "b", "name": {"ar": "أ"}, "least": 2}]},
            "/bands/0/least",
            "first_band",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_by_its_place(
    app: App, values: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        add(app, family="young", **values)
    fault = refused.value.errors[0]
    assert (fault.pointer.startswith(pointer), fault.code) == (True, code)
    assert app.instruments.collection.count_documents({"family": "young"}) == 0


def test_a_retired_edition_takes_no_new_assessment(app: App) -> None:
    published = seed_instrument(app)
    command = schemas.MoveInstrument(published.id, published.version)
    instruments.retire_instrument(app, call(MANAGER), command)
    with pytest.raises(errors.Conflict) as refused:
        start(app)
    assert refused.value.code == "consultations.instrument_not_offered"
    assert app.assessments.page({}) == []


def test_a_draft_is_no_instrument_to_those_who_assess(app: App) -> None:
    draft = add(app, family="young")
    with pytest.raises(errors.Invalid) as refused:
        start(app, instrument_id=draft.id)
    assert refused.value.code == "consultations.unknown_instrument"
