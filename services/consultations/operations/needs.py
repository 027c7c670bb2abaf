"""What campaigns have found: ranked, compared, and as a picture."""

from __future__ import annotations

from services.common import errors
from services.common.context import Call
from services.common.contracts.consultations.campaign_errors import NEEDS_NOT_YET, OTHER_STUDY
from services.common.errors import FieldError
from services.common.lists import one_more
from services.consultations.app import App
from services.consultations.documents.needs_picture import draw_needs
from services.consultations.domain.campaigns import Campaign, works_on
from services.consultations.domain.needs import (
    CampaignResult,
    GroupedBy,
    PlacedText,
    compare_needs,
    texts_said,
)
from services.consultations.operations.campaigns import get_campaign
from services.consultations.schemas.needs import CompareNeeds, Comparison, DrawNeeds, ListSaid
from services.consultations.steps.campaign_answers import form_of


def get_ranked_needs(app: App, call: Call, campaign_id: str) -> tuple[Campaign, CampaignResult]:
    """What a campaign has found, for everybody with an account: people who answer are shown what
    comes of it, and small groups are hidden from all.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of
            :func:`services.consultations.operations.campaigns.get_campaign`.
        errors.Conflict: ``consultations.needs_not_yet``.
    """
    campaign = get_campaign(app, call, campaign_id)
    result = app.campaign_results.look_up(campaign.id)
    if result is None:
        raise NEEDS_NOT_YET()
    return campaign, result


def compare(app: App, call: Call, query: CompareNeeds) -> Comparison:
    """The needs of a campaign beside those of another one of the same study.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Conflict: as of :func:`get_ranked_needs`,
            of either.
        errors.Invalid: ``consultations.campaign_of_other_study``.
    """
    later = get_ranked_needs(app, call, query.id)
    earlier = get_ranked_needs(app, call, query.earlier_id)
    if earlier[1].study_id != later[1].study_id:
        raise OTHER_STUDY(errors=[FieldError("/earlier_id", OTHER_STUDY.code)])
    return Comparison(earlier, later, compare_needs(earlier[1].found, later[1].found))


def draw(app: App, call: Call, query: DrawNeeds) -> str:
    """The ranked needs of all, or of one centre, as a picture in the caller's language.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Conflict: as of :func:`get_ranked_needs`;
            and if the needs of the centre are not shown.
    """
    campaign, result = get_ranked_needs(app, call, query.id)
    group = None
    if query.centre_id is not None:
        group = result.found.of_group(GroupedBy.CENTRE, query.centre_id)
        if group is None:
            raise errors.NotFound()
    return draw_needs(campaign.title, result.found, call.language, group).decode()


def find_said(app: App, call: Call, query: ListSaid) -> list[PlacedText]:
    """What people have said in words to a question of a closed campaign, one more than a page where
    there are more. It is shown without who said it, and from 5 people on.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_ranked_needs`; and where the form
            has no such question in words.
        errors.Forbidden: for anybody but managers and the front desks of its centres.
        errors.Conflict: ``consultations.needs_not_yet``.
    """
    campaign, _ = get_ranked_needs(app, call, query.id)
    if not works_on(call.caller, campaign):
        raise errors.Forbidden()
    given = app.forms.submissions(campaign.form_id, campaign.id)
    said = (each.answers for each in given)
    found = texts_said(form_of(app, campaign), query.question_id, said)
    if found is None:
        raise errors.NotFound()
    begin = query.after or 0
    return found[begin : begin + one_more(query.limit)]
