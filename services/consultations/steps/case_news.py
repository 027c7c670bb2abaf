"""News for the people of a case, in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.common.context import SYSTEM, Caller
from services.common.contracts.consultations.events import NEWS_SENT
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.news import News, check_is_news
from services.consultations.domain.referrals import Referral
from services.consultations.steps.case_people import present_people


def record_news(
    app: App,
    session: Session,
    caller: Caller,
    case: Case,
    what: str,
    *,
    also: Collection[str] = (),
) -> None:
    """Record a piece of news for everybody who is on a case now but the person who did it.

    News of an open case is like that of a sealed one: outside of this branch both are random ids.

    Args:
        what: the fact, as :class:`services.consultations.domain.news.News` has it.
        also: others who may read the case.

    Raises:
        ValueError: if the fact is no news.
    """
    check_is_news(what)
    now = app.clock.now()
    recipients = sorted((present_people(app, session, case) | set(also)) - {caller.id})
    _record(
        app,
        session,
        [News(app.random_id(), each, case.id, what, caller.id, now) for each in recipients],
    )


def record_referral_news(app: App, session: Session, caller: Caller, referral: Referral) -> None:
    """Record a piece of news for the adviser to whom a case is referred, who is not on it."""
    if referral.adviser_id is None:
        return
    news = News(
        app.random_id(),
        referral.adviser_id,
        referral.case_id,
        "referred_to_you",
        caller.id,
        app.clock.now(),
        referral.id,
    )
    _record(app, session, [news])


def _record(app: App, session: Session, news: Sequence[News]) -> None:
    if not news:
        return
    app.news.add_many(session, news)
    facts = [
        Fact(each.id, 1, {"recipient_id": each.recipient_id, "news_id": each.id}) for each in news
    ]
    app.news_outbox.record_many(session, NEWS_SENT, facts, caller=SYSTEM)
