"""What a message about a case is about, for its recipient."""

from __future__ import annotations

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.consultations.app import App
from services.consultations.domain.case_access import Reading
from services.consultations.domain.cases import Case
from services.consultations.domain.news import News
from services.consultations.operations.referrals import get_referral
from services.consultations.steps.case_reading import read_case


def get_news(app: App, call: Call, news_id: str) -> tuple[News, Case | None]:
    """A piece of news and the case that it is about, as the case is now; no case where the caller
    sees a referral of it alone.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none for the caller, or the case is not the caller's to see any
            more.
    """
    check_signed_in(call.caller)
    news = app.news.get_own(news_id, call.caller.id)
    if news.referral_id is not None:
        get_referral(app, call, news.referral_id)
        return news, None
    case = read_case(app, call.caller, news.case_id, Reading.NEWS, item_id=news.id)
    return news, case
