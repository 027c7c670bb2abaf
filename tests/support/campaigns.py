"""Campaigns of the seeded needs study in the situations that tests need."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from services.common.clock import to_wire
from services.common.context import VISITOR, Caller
from services.common.forms.questions import Submission
from services.consultations.app import App
from services.consultations.domain.campaigns import LINK_PURPOSE, Campaign
from services.consultations.domain.needs_studies import NeedsStudy
from services.consultations.operations import campaign_answers, campaigns
from services.consultations.schemas import campaigns as schemas
from services.consultations.schemas.campaigns import ActOnCampaign, SetCampaignLink
from services.consultations.seeding import seed_needs_study
from tests.support.bookings import MANAGER, NOW, RAQQA_DESK, call

STUDIES = Path(__file__).parents[2] / "deploy" / "seed" / "needs_studies.json"
STUDY = "needs-of-organisations"
NEEDS = (
    "strategic_planning",
    "financial_management",
    "monitoring_evaluation",
    "project_management",
    "human_resources",
    "mobilisation_advocacy",
    "operations_management",
    "report_writing",
    "technical_support",
    "legal_support",
    "planning_support",
)
LASTS = timedelta(days=14)


def seed_studies(app: App) -> NeedsStudy:
    """The seeded study, in the database of the test."""
    for each in json.loads(STUDIES.read_text("utf-8"))["studies"]:
        app.database.transact(partial(seed_needs_study, app, each))
    return app.needs_studies.get(STUDY)


def study_request(**values: Any) -> dict[str, Any]:
    """What a manager sends to write a small study down."""
    label = {"ar": "القانون", "en": "Law"}
    return {
        "title": {"ar": "دراسة صغيرة"},
        "form": {
            "title": {"ar": "سؤال واحد"},
            "questions": [{"id": "law", "kind": "scale", "label": label}],
        },
        "needs": [{"question_id": "law", "case_kind": "legal"}],
        **values,
    }


def campaign_request(**values: Any) -> dict[str, Any]:
    """What a manager sends to prepare a campaign of the seeded study, in both centres."""
    return {
        "study_id": STUDY,
        "title": {"ar": "احتياجات الربيع", "en": "Spring needs"},
        "centre_ids": ["raqqa", "tabqa"],
        "closes_at": to_wire(NOW + LASTS),
        **values,
    }


def prepare_campaign(app: App, **values: Any) -> Campaign:
    """A campaign that only staff know of."""
    values.setdefault("closes_at", to_wire(app.clock.now() + LASTS))
    command = schemas.create_campaign(campaign_request(**values))
    return campaigns.create_campaign(app, call(MANAGER), command)


def open_campaign(app: App, **values: Any) -> Campaign:
    """A campaign that takes answers, with a link."""
    draft = prepare_campaign(app, **values)
    opened = campaigns.open_campaign(app, call(MANAGER), act(draft))
    command = SetCampaignLink(opened.id, opened.version, wanted=True)
    return campaigns.set_campaign_link(app, call(RAQQA_DESK), command)


def act(campaign: Campaign, **values: Any) -> ActOnCampaign:
    """What is sent to do something with a campaign as it is now."""
    return ActOnCampaign(campaign.id, campaign.version, **values)


def link_of(app: App, campaign: Campaign) -> str:
    """The token of a campaign's link."""
    assert campaign.link_nonce is not None
    return app.links.lasting_token(LINK_PURPOSE, campaign.id, campaign.link_nonce)


def answers(
    *, centre: str = "raqqa", kind: str = "association", level: int = 2, **values: Any
) -> dict[str, Any]:
    """What one person answers: the same level everywhere, unless a need is named.

    Args:
        values: levels by need; ``id``, ``token``, ``sheet`` and ``edition`` of the request.
    """
    beside = {n: values.pop(n) for n in ("id", "token", "sheet", "edition") if n in values}
    said = {"centre": centre, "organisation_kind": kind, **dict.fromkeys(NEEDS, level), **values}
    return {"edition": 1, "answers": said, **beside}


def answer(
    app: App, campaign: Campaign, caller: Caller, key: str | None = None, **values: Any
) -> Submission:
    """Answer with an account; with ``sheet`` enter it from paper."""
    command = schemas.answer_campaign(answers(id=campaign.id, **values))
    return campaign_answers.answer_campaign(app, call(caller, key), command)


def answer_by_link(
    app: App, campaign: Campaign, key: str | None = None, **values: Any
) -> Submission:
    """Answer by the link, as a new person unless a key is given."""
    command = schemas.answer_campaign_link(answers(token=link_of(app, campaign), **values))
    return campaign_answers.answer_campaign_link(app, call(VISITOR, key or app.new_id()), command)


def close_after(
    app: App, given: Iterable[dict[str, Any]], campaign: Campaign | None = None
) -> Campaign:
    """A campaign that is closed after these answers came by its link."""
    campaign = campaign or open_campaign(app)
    token = link_of(app, campaign)
    for each in given:
        command = schemas.answer_campaign_link({**each, "token": token})
        campaign_answers.answer_campaign_link(app, call(VISITOR, app.new_id()), command)
    stopped = campaigns.stop_answers(app, call(MANAGER), act(campaign))
    return campaigns.close(app, call(MANAGER), act(stopped))
