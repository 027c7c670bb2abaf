"""News of cases in wire form."""

from __future__ import annotations

from typing import Any

from services.common import clock
from services.consultations.domain.cases import Case
from services.consultations.domain.news import News


def case_news(news: News, case: Case | None) -> dict[str, Any]:
    return {
        "id": news.id,
        "case_id": news.case_id,
        "case_number": None if case is None else case.number,
        "case_title": None if case is None else case.content.title,
        "referral_id": news.referral_id,
        "what": news.what,
        "by": news.by,
        "at": clock.to_wire(news.at),
    }
