"""Taking what one respondent answers to a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.consultations.campaign_errors import CAMPAIGN_FULL
from services.common.contracts.consultations.campaign_limits import MOST_ANSWERS
from services.common.contracts.form_words import Source
from services.common.contracts.forms_errors import UNKNOWN_EDITION
from services.common.errors import FieldError, Invalid
from services.common.field_errors import field_errors
from services.common.forms.questions import Form, Submission
from services.common.forms.steps import submit_answers
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaigns import Campaign


def form_of(app: App, campaign: Campaign, session: Session | None = None) -> Form:
    """The edition that the campaign asks; of a draft the newest."""
    if campaign.edition is None:
        return app.forms.latest(campaign.form_id, session)
    return app.forms.edition(campaign.form_id, campaign.edition, session)


def take_answers(
    app: App,
    session: Session,
    campaign_id: str,
    *,
    respondent: str,
    sent: Mapping[str, Any],
    source: Source,
    entered_by: str | None = None,
) -> Submission:
    """Check and store what a respondent answers.

    Args:
        sent: ``edition`` and ``answers``.
        entered_by: who enters it from paper.

    Raises:
        errors.Conflict: ``consultations.campaign_not_allowed_now``,
            ``consultations.campaign_over``, ``consultations.campaign_full``,
            ``forms.answered_already``.
        errors.Invalid: ``forms.unknown_edition``; or naming each answer that does not fit.
    """
    campaign = app.campaigns.get(campaign_id, session)
    campaign.check_takes(app.clock.now(), on_paper=source is Source.PAPER)
    if sent["edition"] != campaign.edition:
        raise UNKNOWN_EDITION(errors=[FieldError("/edition", UNKNOWN_EDITION.code)])
    try:
        submission = submit_answers(
            app.forms,
            session,
            submission_id=app.new_id(),
            form_id=campaign.form_id,
            sent=sent,
            subject=campaign.id,
            respondent=respondent,
            source=source,
            now=app.clock.now(),
            entered_by=entered_by,
        )
    except ValidationError as error:
        faults = field_errors(error.messages)
        raise Invalid(detail="answers that do not fit the form", errors=faults) from error
    if app.campaigns.count_answer(session, campaign.id) > MOST_ANSWERS:
        raise CAMPAIGN_FULL(most=MOST_ANSWERS)
    return submission


def turn_of_campaign(campaign_id: str) -> str:
    """The turn of what changes the count of a campaign's answers."""
    return f"campaign.{campaign_id}"
