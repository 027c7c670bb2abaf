"""What campaigns have found: ranked, compared, and as a picture."""

from __future__ import annotations

from services.common import errors
from services.common.context import Call
from services.common.contracts.consultations.campaign_errors import NEEDS_NOT_YET, OTHER_STUDY
from services.common.errors import FieldError
from services.consultations.app import App
from services.consultations.documents.needs_picture import draw_needs
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.needs import CampaignResult, GroupedBy, compare_needs
from services.consultations.operations.campaigns import get_campaign
from services.consultations.schemas.needs import CompareNeeds, Comparison, DrawNeeds


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
