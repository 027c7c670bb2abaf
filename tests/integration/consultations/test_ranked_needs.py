"""What people are shown of the needs that a campaign has found."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from services.common import errors
from services.common.context import Call, Caller
from services.consultations.app import App
from services.consultations.domain.campaigns import Campaign
from services.consultations.operations import needs
from services.consultations.operations.needs_studies import create_needs_study
from services.consultations.schemas import needs as schemas
from services.consultations.schemas.needs import CompareNeeds, DrawNeeds
from services.consultations.schemas.needs_studies import create_needs_study as request_of
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.campaigns import (
    answers,
    close_after,
    open_campaign,
    seed_studies,
    study_request,
)

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _study(app: App) -> None:
    seed_studies(app)


def test_people_see_needs_by_rank_and_small_groups_hidden(app: App) -> None:
    first = {"level": 1, "project_management": 4, "obstacles": ["care", "safety"]}
    given = [answers(**first) for _ in range(6)]
    given += [answers(kind="team", level=2) for _ in range(3)]
    closed = close_after(app, given)
    shown = schemas.campaign_needs(*needs.get_ranked_needs(app, call(MEMBER), closed.id))
    top = shown["needs"][0]
    assert (top["topic_id"], top["need"], top["rank"], top["people"]) == (
        "project-management",
        3.33,
        1,
        9,
    )
    tables = {each["by"]: {g["group"]: g for g in each["groups"]} for each in shown["tables"]}
    assert tables["centre"]["raqqa"]["people"] == 9
    kinds = tables["organisation_kind"]
    assert (kinds["team"]["people"], kinds["team"]["needs"]) == (None, [])
    assert kinds["association"]["people"] is None
    obstacles = next(each for each in shown["others"] if each["question_id"] == "obstacles")
    counted = {each["answer"]: each["people"] for each in obstacles["counts"]}
    assert (obstacles["people"], counted["care"], counted["distance"]) == (6, 6, 0)


def test_needs_are_ranked_once_it_is_closed(app: App) -> None:
    campaign = open_campaign(app)
    with pytest.raises(errors.Conflict, match="needs_not_yet"):
        needs.get_ranked_needs(app, call(MEMBER), campaign.id)


def test_a_study_that_is_repeated_shows_what_has_changed(app: App) -> None:
    before = close_after(app, [answers(level=2, legal_support=4) for _ in range(5)])
    now = close_after(app, [answers(level=2, legal_support=3) for _ in range(7)])
    found = needs.compare(app, call(MEMBER), CompareNeeds(now.id, before.id))
    shown = schemas.comparison(found)
    assert (shown["earlier"]["people"], shown["later"]["people"]) == (5, 7)
    legal = next(each for each in shown["needs"] if each["question_id"] == "legal_support")
    assert (legal["before"], legal["now"], legal["change"]) == (4.0, 3.0, -1.0)
    assert (legal["rank_before"], legal["rank_now"]) == (1, 1)


def test_campaigns_of_different_studies_are_not_compared(app: App) -> None:
    other, _ = create_needs_study(app, call(MANAGER), request_of(study_request()))
    first = close_after(app, [answers() for _ in range(5)])
    second = close_after(
        app,
        [{"edition": 1, "answers": {"law": 2}} for _ in range(5)],
        open_campaign(app, study_id=other.id),
    )
    with pytest.raises(errors.Invalid, match="campaign_of_other_study"):
        needs.compare(app, call(MEMBER), CompareNeeds(second.id, first.id))


@pytest.mark.parametrize(("language", "anchor"), [("ar", "end"), ("en", "start")])
def test_the_picture_shows_each_need_and_begins_where_its_language_does(
    app: App, language: str, anchor: str
) -> None:
    closed = close_after(app, [answers(level=1, legal_support=4) for _ in range(5)])
    picture = needs.draw(app, Call(MEMBER, language), DrawNeeds(closed.id, "raqqa"))
    root = ElementTree.fromstring(picture)
    groups = root.findall(f"{SVG}g")
    assert len(groups) == 11
    title = groups[0].findtext(f"{SVG}title") or ""
    assert title.endswith(": 4.00")
    assert {each.get("text-anchor") for each in root.iter(f"{SVG}text")} == {anchor}
    widths = [float(group.findall(f"{SVG}rect")[1].get("width") or 0) for group in groups]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.01)


def test_a_hidden_group_has_no_picture_and_few_answers_have_an_empty_one(app: App) -> None:
    closed = close_after(app, [answers() for _ in range(4)])
    with pytest.raises(errors.NotFound):
        needs.draw(app, call(MEMBER), DrawNeeds(closed.id, "raqqa"))
    picture = ElementTree.fromstring(needs.draw(app, call(MEMBER), DrawNeeds(closed.id, None)))
    assert picture.findall(f"{SVG}g") == []
    assert any("Fewer than 5" in (each.text or "") for each in picture.iter(f"{SVG}text"))


def worded_campaign(app: App) -> Campaign:
    """An open campaign of a study with a question in words, and one that may say who answers."""
    label = {"ar": "بكلماتكم"}
    words = [
        {"id": "wish", "kind": "paragraph", "label": label},
        {"id": "name", "kind": "text", "label": label, "identifying": True},
    ]
    form = study_request()["form"]
    asked = study_request(form={**form, "questions": [*form["questions"], *words]})
    study, _ = create_needs_study(app, call(MANAGER, key="study"), request_of(asked))
    return open_campaign(app, study_id=study.id)


def said(app: App, campaign: Campaign, who: Caller = MANAGER, **values: Any) -> list[str]:
    query = schemas.list_said({"id": campaign.id, "question_id": "wish", **values})
    return [each.text for each in needs.find_said(app, call(who), query)]


def test_staff_read_what_people_said_in_words_without_who_said_it(app: App) -> None:
    campaign = worded_campaign(app)
    texts = ["هدوء", "أدلة", "وقت", "تواصل", "بيانات"]
    given = [
        {"edition": 1, "answers": {"law": 3, "wish": text, "name": f"person {n}"}}
        for n, text in enumerate(texts)
    ]
    with pytest.raises(errors.Conflict, match="needs_not_yet"):
        said(app, campaign)
    closed = close_after(app, [*given, {"edition": 1, "answers": {"law": 1}}], campaign)
    assert said(app, closed) == sorted(texts)
    assert said(app, closed, RAQQA_DESK, limit=2, after=[2]) == sorted(texts)[2:5]
    with pytest.raises(errors.Forbidden):
        said(app, closed, MEMBER)
    for other in ("name", "law", "nothing"):
        with pytest.raises(errors.NotFound):
            said(app, closed, question_id=other)


def test_what_fewer_than_five_people_said_in_words_is_shown_to_nobody(app: App) -> None:
    given = [{"edition": 1, "answers": {"law": 3, "wish": str(n)}} for n in range(4)]
    given.append({"edition": 1, "answers": {"law": 3}})
    assert said(app, close_after(app, given, worded_campaign(app))) == []
